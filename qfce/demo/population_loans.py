"""Applications of the demo's enterprises in every state, and the loans that came of some."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from evaluation.selectors import evaluations
from lending.domain.authorities import Authority
from lending.domain.payees import Payee
from lending.domain.terms import Offer
from lending.selectors import products
from lending.services import applications, contracts, loans
from lending.services import products as product_services
from qfce.demo import setting
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as

if TYPE_CHECKING:
    from evaluation.models import Evaluation
    from lending.models import LoanProduct

BASE_RATE = Decimal("0.0300")
EARLIER = timedelta(days=180)
SUPPLIERS = (
    Payee("嘉兴恒达金属材料有限公司", account="3304000000000000011"),
    Payee("绍兴越泰包装有限公司", account="3306000000000000012"),
)
PURPOSES = ("采购原材料", "采购检测设备", "支付加工费", "备货周转")
MONTHS = (6, 12, 12, 24)
# how many days ago it was asked for; what was paid out of it, in parts of four
LOANS = ((95, 2), (80, 2), (64, 4), (50, 3), (33, 4), (12, 1))
STATES = (
    "draft", "submitted", "submitted", "under_review", "returned", "withdrawn", "declined",
    "approved", "signed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lent:
    """A loan that was paid out, at least in part."""

    loan_id: UUID
    uscc: str
    days_ago: int


def load(usccs: list[str], *, at: datetime) -> list[Lent]:
    """Bring the applications as far as they go, and return the loans that were paid out."""
    lin = setting.person("lin")
    with acting_as(lin.organization_id):
        found = evaluations.latest_of(usccs, actor=lin, scorecard=setting.SCORECARD)
        product = products.list_for(actor=lin).get(code=setting.PRODUCT)
    _let_earlier_limits_hold(lin, at=at)
    fit = [e for _, e in sorted(found.items()) if e.outcome == "graded" and e.grade in {"A", "B"}]
    lent = [
        _lend(number, evaluation, product, at=at)
        for number, evaluation in enumerate(fit[: len(LOANS)])
    ]
    for number, evaluation in enumerate(fit[len(LOANS) :][: len(STATES)]):
        days = timedelta(days=len(STATES) - number)
        _bring_to(STATES[number], len(LOANS) + number, evaluation, product, at=at - days)
    return lent


def _let_earlier_limits_hold(actor: Actor, *, at: datetime) -> None:
    """Who may approve today could do so before: the demo's loans are older than its first day."""
    with acting_as(actor.organization_id, user_id=actor.user_id):
        now: list[Authority] = products.authorities(actor=actor, on=business_day(at))
        product_services.set_limits(
            now, effective_from=business_day(at - EARLIER), actor=actor, at=at
        )


def _lend(number: int, evaluation: "Evaluation", product: "LoanProduct", *, at: datetime) -> Lent:
    days_ago, quarters = LOANS[number]
    then = at - timedelta(days=days_ago)
    application_id = _bring_to("approved", number, evaluation, product, at=then)
    loan_id = _sign(application_id, number, at=then)
    chen = setting.person("chen_min")
    with acting_as(chen.organization_id, user_id=chen.user_id):
        loans.disburse(
            loan_id,
            amount=_principal(number, evaluation) * quarters / 4,
            paid_on=business_day(then),
            payee_name=SUPPLIERS[0].name,
            payee_account=SUPPLIERS[0].account or "",
            actor=chen,
            at=then,
        )
    return Lent(loan_id, evaluation.uscc, days_ago)


def _bring_to(
    state: str, number: int, evaluation: "Evaluation", product: "LoanProduct", *, at: datetime
) -> UUID:
    """Draft an application, and take the steps that lead to a state."""
    chen, lin, gao = (setting.person(name) for name in ("chen_min", "lin", "gao"))
    with acting_as(chen.organization_id, user_id=chen.user_id):
        draft = applications.create(
            evaluation.uscc,
            product_id=product.pk,
            principal=_principal(number, evaluation),
            months=MONTHS[number % len(MONTHS)],
            purpose=PURPOSES[number % len(PURPOSES)],
            payees=SUPPLIERS,
            documents=("营业执照", "购销合同"),
            evaluation_id=evaluation.pk,
            actor=chen,
            at=at,
        )
    offer = Offer(
        _principal(number, evaluation), MONTHS[number % len(MONTHS)], BASE_RATE, drawdowns=2
    )
    steps: dict[str, tuple[Actor, Callable[[Actor], object]]] = {
        "submit": (chen, lambda who: applications.submit(draft.pk, actor=who, at=at)),
        "withdraw": (
            chen,
            lambda who: applications.withdraw(
                draft.pk, reason="企业改用自有资金", actor=who, at=at
            ),
        ),
        "start_review": (lin, lambda who: applications.start_review(draft.pk, actor=who, at=at)),
        "return": (
            lin,
            lambda who: applications.return_(
                draft.pk, reason="请补充购销合同的交货条款", actor=who, at=at
            ),
        ),
        "decline": (
            gao,
            lambda who: applications.decline(
                draft.pk, reason="资金用途与主营业务不符", actor=who, at=at
            ),
        ),
        "approve": (
            gao,
            lambda who: applications.approve(
                draft.pk, offer, reason="质量信用良好，用途真实", actor=who, at=at
            ),
        ),
    }
    for name in WAYS[state]:
        actor, take = steps[name]
        with acting_as(actor.organization_id, user_id=actor.user_id):
            take(actor)
    if state == "signed":
        _sign(draft.pk, number, at=at)
    return draft.pk


WAYS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "under_review": ("submit", "start_review"),
    "returned": ("submit", "start_review", "return"),
    "withdrawn": ("submit", "withdraw"),
    "declined": ("submit", "start_review", "decline"),
    "approved": ("submit", "start_review", "approve"),
    "signed": ("submit", "start_review", "approve"),
}


def _sign(application_id: UUID, number: int, *, at: datetime) -> UUID:
    chen = setting.person("chen_min")
    with acting_as(chen.organization_id, user_id=chen.user_id):
        contract = contracts.sign(
            application_id,
            number=f"HF-2026-{number + 101:04d}",
            base_rate=BASE_RATE,
            base_rate_on=business_day(at),
            signed_for_enterprise_by="法定代表人",
            actor=chen,
            at=at,
        )
        loan_id: UUID = contract.loan.pk
    return loan_id


def _principal(number: int, evaluation: "Evaluation") -> Decimal:
    """Return a round amount in yuan, within what the grade is worth."""
    wanted = Decimal(600_000 + 400_000 * (number % 5))
    return min(wanted, evaluation.cap or wanted).quantize(Decimal("0.01"))
