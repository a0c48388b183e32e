"""What waits for signers, invited organizations and owners of lists, for the page "Today"."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from factors.permissions import COMMENT, EDIT, SIGN
from factors.selectors import consultations, sign_offs
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.landing import Todo


def waiting(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return what the actor's organization has to sign, to comment on and to answer."""
    return [*_to_sign(actor, at), *_to_comment(actor, at), *_to_answer(actor)]


def _to_sign(actor: Actor, at: datetime) -> list[Todo]:
    found = sign_offs.awaiting(actor=actor) if actor.may(SIGN) else []
    if not found:
        return []
    first = found[0]
    address = reverse("factors:lists") + "?status=in_review"
    if len(found) == 1:
        address = reverse("factors:signatures", args=[first.factor_list.code, first.number])
    days = [version.sign_by for version in found if version.sign_by]
    note = pgettext("deadline", "until %(day)s") % {"day": formats.day(min(days))} if days else ""
    late = bool(days) and business_day(at) > min(days)
    tone = "bad" if late else "warn"
    return [Todo(_("Factor lists to sign"), len(found), address, tone=tone, note=note)]


def _to_comment(actor: Actor, at: datetime) -> list[Todo]:
    found = consultations.awaiting(actor=actor, on=business_day(at)) if actor.may(COMMENT) else []
    if not found:
        return []
    address = reverse("factors:consultations")
    if len(found) == 1:
        address = reverse("factors:consultation", args=[found[0].pk])
    note = pgettext("deadline", "until %(day)s") % {"day": formats.day(found[0].closes_on)}
    return [Todo(_("Drafts to comment on"), len(found), address, note=note)]


def _to_answer(actor: Actor) -> list[Todo]:
    number = consultations.unanswered(actor=actor) if actor.may(EDIT) else 0
    address = reverse("factors:consultations")
    return [Todo(_("Comments to answer"), number, address, tone="warn")] if number else []
