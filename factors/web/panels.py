"""What waits for signers and owners of factor lists, for the page "Today"."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from factors.permissions import SIGN
from factors.selectors import sign_offs
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.landing import Todo


def to_sign(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return the versions that the actor's organization has yet to sign."""
    waiting = sign_offs.awaiting(actor=actor) if actor.may(SIGN) else []
    if not waiting:
        return []
    first = waiting[0]
    place = [first.factor_list.code, first.number]
    address = reverse("factors:lists") + "?status=in_review"
    if len(waiting) == 1:
        address = reverse("factors:signatures", args=place)
    return [Todo(_("Factor lists to sign"), len(waiting), address, tone="warn")]
