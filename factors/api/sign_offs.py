"""The signatures under a version of a factor list."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from factors.api.factor_lists import PLACE
from factors.domain.list_versions import Decision
from factors.selectors import sign_offs as selectors
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day

DECISIONS = [*(decision.value for decision in Decision), selectors.AWAITED]


class SignatureOut(serializers.Serializer[selectors.Signature]):
    """One organization's answer, or that it is awaited."""

    organization_id = serializers.UUIDField()
    organization_zh = serializers.CharField()
    organization_en = serializers.CharField()
    decision = serializers.ChoiceField(choices=DECISIONS)
    is_current = serializers.BooleanField(
        help_text="Whether the answer is for the document as it is now."
    )
    is_required = serializers.BooleanField()
    is_late = serializers.BooleanField(help_text="Whether the last day had passed, or has.")
    signer_name = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    digest = serializers.CharField(allow_blank=True, help_text="Of the document answered for.")
    signed_at = serializers.DateTimeField(allow_null=True)


class SignaturePageOut(serializers.Serializer[Any]):
    """One page of signatures."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SignatureOut(many=True)


class SignatureViewSet(TenantViewSet):
    """Who has signed a version, who has refused, and who is still to answer."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "factors.list.view",
    }

    @extend_schema(
        operation_id="factor_list_versions_signatures", parameters=PLACE, responses=SignaturePageOut
    )
    def list(self, request: Request, code: str, number: int) -> Response:
        today = business_day(timezone.now())
        found = selectors.signatures(code, number, actor=self.actor, on=today)
        return self.paginate(found, SignatureOut)
