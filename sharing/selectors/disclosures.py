"""
The only door to enterprises' factors for evaluation, lending and risk, and for the API.

What may be seen is decided by the database, for the organisation that the transaction is
bound to; every read is logged there, in the statement that answers it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import orjson
from django.db import connection

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import NotFound
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain import disclosures as domain
from sharing.domain.agreements import Purpose
from sharing.domain.disclosures import DisclosedItem, DisclosedProfile, DisclosedRow
from sharing.domain.feed import START, FeedItem, Position
from sharing.models import FeedCursor
from sharing.policies import check_purpose
from sharing.selectors import feed
from sharing.selectors.populations import Population, population

__all__ = [
    "DisclosedItem",
    "DisclosedProfile",
    "FeedItem",
    "Population",
    "changed_since",
    "population",
    "profiles",
    "profiles_as_known",
]

DISCLOSE = "SELECT * FROM qfce_disclose(%s, %s, %s, %s, %s, %s, %s, %s)"
JSON_COLUMNS = (
    "values",
    "details",
    "flags",
    "origins",
    "lapsed",
    "history",
    "consents",
    "answers",
)


class NeverDisclosed(NotFound):
    code = "sharing.disclosure.never_made"
    title = "The read log has no such disclosure."


def profiles(
    usccs: Sequence[str],
    *,
    purpose: str,
    actor: Actor,
    at: datetime,
    as_of: date | None = None,
    known_at: datetime | None = None,
    factor_list: str | None = None,
) -> dict[str, DisclosedProfile]:
    """
    Return what the actor's organisation may see of some enterprises, by credit code.

    Codes that were never known are not in the answer. One statement, which also writes the
    read log.

    :param purpose: a `Purpose`.
    :param as_of: the day to look at; none is the current profile.
    :param known_at: as the platform knew it then; with the rights of now.
    :param factor_list: one list; unsaid, the list with the newest profile that is shared.
    :raises MissingPermission: if the actor reads no enterprises.
    :raises UnknownPurpose: if there is no such purpose.
    """
    rows = read(
        usccs,
        purpose=purpose,
        actor=actor,
        at=at,
        as_of=as_of,
        known_at=known_at,
        factor_list=factor_list,
    )
    return {row.uscc: domain.profile_of(row, items, nothing) for row, items, nothing in rows}


def profiles_as_known(
    usccs: Sequence[str],
    *,
    purpose: str,
    known_at: datetime,
    actor: Actor,
    at: datetime,
    as_of: date | None = None,
) -> dict[str, DisclosedProfile]:
    """
    Repeat a disclosure of the organisation's own, with the rights and knowledge of that time.

    :param known_at: `read_at` of the profile that was disclosed, or the `at` of that call.
    :param as_of: the day that the disclosure was about, as a check; unsaid, whatever it was.
    :raises NeverDisclosed: if the read log does not show that these enterprises were read
        for this purpose at that instant. Rights gone since are good for nothing else.
    """
    rows = read(
        usccs,
        purpose=purpose,
        actor=actor,
        at=at,
        as_of=as_of,
        known_at=known_at,
        repeats=True,
    )
    found = {row.uscc: domain.profile_of(row, items, nothing) for row, items, nothing in rows}
    if usccs and not found:
        raise NeverDisclosed(
            f"Your organisation read none of these enterprises for {purpose} at {known_at}.",
            hint="Only what was disclosed then can be shown as it was then.",
        )
    return found


def read(
    usccs: Sequence[str],
    *,
    purpose: str,
    actor: Actor,
    at: datetime,
    as_of: date | None = None,
    known_at: datetime | None = None,
    factor_list: str | None = None,
    repeats: bool = False,
) -> Iterator[tuple[DisclosedRow, dict[str, domain.Members], Mapping[str, str]]]:
    """
    Yield each enterprise's row, its items with a value, and the answers of items without one.

    The arguments and refusals are those of `profiles`.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    check_purpose(purpose)
    day = as_of or business_day(known_at or at)
    arguments = [purpose, list(usccs), as_of, known_at, day, factor_list, repeats, at]
    answers: dict[tuple[str, ...], Mapping[str, str]] = {}
    for row in _rows(arguments):
        then: Collection[str] | None = None
        if row.history is not None:
            newest = row.list_version
            row, items, then = _of_its_version(*domain.from_history(row), newest=newest)
        else:
            items = domain.items_of(row)
        if row.answers is not None:
            answers[row.grounds] = row.answers
        nothing = _nothing(row, answers.get(row.grounds))
        if then is not None:
            nothing = {code: answer for code, answer in nothing.items() if code in then}
        yield row, items, nothing


