"""Consents: asked for by readers, given and taken back by enterprises."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from qfce.kernel.api.fields import DayField
from qfce.kernel.api.schema import PAGING
from qfce.kernel.api.views import TenantViewSet
from sharing.domain.consents import ConsentStatus
from sharing.models import Consent
from sharing.policies import GRANTABLE
from sharing.selectors import consents as selectors
from sharing.services import consents

STATUSES = [status.value for status in ConsentStatus]


class ConsentIn(serializers.Serializer[Any]):
    """What a reader asks an enterprise to open to it."""

    uscc = serializers.CharField(min_length=18, max_length=18)
    items = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1)
    purposes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(GRANTABLE)), min_length=1
    )
    starts_on = DayField(required=False)
    ends_on = DayField(required=False)


class DecisionIn(serializers.Serializer[Any]):
    """A yes, and separately whether the reader may report its lending back."""

    allows_feedback = serializers.BooleanField(default=False)


class TokenIn(DecisionIn):
    """A decision by the one-time link that was sent to the enterprise."""

    token = serializers.CharField(max_length=100)
    grants = serializers.BooleanField(default=True, help_text="False refuses.")


class ConsentOut(serializers.Serializer[Consent]):
    """A consent and where it stands. The token of its link is never in it."""

    id = serializers.UUIDField()
    uscc = serializers.CharField()
    recipient = serializers.CharField(source="recipient.short_name")
    items = serializers.ListField(child=serializers.CharField())
    purposes = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=STATUSES)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    text_version = serializers.CharField()
    evidence_sha256 = serializers.CharField()
    allows_feedback = serializers.BooleanField()
    requested_at = serializers.DateTimeField()
    granted_at = serializers.DateTimeField(allow_null=True)
    refused_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ConsentPageOut(serializers.Serializer[Any]):
    """One page of consents."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ConsentOut(many=True)


class DecidedOut(serializers.Serializer[Any]):
    """What became of the consent that a link was for."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["active", "refused"])


class FilterIn(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    uscc = serializers.CharField(required=False, max_length=18)


class ConsentViewSet(TenantViewSet):
    """Consents that the caller's organisation asked for, or that are about it."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.consent.write",
        "retrieve": "sharing.consent.write",
        "create": "sharing.consent.write",
        "grant": "sharing.consent.write",
        "refuse": "sharing.consent.write",
        "withdraw": "sharing.consent.write",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="consents_list", parameters=[FilterIn, *PAGING], responses=ConsentPageOut
    )
    def list(self, request: Request) -> Response:
        asked = FilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.list_for(actor=self.actor, **asked.validated_data)
        return self.paginate(found, ConsentOut, ordering=("-requested_at", "pk"))

    @extend_schema(operation_id="consents_retrieve", responses=ConsentOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return self._show(pk)

    @extend_schema(operation_id="consents_create", request=ConsentIn, responses={201: ConsentOut})
    def create(self, request: Request) -> Response:
        asked = ConsentIn(data=request.data)
        asked.is_valid(raise_exception=True)
        consent = consents.request(**asked.validated_data, actor=self.actor, at=timezone.now())
        return Response(ConsentOut(consent).data, status=201)

    @extend_schema(operation_id="consents_grant", request=DecisionIn, responses=ConsentOut)
    @action(detail=True, methods=["post"])
    def grant(self, request: Request, pk: UUID) -> Response:
        asked = DecisionIn(data=request.data)
        asked.is_valid(raise_exception=True)
        consents.grant(pk, **asked.validated_data, actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(operation_id="consents_refuse", request=None, responses=ConsentOut)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: UUID) -> Response:
        consents.refuse(pk, actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(operation_id="consents_withdraw", request=None, responses=ConsentOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: UUID) -> Response:
        consents.withdraw(pk, actor=self.actor, at=timezone.now())
        return self._show(pk)

    def _show(self, pk: UUID) -> Response:
        return Response(ConsentOut(selectors.get(pk, actor=self.actor)).data)


class GrantByToken(APIView):
    """The one-time link: its holder is the enterprise, and nobody signs in for it."""

    authentication_classes = ()

    @extend_schema(
        operation_id="consents_grant_by_token", request=TokenIn, responses=DecidedOut, auth=[]
    )
    def post(self, request: Request) -> Response:
        asked = TokenIn(data=request.data)
        asked.is_valid(raise_exception=True)
        grants = asked.validated_data["grants"]
        with transaction.atomic():
            consent_id = consents.decide_by_token(**asked.validated_data, at=timezone.now())
        return Response({"id": consent_id, "status": "active" if grants else "refused"})
