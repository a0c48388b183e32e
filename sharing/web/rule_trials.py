"""What a cross rule would have found among the stored profiles, before it is adopted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.jobs.models import FINAL, JobState
from qfce.kernel.jobs.selectors import share_done
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import go_to, tenant_page, wants_part
from qfce.kernel.web.tables import Column, Kind, Table
from sharing.selectors import rule_trials as selectors
from sharing.services import rule_trials

CAUGHT = Table(
    name="sharing.rule_trial",
    caption=_("Profiles that the rule would have found"),
    columns=(
        Column("uscc", _("Enterprise"), Kind.CODE, note=lambda row: row.name),
        Column("region", _("Region"), Kind.CODE, sort="region"),
        Column(
            "values",
            _("What they have"),
            value=lambda row: ", ".join(f"{code}: {value}" for code, value in row.values.items()),
        ),
    ),
    search=("uscc", "name"),
    empty=_("The rule would have found nothing"),
)


@require_safe
@tenant_page(selectors.VIEW)
def trial(
    request: HttpRequest, actor: Actor, code: str, number: int, rule_code: str
) -> HttpResponse:
    """At once where profiles are few; else what a worker found, or is at, or can be asked."""
    version = factor_lists.version(code, number, actor=actor)
    catalogue = factor_lists.content(version)
    rule = selectors.rule_of(catalogue, rule_code)
    job = selectors.newest(code, number, rule, actor=actor)
    working = job is not None and job.state not in FINAL
    is_asked_how_far = wants_part(request) and request.headers.get("HX-Target") == "trial-progress"
    # Where a worker is at it the profiles were counted when it was ordered.
    small = not working and not is_asked_how_far and selectors.is_small(code, actor=actor)
    found = selectors.result_of(job) if job else None
    if small:
        today = business_day(timezone.now())
        found, job = selectors.trial(rule, catalogue, actor=actor, on=today), None
    context = {
        "version": version,
        "catalogue": catalogue,
        "rule": rule,
        "trial": found,
        "job": job,
        "is_worked_on": working,
        "has_broken_down": job is not None and job.state == JobState.FAILED.value,
        "percent_done": round(share_done(job) * 100) if job else 0,
        "may_order": not small and not working,
    }
    if is_asked_how_far:
        return _part(request, context)
    return CAUGHT.respond(
        request, found.rows if found else (), "sharing/rule_trials/detail.html", context
    )


@require_POST
@tenant_page(selectors.VIEW)
def order(
    request: HttpRequest, actor: Actor, code: str, number: int, rule_code: str
) -> HttpResponse:
    """Have a worker try the rule on every profile."""
    rule_trials.order(code, number, rule_code, actor=actor, at=timezone.now())
    return go_to(request, reverse("sharing:rule-trial", args=[code, number, rule_code]))


def _part(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    """While a worker is at it the page asks for its progress; then it loads itself anew."""
    if context["is_worked_on"]:
        return render(request, "sharing/rule_trials/_progress.html", context)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