def changed_since(consumer: str, *, actor: Actor, limit: int = feed.LARGEST_PAGE) -> list[FeedItem]:
    """
    Return the next items of the feed for one of our own consumers, from its stored cursor.

    An empty answer means that there is nothing new: stretches with nothing for the reader
    are passed over. `sharing.services.disclosures.advance` stores how far was acted on.
    """
    stored = FeedCursor.objects.filter(owner_id=actor.organization_id, consumer=consumer).first()
    position = Position(stored.number, stored.row) if stored else START
    while True:
        page = feed.page(position, limit=limit, actor=actor)
        if page.items or page.next == position:
            return page.items
        position = page.next


def _rows(arguments: list[Any]) -> Iterator[DisclosedRow]:
    with connection.cursor() as cursor:
        cursor.execute(DISCLOSE, arguments)
        names = [column.name for column in cursor.description]
        fetched = cursor.fetchall()
    places = [names.index(name) for name in JSON_COLUMNS]
    for columns in fetched:
        parsed = list(columns)
        for place in places:
            if isinstance(parsed[place], str):
                parsed[place] = orjson.loads(parsed[place])
        row = DisclosedRow(*parsed)
        yield replace(row, grounds=tuple(row.grounds))


def _of_its_version(
    row: DisclosedRow, items: dict[str, domain.Members], *, newest: int | None
) -> tuple[DisclosedRow, dict[str, domain.Members], Collection[str] | None]:
    """
    Read a record of another day by the list version that was in force on that day.

    What only a later version has an item for was not there to be read. Returns the row, its
    items, and the codes of that version; None where the present version is the one, or none
    was in force yet.

    :param newest: the version that the record is kept by now.
    """
    number = factor_lists.number_in_force(row.list_code, row.day) if row.list_code else None
    if row.list_code is None or number is None or number >= (newest or 0):
        return row, items, None
    then = factor_lists.catalogue(row.list_code, number).items
    later = factor_lists.catalogue(row.list_code, newest or number).items
    known = {c: members for c, members in items.items() if c in then or c not in later}
    answer = row.answer if known or row.answer != "ok" else "no_data"
    return replace(row, list_version=number, answer=answer), known, then


def _nothing(row: DisclosedRow, answers: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return the answer for each item of the list, should it have no value."""
    if row.answer in {"not_shared", "former_code"}:
        return {}
    if answers:
        return answers
    if row.list_code and row.list_version:
        # Regulators and the enterprise itself see the whole list.
        catalogue = factor_lists.catalogue(row.list_code, row.list_version)
        return dict.fromkeys(catalogue.items, "no_data")
    return {}


def purposes_of(*, actor: Actor) -> list[str]:
    """Return the purposes that the actor's kind of organisation may read for, best first."""
    if actor.organization_kind == "market_regulator":
        return [Purpose.SUPERVISION]
    if actor.organization_kind == "enterprise":
        return [Purpose.OWN_RECORD]
    return [
        Purpose.PRE_LOAN,
        Purpose.POST_LOAN,
        Purpose.MODEL_DEVELOPMENT,
        Purpose.RECOMMENDATION,
    ]
