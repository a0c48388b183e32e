"""Collection rounds: what a province or a city asks its bureaus to collect by a day."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.schema import PAGING, page_of
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day
from sharing.domain.collection_rounds import Delivery, RoundStatus
from sharing.models import CollectionRound, RoundDelivery
from sharing.selectors import collection_rounds as selectors
from sharing.selectors.collection_rounds import BureauProgress
from sharing.services import collection_rounds

STATUSES = [status.value for status in RoundStatus]
MOST_LACKING = 1_000


class RoundIn(serializers.Serializer[Any]):
    """What to ask the bureaus for."""

    name = serializers.CharField(max_length=120)
    factor_list = serializers.CharField(max_length=40)
    items = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1)
    regions = serializers.ListField(child=serializers.CharField(max_length=6), required=False)
    enterprise_list_id = serializers.UUIDField(required=False)
    since = serializers.DateField(required=False, help_text="Earlier values do not count.")
    due_on = serializers.DateField(help_text="The last day.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class RoundOut(serializers.Serializer[CollectionRound]):
    """A round."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    opened_by = serializers.CharField(source="owner.short_name")
    factor_list = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField())
    regions = serializers.ListField(child=serializers.CharField())
    enterprise_list_id = serializers.UUIDField(allow_null=True)
    since = serializers.DateField(allow_null=True)
    due_on = serializers.DateField()
    note = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=STATUSES)
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class CellsOut(serializers.Serializer[Any]):
    item = serializers.CharField()
    lacking = serializers.IntegerField()


class BureauProgressOut(serializers.Serializer[Any]):
    """How far one bureau is with a round."""

    bureau = serializers.CharField(source="bureau.short_name")
    state = serializers.ChoiceField(choices=[state.value for state in Delivery])
    enterprises = serializers.IntegerField()
    complete = serializers.IntegerField()
    lacking = serializers.IntegerField(help_text="Enterprises that lack one of the items.")
    share = serializers.FloatField(help_text="Of the cells asked for, those that are there.")
    cells = serializers.SerializerMethodField()
    imports = serializers.IntegerField(help_text="Imports sent for the round.")
    last_import_at = serializers.DateTimeField(allow_null=True)
    reminded_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(CellsOut(many=True))
    def get_cells(self, found: BureauProgress) -> list[dict[str, Any]]:
        return [{"item": code, "lacking": n} for code, n in found.cells.items()]


class LackingOut(serializers.Serializer[Any]):
    """An enterprise, and the items of the round that it lacks."""

    uscc = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    region = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField())


class MissingOut(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    results = LackingOut(many=True)


class MissingIn(serializers.Serializer[Any]):
    item = serializers.CharField(required=False, max_length=20)
    region = serializers.CharField(required=False, min_length=6, max_length=6)
    offset = serializers.IntegerField(required=False, min_value=0, max_value=2_000_000)


class DeliveryIn(serializers.Serializer[Any]):
    import_id = serializers.UUIDField()


class DeliveryOut(serializers.Serializer[RoundDelivery]):
    """An import that was sent for a round."""

    import_id = serializers.UUIDField()
    noted_at = serializers.DateTimeField()


class RoundFilterIn(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=STATUSES, required=False)


class CollectionRoundViewSet(TenantViewSet):
    """Rounds that the caller's bureau opened, oversees, or is asked in."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.import.view",
        "retrieve": "sharing.import.view",
        "progress": "sharing.import.view",
        "missing": "sharing.import.view",
        "create": "sharing.round.write",
        "close": "sharing.round.write",
        "deliveries": "sharing.import.upload",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="collection_rounds_list",
        parameters=[RoundFilterIn, *PAGING],
        responses=page_of(RoundOut),
    )
    def list(self, request: Request) -> Response:
        """List the rounds, newest first."""
        asked = RoundFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.list_for(actor=self.actor, **asked.validated_data)
        return self.paginate(found, RoundOut, ordering=("-opened_at", "pk"))

    @extend_schema(operation_id="collection_rounds_retrieve", responses=RoundOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return one round."""
        return Response(RoundOut(selectors.get(pk, actor=self.actor)).data)

    @extend_schema(
        operation_id="collection_rounds_create", request=RoundIn, responses={201: RoundOut}
    )
    def create(self, request: Request) -> Response:
        """Open a round: ask the bureaus of the jurisdiction for items by a day."""
        asked = RoundIn(data=request.data)
        asked.is_valid(raise_exception=True)
        made = collection_rounds.open_(**asked.validated_data, actor=self.actor, at=timezone.now())
        return Response(RoundOut(selectors.get(made.pk, actor=self.actor)).data, status=201)

    @extend_schema(
        operation_id="collection_rounds_progress", responses=BureauProgressOut(many=True)
    )
    @action(detail=True, methods=["get"])
    def progress(self, request: Request, pk: UUID) -> Response:
        """Return how far each bureau is, those with most missing first."""
        found = selectors.progress(
            selectors.get(pk, actor=self.actor),
            actor=self.actor,
            on=business_day(timezone.now()),
        )
        return Response(BureauProgressOut(found, many=True).data)

    @extend_schema(
        operation_id="collection_rounds_missing", parameters=[MissingIn], responses=MissingOut
    )
    @action(detail=True, methods=["get"])
    def missing(self, request: Request, pk: UUID) -> Response:
        """Return enterprises that lack items of the round, 1,000 at a time."""
        asked = MissingIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        region = given.pop("region", None)
        found, total = selectors.missing(
            selectors.get(pk, actor=self.actor),
            actor=self.actor,
            regions=[region] if region else [],
            limit=MOST_LACKING,
            **given,
        )
        return Response({"total": total, "results": LackingOut(found, many=True).data})

    @extend_schema(operation_id="collection_rounds_close", request=None, responses=RoundOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: UUID) -> Response:
        """End a round; nobody is reminded of it any more."""
        collection_rounds.close(pk, actor=self.actor, at=timezone.now())
        return Response(RoundOut(selectors.get(pk, actor=self.actor)).data)

    @extend_schema(
        operation_id="collection_rounds_deliver",
        request=DeliveryIn,
        responses={201: DeliveryOut},
    )
    @action(detail=True, methods=["post"])
    def deliveries(self, request: Request, pk: UUID) -> Response:
        """Note that an import of the caller's bureau was sent for the round."""
        asked = DeliveryIn(data=request.data)
        asked.is_valid(raise_exception=True)
        noted = collection_rounds.note_import(
            pk, asked.validated_data["import_id"], actor=self.actor, at=timezone.now()
        )
        return Response(DeliveryOut(noted).data, status=201)
