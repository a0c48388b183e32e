from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lending.domain.day_counts import DayCount
from lending.domain.lifecycle import ProductStatus, Regime
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import Method
from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned


class LoanProduct(TenantOwned):
    """What a bank sells: the range of amounts and months, the price by grade, the repayment."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    code = models.CharField(max_length=40)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    regime = models.CharField(max_length=30, choices=choices_of(Regime))
    status = models.CharField(
        max_length=12,
        choices=choices_of(ProductStatus),
        default=ProductStatus.DRAFT.value,
        editable=False,
    )
    min_principal = models.DecimalField(max_digits=18, decimal_places=2, help_text="Yuan.")
    max_principal = models.DecimalField(max_digits=18, decimal_places=2, help_text="Yuan.")
    amount_step = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="Amounts are rounded down to this, in yuan."
    )
    max_months = models.PositiveSmallIntegerField()
    spreads_bp = models.JSONField(
        default=dict, help_text="Basis points over the base rate by grade; null is not offered."
    )
    method = models.CharField(max_length=20, choices=choices_of(Method))
    day_count = models.CharField(max_length=20, choices=choices_of(DayCount))
    rounding = models.CharField(max_length=12, choices=choices_of(Rounding))
    rounding_unit = models.DecimalField(max_digits=10, decimal_places=4)
    conditions = models.JSONField(
        default=list, help_text="What must be met before money is paid out, one phrase each."
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "loan product"
        constraints = [
            one_of("status", ProductStatus),
            one_of("regime", Regime),
            one_of("method", Method),
            one_of("day_count", DayCount),
            one_of("rounding", Rounding),
            all_or_none("published_at", "published_by", name="publication"),
            models.UniqueConstraint(fields=["owner", "code"], name="lending_loanproduct_code_once"),
            models.CheckConstraint(
                name="lending_loanproduct_range_of_amounts",
                condition=Q(min_principal__gt=0, max_principal__gte=F("min_principal")),
            ),
            models.CheckConstraint(
                name="lending_loanproduct_steps",
                condition=Q(amount_step__gt=0, rounding_unit__gt=0, max_months__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"
