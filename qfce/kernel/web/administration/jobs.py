"""Background work: what runs, how far it is, and how it ended."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from qfce.kernel.jobs import selectors, work
from qfce.kernel.jobs.models import FINAL, Job
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import User
from qfce.kernel.web import labels
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from qfce.navigation import JOB_PAGES

JOBS = Table(
    name="jobs",
    caption=_("Background work"),
    columns=(
        Column(
            "kind",
            _("Work"),
            sort="kind",
            label_of=labels.job_kind,
            href=lambda job: reverse("job", args=[job.pk]),
        ),
        Column(
            "state",
            _("State"),
            Kind.STATUS,
            sort="state",
            label_of=labels.job_state,
            tone_of=labels.job_state_tone,
            note=lambda job: "" if job.state in FINAL else labels.job_phase(job.phase),
            note_label=_("Phase"),
        ),
        Column(
            "created_at", pgettext_lazy("of a job", "Asked for"), Kind.MOMENT, sort="created_at"
        ),
        Column("finished_at", pgettext_lazy("of a job", "Ended"), Kind.MOMENT, sort="finished_at"),
        Column("attempts", _("Attempts"), Kind.NUMBER, sort="attempts"),
    ),
    search=("kind",),
    filters=(Choice("state", _("State"), tuple(labels.JOB_STATES.items())),),
    ordering=("-created_at",),
    empty=_("No work was asked for yet"),
)


@require_safe
@tenant_page("jobs.job.view")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    return JOBS.respond(request, selectors.listed(actor=actor), "administration/jobs.html")


@require_safe
@tenant_page("jobs.job.view")
def detail(request: HttpRequest, actor: Actor, job_id: UUID) -> HttpResponse:
    job = selectors.get(job_id, actor=actor)
    return _show(request, job)


@require_POST
@tenant_page("jobs.job.view")
def cancel(request: HttpRequest, actor: Actor, job_id: UUID) -> HttpResponse:
    """Ask a job to stop at its next safe point; one that is over stays as it is."""
    job = selectors.get(job_id, actor=actor)
    if job.state not in FINAL:
        work.cancel(job.pk)
    return go_to(request, reverse("job", args=[job.pk]))


def _page_of(job: Job) -> str:
    """Return where that stands which the work is done for; nothing where nobody knows."""
    name, argument = JOB_PAGES.get(job.kind, ("", ""))
    return reverse(name, args=[job.arguments[argument] if argument else job.pk]) if name else ""


def _show(request: HttpRequest, job: Job) -> HttpResponse:
    context = {
        "job": job,
        "page": _page_of(job),
        "is_final": job.state in FINAL,
        "percent_done": round(selectors.share_done(job) * 100),
        "requested_by": (
            User.objects.filter(pk=job.requested_by).first() if job.requested_by else None
        ),
        "results": [
            (labels.job_result(name), value)
            for name, value in job.result.items()
            if not isinstance(value, dict | list)
        ],
    }
    return fragment(request, "administration/job.html", "administration/_job.html", context)
