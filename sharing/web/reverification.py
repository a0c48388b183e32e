"""The work list of facts to look at again, confirming them, and checks against registers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing import permissions
from sharing.domain.agreements import prefix_of
from sharing.domain.reverification import CONFIRMABLE
from sharing.models import DueItem
from sharing.selectors import regions
from sharing.selectors import reverification as selectors
from sharing.services import rechecks, reverification
from sharing.web import vocabulary
from sharing.web.given import text

KINDS = {
    "ended": _("Has ended"),
    "ending": _("Ends within 90 days"),
    "old": _("Older than its promise"),
    "aging": _("Soon older than its promise"),
}
TONES = {"ended": "bad", "ending": "warn", "old": "bad", "aging": "info"}
RUN_STATUSES = {"running": _("Running"), "done": _("Done"), "failed": _("Failed")}
RUN_TONES = {"running": "info", "done": "good", "failed": "bad"}
FAILURES = {
    "down": _("The source did not answer."),
    "no_export": _("There is no export in the folder."),
    "too_large": _("The answer is larger than allowed."),
    "status": _("The source refused."),
    "redirect": _("The source sent us elsewhere."),
    "private": _("The address is a private one, which is not configured."),
    "address": _("The address is not one that can be asked."),
    "unreadable": _("The answer cannot be read."),
    "schema": _("The answer has another shape than agreed."),
    "other_enterprise": _("The answer is about an enterprise that nobody asked about."),
    "value": _("The answer has a value that the list does not allow."),
    "cancelled": _("Somebody stopped the check."),
    "broken": _("The check failed by a mistake of ours. Order it again."),
}

RUNS = Table(
    name="sharing.source-runs",
    caption=_("Checks against registers"),
    columns=(
        Column("source", _("Register"), sort="source"),
        Column("owner", _("Bureau"), label_of=formats.local),
        Column("started_at", _("Started"), Kind.MOMENT, sort="started_at"),
        Column("started_by", _("Started by")),
        Column("asked", _("Enterprises"), Kind.NUMBER, sort="asked"),
        Column("agreed", _("Verified"), Kind.NUMBER, sort="agreed"),
        Column("disagreed", _("Other value, to release"), Kind.NUMBER, sort="disagreed"),
        Column("state", _("State"), Kind.STATUS, sort="state",
               label_of=lambda code: vocabulary.word(RUN_STATUSES, code),
               tone_of=lambda code: RUN_TONES.get(code, "muted"),
               note=lambda row: vocabulary.word(FAILURES, row.reason) if row.reason else ""),
    ),
    filters=(Choice("status", _("State"), lambda: vocabulary.options(RUN_STATUSES), "state"),),
    ordering=("-started_at",),
    empty=_("Nothing was checked yet"),
)  # fmt: skip


@require_safe
@tenant_page(permissions.VIEW_IMPORT)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    table = _table(actor)
    narrowed = _narrowed(request.GET)
    rows = selectors.due(actor=actor)
    confirmable = selectors.due(
        actor=actor, kinds=sorted(kind.value for kind in CONFIRMABLE), **narrowed
    )
    lists = sorted(set(confirmable.order_by().values_list("factor_list", flat=True).distinct()))
    context: dict[str, Any] = {
        "confirmable": confirmable.count(),
        "factor_list": lists[0] if len(lists) == 1 else "",
        "narrowed": narrowed,
        "may_confirm": actor.may(permissions.WRITE_RECORD),
    }
    return table.respond(request, rows, "sharing/reverification/list.html", context)


@require_POST
@tenant_page(permissions.WRITE_RECORD)
def confirm(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Confirm all that the page showed; the number says that it is the same."""
    expected = text(request.POST, "expected")
    published = reverification.confirm_all(
        factor_list=text(request.POST, "factor_list"),
        expected=int(expected) if expected.isdigit() else -1,
        narrowed=_narrowed(request.POST),
        actor=actor,
        at=timezone.now(),
    )
    said = now("Confirmed, for %(n)s enterprises.") % {"n": formats.number(published.rows)}
    messages.success(request, said)
    return go_to(request, reverse("sharing:due-items"))


@require_safe
@tenant_page(permissions.VIEW_IMPORT)
def runs(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {
        "sources": rechecks.sources_of(actor=actor),
        "may_order": actor.may(permissions.WRITE_RECORD),
    }
    rows = selectors.runs(actor=actor)
    return RUNS.respond(request, rows, "sharing/reverification/runs.html", context)


@require_POST
@tenant_page(permissions.WRITE_RECORD)
def order(request: HttpRequest, actor: Actor) -> HttpResponse:
    rechecks.order(text(request.POST, "source"), actor=actor, at=timezone.now())
    messages.success(request, now("The check was ordered."))
    return go_to(request, reverse("sharing:source-runs"))


def _narrowed(given: Any) -> dict[str, str]:
    return {name: value for name in ("item", "region") if (value := text(given, name))}


def _table(actor: Actor) -> Table:
    today = business_day(timezone.now())
    items = {
        code: formats.coded(code, item)
        for known in factor_lists.codes_in_force(today)
        for code, item in factor_lists.in_force(known, today).items.items()
    }
    places = regions.of_province(actor.region)
    return Table(
        name="sharing.due-items",
        caption=_("To look at again"),
        columns=(
            Column("name", _("Enterprise"), sort="name",
                   href=lambda row: reverse("sharing:enterprise", args=[row.uscc])),
            Column("uscc", _("Credit code"), Kind.CODE, sort="uscc"),
            Column("region", _("Region"), sort="region",
                   label_of=lambda code: formats.local(places[code]) if code in places else code),
            Column("code", _("Item"), sort="code", href=_renew,
                   label_of=lambda code: items.get(code, code)),
            Column("kind", _("Why"), Kind.STATUS, sort="kind",
                   label_of=lambda code: vocabulary.word(KINDS, code),
                   tone_of=lambda code: TONES.get(code, "muted")),
            Column("recorded_on", _("Last confirmed"), Kind.DAY, sort="recorded_on"),
            Column("due_on", _("Due"), Kind.DAY, sort="due_on"),
        ),
        search=("uscc", "name"),
        filters=(
            Choice("kind", _("Why"), lambda: vocabulary.options(KINDS)),
            Choice("item", _("Item"), list(items.items()), "code"),
            Choice("region", _("Region"),
                   [(code, formats.local(place)) for code, place in places.items()],
                   lambda rows, code: rows.filter(region__startswith=prefix_of(code))),
        ),
        ordering=("due_on", "uscc", "factor_list", "code"),
        empty=_("Nothing is due"),
    )  # fmt: skip


def _renew(row: DueItem) -> str:
    """Return where the fact's new value or new days are prepared."""
    query = f"uscc={row.uscc}&item={row.code}&action=observe"
    return f"{reverse('sharing:new-record-change')}?{query}"
