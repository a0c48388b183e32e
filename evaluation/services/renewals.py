"""Keeping evaluations true: what changes in the feed renews what was built on it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from evaluation import permissions
from evaluation.domain.lifecycle import Cause
from evaluation.domain.scorecards import Scorecard
from evaluation.domain.scoring import items_used
from evaluation.models import Evaluation, ScorecardVersion
from evaluation.selectors import readings, scorecards
from evaluation.selectors.readings import LONGEST, Reading
from evaluation.services.evaluations import build
from factors.domain.catalogue import Catalogue
from qfce.kernel.audit import events
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from sharing.selectors import disclosures
from sharing.selectors.disclosures import FeedItem
from sharing.services import disclosures as feed

CONSUMER = "evaluation.renewals"
BATCH = 2000
NAMED = 50
"""So many changes of grade are named in one audit event."""

ACCESS = frozenset({"access_opened", "access_closed", "listed", "delisted"})
"""Kinds of change that may open or close anything, whatever they name."""

KEPT = ("score", "grade", "cap", "outcome", "gates", "reasons", "category_points")


@dataclass(frozen=True, slots=True)
class Followed:
    """One round along the feed: how much was looked at, what came of it, whether more waits."""

    examined: int
    rescored: int
    renewed: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Model:
    version: ScorecardVersion
    card: Scorecard
    catalogue: Catalogue
    used: frozenset[str]


@transaction.atomic
def follow_feed(*, actor: Actor, at: datetime, limit: int = BATCH) -> Followed:
    """
    Take one round of the change feed and renew the evaluations whose inputs changed.

    Every enterprise with a live evaluation by this organization that uses a changed item is
    scored again, by the version in force today and for the same purpose. Where anything that
    is kept comes out otherwise, a new evaluation replaces the old one; where all comes out the
    same, the old one stays. The position in the feed moves in the same transaction, so nothing
    is done twice and nothing is left out.

    :param limit: at most so many items of the feed; call again while `more`.
    """
    actor.require(permissions.CREATE)
    _alone(actor)
    items = disclosures.changed_since(CONSUMER, actor=actor, limit=limit)
    if not items:
        return Followed(0, 0, 0, more=False)
    changed = _changed(items)
    live = [old for part in _parts(sorted(changed)) for old in _live(part, actor)]
    rescored, renewed = _renew(live, changed, actor=actor, at=at)
    feed.advance(CONSUMER, items[-1], actor=actor, at=at)
    if renewed:
        _record(renewed, actor=actor, at=at)
    return Followed(len(items), rescored, len(renewed), more=len(items) >= limit)


def _alone(actor: Actor) -> None:
    """Let one follower of an organization wait for another, and then begin where it ended."""
    with connection.cursor() as cursor:
        key = f"{CONSUMER}:{actor.organization_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _changed(items: Iterable[FeedItem]) -> dict[str, set[str] | None]:
    """Return the items that changed for each enterprise; None where anything may have."""
    changed: dict[str, set[str] | None] = {}
    for item in items:
        if not item.uscc:
            continue
        known = changed.setdefault(item.uscc, set())
        if item.kind in ACCESS:
            changed[item.uscc] = None
        elif known is not None:
            known.update(item.changes or (), item.details or ())
    return changed


def _live(usccs: Sequence[str], actor: Actor) -> list[Evaluation]:
    """Return the newest evaluation of each enterprise and scorecard; one query."""
    return list(
        Evaluation.objects.select_related("scorecard_version__scorecard")
        .filter(owner=actor.organization_id, uscc__in=usccs)
        .order_by(
            "uscc",
            "scorecard_version__scorecard",
            *Evaluation.NEWEST_FIRST,
        )
        .distinct("uscc", "scorecard_version__scorecard")
    )


def _renew(
    live: Sequence[Evaluation],
    changed: dict[str, set[str] | None],
    *,
    actor: Actor,
    at: datetime,
) -> tuple[int, list[tuple[Evaluation, Evaluation]]]:
    """Score again what has to be; return how many, and the old and new of what differs."""
    rescored, renewed = 0, []
    grouped: dict[tuple[str, str], list[Evaluation]] = defaultdict(list)
    for old in live:
        grouped[old.scorecard_version.scorecard.code, old.purpose].append(old)
    for (code, purpose), olds in sorted(grouped.items()):
        model = _model(code, actor=actor, at=at)
        if model is None:
            continue
        concerned = {old.uscc: old for old in olds if _concerns(changed[old.uscc], model.used)}
        for part in _parts(sorted(concerned)):
            found = readings.read(
                part,
                card=model.card,
                catalogue=model.catalogue,
                purpose=purpose,
                actor=actor,
                at=at,
            )
            scored = {u: r for u, r in found.items() if r.answer in readings.SCORED}
            rescored += len(scored)
            for uscc, reading in scored.items():
                new = _again(concerned[uscc], reading, model, actor, at)
                if _differ(concerned[uscc], new):
                    renewed.append((concerned[uscc], new))
    Evaluation.objects.bulk_create([new for _, new in renewed], batch_size=1000)
    return rescored, renewed


def _model(code: str, *, actor: Actor, at: datetime) -> _Model | None:
    """Return the version in force; None where it was withdrawn and nothing took its place."""
    version = scorecards.in_force_or_none(code, business_day(at), actor=actor)
    if version is None:
        return None
    card = scorecards.card(version)
    used = items_used(card) | frozenset(card.binds.register_fields)
    return _Model(version, card, scorecards.catalogue(version), used)


def _concerns(changed: set[str] | None, used: frozenset[str]) -> bool:
    return changed is None or not used.isdisjoint(changed)


def _again(
    old: Evaluation, reading: Reading, model: _Model, actor: Actor, at: datetime
) -> Evaluation:
    new = build(
        model.version,
        model.card,
        reading,
        readings.with_own(reading.facts, old.own_facts, model.catalogue),
        purpose=old.purpose,
        actor=actor,
        at=at,
        cause=Cause.FEED,
        replaces_id=old.pk,
    )
    new.own_facts = old.own_facts
    return new


def _differ(old: Evaluation, new: Evaluation) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in KEPT)


def _record(
    renewed: Sequence[tuple[Evaluation, Evaluation]], *, actor: Actor, at: datetime
) -> None:
    regraded = [(old, new) for old, new in renewed if old.grade != new.grade]
    events.record(
        "evaluation.evaluations.renewed",
        ("evaluation.evaluation", str(renewed[0][1].pk)),
        actor=actor,
        at=at,
        renewed=len(renewed),
        regraded=len(regraded),
        grades=[
            {"uscc": new.uscc, "before": old.grade, "after": new.grade, "score": new.score}
            for old, new in regraded[:NAMED]
        ],
    )


def _parts(usccs: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(usccs), LONGEST):
        yield usccs[start : start + LONGEST]
