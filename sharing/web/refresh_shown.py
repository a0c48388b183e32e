"""A reader's question in its reader's words: its items, its course, and what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as now
from django.utils.translation import pgettext

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.errors import NotPermitted, Refusal
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization
from qfce.kernel.web import formats
from qfce.kernel.web.refusals import words_of
from sharing import permissions
from sharing.domain.refresh_requests import REFRESH_REQUEST
from sharing.models import FactorProfile, RefreshRequest
from sharing.selectors import refresh_requests as selectors
from sharing.selectors.refresh_requests import Reach
from sharing.web import vocabulary
from sharing.web.forms_refresh import ItemAnswerForm
from sharing.web.forms_sharing import Pairs


@dataclass(frozen=True, slots=True)
class Line:
    """One item that was asked about. `stored` is for the bureau alone; a bank reads elsewhere."""

    code: str
    name: str
    stored: str
    validity: str
    answer: str
    tone: str
    reason: str


def askable(reaches: Sequence[Reach], chosen: Sequence[str], *, on: date) -> Pairs:
    """Return the items that may be asked about, those chosen first, else in the list's order."""
    names: dict[str, str] = {}
    for reach in reaches:
        for code, item in factor_lists.in_force(reach.factor_list, on).items.items():
            if reach.covers(code):
                names.setdefault(code, formats.coded(code, item))
    first = [code for code in chosen if code in names]
    return [(code, names[code]) for code in [*first, *(c for c in names if c not in first)]]


def lines(asked: RefreshRequest, *, actor: Actor, on: date) -> list[Line]:
    catalogue = factor_lists.in_force(asked.factor_list, on)
    profile = selectors.held(asked, actor=actor)
    said = asked.answers if asked.status == "answered" else {}
    return [_line(code, catalogue, profile, said.get(code, {})) for code in asked.items]


def _line(
    code: str, catalogue: Catalogue, profile: FactorProfile | None, said: Mapping[str, str]
) -> Line:
    values = profile.values if profile else {}
    days = profile.details.get(code, {}) if profile else {}
    kind = said.get("answer", "")
    return Line(
        code=code,
        name=vocabulary.item_name(catalogue, code),
        stored=vocabulary.member_text(catalogue, code, values.get(code)),
        validity=vocabulary.validity_text(days.get("valid_from"), days.get("valid_to")),
        answer=vocabulary.word(vocabulary.REFRESH_ANSWERS, kind),
        tone=vocabulary.REFRESH_ANSWER_TONES.get(kind, "muted"),
        reason=said.get("reason", ""),
    )


def forms_for(
    asked: RefreshRequest, given: Mapping[str, Any] | None, *, actor: Actor, on: date
) -> list[ItemAnswerForm]:
    """Return a form for each item, with what is stored and what to fill in beside it."""
    catalogue = factor_lists.in_force(asked.factor_list, on)
    profile = selectors.held(asked, actor=actor)
    held = profile.values if profile else {}
    found = []
    for line in lines(asked, actor=actor, on=on):
        form = ItemAnswerForm(
            given,
            prefix=line.code,
            catalogue=catalogue,
            code=line.code,
            has_value=held.get(line.code) is not None,
        )
        form.line = line  # type: ignore[attr-defined]  # shown above the fields
        form.fill = formats.local(form.item, "fill")  # type: ignore[attr-defined]  # for the template
        found.append(form)
    return found


def others(asked: RefreshRequest) -> list[Organization]:
    """Return the bureaus that it could be forwarded to, the nearest first."""
    return [b for b in selectors.bureaus_for(asked.region) if b.pk != asked.addressee_id]


def may_answer(asked: RefreshRequest, *, actor: Actor) -> bool:
    try:
        permissions.check_can_answer_refresh(actor, asked)
    except NotPermitted:
        return False
    return "decline" in REFRESH_REQUEST.actions_from(asked.status)


def may_cancel(asked: RefreshRequest, *, actor: Actor) -> bool:
    is_own = asked.owner_id == actor.organization_id and actor.may(permissions.ASK_REFRESH)
    return is_own and "cancel" in REFRESH_REQUEST.actions_from(asked.status)


def events(asked: RefreshRequest) -> list[tuple[Any, str, str, str, str]]:
    """Return what happened, newest first, as (moment, title, tone, icon, words)."""
    found = [(asked.asked_at, pgettext("question", "Asked"), "info", "help-circle", asked.question)]
    if asked.forwarded_at and asked.forwarded_from:
        path = f"{formats.local(asked.forwarded_from)} → {formats.local(asked.addressee)}"
        found.append((asked.forwarded_at, now("Forwarded"), "info", "arrow-forward-up", path))
    if asked.closed_at:
        ends = {
            "answered": (now("Answered"), "good", "circle-check"),
            "declined": (now("Cannot be said"), "bad", "circle-x"),
            "cancelled": (now("Taken back"), "muted", "circle-minus"),
        }
        found.append((asked.closed_at, *ends[asked.status], asked.reason))
    return sorted(found, key=lambda event: event[0], reverse=True)


def sentence(refusal: Refusal) -> str:
    """Return a refusal with what is wrong about the values, which is said in its errors."""
    known = {error["detail"] for error in refusal.errors} & set(vocabulary.FAULTS)
    named = [str(vocabulary.FAULTS[fault]) for fault in sorted(known)]
    return " ".join([str(words_of(refusal)), *named])
