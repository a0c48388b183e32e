"""What pages show of the lists: every version with its owner and region in words."""

from dataclasses import dataclass
from datetime import date, datetime

from factors.domain.list_versions import is_in_force
from factors.models import FactorListVersion
from factors.permissions import VIEW
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Region


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of one list, as a row of a page."""

    code: str
    number: int
    name_zh: str
    name_en: str
    region_zh: str
    region_en: str
    owner_zh: str
    owner_en: str
    status: str
    effective_from: date | None
    published_at: datetime | None
    counts: bool


def version_rows(*, actor: Actor, on: date) -> list[VersionRow]:
    """
    Return every version that the actor sees, newest first within its list.

    `counts` says whether the version is the one in force on the day. Two queries.
    """
    actor.require(VIEW)
    versions = FactorListVersion.objects.defer("document").select_related(
        "factor_list", "factor_list__owner"
    )
    found = list(versions.order_by("factor_list__code", "-number"))
    regions = Region.objects.in_bulk({row.factor_list.region for row in found})
    taken: set[str] = set()
    return [_row(row, regions, taken, on=on) for row in found]


def _row(
    row: FactorListVersion, regions: dict[str, Region], taken: set[str], *, on: date
) -> VersionRow:
    known = row.factor_list
    region = regions.get(known.region)
    counts = known.code not in taken and is_in_force(row.status, row.effective_from, on)
    if counts:
        taken.add(known.code)
    return VersionRow(
        code=known.code,
        number=row.number,
        name_zh=known.name_zh,
        name_en=known.name_en,
        region_zh=region.name_zh if region else known.region,
        region_en=region.name_en if region else known.region,
        owner_zh=known.owner.name_zh,
        owner_en=known.owner.name_en,
        status=row.status,
        effective_from=row.effective_from,
        published_at=row.published_at,
        counts=counts,
    )
