"""Single changes of a record: one person prepares, another releases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing import permissions
from sharing.models import RecordChange
from sharing.selectors import enterprises_register
from sharing.selectors import records as selectors
from sharing.services import records
from sharing.web import vocabulary
from sharing.web.forms_sharing import RecordChangeForm, RecordPickForm

CHANGES = Table(
    name="sharing.record-changes",
    caption=_("Corrections"),
    columns=(
        Column("uscc", _("Enterprise"), sort="uscc", value=lambda row: row.enterprise or row.uscc,
               href=lambda row: _page(row.pk), note=lambda row: row.uscc,
               note_label=_("Credit code")),
        Column("changes", _("Items"), label_of=formats.listed),
        Column("cause", pgettext_lazy("record change", "Cause"), sort="cause",
               label_of=lambda code: vocabulary.word(vocabulary.CAUSES, code)),
        Column("kind", pgettext_lazy("ledger", "Change"), sort="kind",
               label_of=lambda code: vocabulary.word(vocabulary.CHANGE_KINDS, code)),
        Column("prepared_by", pgettext_lazy("sharing", "Prepared by"),
               sort="prepared_by__display_name"),
        Column("prepared_at", _("Prepared"), Kind.MOMENT, sort="prepared_at"),
        Column("status", _("State"), Kind.STATUS, sort="status",
               label_of=lambda code: vocabulary.word(vocabulary.RECORD_STATUSES, code),
               tone_of=lambda code: vocabulary.RECORD_TONES.get(code, "muted")),
    ),
    search=("uscc", "enterprise"),
    filters=(
        Choice("status", _("State"), lambda: vocabulary.options(vocabulary.RECORD_STATUSES)),
    ),
    ordering=("-prepared_at",),
    empty=_("No correction was prepared yet"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a change: what is stored, and what will be."""

    code: str
    name: str
    old: str
    new: str
    validity: str


@require_safe
@tenant_page
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    _check_sees(actor)
    rows = selectors.named(selectors.changes_for(actor=actor)).select_related("prepared_by")
    context = {"may_write": actor.may(permissions.WRITE_RECORD)}
    return CHANGES.respond(request, rows, "sharing/record_changes/list.html", context)


