"""Contracts as they were signed."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lending.models import Contract
from lending.selectors import loans as selectors
from qfce.kernel.api.fields import DayField
from qfce.kernel.api.views import TenantViewSet


class ContractIn(serializers.Serializer[Any]):
    """What is settled on the day of the contract; the rest stands in the approval."""

    number = serializers.CharField(max_length=60)
    base_rate = serializers.DecimalField(
        max_digits=7,
        decimal_places=6,
        min_value=Decimal(0),
        max_value=Decimal("0.36"),
        help_text="The loan prime rate last published, as a fraction.",
    )
    base_rate_on = DayField(help_text="The day on which it was published.")
    signed_on = DayField(required=False, help_text="Today, if left out.")
    signed_for_enterprise_by = serializers.CharField(max_length=80)
    repayment_day = serializers.IntegerField(
        min_value=1, max_value=31, required=False, allow_null=True
    )


class ContractOut(serializers.ModelSerializer[Contract]):
    loan = serializers.UUIDField(source="loan.pk", help_text="The loan to draw on.")
    terms = serializers.DictField(help_text="The whole contract, of which the digest is.")

    class Meta:
        model = Contract
        fields = (
            "id",
            "application",
            "loan",
            "number",
            "uscc",
            "principal",
            "months",
            "base_rate",
            "base_rate_on",
            "spread_bp",
            "annual_rate",
            "terms",
            "digest",
            "signed_on",
            "signed_at",
            "signed_by",
            "signed_for_enterprise_by",
        )
        read_only_fields = fields


class ContractViewSet(TenantViewSet):
    """Contracts."""

    required: ClassVar[dict[str, str | None]] = {
        "retrieve": "lending.loan.view",
    }

    lookup_value_converter = "uuid"

    @extend_schema(operation_id="contracts_retrieve", responses=ContractOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(ContractOut(selectors.contract(pk, actor=self.actor)).data)
