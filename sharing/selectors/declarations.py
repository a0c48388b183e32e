"""Declarations as the bureau that asks for them sees them, and as the enterprise does."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization
from sharing import permissions
from sharing.domain.consents import digest_of
from sharing.domain.declarations import OPEN, WITH_ENTERPRISE
from sharing.models import CollectionRound, Declaration, FactorProfile, ImportBatch
from sharing.selectors import collection_rounds as rounds

STATUSES_OPEN = sorted(status.value for status in OPEN)
STATUSES_ASKED = sorted(status.value for status in WITH_ENTERPRISE)
# What went into an import that is still to be released is not asked for again.
UNDER_WAY = """
EXISTS (
    SELECT FROM sharing_declaration t JOIN sharing_importbatch b ON b.id = t.import_id
    WHERE t.owner_id = %(owner)s AND t.uscc = {uscc} AND t.factor_list = %(list)s
      AND t.status = 'taken'
      AND b.status IN ('received', 'validating', 'needs_attention', 'ready', 'publishing'))
"""
# ruff: noqa: S608 the parts are constants; what is asked with are parameters.
# The enterprises of a round that lack items which an enterprise may send, with those items,
# and whether the bureau has asked them already.
WANTED = (
    rounds.HOLDING
    + """
, wanted AS (
    SELECT h.uscc, e.name, e.region, ARRAY(
        SELECT code FROM unnest(%(declarable)s::text[]) code WHERE code = ANY (h.items)
    ) AS items, """
    + UNDER_WAY.format(uscc="h.uscc")
    + """ OR EXISTS (
        SELECT FROM sharing_declaration o
        WHERE o.owner_id = %(owner)s AND o.uscc = h.uscc AND o.factor_list = %(list)s
          AND o.status IN ('asked', 'sent', 'returned')
    ) AS is_asked
    FROM holding h JOIN sharing_enterprise e ON e.uscc = h.uscc
    WHERE h.items && %(declarable)s::text[] AND (%(item)s = '' OR %(item)s = ANY (h.items))
      AND (%(regions)s::text[] = '{}' OR h.region = ANY (%(regions)s))
      AND (%(search)s = '' OR strpos(h.uscc, %(search)s) > 0
           OR strpos(upper(e.name), %(search)s) > 0)
)
"""
)
COUNT_WANTED = "SELECT count(*), count(*) FILTER (WHERE is_asked) FROM wanted"


@dataclass(frozen=True, slots=True)
class Linked:
    """What the holder of a one-time link is asked to declare, or what became of it."""

    id: UUID
    owner: Organization
    uscc: str
    name: str
    factor_list: str
    items: list[str]
    note: str
    due_on: date
    status: str
    is_open: bool
    return_reason: str
    answers: dict[str, str]
    declared_by_name: str
    declared_by_phone: str
    declared_at: datetime | None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The part of a round's page that is asked: an item, whole codes of regions, a search."""

    item: str = ""
    regions: tuple[str, ...] = ()
    search: str = ""


def get(declaration_id: UUID, *, actor: Actor) -> Declaration:
    """
    :raises NoSuchRecord: if the actor neither asked for it nor is asked, nor stands above.
    """
    return one(list_for(actor=actor), pk=declaration_id)


def list_for(
    *, actor: Actor, status: str | None = None, uscc: str | None = None
) -> QuerySet[Declaration]:
    """Return what the actor's bureau or one below it asks, or what its enterprise is asked."""
    actor.require(permissions.VIEW_DECLARATION)
    found = Declaration.objects.select_related("owner", "asked_by", "taken_by")
    if status:
        found = found.filter(status=status)
    return found.filter(uscc=uscc) if uscc else found


def waiting(*, actor: Actor, factor_list: str = "") -> QuerySet[Declaration]:
    """Return the declarations that wait for the actor's own bureau to take or return them."""
    found = list_for(actor=actor, status="sent").filter(owner_id=actor.organization_id)
    return found.filter(factor_list=factor_list) if factor_list else found


def waiting_by_list(*, actor: Actor) -> list[tuple[str, int]]:
    """Return how many of `waiting` there are of each factor list."""
    counted = waiting(actor=actor).order_by("factor_list").values_list("factor_list")
    return list(counted.annotate(Count("pk")))


def asked_of(*, actor: Actor) -> QuerySet[Declaration]:
    """Return what is with the enterprise, of all that the actor sees."""
    return list_for(actor=actor).filter(status__in=STATUSES_ASKED)


def late(on: date) -> Q:
    """Return the condition of a declaration that should have been sent before a day."""
    return Q(status__in=STATUSES_ASKED, due_on__lt=on)


def of_import(batch: ImportBatch, *, actor: Actor) -> int:
    """Return of how many declarations an import was made, as far as the actor sees them."""
    if not batch.self_declared or not actor.may(permissions.VIEW_DECLARATION):
        return 0
    return list_for(actor=actor).filter(import_id=batch.pk).count()


def held(asked: Declaration, *, actor: Actor) -> FactorProfile | None:
    """Return what a regulator's register holds of the enterprise."""
    actor.require(permissions.VIEW_IMPORT)
    found = FactorProfile.objects.filter(uscc=asked.uscc, factor_list=asked.factor_list)
    return found.first()


def facts_for(
    asked: CollectionRound, declarable: Iterable[str], narrowed: Narrowed, *, actor: Actor
) -> dict[str, Any]:
    """Return what `WANTED` asks with."""
    return rounds.facts_of(asked) | {
        "owner": actor.organization_id,
        "declarable": [code for code in asked.items if code in set(declarable)],
        "item": narrowed.item,
        "regions": list(narrowed.regions),
        "search": narrowed.search.strip().upper(),
    }


def wanted(facts: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many enterprises of a round lack such items, and how many are asked already."""
    with connection.cursor() as cursor:
        cursor.execute(WANTED + COUNT_WANTED, facts)
        found: tuple[int, int] = cursor.fetchone()
    return found


def by_token(token: str) -> Linked | None:
    """Return what a one-time link is about; None if it was never ours, or a newer one was sent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM qfce_declaration_by_token(%s)", [digest_of(token)])
        row = cursor.fetchone()
    if row is None:
        return None
    declaration_id, owner_id, *rest = row
    given = dict(zip(list(Linked.__dataclass_fields__)[2:], rest, strict=True))
    given["answers"] = _document(given["answers"])
    return Linked(declaration_id, Organization.objects.get(pk=owner_id), **given)


def _document(value: Any) -> dict[str, str]:
    found: dict[str, str] = json.loads(value) if isinstance(value, str) else value
    return found
