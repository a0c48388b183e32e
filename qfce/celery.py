"""Where `celery -A qfce` finds the application."""

import os
from typing import Any

import django
from celery.signals import worker_process_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qfce.settings")
django.setup()

from qfce.kernel.jobs.celery import app  # noqa: E402 settings come first
from qfce.kernel.tenancy.startup import refuse_privileged_role  # noqa: E402

__all__ = ["app"]

refuse_privileged_role()


@worker_process_init.connect
def drop_inherited_connections(**_: Any) -> None:
    """A forked child must not share its parent's connections."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.inc_thread_sharing()
        connection.close()


@worker_ready.connect
def sweep_at_start(**_: Any) -> None:
    """What a worker that died left behind is taken up as soon as another starts."""
    app.send_task("jobs.sweep")
