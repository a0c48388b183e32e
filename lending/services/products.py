"""Products and authority limits: what a bank sells, and who may approve it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from lending import permissions
from lending.domain.authorities import Authority
from lending.domain.day_counts import DayCount
from lending.domain.lifecycle import PRODUCT, Regime
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import Method
from lending.models import AuthorityLimit, LoanProduct
from qfce import roles
from qfce.kernel.audit import events
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


class CodeTaken(Conflict):
    code = "lending.product.code_taken"
    title = "Another product has this code."


class LimitsUnfit(Invalid):
    code = "lending.authority.unfit"
    title = "These authority limits cannot be set."


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """What a product is made of; amounts in yuan."""

    code: str
    name_zh: str
    name_en: str
    max_principal: Decimal
    max_months: int
    min_principal: Decimal = Decimal("1.00")
    amount_step: Decimal = Decimal("10000.00")
    regime: Regime = Regime.CORPORATE_WORKING_CAPITAL
    spreads_bp: dict[str, int | None] = field(default_factory=dict)
    method: Method = Method.EQUAL_INSTALMENT
    day_count: DayCount = DayCount.ANNUAL_12
    rounding: Rounding = Rounding.HALF_UP
    rounding_unit: Decimal = Decimal("0.01")
    conditions: tuple[str, ...] = ()


@transaction.atomic
def create(terms: ProductTerms, *, actor: Actor, at: datetime) -> LoanProduct:
    """
    Draft a product; nobody can apply for it before it is published.

    :raises CodeTaken: if the bank has a product of this code.
    :raises Invalid: if the range of amounts is empty.
    """
    actor.require(permissions.WRITE_PRODUCT)
    if not 0 < terms.min_principal <= terms.max_principal:
        raise Invalid(
            f"From {terms.min_principal:,} to {terms.max_principal:,} is no range of amounts.",
            errors=[{"pointer": "/max_principal", "detail": "Not less than the smallest amount."}],
        )
    if LoanProduct.objects.filter(owner=actor.organization_id, code=terms.code).exists():
        raise CodeTaken(f"{terms.code} is there already.", hint="Choose another code.")
    product = LoanProduct.objects.create(
        owner_id=actor.organization_id,
        code=terms.code,
        name_zh=terms.name_zh,
        name_en=terms.name_en,
        regime=terms.regime.value,
        min_principal=terms.min_principal,
        max_principal=terms.max_principal,
        amount_step=terms.amount_step,
        max_months=terms.max_months,
        spreads_bp=terms.spreads_bp,
        method=terms.method.value,
        day_count=terms.day_count.value,
        rounding=terms.rounding.value,
        rounding_unit=terms.rounding_unit,
        conditions=list(terms.conditions),
        created_at=at,
        created_by_id=actor.user_id,
    )
    events.record("lending.product.created", product, actor=actor, at=at, code=terms.code)
    return product


@transaction.atomic
def publish(product_id: UUID, *, actor: Actor, at: datetime) -> LoanProduct:
    """
    Open a product for applications.

    :raises NoSuchRecord: if the actor's organization has no such product.
    :raises IllegalTransition: if it is not a draft.
    """
    product = _locked(product_id, actor)
    actor.require(permissions.WRITE_PRODUCT)
    product.status = PRODUCT.target("publish", state=product.status).value
    product.published_at = at
    product.published_by_id = actor.user_id
    product.save(update_fields=["status", "published_at", "published_by"])
    events.record("lending.product.published", product, actor=actor, at=at, code=product.code)
    return product


@transaction.atomic
def retire(product_id: UUID, *, actor: Actor, at: datetime) -> LoanProduct:
    """
    Close a product for new applications; those in progress go on.

    :raises IllegalTransition: if it is not published.
    """
    product = _locked(product_id, actor)
    actor.require(permissions.WRITE_PRODUCT)
    product.status = PRODUCT.target("retire", state=product.status).value
    product.retired_at = at
    product.save(update_fields=["status", "retired_at"])
    events.record("lending.product.retired", product, actor=actor, at=at, code=product.code)
    return product


@transaction.atomic
def set_limits(
    limits: Sequence[Authority], *, effective_from: date, actor: Actor, at: datetime
) -> list[AuthorityLimit]:
    """
    Set who may approve what from a day on; the set replaces every earlier one.

    :raises LimitsUnfit: if a role is unknown or named twice, an amount or the votes make no
        sense, or a set is there for that day already.
    """
    actor.require(permissions.WRITE_PRODUCT)
    _check_limits(limits)
    taken = AuthorityLimit.objects.filter(
        owner=actor.organization_id, effective_from=effective_from
    )
    if taken.exists():
        raise LimitsUnfit(
            f"Limits from {effective_from} are set already, and stay as they are.",
            hint="Set new ones from a later day.",
        )
    rows = AuthorityLimit.objects.bulk_create(
        AuthorityLimit(
            owner_id=actor.organization_id,
            role=limit.role,
            up_to=limit.up_to,
            grades=list(limit.grades),
            conditions=limit.conditions,
            votes_required=limit.votes_required,
            votes_of=limit.votes_of,
            effective_from=effective_from,
            created_at=at,
            created_by_id=actor.user_id,
        )
        for limit in limits
    )
    events.record(
        "lending.authority.set",
        ("lending.authoritylimit", effective_from.isoformat()),
        actor=actor,
        at=at,
        limits={limit.role: str(limit.up_to) for limit in limits},
    )
    return rows


def _check_limits(limits: Sequence[Authority]) -> None:
    errors = []
    seen: set[str] = set()
    for number, limit in enumerate(limits):
        if limit.role not in roles.ROLES or limit.role in seen:
            errors.append((f"/limits/{number}/role", f"{limit.role} is unknown or named twice."))
        seen.add(limit.role)
        if limit.up_to <= 0 or not limit.grades:
            errors.append((f"/limits/{number}", "An authority needs an amount and grades."))
        if not 1 <= limit.votes_required <= limit.votes_of:
            errors.append((f"/limits/{number}/votes_required", "More votes than voters, or none."))
    if not limits:
        errors.append(("/limits", "Without any limit nobody could approve anything."))
    if errors:
        raise LimitsUnfit(
            " ".join(detail for _, detail in errors),
            errors=[{"pointer": pointer, "detail": detail} for pointer, detail in errors],
        )


def _locked(product_id: UUID, actor: Actor) -> LoanProduct:
    own = LoanProduct.objects.filter(owner=actor.organization_id)
    return one(own.select_for_update(of=("self",)), pk=product_id)
