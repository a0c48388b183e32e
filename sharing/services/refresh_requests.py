"""
Readers' questions to the bureaus: asked, forwarded, answered, declined, taken back.

An answer that confirms a value, or gives one where none was, is published by the officer who
answers: one organisation asked and another answers, and nothing that stood is lost. What takes
the place of a stored value is prepared, and a second person releases it like any other change.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from factors.selectors import factor_lists
from qfce.kernel import parameters
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import add_working_days, business_day
from qfce.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions, policies
from sharing.domain import refresh_requests as domain
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.domain.refresh_requests import REFRESH_REQUEST, ItemAnswer
from sharing.models import RefreshRequest
from sharing.selectors import refresh_requests as selectors
from sharing.selectors.refresh_requests import Reach
from sharing.services import publications, records
from sharing.services.publications import ChangeIn
from sharing.services.refresh_answers import check_complete, close

PARAMETERS = Path(__file__).parent.parent / "parameters"


class NotShared(NotFound):
    code = "sharing.refresh.not_shared"
    title = "This enterprise is not shared with you."


class ItemsUnfit(Invalid):
    code = "sharing.refresh.items"
    title = "Not all of these items can be asked about."


class AlreadyAsked(Conflict):
    code = "sharing.refresh.already_asked"
    title = "This was asked already and is not answered yet."


class NobodyAnswers(Unavailable):
    code = "sharing.refresh.nobody_answers"
    title = "No bureau answers for the region of this enterprise."


class NothingToConfirm(Conflict):
    code = "sharing.refresh.nothing_to_confirm"
    title = "There is no value that could be confirmed."


class ForwardUnfit(Invalid):
    code = "sharing.refresh.forward"
    title = "The question cannot be forwarded there."


@transaction.atomic
def ask(
    uscc: str, *, items: Sequence[str], question: str = "", actor: Actor, at: datetime
) -> RefreshRequest:
    """
    Ask the bureau nearest to an enterprise whether some of its items still hold.

    The clock runs in working days from the day after; see `parameters/refresh_request.toml`.

    :raises NotShared: if the actor's organization may see nothing of the enterprise.
    :raises ItemsUnfit: if it may not see one of the items, or they are too many.
    :raises AlreadyAsked: if a question of its own about one of them waits for an answer.
    """
    actor.require(permissions.ASK_REFRESH)
    codes, day = sorted(set(items)), business_day(at)
    rules = _rules().on(day)
    _one_at_a_time(uscc, actor)
    seen = _reach(uscc, codes, most=rules["most_items"], actor=actor)
    _check_not_asked(uscc, codes)
    bureaus = selectors.bureaus_for(seen.region)
    if not bureaus:
        raise NobodyAnswers(f"Nobody answers for {seen.region}.", hint="Tell the operator.")
    asked = RefreshRequest.objects.create(
        owner_id=actor.organization_id,
        uscc=uscc,
        name=seen.name,
        region=seen.region,
        factor_list=seen.factor_list,
        items=codes,
        question=question.strip(),
        addressee=bureaus[0],
        status=REFRESH_REQUEST.initial.value,
        asked_at=at,
        asked_by_id=actor.account_id,
        due_on=add_working_days(day, rules["answer_days"]),
    )
    audit.record(
        "sharing.refresh.requested",
        asked,
        actor=actor,
        at=at,
        uscc=uscc,
        items=codes,
        due_on=asked.due_on,
        addressee=asked.addressee.short_name,
    )
    return asked


@transaction.atomic
def answer(
    request_id: UUID, *, answers: Mapping[str, ItemAnswer], actor: Actor, at: datetime
) -> RefreshRequest:
    """
    Answer every item that was asked about.

    Confirmed values and values where there were none are published at once and reach all
    readers by the feed. What replaces a value waits for a second person, and so does the
    question; whoever asked hears no answer before that.

    :raises NotPermitted: if it went to another bureau.
    :raises IllegalTransition: if it was answered already.
    :raises AnswersUnfit: if an item has no answer, or one that nobody asked for.
    :raises NothingToConfirm: if a value is confirmed that is not there, or has ended.
    :raises ValuesUnfit: if a value does not fit the factor list.
    """
    asked = _locked(request_id)
    permissions.check_can_answer_refresh(actor, asked)
    REFRESH_REQUEST.target("answer", state=asked.status)
    check_complete(asked, answers)
    # What is stored stays so until the answer stands beside it.
    publications.lock_list(asked.factor_list)
    profile = selectors.held(asked, actor=actor)
    values = profile.values if profile else {}
    parts = domain.sort(answers, held=values)
    _check_confirmed(parts, profile.details if profile else {}, values, at=at)
    _check_values(asked, {**parts.filled, **parts.replaced}, at=at)

    asked.answers = {
        code: {
            "answer": each.kind.value,
            "reason": each.reason,
            "replaces": code in parts.replaced,
        }
        for code, each in answers.items()
    }
    rows = _rows(asked.uscc, parts, values)
    if rows:
        published = publications.publish_changes(
            rows,
            cause=Cause.REVERIFICATION,
            factor_list=asked.factor_list,
            actor_prepared=actor,
            actor_released=actor,
            at=at,
        )
        asked.publication_number = published.number
    if parts.replaced:
        _prepare(asked, parts.replaced, actor=actor, at=at)
    else:
        close(asked, action="answer", actor=actor, at=at)
    _record(asked, actor=actor, at=at)
    return asked


@transaction.atomic
def decline(request_id: UUID, *, reason: str, actor: Actor, at: datetime) -> RefreshRequest:
    """
    Say that nothing can be said, and why.

    :param reason: for whoever asked, in a sentence.
    :raises NotPermitted: if it went to another bureau.
    :raises IllegalTransition: if it was answered already.
    """
    asked = _locked(request_id)
    permissions.check_can_answer_refresh(actor, asked)
    asked.reason = reason.strip()
    close(asked, action="decline", actor=actor, at=at)
    audit.record("sharing.refresh.declined", asked, actor=actor, at=at, uscc=asked.uscc)
    return asked


@transaction.atomic
def forward(request_id: UUID, *, to: UUID, actor: Actor, at: datetime) -> RefreshRequest:
    """
    Hand a question to another bureau that answers for the enterprise. Its clock runs on.

    :raises NotPermitted: if it went to another bureau already.
    :raises ForwardUnfit: if that bureau does not answer for the region, or has it already.
    :raises IllegalTransition: if it was answered already.
    """
    asked = _locked(request_id)
    permissions.check_can_answer_refresh(actor, asked)
    status = REFRESH_REQUEST.target("forward", state=asked.status)
    target = next((b for b in selectors.bureaus_for(asked.region) if b.pk == to), None)
    if target is None or target.pk == asked.addressee_id:
        raise ForwardUnfit(
            "A question goes to another bureau that answers for the enterprise's region.",
            hint="Name the city's or the province's bureau.",
            errors=[{"pointer": "/to", "detail": "Not a bureau of the region."}],
        )
    asked.forwarded_at, asked.forwarded_from = at, asked.addressee
    asked.addressee, asked.status = target, status.value
    asked.save()
    audit.record(
        "sharing.refresh.forwarded",
        asked,
        actor=actor,
        at=at,
        uscc=asked.uscc,
        addressee=target.short_name,
    )
    return asked


@transaction.atomic
def cancel(request_id: UUID, *, actor: Actor, at: datetime) -> RefreshRequest:
    """
    Take a question back.

    :raises NoSuchRecord: if another organization asked it.
    :raises IllegalTransition: if it was answered already, or the answer is prepared.
    """
    actor.require(permissions.ASK_REFRESH)
    asked = _locked(request_id, owner_id=actor.organization_id)
    close(asked, action="cancel", actor=actor, at=at)
    audit.record("sharing.refresh.cancelled", asked, actor=actor, at=at, uscc=asked.uscc)
    return asked


def answer_days(on: date) -> int:
    """Return how many working days a bureau has for an answer to what is asked on a day."""
    return int(_rules().on(on)["answer_days"])


def _locked(request_id: UUID, **whose: UUID) -> RefreshRequest:
    rows = RefreshRequest.objects.select_related("addressee").select_for_update(of=("self",))
    return one(rows, pk=request_id, **whose)


def _one_at_a_time(uscc: str, actor: Actor) -> None:
    """Let two colleagues who ask the same at the same moment ask one after the other."""
    with connection.cursor() as cursor:
        key = f"refresh:{actor.organization_id}:{uscc}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [key])


def _reach(uscc: str, codes: Sequence[str], *, most: int, actor: Actor) -> Reach:
    """Return the list under which all of these items are seen."""
    lists = selectors.reach(uscc, actor=actor)
    if not lists:
        raise NotShared(
            f"No agreement of yours covers {uscc}.",
            hint="Ask the regulator of the region for an agreement first.",
        )
    for each in lists:
        hidden = [code for code in codes if not each.covers(code)]
        if codes and not hidden and len(codes) <= most:
            return each
    raise ItemsUnfit(
        f"Of {uscc} you may ask about 1 to {most} items that are shared with you.",
        hint="Leave out what is not shared or not authorized.",
        errors=[{"pointer": "/items", "detail": f"{code} is not shown to you."} for code in hidden],
        most=most,
    )


def _check_not_asked(uscc: str, codes: Sequence[str]) -> None:
    waiting = RefreshRequest.objects.filter(
        uscc=uscc, status__in=selectors.STATUSES_OPEN, items__overlap=list(codes)
    ).first()
    if waiting is not None:
        again = sorted(set(codes) & set(waiting.items))
        raise AlreadyAsked(
            f"{', '.join(again)}: asked on {business_day(waiting.asked_at)}, to be answered by"
            f" {waiting.due_on}.",
            hint="Wait for that answer, or take the question back.",
            items=", ".join(again),
            due_on=waiting.due_on.isoformat(),
        )


def _check_confirmed(
    parts: domain.Sorted,
    details: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    empty = sorted(code for code in parts.confirmed if values.get(code) is None)
    over = domain.ended(details, parts.confirmed, on=business_day(at))
    if empty or over:
        raise NothingToConfirm(
            f"{', '.join(empty + over)}: no value is stored, or its last day has passed.",
            hint="Give the value that holds, and from when until when.",
            errors=[
                {"pointer": f"/answers/{code}", "detail": "Nothing to confirm."}
                for code in empty + over
            ],
            items=", ".join(empty + over),
        )


def _check_values(asked: RefreshRequest, given: Mapping[str, ItemAnswer], *, at: datetime) -> None:
    """Hold new values against the list; what is wrong is pointed to as the answers name it."""
    if not given:
        return
    try:
        policies.check_values(
            {code: each.value for code, each in given.items()},
            _details(given),
            catalogue=factor_lists.in_force(asked.factor_list, business_day(at)),
            kind=ChangeKind.OBSERVED,
        )
    except policies.ValuesUnfit as unfit:
        errors = [
            {**error, "pointer": f"/answers/{error['pointer'].rpartition('/')[2]}"}
            for error in unfit.errors
        ]
        raise policies.ValuesUnfit(unfit.message, hint=unfit.hint, errors=errors) from None


def _rows(uscc: str, parts: domain.Sorted, values: Mapping[str, Any]) -> list[ChangeIn]:
    """Return what the officer's own word publishes."""
    rows = []
    if parts.confirmed:
        same = {code: values[code] for code in parts.confirmed}
        rows.append(ChangeIn(uscc, ChangeKind.REVERIFIED.value, same))
    if parts.filled:
        new = {code: each.value for code, each in parts.filled.items()}
        rows.append(ChangeIn(uscc, ChangeKind.OBSERVED.value, new, _details(parts.filled) or None))
    return rows


