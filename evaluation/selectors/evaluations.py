"""All questions about evaluations: which there are, and how a portfolio is graded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count

from evaluation import permissions
from evaluation.domain.lifecycle import Cause
from evaluation.models import Evaluation, LiveEvaluation
from evaluation.models.evaluations import EvaluationQuerySet
from evaluation.selectors import scorecards
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor

UNGRADED = "none"
"""How a portfolio counts what has no grade: declined, or below every tier."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grade is worth: the cap in yuan, and the spread over the base in basis points."""

    grade: str
    cap: Decimal
    spread_bp: int | None


@dataclass(frozen=True, slots=True)
class GradeCount:
    """So many live evaluations of one scorecard have this grade and outcome."""

    scorecard: str
    grade: str
    outcome: str
    enterprises: int


def get(evaluation_id: UUID, *, actor: Actor) -> Evaluation:
    """
    :raises NoSuchRecord: if the actor's organization has no such evaluation.
    """
    actor.require(permissions.VIEW)
    return one(_with_card(), pk=evaluation_id)


def latest(uscc: str, *, actor: Actor, scorecard: str | None = None) -> Evaluation | None:
    """Return the newest evaluation of an enterprise by the actor's organization."""
    actor.require(permissions.VIEW)
    found = _with_card().filter(owner=actor.organization_id, uscc=uscc)
    if scorecard:
        found = found.filter(scorecard_version__scorecard__code=scorecard)
    return found.newest_first().first()


def latest_of(
    usccs: Iterable[str], *, actor: Actor, scorecard: str | None = None
) -> dict[str, Evaluation]:
    """Return the newest evaluation of each of many enterprises; one query."""
    actor.require(permissions.VIEW)
    found = _with_card().filter(owner=actor.organization_id, uscc__in=list(usccs))
    if scorecard:
        found = found.filter(scorecard_version__scorecard__code=scorecard)
    newest = found.order_by("uscc", *Evaluation.NEWEST_FIRST).distinct("uscc")
    return {evaluation.uscc: evaluation for evaluation in newest}


def list_for(
    *,
    actor: Actor,
    uscc: str = "",
    scorecard: str = "",
    grade: str = "",
    outcome: str = "",
    live: bool = False,
) -> EvaluationQuerySet:
    """Return the evaluations that the actor may see, narrowed; order and page as needed."""
    actor.require(permissions.VIEW)
    wanted = {
        "uscc": uscc,
        "scorecard_version__scorecard__code": scorecard,
        "grade": grade,
        "outcome": outcome,
    }
    found = _with_card().filter(**{name: value for name, value in wanted.items() if value})
    return found.live() if live else found


def listed(numbers: Sequence[UUID], *, actor: Actor) -> list[Evaluation]:
    """Return some evaluations in the order of their numbers, each with what it replaces."""
    actor.require(permissions.VIEW)
    rows = _with_card().select_related("replaces").defer("scorecard_version__document", "own_facts")
    found = rows.in_bulk(list(numbers))
    return [found[number] for number in numbers if number in found]


def portfolio(*, actor: Actor, scorecard: str = "") -> list[GradeCount]:
    """Count the live evaluations of `list_for` by grade, best first, what has no grade last."""
    actor.require(permissions.VIEW)
    found = LiveEvaluation.objects.all()
    if scorecard:
        found = found.filter(scorecard__code=scorecard)
    columns = ("scorecard__code", "grade", "outcome")
    counted = found.values_list(*columns).annotate(enterprises=Count("pk"))
    counts = [GradeCount(card, grade or UNGRADED, out, n) for card, grade, out, n in counted]
    return sorted(counts, key=lambda c: (c.scorecard, c.grade == UNGRADED, c.grade, c.outcome))


def history(uscc: str, *, actor: Actor, limit: int = 100) -> list[Evaluation]:
    """Return an enterprise's evaluations, newest first, without the documents of their cards."""
    actor.require(permissions.VIEW)
    found = _with_card().defer("scorecard_version__document")
    return list(found.filter(uscc=uscc).newest_first()[:limit])


def worse_since(since: date, *, actor: Actor) -> int:
    """Return how many live evaluations a change of facts has lowered since a day."""
    actor.require(permissions.VIEW)
    found = Evaluation.objects.filter(owner=actor.organization_id, cause=Cause.FEED.value)
    return found.filter(created_at__date__gte=since).worse().live().count()


def terms(evaluation: Evaluation) -> Terms | None:
    """Return what the evaluation's grade is worth; None where there is none."""
    if evaluation.grade is None or evaluation.cap is None:
        return None
    card = scorecards.card(evaluation.scorecard_version)
    spread = next((g.spread_bp for g in card.grades if g.grade == evaluation.grade), None)
    return Terms(evaluation.grade, evaluation.cap, spread)


def _with_card() -> EvaluationQuerySet:
    return Evaluation.objects.select_related("scorecard_version", "scorecard_version__scorecard")
