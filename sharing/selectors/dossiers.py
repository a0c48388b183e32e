"""What a reader may know of one enterprise, with how it came to be: for pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Region
from sharing import permissions
from sharing.domain.agreements import lies_within
from sharing.domain.disclosures import DisclosedProfile, profile_of
from sharing.domain.folding import ANNOUNCEMENTS
from sharing.models import Agreement, Consent, ReadLogSubject
from sharing.selectors import disclosures


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger about the enterprise, with only what the reader may see of it."""

    number: int
    row: int
    recorded_at: datetime
    source: str
    cause: str
    kind: str
    changes: Mapping[str, Any]
    details: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one item: what it was before, what it became, and where that stands."""

    code: str
    old: Any
    new: Any
    entry: Entry
    is_flag: bool = False

    @property
    def valid_from(self) -> str | None:
        return self.entry.details.get(self.code, {}).get("valid_from")

    @property
    def valid_to(self) -> str | None:
        return self.entry.details.get(self.code, {}).get("valid_to")


@dataclass(frozen=True, slots=True)
class Dossier:
    """One enterprise as a reader may see it; `entries` are oldest first."""

    profile: DisclosedProfile
    catalogue: Catalogue | None
    entries: tuple[Entry, ...]
    region: Region | None

    def steps(self, code: str) -> list[Step]:
        """Return what happened to one item, newest first."""
        return list(reversed(list(_steps(code, self.entries))))


def read(
    uscc: str,
    *,
    purpose: str,
    actor: Actor,
    at: datetime,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Dossier:
    """
    Return an enterprise with the ledger's rows behind it, by one read that is logged.

    :param as_of: the day to look at; unsaid, the day of `known_at`, or today.
    :param known_at: as the platform knew it then.
    :raises NoSuchRecord: if nobody has, or ever had, this code.
    """
    day = as_of or (None if known_at else business_day(at))
    found = disclosures.read(
        [uscc], purpose=purpose, actor=actor, at=at, as_of=day, known_at=known_at
    )
    for row, items, nothing in found:
        catalogue = None
        if row.list_code and row.list_version:
            catalogue = factor_lists.catalogue(row.list_code, row.list_version)
        elif row.list_code:
            catalogue = factor_lists.newest(row.list_code)
        return Dossier(
            profile=profile_of(row, items, nothing),
            catalogue=catalogue,
            entries=tuple(_entry(stated) for stated in row.history or ()),
            region=Region.objects.filter(pk=row.region).first() if row.region else None,
        )
    raise NoSuchRecord(
        f"No enterprise has, or ever had, the code {uscc} here.", hint="Check the code."
    )


def consents_about(uscc: str, *, actor: Actor) -> list[Consent]:
    """Return the consents of an enterprise that the actor may know of; none without the right."""
    if not actor.may(permissions.WRITE_CONSENT):
        return []
    found = Consent.objects.select_related("recipient").filter(uscc=uscc)
    return list(found.order_by("-requested_at", "pk")[:200])


def agreements_about(region: str | None, *, actor: Actor) -> list[Agreement]:
    """Return the agreements over a region that the actor's organization is party to."""
    if not region or not actor.may(permissions.VIEW_AGREEMENT):
        return []
    known = Agreement.objects.select_related("owner", "recipient").exclude(activated_at=None)
    return [
        agreement
        for agreement in known.order_by("-activated_at", "pk")[:200]
        if any(
            lies_within(region, wider)
            for wider in (agreement.regions or [agreement.owner.region_id or region])
        )
    ]


def readers(uscc: str, *, actor: Actor) -> QuerySet[ReadLogSubject]:
    """
    Return who read about an enterprise, as far as the actor may know: the enterprise itself
    everybody, any other organization its own reads.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    return ReadLogSubject.objects.select_related("owner").filter(uscc=uscc)


def _entry(stated: Mapping[str, Any]) -> Entry:
    return Entry(
        number=stated["number"],
        row=stated["row"],
        recorded_at=datetime.fromisoformat(stated["recorded_at"]),
        source=stated["source"],
        cause=stated["cause"],
        kind=stated["kind"],
        changes=stated["changes"] or {},
        details=stated["details"] or {},
    )


def _steps(code: str, entries: tuple[Entry, ...]) -> Iterator[Step]:
    held = None
    for entry in entries:
        if code not in entry.changes:
            continue
        new = entry.changes[code]
        if entry.kind in {"flagged", "unflagged"}:
            yield Step(code, None, new, entry, is_flag=True)
        elif entry.kind in ANNOUNCEMENTS:
            yield Step(code, held, held, entry)
        else:
            yield Step(code, held, new, entry)
            held = new
