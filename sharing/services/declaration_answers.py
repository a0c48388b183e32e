"""What an enterprise declares: by its own account, or by the link, where nobody is signed in."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from factors.domain import entry_form
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.canonical import digest
from qfce.kernel.errors import Conflict, Invalid, NotFound
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from sharing import permissions
from sharing.domain import declarations as domain
from sharing.domain.consents import digest_of
from sharing.domain.declarations import DECLARATION
from sharing.models import Declaration
from sharing.selectors import declarations as selectors
from sharing.selectors.declarations import Linked
from sharing.services import collection_rounds
from sharing.services.declarations import rules


class LinkUnknown(NotFound):
    code = "sharing.declaration.link_unknown"
    title = "This link is not, or no longer, good."


class LinkTooOld(Conflict):
    code = "sharing.declaration.link_too_old"
    title = "This link has become too old."


class AlreadyDeclared(Conflict):
    code = "sharing.declaration.already_declared"
    title = "This has been declared already."


class AskedNoLonger(Conflict):
    code = "sharing.declaration.asked_no_longer"
    title = "This is asked of you no longer."


class AnswersUnfit(Invalid):
    code = "sharing.declaration.answers"
    title = "What was declared does not fit the list."


class NothingFilled(AnswersUnfit):
    code = "sharing.declaration.nothing_filled"
    title = "No field is filled."


class NotAnsweredFor(Invalid):
    code = "sharing.declaration.not_answered_for"
    title = "Whoever declares says who they are, and answers for it."


@dataclass(frozen=True, slots=True)
class Declarer:
    """Who fills a declaration in, and whether they answer for it."""

    name: str
    phone: str
    agrees: bool


@transaction.atomic
def submit(
    declaration_id: UUID,
    *,
    typed: Mapping[str, str],
    declarer: Declarer,
    actor: Actor,
    at: datetime,
) -> Declaration:
    """
    Declare, as the enterprise's own signed-in person.

    :param typed: texts by the keys of the entry form; what was not asked for is passed over.
    :raises NoSuchRecord: if it is not about the actor's enterprise.
    :raises AlreadyDeclared: if it was declared, also a moment ago by somebody else.
    :raises AskedNoLonger: if the bureau has cancelled it.
    :raises AnswersUnfit: if a field does not fit the list, or none is filled.
    :raises NotAnsweredFor: if the declarer is not named, or does not answer for it.
    """
    actor.require(permissions.SUBMIT_DECLARATION)
    own = Declaration.objects.filter(uscc=actor.uscc)
    asked = one(own.select_for_update(of=("self",)), pk=declaration_id)
    _check_open(asked.status)
    asked.status = DECLARATION.target("submit", state=asked.status).value
    asked.answers = _fitting(asked.factor_list, asked.items, typed, declarer, at=at)
    asked.declared_by_name, asked.declared_by_phone = declarer.name, declarer.phone
    asked.declared_at, asked.declared_by_link = at, False
    asked.text_version = _text_version(at)
    asked.save()
    audit.record(
        "sharing.declaration.submitted", asked, actor=actor, at=at, uscc=asked.uscc, by="account",
        digest=digest(asked.answers),
    )  # fmt: skip
    return asked


@transaction.atomic
def submit_by_token(
    token: str, *, typed: Mapping[str, str], declarer: Declarer, at: datetime
) -> UUID:
    """
    Declare with the one-time link, with nobody signed in.

    Refuses as `submit` does, and beside that:

    :raises LinkUnknown: if the link was never ours, or a newer one was sent.
    :raises LinkTooOld: if its days are over.
    """
    asked = opened(token)
    answers = _fitting(asked.factor_list, asked.items, typed, declarer, at=at)
    text_version = _text_version(at)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT qfce_declare_by_token(%s, %s, %s, %s, %s, %s)",
            [digest_of(token), json.dumps(answers), declarer.name, declarer.phone, text_version,
             at],
        )  # fmt: skip
        if cursor.fetchone()[0] is None:
            raise _already()  # by the same link, a moment ago
    # Nobody is signed in: the platform acts for the bureau that asked.
    keeper = service_actor(asked.owner.pk, "declaration link")
    with acting_as(keeper.organization_id):
        audit.record(
            "sharing.declaration.submitted", ("sharing.declaration", str(asked.id)),
            actor=keeper, at=at, uscc=asked.uscc, by="link", digest=digest(answers),
        )  # fmt: skip
    return asked.id


def opened(token: str) -> Linked:
    """
    Return what a link is about, as long as it can be answered.

    :raises LinkUnknown: if the link was never ours, or a newer one was sent.
    :raises LinkTooOld: if its days are over.
    :raises AlreadyDeclared: if it was used.
    :raises AskedNoLonger: if the bureau has cancelled the declaration.
    """
    found = selectors.by_token(token)
    if found is None:
        raise LinkUnknown(
            "This link was never ours, or a newer one was sent to you.",
            hint="Look for the newest message, or ask the bureau for another link.",
        )
    _check_open(found.status)
    if not found.is_open:
        raise LinkTooOld(
            "The days in which this link works are over.",
            hint="Ask the bureau for another link, or sign in.",
        )
    return found


def faults_of(
    factor_list: str, items: Iterable[str], typed: Mapping[str, str], *, at: datetime
) -> dict[str, str]:
    """Return what does not fit, by the keys of the fields, each the word of an import finding."""
    catalogue = collection_rounds.in_force(factor_list, at=at)
    given = domain.answers(catalogue, items, typed)
    return dict(entry_form.read(catalogue, given, today=business_day(at)).faults)


def _fitting(
    factor_list: str,
    items: Iterable[str],
    typed: Mapping[str, str],
    declarer: Declarer,
    *,
    at: datetime,
) -> dict[str, str]:
    catalogue = collection_rounds.in_force(factor_list, at=at)
    answers = domain.answers(catalogue, items, typed)
    faults = entry_form.read(catalogue, answers, today=business_day(at)).faults
    errors = [{"pointer": f"/answers/{key}", "detail": word} for key, word in faults.items()]
    if errors:
        raise AnswersUnfit(
            f"{len(errors)} of the fields do not fit.",
            hint="Use the units and the words that the form names.",
            errors=errors,
            number=len(errors),
        )
    if all("|" in key for key in answers):
        raise NothingFilled("No field is filled.", hint="Fill in at least one item.")
    if not (declarer.agrees and declarer.name.strip() and declarer.phone.strip()):
        raise NotAnsweredFor(
            "Name, phone number and the tick are needed.",
            hint="Say who fills it in, and tick that the enterprise answers for it.",
        )
    return answers


def _check_open(status: str) -> None:
    if status == domain.DeclarationStatus.CANCELLED:
        raise AskedNoLonger(
            "The bureau has cancelled this request.", hint="There is nothing left to do."
        )
    if status not in selectors.STATUSES_ASKED:
        raise _already()


def _already() -> AlreadyDeclared:
    return AlreadyDeclared(
        "This was declared already, and the bureau has it.",
        hint="Ask the bureau to send it back, if something has to be amended.",
    )


def _text_version(at: datetime) -> str:
    version: Any = rules().on(business_day(at))["text_version"]
    return str(version)
