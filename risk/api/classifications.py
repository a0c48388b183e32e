"""The best class that the rules allow a loan: computed and quoted, never written."""

from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.fields import DayField
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day
from risk.domain.classification import LoanClass, LoanFacts
from risk.selectors import classifications
from risk.selectors.rules import citation

LONGEST_DAYS = 36_500
STATEMENT_ZH = "平台只计算分类下限并列明规则；资产分类由银行作出，可以更低，不得更高。"
STATEMENT_EN = (
    "The platform computes a floor and quotes the rules behind it. The bank classifies, as low"
    " as that or lower, never better."
)


def _share() -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=7,
        decimal_places=6,
        min_value=Decimal(0),
        max_value=Decimal(1),
        default=Decimal(0),
        help_text="A fraction from 0 to 1.",
    )


class LoanFactsIn(serializers.Serializer[Any]):
    """What the floor is computed from; what is left out is taken as not the case."""

    days_past_due = serializers.IntegerField(min_value=0, max_value=LONGEST_DAYS)
    technical_slip = serializers.BooleanField(default=False)
    use_changed = serializers.BooleanField(default=False)
    refinanced = serializers.BooleanField(default=False)
    eligible_renewal = serializers.BooleanField(default=False)
    other_debts_bad = serializers.BooleanField(default=False)
    restructured = serializers.BooleanField(default=False)
    months_observed = serializers.IntegerField(min_value=0, max_value=1_200, default=0)
    instalments_paid = serializers.IntegerField(min_value=0, max_value=1_200, default=0)
    non_performing_share = _share()
    elsewhere_overdue_share = _share()
    credit_impaired = serializers.BooleanField(default=False)
    rating_fell_sharply = serializers.BooleanField(default=False)
    expected_loss = _share()
    debt_evasion = serializers.BooleanField(default=False)
    in_liquidation = serializers.BooleanField(default=False)
    retail = serializers.BooleanField(default=False)
    on = DayField(required=False, help_text="Whose rules count; today unless said.")


class FloorRuleOut(serializers.Serializer[Any]):
    """One rule that the facts meet."""

    fact = serializers.CharField()
    floor = serializers.ChoiceField(choices=[name.value for name in LoanClass])
    article = serializers.CharField()
    confidence = serializers.CharField(help_text="How the rule was checked: read, or recalled.")
    text_zh = serializers.CharField()
    text_en = serializers.CharField()


class FloorOut(serializers.Serializer[Any]):
    """The floor, the rules behind it, and whose decision the class is."""

    floor = serializers.ChoiceField(choices=[name.value for name in LoanClass])
    rules = FloorRuleOut(many=True)
    source = serializers.CharField()  # type: ignore[assignment,unused-ignore]  # the name that clients read
    statement_zh = serializers.CharField()
    statement_en = serializers.CharField()


class ClassificationViewSet(TenantViewSet):
    """Floors of loan classes."""

    required: ClassVar[dict[str, str | None]] = {
        "floor": "risk.signal.view",
    }

    @extend_schema(operation_id="classifications_floor", request=LoanFactsIn, responses=FloorOut)
    @action(detail=False, methods=["post"])
    def floor(self, request: Request) -> Response:
        asked = LoanFactsIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        on = given.pop("on", None) or business_day(timezone.now())
        try:
            found = classifications.floor_of(LoanFacts(**given), on=on, actor=self.actor)
        except LookupError:
            raise serializers.ValidationError(
                {"on": [_("No rules of classification are known for this day.")]}
            ) from None
        body = {
            "floor": found.best_class.value,
            "rules": found.rules,
            "source": citation(),
            "statement_zh": STATEMENT_ZH,
            "statement_en": STATEMENT_EN,
        }
        return Response(FloorOut(body).data)