def _prepare(
    asked: RefreshRequest, replaced: Mapping[str, ItemAnswer], *, actor: Actor, at: datetime
) -> None:
    change = records.prepare(
        asked.uscc,
        factor_list=asked.factor_list,
        changes={code: each.value for code, each in replaced.items()},
        details=_details(replaced),
        cause=Cause.REVERIFICATION,
        kind=ChangeKind.OBSERVED,
        reason=f"Answer to the question {asked.pk}.",
        actor=actor,
        at=at,
    )
    asked.prepared_change = change.pk
    asked.status = REFRESH_REQUEST.target("prepare", state=asked.status).value
    asked.save()


def _details(given: Mapping[str, ItemAnswer]) -> dict[str, dict[str, Any]]:
    return {code: dict(each.details) for code, each in given.items() if each.details}


def _record(asked: RefreshRequest, *, actor: Actor, at: datetime) -> None:
    done = "prepared" if asked.status == "prepared" else "answered"
    kinds = {code: each["answer"] for code, each in asked.answers.items()}
    audit.record(
        f"sharing.refresh.{done}", asked, actor=actor, at=at, uscc=asked.uscc, answers=kinds
    )


@cache
def _rules() -> parameters.Parameter:
    return parameters.load(PARAMETERS / "refresh_request.toml")
