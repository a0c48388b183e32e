"""The published lists as everybody may read them: no actor, no tenant, facts only."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from factors.domain.list_versions import VersionStatus, is_in_force
from factors.domain.printed_catalogue import Section, sections_of
from factors.models import FactorListVersion
from factors.selectors.factor_lists import content
from qfce.kernel.rows import NoSuchRecord


@dataclass(frozen=True, slots=True)
class PublicVersion:
    """A published version, without its items."""

    code: str
    number: int
    name_zh: str
    name_en: str
    region: str
    effective_from: date | None
    counts: bool
    items: int


def versions(*, on: date) -> list[PublicVersion]:
    """Return the versions that are published, newest first in each list; withdrawn ones not."""
    rows = FactorListVersion.objects.in_force().order_by("factor_list__code", "-number")
    found, counted = [], set[str]()
    for row in rows:
        said = content(row)
        counts = said.code not in counted and is_in_force(row.status, row.effective_from, on)
        counted |= {said.code} if counts else set()
        found.append(
            PublicVersion(
                code=said.code,
                number=row.number,
                name_zh=said.name_zh,
                name_en=said.name_en,
                region=said.region,
                effective_from=row.effective_from,
                counts=counts,
                items=len(said.items),
            )
        )
    return found


def digest_of(code: str, number: int) -> str | None:
    """Return the digest of a public version, by which a reader's copy is known to be current."""
    return _public(code, number).values_list("digest", flat=True).first()


def version(code: str, number: int) -> FactorListVersion:
    """
    Return a version that was published, also one that is withdrawn by now.

    :raises NoSuchRecord: if there is none.
    """
    found = _public(code, number).first()
    if found is None:
        raise NoSuchRecord(f"The list {code} has no published version {number}.")
    return found


def is_withdrawn(version: FactorListVersion) -> bool:
    return version.status == VersionStatus.WITHDRAWN


def sections(version: FactorListVersion, language: str, *, wanted: str = "") -> list[Section]:
    """Return the items by category; with `wanted`, those whose code, name or texts hold it."""
    every = sections_of(content(version), language)
    words = wanted.casefold().split()
    if not words:
        return list(every)
    found = []
    for section in every:
        items = tuple(
            item
            for item in section.items
            if all(
                word in f"{item.code} {item.name} {item.what} {item.why}".casefold()
                for word in words
            )
        )
        if items:
            found.append(Section(section.code, section.name, items))
    return found


def _public(code: str, number: int) -> QuerySet[FactorListVersion]:
    return FactorListVersion.objects.public().filter(factor_list__code=code, number=number)
