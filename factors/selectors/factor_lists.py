"""All questions about factor lists: which version counts, what it says, who has signed it."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from factors import permissions
from factors.domain.catalogue import Catalogue
from factors.domain.list_versions import PUBLIC, is_in_force
from factors.models import FactorList, FactorListVersion
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor

KEPT = 64
_parsed: OrderedDict[str, Catalogue] = OrderedDict()
_parsing = Lock()


def catalogue(code: str, number: int) -> Catalogue:
    """
    Return one published version of a list, whatever became of it since.

    One short query; the document is read once a process, since it never changes.

    :raises NoSuchRecord: if the list has no such version, or it was never published.
    """
    found = _public(code).filter(number=number).values_list("digest", flat=True).first()
    if found is None:
        raise NoSuchRecord(
            f"The list {code} has no published version {number}.",
            hint="GET /api/v1/factor-lists/ names the lists and their versions.",
        )
    return _read(found)


def in_force(code: str, on: date) -> Catalogue:
    """
    Return the version of a list that counts on a day: the newest whose first day has come.

    :raises NoSuchRecord: if none does.
    """
    versions = FactorListVersion.objects.in_force().filter(
        factor_list__code=code, effective_from__lte=on
    )
    found = versions.order_by("-number").values_list("digest", flat=True).first()
    if found is None:
        raise NoSuchRecord(
            f"No version of the list {code} is in force on {on}.",
            hint="GET /api/v1/factor-lists/ names the lists and their first days.",
        )
    return _read(found)


def number_in_force(code: str, on: date) -> int | None:
    """Return the number of the version that counts on a day, None if none does; one query."""
    versions = FactorListVersion.objects.in_force().filter(
        factor_list__code=code, effective_from__lte=on
    )
    return versions.order_by("-number").values_list("number", flat=True).first()


def newest(code: str) -> Catalogue:
    """
    Return the version of a list that was published last, in force already or not yet.

    :raises NoSuchRecord: if none was, or all are withdrawn.
    """
    versions = FactorListVersion.objects.in_force().filter(factor_list__code=code)
    found = versions.order_by("-number").values_list("digest", flat=True).first()
    if found is None:
        raise NoSuchRecord(
            f"The list {code} has no published version that holds.",
            hint="GET /api/v1/factor-lists/ names the lists and their versions.",
        )
    return _read(found)


def before(version: FactorListVersion) -> Catalogue | None:
    """Return the version that was published last before a version, or None if there is none."""
    versions = FactorListVersion.objects.in_force().filter(
        factor_list_id=version.factor_list_id, number__lt=version.number
    )
    found = versions.order_by("-number").values_list("digest", flat=True).first()
    return _read(found) if found else None


def codes_in_force(on: date) -> list[str]:
    """Return the codes of the lists that have a version in force on a day."""
    versions = FactorListVersion.objects.in_force().filter(effective_from__lte=on)
    codes = versions.values_list("factor_list__code", flat=True)
    return list(codes.order_by("factor_list__code").distinct())


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """One version of a list, without what it says."""

    id: UUID
    number: int
    status: str
    digest: str
    effective_from: date | None
    submitted_at: datetime | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A list and those of its versions that the actor sees, newest first."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    region: str
    owner_id: UUID
    in_force: int | None
    versions: tuple[VersionEntry, ...]


def list_for(*, actor: Actor, on: date) -> list[ListEntry]:
    """
    Return the lists that the actor sees, by code: published ones, its own, those to sign.

    Two queries, however many lists and versions there are.
    """
    actor.require(permissions.VIEW)
    versions: dict[UUID, list[VersionEntry]] = {}
    counts: dict[UUID, int] = {}
    rows = FactorListVersion.objects.defer("document").order_by("factor_list__code", "-number")
    for row in rows:
        versions.setdefault(row.factor_list_id, []).append(entry(row))
        if is_in_force(row.status, row.effective_from, on):
            counts.setdefault(row.factor_list_id, row.number)
    return [
        ListEntry(
            id=row.pk,
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            region=row.region,
            owner_id=row.owner_id,
            in_force=counts.get(row.pk),
            versions=tuple(versions.get(row.pk, ())),
        )
        for row in FactorList.objects.order_by("code")
    ]


def version(code: str, number: int, *, actor: Actor) -> FactorListVersion:
    """
    Return a version that the actor sees, published or not.

    :raises NoSuchRecord: if there is none, or it is not the actor's to see.
    """
    actor.require(permissions.VIEW)
    versions = FactorListVersion.objects.select_related("factor_list")
    return one(versions, factor_list__code=code, number=number)


def content(version: FactorListVersion) -> Catalogue:
    """Return what a version says; that of a public one is read once a process."""
    if version.status in PUBLIC:
        return _read(version.digest, document=version.document)
    return Catalogue.from_document(version.document)


def _public(code: str) -> QuerySet[FactorListVersion]:
    return FactorListVersion.objects.public().filter(factor_list__code=code)


def entry(row: FactorListVersion) -> VersionEntry:
    """Return a version without what it says."""
    return VersionEntry(
        id=row.pk,
        number=row.number,
        status=row.status,
        digest=row.digest,
        effective_from=row.effective_from,
        submitted_at=row.submitted_at,
        published_at=row.published_at,
    )


def _read(digest: str, *, document: Any = None) -> Catalogue:
    """
    Return the catalogue of a public document. By its digest, so that the answer is right
    whichever database is asked.
    """
    with _parsing:
        if digest in _parsed:
            _parsed.move_to_end(digest)
            return _parsed[digest]
    if document is None:
        rows = FactorListVersion.objects.public().filter(digest=digest)
        document = rows.values_list("document", flat=True)[0]
    read = Catalogue.from_document(document)
    with _parsing:
        _parsed[digest] = read
        while len(_parsed) > KEPT:
            _parsed.popitem(last=False)
    return read
