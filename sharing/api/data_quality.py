"""The report on the quality of data, and the monthly scores of bureaus."""

from datetime import date
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from factors.selectors import factor_lists
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day
from sharing.domain.data_quality import Grouping, Measure
from sharing.selectors import data_quality as selectors


class QualityIn(serializers.Serializer[Any]):
    """What to report."""

    factor_list = serializers.CharField(max_length=40)
    by = serializers.ChoiceField(choices=[by.value for by in Grouping], default="county")
    month = serializers.DateField(required=False, help_text="A day of it; unsaid, the newest.")
    region = serializers.CharField(required=False, min_length=6, max_length=6)
    item = serializers.CharField(required=False, max_length=20)
    worst_by = serializers.ChoiceField(choices=[m.value for m in Measure], default="completeness")


class TallyOut(serializers.Serializer[Any]):
    """One line: counts, and the shares from 0 to 1, null where nothing is known."""

    key = serializers.CharField(help_text="County, city, item, category or month.")
    possible = serializers.IntegerField()
    filled = serializers.IntegerField()
    timely = serializers.IntegerField()
    checked = serializers.IntegerField()
    upheld = serializers.IntegerField()
    completeness = serializers.FloatField(allow_null=True)
    timeliness = serializers.FloatField(allow_null=True)
    accuracy = serializers.FloatField(allow_null=True)


class QualityOut(serializers.Serializer[Any]):
    month = serializers.DateField(allow_null=True)
    results = TallyOut(many=True)


class ScoreIn(serializers.Serializer[Any]):
    month = serializers.DateField(required=False, help_text="A day of it; unsaid, the newest.")


class ScoreOut(serializers.Serializer[Any]):
    """One bureau's month."""

    bureau = serializers.CharField(source="owner.short_name")
    month = serializers.DateField()
    score = serializers.IntegerField(allow_null=True)
    completeness = serializers.FloatField(allow_null=True)
    timeliness = serializers.FloatField(allow_null=True)
    accuracy = serializers.FloatField(allow_null=True)
    imports = serializers.IntegerField()
    rows = serializers.IntegerField()
    rows_invalid = serializers.IntegerField()
    worst_checks = serializers.ListField(child=serializers.ListField())
    questions = serializers.IntegerField()
    questions_in_time = serializers.IntegerField()
    disputes = serializers.IntegerField(help_text="Opened in the month.")
    disputes_decided = serializers.IntegerField()
    disputes_upheld = serializers.IntegerField()
    reads = serializers.IntegerField(help_text="Of enterprises that the bureau sent facts of.")
    enterprises_read = serializers.IntegerField()
    readers = serializers.IntegerField(help_text="Organisations; never which.")
    reads_for_loans = serializers.IntegerField()


class DataQualityViewSet(TenantViewSet):
    """The quality of the data of the caller's jurisdiction, as the nightly report has it."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.import.view",
        "scores": "sharing.import.view",
    }

    @extend_schema(operation_id="data_quality_list", parameters=[QualityIn], responses=QualityOut)
    def list(self, request: Request) -> Response:
        """Report completeness, timeliness and accuracy, the worst first."""
        asked = QualityIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        code = given.pop("factor_list")
        month = self._month(given.pop("month", None))
        found = selectors.tallies(
            code,
            by=Grouping(given.pop("by")),
            measure=Measure(given.pop("worst_by")),
            month=month,
            catalogue=factor_lists.in_force(code, business_day(timezone.now())),
            actor=self.actor,
            **given,
        )
        return Response({"month": month, "results": TallyOut(found, many=True).data})

    @extend_schema(
        operation_id="data_quality_scores", parameters=[ScoreIn], responses=ScoreOut(many=True)
    )
    @action(detail=False, methods=["get"])
    def scores(self, request: Request) -> Response:
        """Return the scores of the caller's bureau and of those below it, the lowest first."""
        asked = ScoreIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        month = self._month(asked.validated_data.get("month"))
        found = selectors.scores(month=month, actor=self.actor).order_by("score", "pk")
        return Response(ScoreOut(found, many=True).data)

    def _month(self, named: date | None) -> date | None:
        if named is not None:
            return named.replace(day=1)
        return next(iter(selectors.months(actor=self.actor)), None)
