"""Sharing agreements, and recalls of what was withdrawn."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.fields import DayField
from qfce.kernel.api.schema import PAGING
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.tenancy.models import Organization
from sharing.domain.agreements import AgreementStatus
from sharing.models import Agreement, Recall
from sharing.policies import GRANTABLE
from sharing.selectors import agreements as selectors
from sharing.services import agreements, recalls

STATUSES = [status.value for status in AgreementStatus]


class OrganizationField(serializers.CharField):
    """An organisation by its id or its short name."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        try:
            found = Organization.objects.filter(pk=UUID(text)).first()
        except ValueError:
            found = Organization.objects.filter(short_name=text).first()
        if found is None:
            raise serializers.ValidationError(_("There is no such organisation."))
        return found.pk


class AgreementIn(serializers.Serializer[Any]):
    """What is shared with whom, and for which purposes."""

    recipient = OrganizationField(help_text="Id or short name.")
    factor_list = serializers.CharField(max_length=40)
    categories = serializers.ListField(child=serializers.CharField(max_length=40), min_length=1)
    purposes = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1)
    regions = serializers.ListField(
        child=serializers.RegexField(r"^\d{6}$"),
        required=False,
        help_text="Empty: the regulator's whole jurisdiction.",
    )
    enterprise_lists = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="Empty: all published ones."
    )
    starts_on = DayField(required=False)
    ends_on = DayField(required=False, allow_null=True)


class AgreementOut(serializers.Serializer[Agreement]):
    """An agreement with its terms; the item lists are compiled when it is activated."""

    id = serializers.UUIDField()
    owner = serializers.CharField(source="owner.short_name")
    recipient = serializers.CharField(source="recipient.short_name")
    status = serializers.ChoiceField(choices=STATUSES)
    factor_list = serializers.CharField()
    list_version = serializers.IntegerField(allow_null=True)
    categories = serializers.ListField(child=serializers.CharField())
    purposes = serializers.ListField(child=serializers.ChoiceField(choices=list(GRANTABLE)))
    regions = serializers.ListField(child=serializers.CharField())
    enterprise_lists = serializers.ListField(
        child=serializers.UUIDField(), source="enterprise_list_ids"
    )
    items = serializers.ListField(child=serializers.CharField())
    consent_items = serializers.ListField(child=serializers.CharField())
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    activated_at = serializers.DateTimeField(allow_null=True)
    suspended_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class AgreementPageOut(serializers.Serializer[Any]):
    """One page of agreements."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = AgreementOut(many=True)


class StatusIn(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=STATUSES, required=False)


class AgreementViewSet(TenantViewSet):
    """Agreements that the caller's organisation is party to."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.agreement.view",
        "retrieve": "sharing.agreement.view",
        "create": "sharing.agreement.write",
        "activate": "sharing.agreement.write",
        "suspend": "sharing.agreement.write",
        "end": "sharing.agreement.write",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="agreements_list", parameters=[StatusIn, *PAGING], responses=AgreementPageOut
    )
    def list(self, request: Request) -> Response:
        asked = StatusIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.list_for(actor=self.actor, **asked.validated_data)
        return self.paginate(found, AgreementOut, ordering=("-created_at", "pk"))

    @extend_schema(operation_id="agreements_retrieve", responses=AgreementOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return self._show(pk)

    @extend_schema(
        operation_id="agreements_create", request=AgreementIn, responses={201: AgreementOut}
    )
    def create(self, request: Request) -> Response:
        asked = AgreementIn(data=request.data)
        asked.is_valid(raise_exception=True)
        terms = asked.validated_data
        drafted = agreements.draft(
            recipient_id=terms.pop("recipient"),
            enterprise_list_ids=terms.pop("enterprise_lists", ()),
            **terms,
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(AgreementOut(drafted).data, status=201)

    @extend_schema(operation_id="agreements_activate", request=None, responses=AgreementOut)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: UUID) -> Response:
        agreements.activate(pk, actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(operation_id="agreements_suspend", request=None, responses=AgreementOut)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, pk: UUID) -> Response:
        agreements.suspend(pk, actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(operation_id="agreements_end", request=None, responses=AgreementOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: UUID) -> Response:
        agreements.end(pk, actor=self.actor, at=timezone.now())
        return self._show(pk)

    def _show(self, pk: UUID) -> Response:
        return Response(AgreementOut(selectors.get(pk, actor=self.actor)).data)


class RecallOut(serializers.Serializer[Recall]):
    """A withdrawn record that its receivers have to remove; never with the value."""

    id = serializers.UUIDField()
    uscc = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField())
    publication_number = serializers.IntegerField()
    recipient_id = serializers.UUIDField()
    issued_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)


class RecallPageOut(serializers.Serializer[Any]):
    """One page of recalls."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RecallOut(many=True)


class RecallViewSet(TenantViewSet):
    """Recalls that the caller's organisation issued or received."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.feed.read",
        "acknowledge": "sharing.feed.read",
    }

    lookup_value_converter = "uuid"

    @extend_schema(operation_id="recalls_list", parameters=PAGING, responses=RecallPageOut)
    def list(self, request: Request) -> Response:
        found = selectors.recalls(actor=self.actor)
        return self.paginate(found, RecallOut, ordering=("-issued_at", "pk"))

    @extend_schema(
        operation_id="recalls_acknowledge",
        parameters=[OpenApiParameter("id", UUID, OpenApiParameter.PATH)],
        request=None,
        responses=RecallOut,
    )
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: UUID) -> Response:
        recall = recalls.acknowledge(pk, actor=self.actor, at=timezone.now())
        return Response(RecallOut(recall).data)
