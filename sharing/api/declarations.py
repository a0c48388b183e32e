"""Declarations: what a bureau asks enterprises to state, what they have declared, taking it."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.schema import PAGING, page_of
from qfce.kernel.api.views import TenantViewSet
from sharing.domain.declarations import DeclarationStatus
from sharing.models import Declaration, ImportBatch
from sharing.selectors import declarations as selectors
from sharing.services import declarations

STATUSES = [status.value for status in DeclarationStatus]


class DeclarationIn(serializers.Serializer[Any]):
    """Which items of which enterprise, by when and what for."""

    uscc = serializers.CharField(min_length=18, max_length=18)
    factor_list = serializers.CharField(max_length=40)
    items = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1)
    due_on = serializers.DateField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)
    address = serializers.EmailField(
        required=False, help_text="Where the link goes besides what is known."
    )


class ReturnIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, help_text="What has to be amended.")


class TakeIn(serializers.Serializer[Any]):
    """Which declarations become one import."""

    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=5000)


class DeclarationOut(serializers.Serializer[Declaration]):
    """A declaration and where it stands. What is declared is no fact."""

    id = serializers.UUIDField()
    uscc = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()
    factor_list = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField(allow_blank=True)
    round = serializers.UUIDField(source="round_id", allow_null=True)
    asked_by = serializers.CharField(source="owner.short_name")
    asked_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    status = serializers.ChoiceField(choices=STATUSES)
    answers = serializers.DictField(
        child=serializers.CharField(),
        help_text="What was typed, by item or by `item|valid_to` and the like.",
    )
    declared_at = serializers.DateTimeField(allow_null=True)
    return_reason = serializers.CharField(allow_blank=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    import_id = serializers.UUIDField(allow_null=True)


class TakenOut(serializers.Serializer[ImportBatch]):
    """The import that declarations became; it is checked now."""

    import_id = serializers.UUIDField(source="pk")
    status = serializers.CharField()


class DeclarationFilterIn(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    uscc = serializers.CharField(required=False, max_length=18)


class DeclarationViewSet(TenantViewSet):
    """What the caller's bureau asks of enterprises, or what its enterprise is asked."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.declaration.view",
        "retrieve": "sharing.declaration.view",
        "create": "sharing.import.upload",
        "take": "sharing.import.upload",
        "return_": "sharing.import.upload",
        "cancel": "sharing.import.upload",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="declarations_list",
        parameters=[DeclarationFilterIn, *PAGING],
        responses=page_of(DeclarationOut),
    )
    def list(self, request: Request) -> Response:
        """List the declarations, newest first."""
        asked = DeclarationFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.list_for(actor=self.actor, **asked.validated_data)
        return self.paginate(found, DeclarationOut, ordering=("-asked_at", "pk"))

    @extend_schema(operation_id="declarations_retrieve", responses=DeclarationOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return one declaration."""
        return self._show(pk)

    @extend_schema(
        operation_id="declarations_create", request=DeclarationIn, responses={201: DeclarationOut}
    )
    def create(self, request: Request) -> Response:
        """Ask one enterprise; it gets a link where its address is known."""
        asked = DeclarationIn(data=request.data)
        asked.is_valid(raise_exception=True)
        made = declarations.ask(**asked.validated_data, actor=self.actor, at=timezone.now())
        return self._show(made.pk, status=201)

    @extend_schema(operation_id="declarations_take", request=TakeIn, responses={202: TakenOut})
    @action(detail=False, methods=["post"])
    def take(self, request: Request) -> Response:
        """Take declarations that wait: all of them become one import, or none is taken."""
        asked = TakeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        ids = asked.validated_data["ids"]
        batch = declarations.take(ids, actor=self.actor, at=timezone.now())
        return Response(TakenOut(batch).data, status=202)

    @extend_schema(operation_id="declarations_return", request=ReturnIn, responses=DeclarationOut)
    @action(detail=True, methods=["post"], url_path="return")
    def return_(self, request: Request, pk: UUID) -> Response:
        """Send a declaration back to be amended; the enterprise gets a new link."""
        asked = ReturnIn(data=request.data)
        asked.is_valid(raise_exception=True)
        declarations.return_(pk, **asked.validated_data, actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(operation_id="declarations_cancel", request=None, responses=DeclarationOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Ask no longer; the link is good for nothing from then on."""
        declarations.cancel(pk, actor=self.actor, at=timezone.now())
        return self._show(pk)

    def _show(self, pk: UUID, *, status: int = 200) -> Response:
        found = selectors.get(pk, actor=self.actor)
        return Response(DeclarationOut(found).data, status=status)
