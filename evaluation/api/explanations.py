"""How an explanation reads: contributions, reasons, what is missing, the path upwards."""

from typing import Any

from rest_framework import serializers

from evaluation.domain.facts import FactState
from evaluation.domain.paths import Path, Step, StepKind
from evaluation.domain.scorecards import GateOutcome
from evaluation.domain.scoring import Basis
from evaluation.selectors import explanations
from evaluation.selectors.explanations import Explanation

STATES = [state.value for state in FactState]


class ReasonCodeOut(serializers.Serializer[Any]):
    """A code that never changes, with its words."""

    code = serializers.CharField()
    zh = serializers.CharField()
    en = serializers.CharField()
    lost = serializers.IntegerField(
        allow_null=True, help_text="What the score could gain by it at most."
    )


class SourceValueOut(serializers.Serializer[explanations.SourceValue]):
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    state = serializers.ChoiceField(choices=STATES)
    source = serializers.CharField(allow_blank=True)
    valid_to = serializers.DateField(allow_null=True)
    flagged = serializers.BooleanField()


class ContributionOut(serializers.Serializer[explanations.Line]):
    code = serializers.CharField()
    category = serializers.CharField()
    zh = serializers.CharField()
    en = serializers.CharField()
    bin_zh = serializers.CharField()
    bin_en = serializers.CharField()
    basis = serializers.ChoiceField(choices=[basis.value for basis in Basis])
    state = serializers.ChoiceField(choices=STATES)
    points = serializers.IntegerField()
    best = serializers.IntegerField()
    lost = serializers.IntegerField()
    why = serializers.CharField(allow_blank=True)
    sources = SourceValueOut(many=True)


class CategoryPointsOut(serializers.Serializer[explanations.CategoryLine]):
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    before_cap = serializers.IntegerField()
    points = serializers.IntegerField()
    cap = serializers.IntegerField()


class GateExceptionOut(serializers.Serializer[Any]):
    roles = serializers.ListField(child=serializers.CharField())
    reason_required = serializers.BooleanField()
    evidence = serializers.CharField(allow_blank=True)


class GateHeldOut(serializers.Serializer[Any]):
    """A gate that holds, and who may let the enterprise past it (null: nobody)."""

    code = serializers.CharField()
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in GateOutcome])
    zh = serializers.CharField()
    en = serializers.CharField()
    why = serializers.CharField(allow_blank=True)
    exception = GateExceptionOut(allow_null=True)


class MissingItemOut(serializers.Serializer[explanations.Missing]):
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    zh = serializers.CharField()
    en = serializers.CharField()


class PathStepOut(serializers.Serializer[Step]):
    """One improvement; `capped` says that the category's cap takes a part of it."""

    characteristic = serializers.CharField()
    category = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in StepKind])
    zh = serializers.CharField()
    en = serializers.CharField()
    goal_zh = serializers.CharField(source="goal.zh")
    goal_en = serializers.CharField(source="goal.en")
    points_now = serializers.IntegerField()
    points = serializers.IntegerField()
    gain = serializers.IntegerField()
    capped = serializers.BooleanField()


class PathToGradeOut(serializers.Serializer[Path]):
    """`steps` suffice each by itself; `short` are the others, with what they bring."""

    grade = serializers.CharField(allow_null=True)
    next_grade = serializers.CharField(allow_null=True)
    needed = serializers.IntegerField(min_value=0)
    steps = PathStepOut(many=True)
    short = PathStepOut(many=True)
    blocked_by = serializers.ListField(child=serializers.CharField())


class ExplanationOut(serializers.Serializer[Any]):
    """Where a score came from, computed again from what was known then."""

    evaluation = serializers.UUIDField()
    uscc = serializers.CharField()
    reproduced = serializers.BooleanField(help_text="It came out exactly as it is stored.")
    score = serializers.IntegerField(allow_null=True)
    grade = serializers.CharField(allow_null=True)
    cap = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    categories = CategoryPointsOut(many=True)
    contributions = ContributionOut(many=True)
    gates = GateHeldOut(many=True)
    reasons = ReasonCodeOut(many=True)
    missing = MissingItemOut(many=True)
    path = PathToGradeOut(allow_null=True)


def explanation_out(found: Explanation) -> dict[str, Any]:
    """Return an explanation as the API shows it."""
    evaluation = found.evaluation
    return {
        "evaluation": evaluation.pk,
        "uscc": evaluation.uscc,
        "reproduced": found.reproduced,
        "score": evaluation.score,
        "grade": evaluation.grade,
        "cap": evaluation.cap,
        "categories": found.categories,
        "contributions": found.contributions,
        "gates": found.gates,
        "reasons": found.reasons,
        "missing": found.missing,
        "path": found.path,
    }