@require_safe
@tenant_page
def detail(request: HttpRequest, actor: Actor, change_id: UUID) -> HttpResponse:
    change = _get(change_id, actor)
    is_open = change.status == "prepared"
    is_own = change.prepared_by_id == actor.user_id
    may_cancel = actor.may(permissions.RELEASE_RECORD) or actor.may(permissions.WRITE_RECORD)
    context = {
        "change": change,
        "enterprise": enterprises_register.find(change.uscc, actor=actor),
        "lines": _lines(change, actor),
        "cause": vocabulary.word(vocabulary.CAUSES, change.cause),
        "kind": vocabulary.word(vocabulary.CHANGE_KINDS, change.kind),
        "status_word": vocabulary.word(vocabulary.RECORD_STATUSES, change.status),
        "status_tone": vocabulary.RECORD_TONES.get(change.status, "muted"),
        "may_release": is_open and not is_own and actor.may(permissions.RELEASE_RECORD),
        "waits_for_other": is_open and is_own,
        "may_cancel": is_open and may_cancel,
    }
    return render(request, "sharing/record_changes/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("sharing.record.write")
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Say which item of which enterprise; then what to change about it."""
    uscc = request.GET.get("uscc", "").strip().upper()
    code = request.GET.get("item", "").strip().upper()
    if not uscc or not code:
        return _pick(request, uscc, code)
    factor_list, catalogue = _list_of(uscc, code, actor)
    held = selectors.profile(uscc, factor_list, actor=actor).values.get(code)
    initial = {"action": request.GET.get("action", RecordChangeForm.CORRECT)}
    form = RecordChangeForm(request.POST or None, initial=initial, catalogue=catalogue, code=code)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                change = _prepare(form, uscc, code, factor_list, held, actor)
            except Refusal as refusal:
                form.add_error(None, _sentence(refusal))
                status = status_of(refusal)
            else:
                messages.success(request, now("Prepared. Another person releases it."))
                return go_to(request, _page(change.pk))
    context = {
        "form": form,
        "uscc": uscc,
        "enterprise": enterprises_register.find(uscc, actor=actor),
        "code": code,
        "name": vocabulary.item_name(catalogue, code),
        "held": vocabulary.value_text(catalogue.items[code], held),
    }
    return render(request, "sharing/record_changes/form.html", context, status=status)


@require_POST
@tenant_page
def release(request: HttpRequest, actor: Actor, change_id: UUID) -> HttpResponse:
    return _act(request, actor, change_id, records.release, now("Released. Readers have it now."))


@require_POST
@tenant_page
def cancel(request: HttpRequest, actor: Actor, change_id: UUID) -> HttpResponse:
    return _act(request, actor, change_id, records.cancel, now("The correction was dropped."))


def _check_sees(actor: Actor) -> None:
    """Two roles see corrections, so no one permission stands at the door; others find nothing."""
    if not (actor.may(permissions.WRITE_RECORD) or actor.may(permissions.RELEASE_RECORD)):
        raise NoSuchRecord("Your role has no corrections.", hint="Ask an uploader or a releaser.")


def _get(change_id: UUID, actor: Actor) -> RecordChange:
    _check_sees(actor)
    return selectors.get_change(change_id, actor=actor)


def _act(
    request: HttpRequest,
    actor: Actor,
    change_id: UUID,
    action: Callable[..., RecordChange],
    said: str,
) -> HttpResponse:
    action(change_id, actor=actor, at=timezone.now())
    messages.success(request, said)
    return go_to(request, _page(change_id))


def _pick(request: HttpRequest, uscc: str, code: str) -> HttpResponse:
    today = business_day(timezone.now())
    catalogues = [
        factor_lists.in_force(known, today) for known in factor_lists.codes_in_force(today)
    ]
    items = {
        item.code: formats.coded(item.code, item)
        for catalogue in catalogues
        for item in catalogue.items.values()
    }
    given = {"uscc": uscc, "item": code} if uscc or code else None
    form = RecordPickForm(given, items=list(items.items()))
    return render(request, "sharing/record_changes/pick.html", {"form": form})


def _list_of(uscc: str, code: str, actor: Actor) -> tuple[str, Catalogue]:
    """Return the list with this item that holds something of the enterprise."""
    today = business_day(timezone.now())
    for factor_list in selectors.lists_of(uscc, actor=actor):
        catalogue = factor_lists.in_force(factor_list, today)
        if code in catalogue.items:
            return factor_list, catalogue
    raise NoSuchRecord(
        f"Nothing is stored of {uscc} on a list with the item {code}.",
        hint="Import the enterprise first, or check the codes.",
    )


def _prepare(
    form: RecordChangeForm, uscc: str, code: str, factor_list: str, held: Any, actor: Actor
) -> RecordChange:
    action = form.cleaned_data["action"]
    common = {
        "factor_list": factor_list,
        "reason": form.cleaned_data["reason"],
        "actor": actor,
        "at": timezone.now(),
    }
    value, details = form.canonical(), form.details()
    stated = {code: details} if details else None
    if action == form.WITHDRAW:
        return records.withdraw(uscc, {code: value}, **common)
    if action == form.VERIFY:
        return records.reverify(uscc, [code], details=stated, **common)
    change = records.correct if action == form.CORRECT else records.observe
    return change(uscc, changes={code: value}, details=stated, **common)


def _sentence(refusal: Refusal) -> str:
    """Return a refusal with what is wrong about the value, which is said in its errors."""
    faults = {error["detail"] for error in refusal.errors}
    named = [
        str(vocabulary.FAULTS[fault]) for fault in sorted(faults) if fault in vocabulary.FAULTS
    ]
    return " ".join([str(words_of(refusal)), *named])


def _lines(change: RecordChange, actor: Actor) -> list[Line]:
    today = business_day(change.prepared_at)
    catalogue = factor_lists.in_force(change.factor_list, today)
    before = _before(change, actor)
    return [
        Line(
            code,
            vocabulary.item_name(catalogue, code),
            vocabulary.member_text(catalogue, code, before.get(code)),
            _new_text(change, catalogue, code, value),
            _validity(change, code),
        )
        for code, value in change.changes.items()
    ]


def _validity(change: RecordChange, code: str) -> str:
    detail = (change.details or {}).get(code, {})
    return vocabulary.validity_text(detail.get("valid_from"), detail.get("valid_to"))


def _before(change: RecordChange, actor: Actor) -> dict[str, Any]:
    """Return what was stored when the change was prepared, or is stored while it waits."""
    if change.publication is None:
        stored = dict(selectors.profile(change.uscc, change.factor_list, actor=actor).values)
        enterprise = enterprises_register.find(change.uscc, actor=actor)
        return stored | {name: getattr(enterprise, name, None) for name in vocabulary.IDENTITY}
    before: dict[str, Any] = {}
    for entry in reversed(selectors.history(change.uscc, change.factor_list, actor=actor)):
        if entry.number >= (change.publication.number or 0):
            break
        if entry.kind not in {"flagged", "unflagged", "expired", "lapsed"}:
            before |= entry.changes
    return before


def _new_text(change: RecordChange, catalogue: Catalogue, code: str, value: Any) -> str:
    if change.kind in {"flagged", "unflagged"}:
        return formats.listed(vocabulary.flags_text(value or [])) or formats.NOTHING
    return vocabulary.member_text(catalogue, code, value)


def _page(change_id: UUID) -> str:
    return reverse("sharing:record-change", args=[change_id])
