"""The Celery application: queues, delivery, and what recurs."""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qfce.settings")

app = Celery("qfce")
app.conf.update(
    broker_url=settings.REDIS_URL,
    result_backend=None,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue="default",
    task_queues=[Queue(name) for name in settings.CELERY_QUEUES],
    # The first pattern that fits names the queue.
    task_routes=(
        [
            ("*.follow_feed*", {"queue": "feed"}),
            ("sharing.*", {"queue": "imports"}),
            ("evaluation.*", {"queue": "scoring"}),
            ("*.report*", {"queue": "reports"}),
        ],
    ),
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    # A message is handed out again only after this long; the sweep does not wait for it.
    broker_transport_options={"visibility_timeout": 6 * 3600},
    timezone="Asia/Shanghai",
    beat_schedule_filename=str(settings.DATA / "beat-schedule"),
    beat_schedule={
        "requeue orphaned jobs": {
            "task": "jobs.sweep",
            "schedule": settings.SWEEP_PERIOD_SECONDS,
            "options": {"expires": settings.SWEEP_PERIOD_SECONDS},
        },
        "seal audit events": {"task": "audit.seal", "schedule": 60.0, "options": {"expires": 60}},
        "renew evaluations": {
            "task": "evaluation.follow_feeds",
            "schedule": settings.FEED_PERIOD_SECONDS,
            "options": {"expires": 60, "queue": "feed"},
        },
        "raise what time alone brings": {
            "task": "risk.sweep_days",
            "schedule": crontab(hour=6, minute=0),
            "options": {"queue": "feed"},
        },
        "remind signers and the invited": {
            "task": "factors.remind",
            "schedule": crontab(hour=8, minute=30),
        },
        "end agreements and consents": {
            "task": "sharing.end_access",
            "schedule": crontab(hour=0, minute=5),
        },
        "report on the quality of data": {
            "task": "sharing.report_quality",
            "schedule": crontab(hour=3, minute=0),
        },
        "remind bureaus of collection rounds": {
            "task": "sharing.remind_rounds",
            "schedule": crontab(hour=8, minute=30),
        },
        "announce what ends and grows old": {
            "task": "sharing.sweep_calendar",
            "schedule": crontab(hour=1, minute=0),
        },
        "ask the registers": {
            "task": "sharing.recheck_due",
            "schedule": crontab(hour=4, minute=0),
        },
        "search by new names": {
            "task": "sharing.follow_all_names",
            "schedule": 300.0,
            "options": {"expires": 300},
        },
        "bring shards up to the feed": {
            "task": "sharing.follow_all_shards",
            "schedule": 300.0,
            "options": {"expires": 300},
        },
        "look for duplicates": {
            "task": "sharing.find_all_duplicates",
            "schedule": crontab(hour=2, minute=0),
        },
        "raise signals": {
            "task": "risk.follow_feeds",
            "schedule": settings.FEED_PERIOD_SECONDS,
            "options": {"expires": 60, "queue": "feed"},
        },
    },
)
app.autodiscover_tasks(
    [
        "qfce.kernel.jobs",
        "qfce.kernel.audit",
        "factors",
        "sharing",
        "evaluation",
        "lending",
        "risk",
    ]
)
app.autodiscover_tasks(["sharing"], related_name="register_tasks")
