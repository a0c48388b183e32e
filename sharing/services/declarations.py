"""
Declarations as the bureau moves them along: asked for, sent back, taken, cancelled.

What an enterprise declares is no fact. Taken, any number of declarations become one import,
which is checked, mended, compared and released by a second person like every other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from factors.domain.catalogue import Catalogue
from qfce.kernel import parameters
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.jobs import outbox
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain import declarations as domain
from sharing.domain.declarations import DECLARATION, DeclarationStatus, Reached
from sharing.models import CollectionRound, Declaration, Enterprise, ImportBatch
from sharing.selectors import collection_rounds as rounds
from sharing.selectors import declarations as selectors
from sharing.selectors.declarations import Narrowed
from sharing.services import collection_rounds, typed_rows

PARAMETERS = Path(__file__).parent.parent / "parameters"
MAIL_TASK = "sharing.mail_declarations"
EVERYBODY = Narrowed()
ASK_WANTED = """
, made AS (
    INSERT INTO sharing_declaration (
        id, owner_id, uscc, name, region, factor_list, items, note, round_id, due_on, status,
        asked_at, asked_by_id, address, mail_due, reached, token_hash, answers, text_version,
        declared_by_name, declared_by_phone, declared_by_link, return_reason)
    SELECT gen_random_uuid(), %(owner)s, w.uscc, w.name, w.region, %(list)s, w.items, %(note)s,
           %(round)s, %(due_on)s, 'asked', %(at)s, %(asker)s, '', true, 'nobody', '', '{}', '',
           '', '', false, ''
    FROM wanted w WHERE NOT w.is_asked
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM wanted), (SELECT count(*) FROM made)
"""


class AlreadyAsked(Conflict):
    code = "sharing.declaration.already_asked"
    title = "The enterprise has been asked already."


class NothingDeclarable(Invalid):
    code = "sharing.declaration.nothing_declarable"
    title = "The list lets no enterprise send these items."


class DayUnfit(Invalid):
    code = "sharing.declaration.day"
    title = "The last day does not fit."


class NotWaiting(Conflict):
    code = "sharing.declaration.not_waiting"
    title = "Not all of these declarations wait to be taken."


class NothingWaits(Conflict):
    code = "sharing.declaration.nothing_waits"
    title = "No declaration waits to be taken."


class TooMany(Invalid):
    code = "sharing.declaration.too_many"
    title = "Too many declarations are taken at once."


class ReasonMissing(Invalid):
    code = "sharing.declaration.reason"
    title = "Sending a declaration back needs a reason."


@dataclass(frozen=True, slots=True)
class Asked:
    """How many enterprises were asked now, and how many had been asked already."""

    number: int
    before: int


@transaction.atomic
def ask(
    uscc: str,
    *,
    factor_list: str,
    items: Sequence[str],
    due_on: date,
    note: str = "",
    address: str = "",
    actor: Actor,
    at: datetime,
) -> Declaration:
    """
    Ask one enterprise of the jurisdiction to declare items by a day.

    :param address: where the link goes besides what is known; empty, where none is known the
        officer has it shown to hand it over.
    :raises NoSuchRecord: if the register of the jurisdiction does not know the enterprise.
    :raises NothingDeclarable: if the list lets an enterprise send none of these, or not all.
    :raises AlreadyAsked: if the bureau's asking of it is open, or its import.
    """
    permissions.check_can_upload(actor)
    codes = _declarable(collection_rounds.in_force(factor_list, at=at), items)
    _check_day(due_on, on=business_day(at))
    firm = one(Enterprise.objects.all(), pk=uscc)
    _check_not_under_way(uscc, factor_list, actor)
    try:
        with transaction.atomic():
            asked = Declaration.objects.create(
                owner_id=actor.organization_id,
                uscc=uscc,
                name=firm.name,
                region=firm.region,
                factor_list=factor_list,
                items=codes,
                note=note.strip(),
                due_on=due_on,
                asked_at=at,
                asked_by_id=actor.account_id,
                address=address.strip(),
                mail_due=True,
            )
    except IntegrityError as exc:
        raise _already(uscc) from exc
    audit.record(
        "sharing.declaration.asked", asked, actor=actor, at=at, uscc=uscc, items=codes,
        due_on=due_on,
    )  # fmt: skip
    outbox.after_commit(MAIL_TASK, organization_id=actor.organization_id)
    return asked


@transaction.atomic
def ask_for_round(
    round_id: UUID,
    *,
    due_on: date,
    note: str = "",
    narrowed: Narrowed = EVERYBODY,
    actor: Actor,
    at: datetime,
) -> Asked:
    """
    Ask all enterprises of the jurisdiction that lack items of a round for what they lack.

    In one statement, however many they are. Who is asked already is left as it is.

    :param narrowed: only the part of them that the page shows.
    :raises NoSuchRecord: if the bureau sees no such round.
    :raises RoundClosed: if the round is over.
    :raises NothingDeclarable: if none of the round's items may come from an enterprise.
    """
    permissions.check_can_upload(actor)
    asked = rounds.get(round_id, actor=actor)
    collection_rounds.check_open(asked)
    declarable = declarable_of(asked, at=at)
    _check_day(due_on, on=business_day(at))
    facts = selectors.facts_for(asked, declarable, narrowed, actor=actor) | {
        "round": asked.pk,
        "due_on": due_on,
        "note": note.strip(),
        "asker": actor.account_id,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(selectors.WANTED + ASK_WANTED, facts)
        wanted, made = cursor.fetchone()
    if made:
        audit.record(
            "sharing.declaration.asked_for_round", asked, actor=actor, at=at, number=made,
            items=declarable, due_on=due_on,
        )  # fmt: skip
        outbox.after_commit(MAIL_TASK, organization_id=actor.organization_id)
    return Asked(made, wanted - made)


@transaction.atomic
def return_(declaration_id: UUID, *, reason: str, actor: Actor, at: datetime) -> Declaration:
    """
    Send a declaration back to be amended; the enterprise gets a new link.

    :raises NoSuchRecord: if another bureau asked for it.
    :raises IllegalTransition: if it does not wait to be taken.
    """
    asked = locked(declaration_id, actor=actor)
    asked.status = DECLARATION.target("return", state=asked.status).value
    if not reason.strip():
        raise ReasonMissing(
            "The enterprise is told what to amend.",
            hint="Write a sentence.",
            errors=[{"pointer": "/reason", "detail": "Must be said."}],
        )
    asked.return_reason, asked.returned_at, asked.mail_due = reason.strip(), at, True
    asked.reached, asked.reached_at = Reached.NOBODY.value, None
    asked.save()
    audit.record("sharing.declaration.returned", asked, actor=actor, at=at, uscc=asked.uscc)
    outbox.after_commit(MAIL_TASK, organization_id=actor.organization_id)
    return asked


@transaction.atomic
def cancel(declaration_id: UUID, *, actor: Actor, at: datetime) -> Declaration:
    """
    Ask no longer; the link is good for nothing from then on.

    :raises NoSuchRecord: if another bureau asked for it.
    :raises IllegalTransition: if it was taken or cancelled.
    """
    asked = locked(declaration_id, actor=actor)
    asked.status = DECLARATION.target("cancel", state=asked.status).value
    asked.cancelled_at, asked.mail_due = at, False
    asked.save()
    audit.record("sharing.declaration.cancelled", asked, actor=actor, at=at, uscc=asked.uscc)
    return asked


@transaction.atomic
def take(
    ids: Collection[UUID] | None, *, factor_list: str = "", actor: Actor, at: datetime
) -> ImportBatch:
    """
    Take declarations: all of them become one import, a row for each.

    Of two officers who take the same at once, one does and the other is refused.

    :param ids: None is all that wait of `factor_list`.
    :raises NotWaiting: if some were taken, returned or cancelled, or are of different lists.
    :raises NothingWaits: if there is none.
    """
    permissions.check_can_upload(actor)
    rows = selectors.waiting(actor=actor, factor_list=factor_list)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    most = rules().on(business_day(at))["most_taken"]
    chosen = list(rows.select_for_update(of=("self",)).order_by("pk")[: most + 1])
    _check_takeable(chosen, ids, most=most)
    batch = _receive(chosen, actor=actor, at=at)
    Declaration.objects.filter(pk__in=[each.pk for each in chosen]).update(
        status=DeclarationStatus.TAKEN.value,
        import_id=batch.pk,
        taken_at=at,
        taken_by_id=actor.account_id,
    )
    for round_id in sorted({each.round_id for each in chosen if each.round_id}):
        if CollectionRound.objects.filter(pk=round_id, status="open").exists():
            collection_rounds.note_import(round_id, batch.pk, actor=actor, at=at)
    audit.record("sharing.declaration.taken", batch, actor=actor, at=at, number=len(chosen))
    return batch


def declarable_of(asked: CollectionRound, *, at: datetime) -> list[str]:
    """
    Return the items of a round that an enterprise may send.

    :raises NothingDeclarable: if there is none.
    """
    return _declarable(collection_rounds.in_force(asked.factor_list, at=at), asked.items, some=True)


def locked(declaration_id: UUID, *, actor: Actor) -> Declaration:
    """
    Lock a declaration for the bureau that asked for it.

    :raises NoSuchRecord: if another bureau asked for it, or none did.
    """
    permissions.check_can_upload(actor)
    own = Declaration.objects.filter(owner_id=actor.organization_id)
    return one(own.select_for_update(of=("self",)), pk=declaration_id)


@cache
def rules() -> parameters.Parameter:
    return parameters.load(PARAMETERS / "declaration.toml")


def _receive(chosen: Sequence[Declaration], *, actor: Actor, at: datetime) -> ImportBatch:
    catalogue = collection_rounds.in_force(chosen[0].factor_list, at=at)
    rows = [
        domain.row_of(each.uscc, each.answers, declared_on=business_day(each.declared_at))
        for each in chosen
        if each.declared_at is not None
    ]
    return typed_rows.receive(
        catalogue,
        rows,
        columns=domain.columns_of(catalogue, rows),
        name=f"{domain.MARK}-{business_day(at)}.txt",
        self_declared=True,
        actor=actor,
        at=at,
    )


def _check_takeable(
    chosen: Sequence[Declaration], ids: Collection[UUID] | None, *, most: int
) -> None:
    if len(chosen) > most:
        raise TooMany(f"At most {most} become one import.", hint="Choose fewer.", most=most)
    if not chosen and not ids:
        raise NothingWaits(
            "None was chosen, or none waits any more.", hint="Choose declarations that wait."
        )
    lists = {each.factor_list for each in chosen}
    gone = len(set(ids)) - len(chosen) if ids is not None else 0
    if gone or len(lists) > 1:
        raise NotWaiting(
            f"{gone} of them were taken, sent back or cancelled meanwhile."
            if gone
            else f"They are of the lists {', '.join(sorted(lists))}.",
            hint="Load the list again, and choose declarations of one list that wait.",
            number=gone,
        )


def _declarable(catalogue: Catalogue, items: Sequence[str], *, some: bool = False) -> list[str]:
    """Return those of some items that an enterprise may send, in the order of the list."""
    allowed = domain.declarable(catalogue)
    found = [code for code in allowed if code in set(items)]
    others = sorted(set(items) - set(found))
    if not found or (others and not some):
        raise NothingDeclarable(
            f"An enterprise may not send {', '.join(others) or 'nothing at all'} of"
            f" {catalogue.code}.",
            hint="Ask for items whose order of sources names the enterprise.",
            errors=[{"pointer": "/items", "detail": "Not an enterprise's to send."}],
            items=", ".join(others),
        )
    return found


def _check_day(due_on: date, *, on: date) -> None:
    longest = on + timedelta(days=rules().on(on)["longest_days"])
    if not on <= due_on <= longest:
        raise DayUnfit(
            f"The last day is today or later, until {longest}.",
            hint="Choose another day.",
            errors=[{"pointer": "/due_on", "detail": "Not from today on."}],
            until=str(longest),
        )


def _check_not_under_way(uscc: str, factor_list: str, actor: Actor) -> None:
    facts: dict[str, Any] = {"owner": actor.organization_id, "uscc": uscc, "list": factor_list}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {selectors.UNDER_WAY.format(uscc='%(uscc)s')}", facts)
        if cursor.fetchone()[0]:
            raise _already(uscc)


def _already(uscc: str) -> AlreadyAsked:
    return AlreadyAsked(
        f"{uscc} has been asked, and that is not over.",
        hint="Look at that declaration: it waits, or its import is not released.",
        uscc=uscc,
    )
