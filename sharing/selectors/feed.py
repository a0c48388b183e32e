"""The change feed: everything that a reader may know, in the order in which we knew it."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.db import connection

from qfce.kernel import parameters
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Gone, Invalid
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.feed import FeedItem, FeedPage, Position

LARGEST_PAGE = 10_000
PARAMETERS = Path(__file__).parent.parent / "parameters"


class PositionAhead(Invalid):
    code = "sharing.feed.position_ahead"
    title = "The feed has not come to this position yet."


class PositionGone(Gone):
    code = "sharing.feed.position_gone"
    title = "The feed no longer goes back to this position."


def page(after: Position, *, limit: int, actor: Actor) -> FeedPage:
    """
    Return the items after a position that the actor's organisation may see, oldest first.

    `next` is behind everything that was examined, at most 50,000 rows, so an empty page with
    a new `next` is normal. Writes one row of the read log.

    :param limit: 1 to 10,000.
    :raises MissingPermission: if the actor does not read the feed.
    """
    actor.require(permissions.READ_FEED)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM qfce_feed(%s, %s, %s)",
            [after.number, after.row, min(limit, LARGEST_PAGE)],
        )
        rows = cursor.fetchall()
    if not rows:
        return FeedPage([], after)
    *found, end = rows
    return FeedPage([_item(row) for row in found], Position(end[0], end[1]))


def check_is_kept(after: Position, *, at: datetime) -> None:
    """
    Refuse a position older than what the feed keeps; the beginning is always allowed.

    A position that the feed has never given out would skip whatever comes next, in silence.

    :raises PositionAhead: if the feed's newest number lies before it.
    :raises PositionGone: with the position to go on from, once the present state is read.
    """
    if not after.number:
        return
    kept = kept_days(at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT qfce_feed_kept_from(%s)", [kept])
        first = cursor.fetchone()[0]
        cursor.execute("SELECT n FROM sharing_feedcounter WHERE id = 1")
        newest = cursor.fetchone()[0]
    if after.number > newest:
        raise PositionAhead(
            f"The feed has come to {newest}, and {after} lies ahead of it.",
            hint="Go on from a position that the feed gave you; reconcile if you have none.",
            newest=newest,
            position=str(after),
        )
    if after.number < first - 1:
        raise PositionGone(
            f"The feed goes back {kept} days, to {first - 1}.0, and {after} is older.",
            hint="Read the present state with POST /enterprises/lookup/, then go on from `resume`.",
            resume=f"{first - 1}.0",
        )


def kept_days(*, at: datetime) -> int:
    """Return for how many days the feed keeps its items for readers."""
    days: int = _retention().on(business_day(at))["kept_days"]
    return days


def reconcile(
    *,
    held: dict[str, str] | None,
    groups: list[dict[str, Any]] | None,
    actor: Actor,
) -> dict[str, Any]:
    """
    Compare what a reader says it holds with what it should.

    :param held: credit code to the cursor of the last item about it; or else
    :param groups: `region`, `day`, `count` and `digest` of the items of a region and day.
    :returns: `position`, `expected`, `held`, `missing`, `unexpected`, `complete`.
    :raises MissingPermission: if the actor does not read the feed.
    """
    actor.require(permissions.READ_FEED)
    arguments = [None if part is None else orjson.dumps(part).decode() for part in (held, groups)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT qfce_reconcile(%s::jsonb, %s::jsonb)::text", arguments)
        answer: dict[str, Any] = orjson.loads(cursor.fetchone()[0])
    return {**answer, "complete": not answer["missing"] and not answer["unexpected"]}


@cache
def _retention() -> parameters.Parameter:
    return parameters.load(PARAMETERS / "feed_retention.toml")


def _item(row: tuple[Any, ...]) -> FeedItem:
    number, place, uscc, kind, changes, details, recorded_at = row
    return FeedItem(
        cursor=f"{number}.{place}",
        number=number,
        row=place,
        uscc=uscc or "",
        kind=kind,
        changes=orjson.loads(changes) if isinstance(changes, str) else changes,
        details=orjson.loads(details) if isinstance(details, str) else details,
        recorded_at=recorded_at,
    )
