"""Applications: from the enterprise's need to the bank's answer, each step by the right person."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import transaction

from lending import permissions, policies
from lending.domain.authorities import Authority, answer
from lending.domain.lifecycle import APPLICATION
from lending.domain.payees import Payee
from lending.domain.pricing import spread_of
from lending.domain.terms import LoanTerms, Offer
from lending.models import LoanApplication, LoanApplicationUserObjectPermission
from lending.selectors import products
from lending.services.snapshots import freeze
from qfce.kernel.audit import events
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing.domain import uscc as codes


class ReasonMissing(Invalid):
    code = "lending.application.reason_missing"
    title = "A decision needs a reason."


class NoSuchCode(Invalid):
    code = "lending.application.not_a_credit_code"
    title = "The credit code is not one."


@transaction.atomic
def create(
    uscc: str,
    *,
    product_id: UUID,
    principal: Decimal,
    months: int,
    purpose: str,
    payees: Sequence[Payee] = (),
    documents: Sequence[str] = (),
    evaluation_id: UUID | None = None,
    actor: Actor,
    at: datetime,
) -> LoanApplication:
    """
    Draft an application; it may still lack its evaluation.

    :param principal: what the enterprise asks for, in yuan.
    :param payees: the suppliers who are to be paid.
    :raises NoSuchCode: if the credit code is malformed.
    :raises NoSuchRecord: if there is no such product or evaluation.
    :raises ProductNotOnSale, RequestOutsideProduct: if the product does not take the request.
    """
    actor.require(permissions.SUBMIT)
    if not codes.is_valid(uscc):
        raise NoSuchCode(
            f"{uscc} is not a unified social credit code.",
            errors=[{"pointer": "/uscc", "detail": "The check character does not fit."}],
        )
    product = products.get(product_id, actor=actor)
    policies.check_request_fits(product, principal, months)
    application = LoanApplication(
        owner_id=actor.organization_id,
        uscc=uscc,
        product=product,
        requested_principal=principal,
        requested_months=months,
        purpose=purpose,
        payees=[payee.to_document() for payee in payees],
        documents=list(documents),
        created_at=at,
        created_by_id=actor.user_id,
    )
    if evaluation_id is not None:
        _freeze(application, evaluation_id, actor=actor, at=at)
    application.save(force_insert=True)
    events.record(
        "lending.application.created",
        application,
        actor=actor,
        at=at,
        uscc=uscc,
        principal=principal,
        months=months,
    )
    return application


@transaction.atomic
def submit(
    application_id: UUID, *, evaluation_id: UUID | None = None, actor: Actor, at: datetime
) -> LoanApplication:
    """
    Submit a draft, or again what was returned; what its evaluation says is frozen with it.

    :param evaluation_id: the evaluation to submit on, unless the draft has one.
    :raises NoSuchRecord: if the actor's organization has no such application or evaluation.
    :raises IllegalTransition: if it was submitted already.
    :raises EvaluationMissing, EvaluationUnfit: if no evaluation carries it.
    :raises ProductNotOnSale, RequestOutsideProduct: if the product does not take the request.
    """
    application = _locked(application_id, actor)
    actor.require(permissions.SUBMIT)
    status = APPLICATION.target("submit", state=application.status)
    policies.check_request_fits(
        application.product, application.requested_principal, application.requested_months
    )
    chosen = evaluation_id or application.evaluation_id
    if chosen is None:
        raise policies.EvaluationMissing(
            f"Nothing says yet what {application.uscc} is worth.",
            hint="Evaluate it at /evaluations/ and give the evaluation's id.",
            errors=[{"pointer": "/evaluation", "detail": "Required."}],
        )
    _freeze(application, chosen, actor=actor, at=at)
    application.status = status.value
    application.submitted_at = at
    application.submitted_by_id = permissions.person(actor)
    application.save()
    events.record(
        "lending.application.submitted",
        application,
        actor=actor,
        at=at,
        uscc=application.uscc,
        evaluation=application.evaluation_id,
        snapshot_digest=application.snapshot_digest,
    )
    return application


@transaction.atomic
def start_review(application_id: UUID, *, actor: Actor, at: datetime) -> LoanApplication:
    """
    Take a submitted application: from now on the actor holds it.

    :raises MissingPermission: if the actor's role reviews no applications.
    :raises IllegalTransition: if somebody took it first.
    """
    application = _locked(application_id, actor)
    actor.require(permissions.REVIEW)
    application.status = APPLICATION.target("start_review", state=application.status).value
    application.review_started_at = at
    application.reviewed_by_id = permissions.person(actor)
    application.save(update_fields=["status", "review_started_at", "reviewed_by"])
    _assign(application, actor)
    events.record("lending.application.review_started", application, actor=actor, at=at)
    return application


@transaction.atomic
def return_(application_id: UUID, *, reason: str, actor: Actor, at: datetime) -> LoanApplication:
    """
    Send an application back with questions; nobody holds it until it is submitted again.

    :raises NotAssigned: if another officer holds it.
    :raises IllegalTransition: if it is not under review.
    """
    application = _locked(application_id, actor)
    permissions.check_holds(actor, application)
    application.status = APPLICATION.target("return", state=application.status).value
    application.return_reason = _given(reason)
    application.save(update_fields=["status", "return_reason"])
    _release(application)
    events.record("lending.application.returned", application, actor=actor, at=at, reason=reason)
    return application


@transaction.atomic
def approve(
    application_id: UUID,
    offer: Offer,
    *,
    reason: str,
    gate_exception: str = "",
    votes_for: int | None = None,
    actor: Actor,
    at: datetime,
) -> LoanApplication:
    """
    Approve an application on the given terms.

    :param gate_exception: why a gate that referred the enterprise may be passed.
    :param votes_for: of a committee, where its authority is used.
    :raises OwnApplication: if the actor submitted or reviewed it (four eyes).
    :raises NoAuthority: if no role of the actor reaches the amount for the grade.
    :raises IllegalTransition: if it is not under review (or no longer is).
    :raises TermsTooHigh: if the terms exceed request, product or cap.
    :raises NoPrice, ExceptionNeeded, VotesMissing: if something that the terms need is missing.
    """
    application = _locked(application_id, actor)
    permissions.check_is_second_person(actor, application)
    status = APPLICATION.target("approve", state=application.status)
    spread = _spread(application, offer.spread_bp)
    terms = LoanTerms(offer.principal, offer.months, offer.base_rate, spread, offer.drawdowns)
    policies.check_terms_fit(application, terms)
    authority = _authority(application, terms.principal, actor=actor, on=business_day(at))
    policies.check_votes(authority, votes_for)
    policies.check_exception(application, gate_exception)

    application.status = status.value
    application.gate_exception = gate_exception.strip() or None
    application.decision_authority = {
        **asdict(authority),
        "up_to": str(authority.up_to),
        "votes_for": votes_for,
    }
    _offer(application, terms)
    _decide(application, _given(reason), actor=actor, at=at)
    events.record(
        "lending.application.approved",
        application,
        actor=actor,
        at=at,
        principal=terms.principal,
        months=terms.months,
        annual_rate=application.offered_annual_rate,
        authority=authority.role,
        reason=reason,
    )
    return application


@transaction.atomic
def decline(application_id: UUID, *, reason: str, actor: Actor, at: datetime) -> LoanApplication:
    """
    Decline an application; the enterprise has a right to the reason.

    :raises OwnApplication: if the actor submitted it.
    :raises IllegalTransition: if it is not under review.
    """
    application = _locked(application_id, actor)
    permissions.check_may_decline(actor, application)
    application.status = APPLICATION.target("decline", state=application.status).value
    _decide(application, _given(reason), actor=actor, at=at)
    events.record("lending.application.declined", application, actor=actor, at=at, reason=reason)
    return application


@transaction.atomic
def withdraw(application_id: UUID, *, reason: str, actor: Actor, at: datetime) -> LoanApplication:
    """
    Take an application back at the enterprise's wish, before anybody decides on it.

    :raises IllegalTransition: if it is under review or decided.
    """
    application = _locked(application_id, actor)
    actor.require(permissions.SUBMIT)
    application.status = APPLICATION.target("withdraw", state=application.status).value
    application.withdrawn_at = at
    application.withdrawal_reason = _given(reason)
    application.save(update_fields=["status", "withdrawn_at", "withdrawal_reason"])
    events.record("lending.application.withdrawn", application, actor=actor, at=at, reason=reason)
    return application


def _freeze(
    application: LoanApplication, evaluation_id: UUID, *, actor: Actor, at: datetime
) -> None:
    snapshot, digest, is_own = freeze(evaluation_id, actor=actor)
    on: date = business_day(at)
    policies.check_evaluation_carries(snapshot, uscc=application.uscc, is_own=is_own, on=on)
    application.evaluation_id = evaluation_id
    application.snapshot = snapshot
    application.snapshot_digest = digest


def _authority(
    application: LoanApplication, amount: Decimal, *, actor: Actor, on: date
) -> Authority:
    """
    Return the authority that the actor approves with.

    :raises NoAuthority: if none of the actor's reaches the amount for the grade.
    """
    grade = (application.snapshot or {}).get("grade")
    found = answer(products.authorities(actor=actor, on=on), actor.roles, amount, grade)
    permissions.check_authority(found)
    assert found.authority is not None  # or the check has refused
    return found.authority


def _offer(application: LoanApplication, terms: LoanTerms) -> None:
    application.offered_principal = terms.principal
    application.offered_months = terms.months
    application.offered_base_rate = terms.base_rate
    application.offered_spread_bp = terms.spread_bp
    application.offered_annual_rate = policies.priced(terms.base_rate, terms.spread_bp)
    application.offered_drawdowns = terms.drawdowns


def _spread(application: LoanApplication, asked: int | None) -> int:
    """The spread asked for, else the product's for the grade, else the scorecard's."""
    snapshot = application.snapshot or {}
    grade = snapshot.get("grade")
    spreads = application.product.spreads_bp
    usual = spread_of(grade, spreads) if spreads else snapshot.get("spread_bp")
    spread = usual if asked is None else asked
    if spread is None:
        raise policies.NoPrice(
            f"{application.product.code} has no spread for grade {grade or 'none'}.",
            hint="Give spread_bp, or decline.",
            errors=[{"pointer": "/spread_bp", "detail": "Required for this grade."}],
        )
    return int(spread)


def _decide(application: LoanApplication, reason: str, *, actor: Actor, at: datetime) -> None:
    application.decided_at = at
    application.decided_by_id = permissions.person(actor)
    application.decision_reason = reason
    application.save()
    _release(application)


def _assign(application: LoanApplication, actor: Actor) -> None:
    held = Permission.objects.get(content_type__app_label="lending", codename=permissions.HOLDS)
    LoanApplicationUserObjectPermission.objects.create(
        owner_id=application.owner_id,
        user_id=actor.user_id,
        permission=held,
        content_object=application,
    )


def _release(application: LoanApplication) -> None:
    LoanApplicationUserObjectPermission.objects.filter(content_object=application).delete()


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing(
            "Say why.", errors=[{"pointer": "/reason", "detail": "A reason is needed."}]
        )
    return reason.strip()


def _locked(application_id: UUID, actor: Actor) -> LoanApplication:
    """Lock the row, so that of two officers deciding at once the second sees the first."""
    actor.require(permissions.VIEW)
    own = LoanApplication.objects.filter(owner=actor.organization_id).select_related("product")
    return one(own.select_for_update(of=("self",)), pk=application_id)
