"""Products and authority limits, as the bank that sets them sees them."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from lending.api.schedules import INTEREST_ROUNDING, choices
from lending.domain.authorities import Authority
from lending.domain.day_counts import DayCount
from lending.domain.lifecycle import ProductStatus, Regime
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import Method
from lending.models import AuthorityLimit, LoanProduct
from lending.selectors import products as selectors
from lending.services import products
from lending.services.products import ProductTerms
from qfce import roles
from qfce.kernel.api.fields import DayField
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day

POSITIVE: dict[str, Any] = {"max_digits": 18, "decimal_places": 2, "min_value": Decimal("0.01")}


class ProductOut(serializers.ModelSerializer[LoanProduct]):
    status = serializers.ChoiceField(choices=choices(ProductStatus))
    spreads_bp = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    conditions = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = LoanProduct
        fields = (
            "id",
            "code",
            "name_zh",
            "name_en",
            "regime",
            "status",
            "min_principal",
            "max_principal",
            "amount_step",
            "max_months",
            "spreads_bp",
            "method",
            "day_count",
            "rounding",
            "rounding_unit",
            "conditions",
            "created_at",
            "published_at",
            "retired_at",
        )
        read_only_fields = fields


class ProductPageOut(serializers.Serializer[Any]):
    """One page of products."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ProductOut(many=True)


class ProductIn(serializers.Serializer[Any]):
    """A product; amounts in yuan, months, and its usual way of repayment."""

    code = serializers.RegexField(r"^[A-Za-z0-9._-]{1,40}$")
    name_zh = serializers.CharField(max_length=120)
    name_en = serializers.CharField(max_length=160)
    regime = serializers.ChoiceField(
        choices=choices(Regime), default=Regime.CORPORATE_WORKING_CAPITAL.value
    )
    min_principal = serializers.DecimalField(**POSITIVE, default=Decimal("1.00"))
    max_principal = serializers.DecimalField(**POSITIVE)
    amount_step = serializers.DecimalField(**POSITIVE, default=Decimal("10000.00"))
    max_months = serializers.IntegerField(min_value=1, max_value=360)
    spreads_bp = serializers.DictField(
        child=serializers.IntegerField(allow_null=True, min_value=-1000, max_value=3000),
        default=dict,
        help_text="Basis points over the base rate by grade; empty takes the scorecard's.",
    )
    method = serializers.ChoiceField(choices=choices(Method), default=Method.EQUAL_INSTALMENT.value)
    day_count = serializers.ChoiceField(choices=choices(DayCount), default=DayCount.ANNUAL_12.value)
    rounding = serializers.ChoiceField(choices=INTEREST_ROUNDING, default="half_up")
    rounding_unit = serializers.DecimalField(
        max_digits=10, decimal_places=4, min_value=Decimal("0.01"), default=Decimal("0.01")
    )
    conditions = serializers.ListField(
        child=serializers.CharField(max_length=200), default=list, max_length=50
    )

    def terms(self) -> ProductTerms:
        data = self.validated_data
        return ProductTerms(
            **{
                **data,
                "regime": Regime(data["regime"]),
                "method": Method(data["method"]),
                "day_count": DayCount(data["day_count"]),
                "rounding": Rounding(data["rounding"]),
                "conditions": tuple(data["conditions"]),
            }
        )


class AuthorityOut(serializers.ModelSerializer[AuthorityLimit]):
    grades = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = AuthorityLimit
        fields = (
            "role",
            "up_to",
            "grades",
            "conditions",
            "votes_required",
            "votes_of",
            "effective_from",
        )
        read_only_fields = fields


class AuthorityPageOut(serializers.Serializer[Any]):
    """The authority limits in force."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = AuthorityOut(many=True)


class LimitIn(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=sorted(roles.ROLES))
    up_to = serializers.DecimalField(**POSITIVE)
    grades = serializers.ListField(
        child=serializers.CharField(max_length=8), min_length=1, max_length=26
    )
    conditions = serializers.CharField(max_length=500, default="", allow_blank=True)
    votes_required = serializers.IntegerField(min_value=1, max_value=99, default=1)
    votes_of = serializers.IntegerField(min_value=1, max_value=99, default=1)


class LimitsIn(serializers.Serializer[Any]):
    """A whole set of limits; from its first day on it replaces every earlier one."""

    effective_from = DayField(required=False, help_text="Today, if left out.")
    limits = serializers.ListField(child=LimitIn(), min_length=1, max_length=50)


class LoanProductViewSet(TenantViewSet):
    """Loan products."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "lending.product.view",
        "create": "lending.product.write",
        "retrieve": "lending.product.view",
        "publish": "lending.product.write",
        "retire": "lending.product.write",
    }

    lookup_value_converter = "uuid"

    @extend_schema(operation_id="loan_products_list", responses=ProductPageOut)
    def list(self, request: Request) -> Response:
        found = selectors.list_for(actor=self.actor)
        return self.paginate(found, ProductOut, ordering=("code", "pk"))

    @extend_schema(
        operation_id="loan_products_create", request=ProductIn, responses={201: ProductOut}
    )
    def create(self, request: Request) -> Response:
        asked = ProductIn(data=request.data)
        asked.is_valid(raise_exception=True)
        product = products.create(asked.terms(), actor=self.actor, at=timezone.now())
        return Response(ProductOut(product).data, status=201)

    @extend_schema(operation_id="loan_products_retrieve", responses=ProductOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(ProductOut(selectors.get(pk, actor=self.actor)).data)

    @extend_schema(operation_id="loan_products_publish", request=None, responses=ProductOut)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: UUID) -> Response:
        product = products.publish(pk, actor=self.actor, at=timezone.now())
        return Response(ProductOut(product).data)

    @extend_schema(operation_id="loan_products_retire", request=None, responses=ProductOut)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: UUID) -> Response:
        product = products.retire(pk, actor=self.actor, at=timezone.now())
        return Response(ProductOut(product).data)


class AuthorityLimitViewSet(TenantViewSet):
    """Who may approve how much, for which grades."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "lending.product.view",
        "create": "lending.product.write",
    }

    @extend_schema(operation_id="authority_limits_list", responses=AuthorityPageOut)
    def list(self, request: Request) -> Response:
        limits = selectors.limits(actor=self.actor, on=business_day(timezone.now()))
        return self.paginate(limits, AuthorityOut)

    @extend_schema(
        operation_id="authority_limits_set",
        request=LimitsIn,
        responses={201: AuthorityOut(many=True)},
    )
    def create(self, request: Request) -> Response:
        asked = LimitsIn(data=request.data)
        asked.is_valid(raise_exception=True)
        at = timezone.now()
        limits = [
            Authority(**{**limit, "grades": tuple(limit["grades"])})
            for limit in asked.validated_data["limits"]
        ]
        first_day = asked.validated_data.get("effective_from", business_day(at))
        rows = products.set_limits(limits, effective_from=first_day, actor=self.actor, at=at)
        return Response(AuthorityOut(rows, many=True).data, status=201)
