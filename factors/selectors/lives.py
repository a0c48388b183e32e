"""What a version's owner may do with it next, and with whom."""

from datetime import date

from factors import permissions
from factors.domain.list_versions import PUBLIC
from factors.models import FactorList, FactorListVersion
from factors.selectors import list_pages
from factors.selectors.list_pages import VersionRow
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization, OrganizationKind

OPEN = ("draft", "in_review", "signed")
SIGNING_KINDS = (
    OrganizationKind.MARKET_REGULATOR,
    OrganizationKind.CENTRAL_BANK_BRANCH,
    OrganizationKind.FINANCIAL_REGULATOR,
    OrganizationKind.LOCAL_FINANCE_OFFICE,
)


def own_list(code: str, *, actor: Actor) -> FactorList:
    """
    Return a list that the actor's organization keeps.

    :raises NoSuchRecord: if the actor sees no such list.
    :raises NotListOwner: if it is another organization's.
    """
    found = one(FactorList.objects.all(), code=code)
    permissions.check_can_edit(actor, found)
    return found


def is_mine(version: FactorListVersion, *, actor: Actor) -> bool:
    """Whether the actor keeps the list and may edit it."""
    owned = version.factor_list.owner_id == actor.organization_id
    return owned and actor.may(permissions.EDIT)


def may_start_next(version: FactorListVersion, *, actor: Actor) -> bool:
    """Whether the actor keeps the list and none of its versions is open."""
    if version.status not in PUBLIC or not is_mine(version, actor=actor):
        return False
    others = FactorListVersion.objects.filter(factor_list=version.factor_list_id)
    return not others.filter(status__in=OPEN).exists()


def may_sign(*, actor: Actor) -> list[Organization]:
    """Return the organizations that a list can name as its signers, the actor's own among them."""
    actor.require(permissions.EDIT)
    kinds = [kind.value for kind in SIGNING_KINDS]
    rows = Organization.objects.filter(kind__in=kinds, is_active=True)
    return list(rows.order_by("kind", "region_id", "name_zh"))


def sources(*, actor: Actor, on: date) -> list[VersionRow]:
    """Return the versions that a list can begin from: published ones, of whatever province."""
    rows = list_pages.version_rows(actor=actor, on=on)
    return [row for row in rows if row.status in PUBLIC]


def was_laid_before_others(version: FactorListVersion) -> bool:
    """Say whether anybody was ever asked about a draft; such a draft stays on record."""
    return version.sign_offs.exists() or version.consultations.exists()
