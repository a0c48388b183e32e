"""Do the rules allow it in this state, with these facts? Never who asks."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from lending.domain.amounts import LargestAmount, largest_amount
from lending.domain.authorities import Authority
from lending.domain.lifecycle import ApplicationStatus, ProductStatus
from lending.domain.payees import Payee, named
from lending.domain.pricing import annual_rate
from lending.domain.terms import LoanTerms
from lending.models import Loan, LoanApplication, LoanProduct
from qfce.kernel import parameters
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.parameters import Parameter

EVALUATION_AGE: Parameter = parameters.load(
    Path(__file__).parent / "parameters" / "evaluation_age.toml"
)


class ProductNotOnSale(Conflict):
    code = "lending.product.not_on_sale"
    title = "The product takes no new applications."


class RequestOutsideProduct(Invalid):
    code = "lending.application.outside_product"
    title = "The request does not fit the product."


class EvaluationMissing(Invalid):
    code = "lending.application.evaluation_missing"
    title = "An application is submitted on an evaluation."


class EvaluationUnfit(Conflict):
    code = "lending.application.evaluation_unfit"
    title = "The evaluation does not carry this application."


class EvaluationStale(EvaluationUnfit):
    code = "lending.application.evaluation_stale"
    title = "The evaluation is too old."


class EvaluationDeclined(EvaluationUnfit):
    code = "lending.application.evaluation_declined"
    title = "The evaluation declined the enterprise."


class TermsTooHigh(Invalid):
    code = "lending.terms.too_high"
    title = "The terms are more than may be lent."


class NoPrice(Invalid):
    code = "lending.terms.no_price"
    title = "The product has no price for this grade."


class ExceptionNeeded(Invalid):
    code = "lending.terms.exception_needed"
    title = "A gate asks for an exception with a reason."


class VotesMissing(Invalid):
    code = "lending.terms.votes_missing"
    title = "The committee's votes do not suffice."


class NotApproved(Conflict):
    code = "lending.contract.not_approved"
    title = "There is no approval to sign a contract on."


class LoanFrozen(Conflict):
    code = "lending.loan.frozen"
    title = "What is undrawn is frozen."


class OverDrawn(Conflict):
    code = "lending.loan.overdrawn"
    title = "The payment is more than what may be drawn."


class PayeeNotNamed(Invalid):
    code = "lending.loan.payee_not_named"
    title = "The payee is not a supplier that the application names."


class ConditionsOpen(Invalid):
    code = "lending.loan.conditions_open"
    title = "Conditions for paying out are not met yet."


class PaymentOutOfOrder(Invalid):
    code = "lending.loan.payment_out_of_order"
    title = "The payment's date does not fit the loan."


def check_request_fits(product: LoanProduct, principal: Decimal, months: int) -> None:
    """
    :raises ProductNotOnSale: if the product is a draft or retired.
    :raises RequestOutsideProduct: if amount or months lie outside its range.
    """
    if product.status != ProductStatus.PUBLISHED:
        raise ProductNotOnSale(
            f"{product.code} is {product.status}.", hint="Choose a published product."
        )
    errors = []
    if not product.min_principal <= principal <= product.max_principal:
        errors.append(
            {
                "pointer": "/requested_principal",
                "detail": f"{product.code} lends {product.min_principal:,} to"
                f" {product.max_principal:,}, not {principal:,}.",
            }
        )
    if months > product.max_months:
        errors.append(
            {
                "pointer": "/requested_months",
                "detail": f"{product.code} lends for at most {product.max_months} months,"
                f" not {months}.",
            }
        )
    if errors:
        raise RequestOutsideProduct(" ".join(e["detail"] for e in errors), errors=errors)


def check_evaluation_carries(
    snapshot: Mapping[str, Any], *, uscc: str, is_own: bool, on: date
) -> None:
    """
    An evaluation carries an application if it is this bank's, of this enterprise, fresh enough,
    and not declined.

    :raises EvaluationUnfit, EvaluationStale, EvaluationDeclined: if it is not.
    """
    if not is_own:
        raise EvaluationUnfit(
            "The evaluation was made by another organization of your bank.",
            hint="Evaluate the enterprise yourself.",
        )
    if snapshot["uscc"] != uscc:
        raise EvaluationUnfit(f"The evaluation is of {snapshot['uscc']}, not of {uscc}.")
    as_of = date.fromisoformat(snapshot["as_of"])
    age, most = (on - as_of).days, int(EVALUATION_AGE.on(on)["max_age_days"])
    if age > most:
        raise EvaluationStale(
            f"The evaluation is of {as_of}, {age} days ago; at most {most} days are accepted.",
            hint="Evaluate the enterprise again and submit on the new evaluation.",
        )
    if snapshot["outcome"] == "declined":
        raise EvaluationDeclined(
            f"Gates that declined it: {_names(snapshot['gates'])}.",
            hint="The gate's own exception is needed first, or an ordinary product.",
        )


def _names(gates: Any) -> str:
    names = [str(g.get("code", g)) if isinstance(g, dict) else str(g) for g in gates]
    return ", ".join(names) or "not named"


def largest(application: LoanApplication) -> LargestAmount:
    """Return what may be approved at most on this application, and which limit decides."""
    cap = (application.snapshot or {}).get("cap")
    return largest_amount(
        {
            "requested": application.requested_principal,
            "product_maximum": application.product.max_principal,
            "cap_by_grade": Decimal(cap) if cap is not None else None,
        },
        step=application.product.amount_step,
    )


def check_terms_fit(application: LoanApplication, terms: LoanTerms) -> None:
    """
    A bank may offer less than was asked for, or for a shorter time, but not more, and never
    more than the grade's cap or the product allow.

    :raises TermsTooHigh: with each limit that is exceeded.
    """
    errors = []
    most = largest(application)
    if terms.principal > most.amount:
        errors.append(
            {
                "pointer": "/principal",
                "detail": f"{terms.principal:,} is more than {most.amount:,}, which is set by"
                f" {most.bound_by.replace('_', ' ')}, rounded down to"
                f" {application.product.amount_step:,}.",
            }
        )
    if terms.months > application.requested_months:
        errors.append(
            {
                "pointer": "/months",
                "detail": f"{terms.months} months is more than the {application.requested_months}"
                " asked for.",
            }
        )
    if errors:
        raise TermsTooHigh(
            " ".join(e["detail"] for e in errors),
            hint="Lower the offer, or return the application to have the request raised.",
            errors=errors,
        )


def priced(base_rate: Decimal, spread_bp: int) -> Decimal:
    """
    Return the annual rate of a base rate and a spread.

    :raises NoPrice: if it would be below zero.
    """
    try:
        return annual_rate(base_rate, spread_bp)
    except ValueError as error:
        raise NoPrice(
            str(error), errors=[{"pointer": "/base_rate", "detail": "Less than the discount."}]
        ) from None


def check_exception(application: LoanApplication, gate_exception: str) -> None:
    """
    :raises ExceptionNeeded: if the evaluation was referred and nobody says why it may pass.
    """
    snapshot = application.snapshot or {}
    if snapshot.get("outcome") == "referred" and not gate_exception.strip():
        raise ExceptionNeeded(
            f"The evaluation was referred by {_names(snapshot.get('gates', []))}.",
            hint="Give gate_exception: why the gate may be passed, and on what evidence.",
            errors=[{"pointer": "/gate_exception", "detail": "A reason is needed."}],
        )


def check_votes(authority: Authority, votes_for: int | None) -> None:
    """
    :raises VotesMissing: if a committee's authority is used without enough votes.
    """
    if authority.votes_required > 1 and (votes_for or 0) < authority.votes_required:
        raise VotesMissing(
            f"{authority.role} needs {authority.votes_required} of {authority.votes_of} votes,"
            f" and {votes_for or 0} are recorded.",
            hint="Give votes_for as the minutes have it.",
            errors=[{"pointer": "/votes_for", "detail": "Not enough votes."}],
        )


def check_signable(application: LoanApplication, *, base_rate_on: date, signed_on: date) -> None:
    """
    :raises NotApproved: if the application is not approved, or was signed on already.
    """
    if application.status != ApplicationStatus.APPROVED:
        raise NotApproved(f"The application is {application.status}.")
    if hasattr(application, "contract"):
        raise NotApproved(f"Contract {application.contract.number} was signed on it already.")
    if base_rate_on > signed_on:
        raise NotApproved(f"The base rate of {base_rate_on} was not known on {signed_on}.")


def check_drawable(loan: Loan, amount: Decimal, *, drawdowns: int) -> None:
    """
    :raises LoanFrozen: if what is undrawn is frozen.
    :raises OverDrawn: if amount or number of payments exceed what was agreed.
    """
    if loan.frozen_at is not None:
        raise LoanFrozen(
            f"Frozen on {loan.frozen_at:%Y-%m-%d %H:%M} UTC: {loan.freeze_reason}",
            hint="A risk manager has to lift the freeze first.",
        )
    undrawn = loan.principal - loan.disbursed
    if amount > undrawn:
        raise OverDrawn(
            f"{amount:,} is more than the {undrawn:,} that is undrawn of {loan.principal:,}.",
            hint="Pay out less, or agree on a new loan.",
        )
    if drawdowns >= loan.drawdowns_allowed:
        raise OverDrawn(
            f"The loan was approved in {loan.drawdowns_allowed} drawdowns, and all are made."
        )


def check_payee(
    application: LoanApplication, *, name: str, account: str, uscc: str | None
) -> Payee:
    """
    Return the supplier of the application that a payment goes to.

    :raises PayeeNotNamed: if it is none of them.
    """
    payees = [Payee.from_document(document) for document in application.payees]
    payee = named(payees, name=name, account=account, uscc=uscc)
    if payee is None:
        names = ", ".join(each.name for each in payees) or "nobody"
        raise PayeeNotNamed(
            f"{name} is not among the suppliers named: {names}.",
            hint="Pay a supplier of the application, with the account given there.",
            errors=[{"pointer": "/payee_name", "detail": "Not named in the application."}],
        )
    return payee


def check_conditions(loan: Loan, met: list[str]) -> None:
    """
    :raises ConditionsOpen: naming every condition that is not ticked.
    """
    missing = [condition for condition in loan.conditions if condition not in met]
    if missing:
        raise ConditionsOpen(
            f"Not met: {'; '.join(missing)}.",
            errors=[{"pointer": "/conditions_met", "detail": each} for each in missing],
        )


def check_payment_date(
    paid_on: date, *, signed_on: date, first: date | None, last: date | None, months_end: date
) -> None:
    """
    Payments follow the contract and one another, and come before the last instalment.

    :raises PaymentOutOfOrder: if this one does not.
    """
    pointer = [{"pointer": "/paid_on", "detail": "The date does not fit the loan."}]
    if paid_on < signed_on:
        raise PaymentOutOfOrder(
            f"{paid_on} is before the contract, signed on {signed_on}.", errors=pointer
        )
    if last is not None and paid_on < last:
        raise PaymentOutOfOrder(f"{paid_on} is before the payment of {last}.", errors=pointer)
    if first is None and paid_on > months_end:
        raise PaymentOutOfOrder(
            f"{paid_on} is later than the whole term, counted from the contract of {signed_on}.",
            errors=pointer,
        )
    if first is not None and paid_on >= months_end:
        raise PaymentOutOfOrder(
            f"{paid_on} is not before the last instalment, due on {months_end}.", errors=pointer
        )
