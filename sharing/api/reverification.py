"""What is due to be verified again, confirming it, and checks against registers."""

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
from sharing.domain.reverification import DueKind, RunStatus
from sharing.models import DueItem, SourceRun
from sharing.selectors import reverification as selectors
from sharing.services import rechecks, reverification

KINDS = [kind.value for kind in DueKind]


class DueItemOut(serializers.Serializer[DueItem]):
    """One fact to look at again."""

    uscc = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()
    factor_list = serializers.CharField()
    item = serializers.CharField(source="code")
    kind = serializers.ChoiceField(choices=KINDS)
    recorded_on = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(help_text="The last day that it holds, or is young enough.")


class DueFilterIn(serializers.Serializer[Any]):
    factor_list = serializers.CharField(required=False, max_length=40)
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    item = serializers.CharField(required=False, max_length=20)
    region = serializers.CharField(required=False, min_length=6, max_length=6)


class FactIn(serializers.Serializer[Any]):
    uscc = serializers.CharField(min_length=18, max_length=18)
    item = serializers.CharField(max_length=20)


class ConfirmIn(serializers.Serializer[Any]):
    """Facts of the work list that still hold."""

    factor_list = serializers.CharField(max_length=40)
    facts = FactIn(many=True, allow_empty=False)


class ConfirmedOut(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Of the publication.")
    rows = serializers.IntegerField(help_text="Enterprises.")


class SourceOut(serializers.Serializer[Any]):
    """A register that the operator configured for the caller's bureau."""

    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    kind = serializers.CharField()
    factor_list = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField())


class SourceRunIn(serializers.Serializer[Any]):
    source = serializers.CharField(max_length=40)


class SourceRunOut(serializers.Serializer[SourceRun]):
    """One check against a register."""

    id = serializers.UUIDField()
    source = serializers.CharField()
    factor_list = serializers.CharField()
    status = serializers.ChoiceField(source="state", choices=[status.value for status in RunStatus])
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    asked = serializers.IntegerField(help_text="Enterprises.")
    agreed = serializers.IntegerField(help_text="Facts.")
    disagreed = serializers.IntegerField(help_text="Facts, prepared as changes to release.")
    publication = serializers.IntegerField(source="publication_number", allow_null=True)
    failure = serializers.CharField(source="reason", allow_blank=True)


class DueItemViewSet(TenantViewSet):
    """The work list of the caller's jurisdiction, written anew each night."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.import.view",
        "confirm": "sharing.record.write",
    }

    @extend_schema(
        operation_id="due_items_list",
        parameters=[DueFilterIn, *PAGING],
        responses=page_of(DueItemOut),
    )
    def list(self, request: Request) -> Response:
        """
        List what ends soon, has ended, or is older than a list allows: by credit code, list, item.
        """
        asked = DueFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        kind = given.pop("kind", None)
        found = selectors.due(actor=self.actor, kinds=[kind] if kind else [], **given)
        # Facts of one file are due on one day: an order by day alone would have too many ties.
        return self.paginate(found, DueItemOut, ordering=("uscc", "factor_list", "code"))

    @extend_schema(
        operation_id="due_items_confirm", request=ConfirmIn, responses={201: ConfirmedOut}
    )
    @action(detail=False, methods=["post"])
    def confirm(self, request: Request) -> Response:
        """Confirm that facts still hold, many at once."""
        asked = ConfirmIn(data=request.data)
        asked.is_valid(raise_exception=True)
        pairs = [(each["uscc"], each["item"]) for each in asked.validated_data["facts"]]
        published = reverification.confirm(
            pairs,
            factor_list=asked.validated_data["factor_list"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response({"number": published.number, "rows": published.rows}, status=201)


class SourceRunViewSet(TenantViewSet):
    """Checks of the jurisdiction's facts against registers."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.import.view",
        "retrieve": "sharing.import.view",
        "sources": "sharing.import.view",
        "create": "sharing.record.write",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="source_runs_list", parameters=PAGING, responses=page_of(SourceRunOut)
    )
    def list(self, request: Request) -> Response:
        """List the checks, newest first."""
        return self.paginate(
            selectors.runs(actor=self.actor), SourceRunOut, ordering=("-started_at", "pk")
        )

    @extend_schema(operation_id="source_runs_retrieve", responses=SourceRunOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return one check."""
        return Response(SourceRunOut(selectors.run(pk, actor=self.actor)).data)

    @extend_schema(operation_id="source_runs_sources", responses=SourceOut(many=True))
    @action(detail=False, methods=["get"])
    def sources(self, request: Request) -> Response:
        """List the registers that the caller's bureau may check against."""
        return Response(SourceOut(rechecks.sources_of(actor=self.actor), many=True).data)

    @extend_schema(
        operation_id="source_runs_create", request=SourceRunIn, responses={202: SourceRunOut}
    )
    def create(self, request: Request) -> Response:
        """Order a check; a worker does it."""
        asked = SourceRunIn(data=request.data)
        asked.is_valid(raise_exception=True)
        run = rechecks.order(asked.validated_data["source"], actor=self.actor, at=timezone.now())
        ordered = selectors.run(run.pk, actor=self.actor)
        return Response(SourceRunOut(ordered).data, status=202)
