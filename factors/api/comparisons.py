"""Two versions of a list compared, for programs."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from factors.domain.comparison import (
    ChangeKind,
    Imports,
    Records,
    Scorecards,
    Subject,
    counts,
)
from factors.selectors import comparisons as selectors
from qfce.kernel.api.views import TenantViewSet


def _choices(terms: Any) -> list[str]:
    return [term.value for term in terms]


class ListConsequenceOut(serializers.Serializer[Any]):
    """What a change means for records, for files on their way in, and for scorecards."""

    records = serializers.ChoiceField(choices=_choices(Records))
    imports = serializers.ChoiceField(choices=_choices(Imports))
    scorecards = serializers.ChoiceField(choices=_choices(Scorecards))


class ListTouchedOut(serializers.Serializer[Any]):
    """How much of what exists a change bears on; null: not the caller's to know."""

    records = serializers.IntegerField(
        allow_null=True, help_text="Profiles of the caller's jurisdiction."
    )
    imports = serializers.IntegerField(allow_null=True, help_text="Open imports.")
    scorecards = serializers.BooleanField(
        allow_null=True, help_text="Whether any bank scores with the item."
    )


class ListChangeOut(serializers.Serializer[Any]):
    """One difference between two versions of a list."""

    kind = serializers.ChoiceField(choices=_choices(ChangeKind))
    subject = serializers.ChoiceField(choices=_choices(Subject))
    code = serializers.CharField()
    field = serializers.CharField(allow_blank=True, help_text="Empty: the whole subject.")
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    consequence = ListConsequenceOut()
    touched = ListTouchedOut()


class ListComparisonOut(serializers.Serializer[Any]):
    """Everything that differs between two versions, and how much each difference touches."""

    code = serializers.CharField()
    old = serializers.IntegerField(min_value=1)
    new = serializers.IntegerField(min_value=1)
    counts = serializers.DictField(child=serializers.IntegerField())
    changes = ListChangeOut(many=True)


class ComparisonIn(serializers.Serializer[Any]):
    old = serializers.IntegerField(min_value=1)
    new = serializers.IntegerField(min_value=1)


COMPARED = [
    OpenApiParameter("code", str, OpenApiParameter.PATH, description="Such as ZJ-QFCE."),
    OpenApiParameter("old", int, required=True, description="Number of the version before."),
    OpenApiParameter("new", int, required=True, description="Number of the version after."),
]


class ComparisonViewSet(TenantViewSet):
    """What differs between any two versions of a list that the caller sees."""

    required: ClassVar[dict[str, str | None]] = {"retrieve": "factors.list.view"}

    @extend_schema(
        operation_id="factor_lists_compare", parameters=COMPARED, responses=ListComparisonOut
    )
    def retrieve(self, request: Request, code: str) -> Response:
        asked = ComparisonIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        found = selectors.comparison(code, **asked.validated_data, actor=self.actor)
        return Response(ListComparisonOut(_plain(code, found)).data)


def _plain(code: str, found: selectors.Comparison) -> dict[str, Any]:
    return {
        "code": code,
        "old": found.old.number,
        "new": found.new.number,
        "counts": counts([touched.change for touched in found.changes]),
        "changes": [
            {
                **{
                    name: getattr(touched.change, name)
                    for name in ("kind", "subject", "code", "field", "before", "after")
                },
                "consequence": touched.change.consequence,
                "touched": touched,
            }
            for touched in found.changes
        ],
    }
