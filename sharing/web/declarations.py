"""Declarations: the list of them, one of them beside what is stored, and what becomes of it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats, pictures
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing import permissions
from sharing.domain.declarations import DECLARATION
from sharing.models import Declaration
from sharing.selectors import declarations as selectors
from sharing.services import consent_links, declaration_links, declarations
from sharing.web import declaration_entry, declaration_shown, vocabulary
from sharing.web.forms_declarations import AddressForm, ReturnForm
from sharing.web.given import text

LATE = "late"
STATES = {
    "open": _("All that is not over"),
    LATE: pgettext_lazy("declaration", "Late"),
    **vocabulary.DECLARATION_STATUSES,
}
TONES = {**vocabulary.DECLARATION_TONES, LATE: "bad"}
REACHED = {
    "nobody": _("No link has gone out"),
    "mailed": _("By e-mail"),
    "shown": _("Handed over"),
}


def _today() -> date:
    return business_day(timezone.now())


def state_of(row: Declaration) -> str:
    return LATE if row.is_with_enterprise and row.due_on < _today() else row.status


def _by_state(rows: QuerySet[Declaration], wanted: str) -> QuerySet[Declaration]:
    if wanted == LATE:
        return rows.filter(selectors.late(_today()))
    if wanted == "open":
        return rows.filter(status__in=selectors.STATUSES_OPEN)
    return rows.filter(status=wanted)


COLUMNS = (
    Column("uscc", _("Enterprise"), sort="uscc", value=lambda row: row.name or row.uscc,
           href=lambda row: page_of(row.pk), note=lambda row: row.uscc,
           note_label=_("Credit code")),
    Column("items", _("Items"), label_of=formats.listed),
    Column("owner", pgettext_lazy("declaration", "Asked by"), sort="owner__short_name",
           label_of=formats.local, note=lambda row: formats.day(row.asked_at),
           note_label=pgettext_lazy("declaration", "Asked on")),
    Column("due_on", pgettext_lazy("deadline", "Last day"), Kind.DAY, sort="due_on"),
    Column("declared_at", pgettext_lazy("declaration", "Declared on"), Kind.MOMENT,
           sort="declared_at"),
    Column("status", _("State"), Kind.STATUS, sort="status", value=state_of,
           label_of=lambda code: vocabulary.word(STATES, code),
           tone_of=lambda code: TONES.get(code, "muted")),
)  # fmt: skip
REACH = Column(
    "reached", _("Link"), sort="reached", label_of=lambda code: vocabulary.word(REACHED, code)
)


def _table(actor: Actor) -> Table:
    is_bureau = actor.organization_kind == "market_regulator"
    filters: tuple[Choice, ...] = (
        Choice("status", _("State"), lambda: vocabulary.options(STATES), _by_state),
    )
    columns: tuple[Column, ...] = COLUMNS
    if is_bureau:
        filters += (Choice("reached", _("Link"), lambda: vocabulary.options(REACHED)),)
        columns = (*COLUMNS[:-1], REACH, COLUMNS[-1])
    if actor.may(permissions.UPLOAD_IMPORT):
        own = actor.organization_id
        pick = Column(
            "chosen", pgettext_lazy("declaration", "Choose"), Kind.PICK,
            note=lambda row: row.name or row.uscc,
            value=lambda row: str(row.pk) if row.status == "sent" and row.owner_id == own else "",
        )  # fmt: skip
        columns = (pick, *columns)
    return Table(
        name="sharing.declarations",
        caption=_("Declarations"),
        columns=columns,
        search=("uscc", "name"),
        filters=filters,
        ordering=("-asked_at",),
        empty=_("Nothing is asked of enterprises") if is_bureau else _("Nothing is asked of you"),
        fixed=("import",),
    )


@require_safe
@tenant_page(permissions.VIEW_DECLARATION)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows, table = selectors.list_for(actor=actor), _table(actor)
    if named := text(request.GET, "import"):
        rows = rows.filter(import_id=named) if _is_uuid(named) else rows.none()
    context = {
        "is_bureau": actor.organization_kind == "market_regulator",
        "may_take": actor.may(permissions.UPLOAD_IMPORT),
        "waiting": selectors.waiting_by_list(actor=actor),
        "form_id": f"{table.id}-chosen",
        "counts": _counts(rows),
        "of_import": named,
    }
    return table.respond(request, rows, "sharing/declarations/list.html", context)


@require_safe
@tenant_page(permissions.VIEW_DECLARATION)
def detail(request: HttpRequest, actor: Actor, declaration_id: UUID) -> HttpResponse:
    asked = selectors.get(declaration_id, actor=actor)
    if actor.organization_kind == "enterprise":
        return declaration_entry.show(request, asked)
    return _show(request, actor, asked)


@require_POST
@tenant_page(permissions.UPLOAD_IMPORT)
def return_(request: HttpRequest, actor: Actor, declaration_id: UUID) -> HttpResponse:
    form = ReturnForm(request.POST)
    if not form.is_valid():
        asked = selectors.get(declaration_id, actor=actor)
        return _show(request, actor, asked, returning=form, status=422)
    asked = declarations.return_(
        declaration_id, **form.cleaned_data, actor=actor, at=timezone.now()
    )
    said = now("Sent back. No address is known: have a link shown, and hand it over.")
    if asked.address or consent_links.addresses_of(asked.uscc):
        said = now("Sent back. The enterprise gets a new link.")
    messages.success(request, said)
    return go_to(request, page_of(declaration_id))


@require_POST
@tenant_page(permissions.UPLOAD_IMPORT)
def cancel(request: HttpRequest, actor: Actor, declaration_id: UUID) -> HttpResponse:
    declarations.cancel(declaration_id, actor=actor, at=timezone.now())
    messages.success(request, now("It is asked no longer; its link is good for nothing."))
    return go_to(request, page_of(declaration_id))


@require_POST
@tenant_page(permissions.UPLOAD_IMPORT)
def send(request: HttpRequest, actor: Actor, declaration_id: UUID) -> HttpResponse:
    form = AddressForm(request.POST)
    if not form.is_valid():
        asked = selectors.get(declaration_id, actor=actor)
        return _show(request, actor, asked, sending=form, status=422)
    declaration_links.send_to(declaration_id, **form.cleaned_data, actor=actor, at=timezone.now())
    messages.success(request, now("A new link goes out to this address."))
    return go_to(request, page_of(declaration_id))


@never_cache
@require_POST
@tenant_page(permissions.UPLOAD_IMPORT)
def link(request: HttpRequest, actor: Actor, declaration_id: UUID) -> HttpResponse:
    """Show a new link, this once: for the officer to hand over or to print."""
    address = declaration_links.show_link(declaration_id, actor=actor, at=timezone.now())
    whole = address if "://" in address else request.build_absolute_uri(address)
    context = {
        "asked": selectors.get(declaration_id, actor=actor),
        "address": whole,
        "picture": pictures.qr(whole),
    }
    return render(request, "sharing/declarations/link.html", context)


@require_POST
@tenant_page(permissions.UPLOAD_IMPORT)
def take(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take the chosen ones, or all that wait of a list, into one import."""
    chosen = [UUID(pk) for pk in request.POST.getlist("chosen") if _is_uuid(pk)]
    ids = None if (everything := text(request.POST, "all")) else chosen
    batch = declarations.take(ids, factor_list=everything, actor=actor, at=timezone.now())
    messages.success(request, now("Taken into one import. Another person releases it."))
    return go_to(request, reverse("sharing:import", args=[batch.pk]))


