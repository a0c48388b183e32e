"""Objections to facts: opened by whoever is shown them, decided by the bureau of the region."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.fields import DayField
from qfce.kernel.api.schema import PAGING, page_of
from qfce.kernel.api.views import TenantViewSet
from sharing.domain.disputes import DisputeStatus
from sharing.models import Dispute
from sharing.selectors import disputes as selectors
from sharing.services import disputes

STATUSES = [status.value for status in DisputeStatus]


class DisputeIn(serializers.Serializer[Any]):
    """The fact, and what is wrong with it."""

    uscc = serializers.CharField(min_length=18, max_length=18)
    item = serializers.CharField(max_length=20)
    statement = serializers.CharField(max_length=2000)
    factor_list = serializers.CharField(
        required=False,
        max_length=40,
        help_text="On which list it is. Left out: the one whose profile you are shown.",
    )


class UpholdIn(serializers.Serializer[Any]):
    """What holds instead. Without a value the fact is withdrawn."""

    value = serializers.JSONField(required=False, allow_null=True)
    valid_from = DayField(required=False)
    valid_to = DayField(required=False)
    item = serializers.CharField(
        required=False,
        max_length=20,
        help_text="Which item has the value, where a new list version has split the disputed one.",
    )
    reason = serializers.CharField(max_length=1000, help_text="For whoever objected.")

    def given(self) -> dict[str, Any]:
        said = self.validated_data
        days = {n: said[n].isoformat() for n in ("valid_from", "valid_to") if n in said}
        return {
            "value": said.get("value"),
            "details": days,
            "item": said.get("item"),
            "reason": said["reason"],
        }


class RejectIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000, help_text="For whoever objected.")


class DisputeOut(serializers.Serializer[Dispute]):
    """A dispute and where it stands. It holds no value."""

    id = serializers.UUIDField()
    uscc = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()
    factor_list = serializers.CharField()
    item = serializers.CharField()
    statement = serializers.CharField()
    opened_by = serializers.CharField(source="owner.short_name")
    addressee = serializers.CharField(source="addressee.short_name")
    status = serializers.ChoiceField(choices=STATUSES)
    opened_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    reason = serializers.SerializerMethodField(help_text="Why it was decided so, once it is.")
    closed_at = serializers.DateTimeField(allow_null=True)
    publication = serializers.IntegerField(
        source="publication_number",
        allow_null=True,
        help_text="Number of the feed's publication that put the fact right.",
    )

    def get_reason(self, dispute: Dispute) -> str:
        return dispute.reason if dispute.closed_at else ""


class DisputeFilterIn(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    uscc = serializers.CharField(required=False, max_length=18)


class DisputeViewSet(TenantViewSet):
    """What the caller's organisation disputes, or what is disputed in its region."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.dispute.view",
        "retrieve": "sharing.dispute.view",
        "create": "sharing.dispute.open",
        "cancel": "sharing.dispute.open",
        "uphold": "sharing.dispute.decide",
        "reject": "sharing.dispute.decide",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="disputes_list",
        parameters=[DisputeFilterIn, *PAGING],
        responses=page_of(DisputeOut),
    )
    def list(self, request: Request) -> Response:
        """List the disputes, newest first."""
        asked = DisputeFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.list_for(actor=self.actor, **asked.validated_data)
        return self.paginate(found, DisputeOut, ordering=("-opened_at", "pk"))

    @extend_schema(operation_id="disputes_retrieve", responses=DisputeOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return one dispute."""
        return self._show(pk)

    @extend_schema(operation_id="disputes_create", request=DisputeIn, responses={201: DisputeOut})
    def create(self, request: Request) -> Response:
        """Object to a fact. It is marked for every reader until the bureau decides."""
        asked = DisputeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        made = disputes.open_(**asked.validated_data, actor=self.actor, at=timezone.now())
        return self._show(made.pk, status=201)

    @extend_schema(operation_id="disputes_uphold", request=UpholdIn, responses=DisputeOut)
    @action(detail=True, methods=["post"])
    def uphold(self, request: Request, pk: UUID) -> Response:
        """Prepare the right value, or the withdrawal; a second person releases it."""
        asked = UpholdIn(data=request.data)
        asked.is_valid(raise_exception=True)
        disputes.uphold(pk, **asked.given(), actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(operation_id="disputes_reject", request=RejectIn, responses=DisputeOut)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: UUID) -> Response:
        """Say why the fact is right; the mark goes."""
        asked = RejectIn(data=request.data)
        asked.is_valid(raise_exception=True)
        disputes.reject(pk, **asked.validated_data, actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(operation_id="disputes_cancel", request=None, responses=DisputeOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Take an objection back; the mark goes."""
        disputes.cancel(pk, actor=self.actor, at=timezone.now())
        return self._show(pk)

    def _show(self, pk: UUID, *, status: int = 200) -> Response:
        found = selectors.get(pk, actor=self.actor)
        return Response(DisputeOut(found).data, status=status)
