"""
Hefeng's desk: a product, authority limits, and the firm of the demo evaluated at 66, B.

Everything is there because somebody of the cast did it through a service.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from evaluation.models import Evaluation
from lending.domain.authorities import Authority
from lending.domain.payees import Payee
from lending.domain.terms import Offer
from lending.models import Contract, Disbursement, LoanApplication, LoanProduct
from lending.services import applications, contracts, loans, products
from lending.services.products import ProductTerms
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import HERO, document
from tests.evaluation.cards import vector as card_vector
from tests.evaluation.conftest import World, publish_card
from tests.universe import NOON, Universe

CONDITIONS = ("contract of purchase on file", "insurance in force")
CASTINGS = "杭州永拓铸造有限公司"
FORGINGS = "临平宏锻机械有限公司"
ACCOUNT = "6222-0000-1111"
TUESDAY, THURSDAY, FRIDAY = (NOON + timedelta(days=days) for days in (1, 3, 4))
PAID_ON = date(2026, 11, 27)
GRADES = ("A", "B", "C", "D")
LIMITS = (
    Authority("branch_approver", Decimal("1000000.00"), GRADES, "second person"),
    Authority("branch_president", Decimal("3000000.00"), GRADES[:3], "second person"),
    Authority("head_office_approver", Decimal("6000000.00"), GRADES[:2], "second person"),
    Authority("credit_committee", Decimal("10000000.00"), GRADES[:3], "committee", 3, 5),
)
OFFER = Offer(Decimal("5000000.00"), 12, Decimal("0.0300"), drawdowns=2)


@dataclass
class Desk:
    """What people of the bank do with an application, each in a transaction of their own."""

    universe: Universe
    product: LoanProduct
    evaluation: Evaluation

    def draft(self, actor: Actor | None = None, **asked: Any) -> LoanApplication:
        actor = actor or self.universe.chen_min
        request = {
            "product_id": self.product.pk,
            "principal": Decimal("5000000.00"),
            "months": 12,
            "purpose": "Castings for the season, from two suppliers.",
            "payees": [Payee(CASTINGS, account=ACCOUNT), Payee(FORGINGS)],
            "documents": ["orders of the season"],
            "evaluation_id": self.evaluation.pk,
            "at": TUESDAY,
        } | asked
        uscc = request.pop("uscc", HERO)
        with acting_as(actor.organization_id):
            return applications.create(uscc, actor=actor, **request)

    def submitted(self, **asked: Any) -> LoanApplication:
        draft = self.draft(**asked)
        return self.act(applications.submit, draft, self.universe.chen_min, TUESDAY)

    def under_review(self, **asked: Any) -> LoanApplication:
        submitted = self.submitted(**asked)
        return self.act(applications.start_review, submitted, self.universe.lin, TUESDAY)

    def approve(
        self,
        application: LoanApplication,
        actor: Actor | None = None,
        offer: Offer = OFFER,
        **more: Any,
    ) -> LoanApplication:
        actor = actor or self.universe.gao
        with acting_as(actor.organization_id):
            return applications.approve(
                application.pk, offer, reason="Sound.", actor=actor, at=THURSDAY, **more
            )

    def approved(self, **asked: Any) -> LoanApplication:
        return self.approve(self.under_review(**asked))

    def sign(self, application: LoanApplication, **more: Any) -> Contract:
        actor = more.pop("actor", self.universe.chen_min)
        settled = {
            "number": f"HF-2026-{str(application.pk)[:8]}",
            "base_rate": Decimal("0.0300"),
            "base_rate_on": date(2026, 11, 20),
            "signed_for_enterprise_by": "安工",
            "at": FRIDAY,
        } | more
        with acting_as(actor.organization_id):
            return contracts.sign(application.pk, actor=actor, **settled)

    def disburse(self, loan_id: UUID, amount: str = "3000000.00", **more: Any) -> Disbursement:
        actor = more.pop("actor", self.universe.chen_min)
        payment = {
            "amount": Decimal(amount),
            "paid_on": PAID_ON,
            "payee_name": CASTINGS,
            "payee_account": ACCOUNT,
            "conditions_met": CONDITIONS,
            "at": FRIDAY,
        } | more
        with acting_as(actor.organization_id):
            return loans.disburse(loan_id, actor=actor, **payment)

    def loan(self) -> UUID:
        """A loan of 5,000,000 that is agreed, and nothing of it paid out."""
        contract = self.sign(self.approved())
        with acting_as(self.universe.chen_min.organization_id):
            return contract.loan.pk

    def act(self, service: Any, row: Any, actor: Actor, at: Any = TUESDAY, **more: Any) -> Any:
        with acting_as(actor.organization_id):
            return service(row.pk, actor=actor, at=at, **more)

    def see(self, actor: Actor, selector: Any, *arguments: Any, **more: Any) -> Any:
        with acting_as(actor.organization_id):
            return selector(*arguments, actor=actor, **more)


def product_terms(**changes: Any) -> ProductTerms:
    terms: dict[str, Any] = {
        "code": "ZHD",
        "name_zh": "质惠贷",
        "name_en": "Quality loan",
        "max_principal": Decimal("10000000.00"),
        "max_months": 36,
        "conditions": CONDITIONS,
    }
    return ProductTerms(**{**terms, **changes})


@pytest.fixture
def world(universe: Universe, zj_list: Any) -> World:
    """The firm of the demo, published by Hangzhou and shared with bank_a."""
    made = World(universe)
    made.publish(card_vector("hero-2-consent")["record"])
    made.share("bank_a")
    publish_card(universe.liang, universe.xu, document())
    return made


@pytest.fixture
def desk(universe: Universe, world: World) -> Desk:
    lin = universe.lin
    with acting_as(lin.organization_id):
        product = products.create(product_terms(), actor=lin, at=NOON)
        products.publish(product.pk, actor=lin, at=NOON)
        products.set_limits(LIMITS, effective_from=date(2026, 11, 1), actor=lin, at=NOON)
    return Desk(universe, product, world.evaluate())
