"""Lists by rule: the rule, its runs, and the difference that somebody adopts."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.views import TenantViewSet
from sharing.domain.list_criteria import RunStatus
from sharing.selectors import list_rules as selectors
from sharing.services import list_rules

STATUSES = [status.value for status in RunStatus]


class ListRuleIn(serializers.Serializer[None]):
    """A rule: a condition over the items of a factor list, as gates and checks are written."""

    list = serializers.UUIDField(help_text="Of the enterprise list.")
    factor_list = serializers.CharField(max_length=40)
    condition = serializers.DictField(child=serializers.JSONField())
    regions = serializers.ListField(child=serializers.CharField(max_length=6), default=[])


class ListRuleOut(serializers.Serializer[Any]):
    list = serializers.UUIDField(source="list_id")
    factor_list = serializers.CharField()
    condition = serializers.DictField(child=serializers.JSONField())
    regions = serializers.ListField(child=serializers.CharField())
    saved_at = serializers.DateTimeField()


class ListRunIn(serializers.Serializer[None]):
    list = serializers.UUIDField(help_text="Of the enterprise list.")


class ListRunOut(serializers.Serializer[Any]):
    """A run of a rule: who would come and who would go."""

    id = serializers.UUIDField()
    list = serializers.UUIDField(source="list_id")
    status = serializers.ChoiceField(choices=STATUSES)
    asked_at = serializers.DateTimeField()
    matched = serializers.IntegerField(allow_null=True)
    coming = serializers.ListField(child=serializers.CharField())
    going = serializers.ListField(child=serializers.CharField())
    adopted_at = serializers.DateTimeField(allow_null=True)


class ListRuleViewSet(TenantViewSet):
    """The rules of the caller's lists."""

    required: ClassVar[dict[str, str | None]] = {
        "create": "sharing.enterprise_list.write",
        "retrieve": "sharing.enterprise_list.write",
    }

    lookup_value_converter = "uuid"

    @extend_schema(operation_id="list_rules_save", request=ListRuleIn, responses={201: ListRuleOut})
    def create(self, request: Request) -> Response:
        """Save the rule of a list; nobody comes or goes by that."""
        asked = ListRuleIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        rule = list_rules.save(given.pop("list"), **given, actor=self.actor, at=timezone.now())
        return Response(ListRuleOut(rule).data, status=201)

    @extend_schema(operation_id="list_rules_retrieve", responses=ListRuleOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return the rule of a list, by the list's id."""
        return Response(ListRuleOut(selectors.rule(pk, actor=self.actor)).data)


class ListRunViewSet(TenantViewSet):
    """Runs of rules: worked out by a job, adopted or dropped by a person."""

    required: ClassVar[dict[str, str | None]] = {
        "create": "sharing.enterprise_list.write",
        "retrieve": "sharing.enterprise_list.write",
        "adopt": "sharing.enterprise_list.write",
        "discard": "sharing.enterprise_list.write",
    }

    lookup_value_converter = "uuid"

    @extend_schema(operation_id="list_runs_create", request=ListRunIn, responses={202: ListRunOut})
    def create(self, request: Request) -> Response:
        """Have a list's rule run."""
        asked = ListRunIn(data=request.data)
        asked.is_valid(raise_exception=True)
        run = list_rules.run(asked.validated_data["list"], actor=self.actor, at=timezone.now())
        return Response(ListRunOut(run).data, status=202)

    @extend_schema(operation_id="list_runs_retrieve", responses=ListRunOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return a run with its difference."""
        return Response(ListRunOut(selectors.run(pk, actor=self.actor)).data)

    @extend_schema(operation_id="list_runs_adopt", request=None, responses=ListRunOut)
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, pk: UUID) -> Response:
        """Adopt the difference that was shown."""
        return Response(ListRunOut(list_rules.adopt(pk, actor=self.actor, at=timezone.now())).data)

    @extend_schema(operation_id="list_runs_discard", request=None, responses=ListRunOut)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: UUID) -> Response:
        """Drop the difference; the list stays as it is."""
        return Response(
            ListRunOut(list_rules.discard(pk, actor=self.actor, at=timezone.now())).data
        )