def _counts(rows: QuerySet[Declaration]) -> list[tuple[str, int, str]]:
    """Return (label, number, address) of what waits for the enterprise, the bureau, nobody."""
    states = {**vocabulary.DECLARATION_STATUSES, LATE: STATES[LATE]}
    found = rows.order_by().aggregate(
        asked=Count("pk", Q(status="asked")),
        late=Count("pk", selectors.late(_today())),
        sent=Count("pk", Q(status="sent")),
        returned=Count("pk", Q(status="returned")),
        taken=Count("pk", Q(status="taken")),
    )
    here = reverse("sharing:declarations")
    return [(str(states[code]), n, f"{here}?status={code}") for code, n in found.items()]


def page_of(declaration_id: UUID) -> str:
    return reverse("sharing:declaration", args=[declaration_id])


def _show(
    request: HttpRequest,
    actor: Actor,
    asked: Declaration,
    *,
    returning: ReturnForm | None = None,
    sending: AddressForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_own = asked.owner_id == actor.organization_id and actor.may(permissions.UPLOAD_IMPORT)
    context: dict[str, Any] = {
        "asked": asked,
        "state": vocabulary.word(STATES, state_of(asked)),
        "tone": TONES.get(state_of(asked), "muted"),
        "reached": vocabulary.word(REACHED, asked.reached),
        "answers": list(declaration_shown.answers(asked, actor=actor, on=_today())),
        "events": declaration_shown.events(asked),
        "actions": DECLARATION.actions_from(asked.status) if is_own else (),
        "return_form": returning or ReturnForm(),
        "address_form": sending or AddressForm(initial={"address": asked.address}),
    }
    return render(request, "sharing/declarations/detail.html", context, status=status)


def _is_uuid(given: str) -> bool:
    try:
        UUID(given)
    except ValueError:
        return False
    return True
