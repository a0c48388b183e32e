"""The bank's list of evaluated enterprises, and what is known of one of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from evaluation import permissions
from evaluation.models import Evaluation
from evaluation.selectors import evaluations as selectors
from evaluation.selectors import names
from evaluation.selectors.evaluations import UNGRADED, GradeCount
from evaluation.web import explained, links, pictures, words
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.table_sources import Narrow, Narrowing, QuerySetSource, Wanted
from qfce.kernel.web.tables import Choice, Column, Day, Kind, Table


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: an evaluation, and what the enterprise is called if it is known."""

    evaluation: Evaluation
    name: str

    @property
    def pk(self) -> UUID:
        return self.evaluation.pk


def _by_grade(rows: QuerySet[Evaluation], grade: str) -> QuerySet[Evaluation]:
    return rows.filter(grade__isnull=True) if grade == UNGRADED else rows.filter(grade=grade)


def _by_change(rows: Any, change: str) -> Any:
    return rows.worse() if change == "worse" else rows.better()


LOOKUPS: dict[str, str | Narrow] = {
    "grade": _by_grade,
    "outcome": "outcome",
    "scorecard": "scorecard_version__scorecard__code",
    "cause": "cause",
    "change": _by_change,
    "since": "created_at__date__gte",
}
ORDERING = ("-score", "-created_at")
ENTERPRISES = Table(
    name="evaluation.enterprises",
    caption=_("Enterprises evaluated"),
    columns=(
        Column(
            "uscc",
            _("Enterprise"),
            sort="uscc",
            value=lambda row: row.name or row.evaluation.uscc,
            href=lambda row: reverse("evaluation:enterprise", args=[row.evaluation.uscc]),
            note=lambda row: row.evaluation.uscc if row.name else "",
            note_label=_("Credit code"),
        ),
        Column("evaluation__score", _("Score"), Kind.NUMBER, sort="score"),
        Column(
            "evaluation__grade",
            _("Grade"),
            Kind.STATUS,
            sort="grade",
            value=lambda row: row.evaluation.grade or UNGRADED,
            label_of=words.grade,
            tone_of=words.grade_tone,
        ),
        Column("evaluation__cap", _("Cap"), Kind.YUAN, sort="cap"),
        Column(
            "evaluation__outcome",
            _("Outcome"),
            Kind.STATUS,
            sort="outcome",
            label_of=words.outcome,
            tone_of=words.outcome_tone,
        ),
        Column(
            "change",
            _("Cause"),
            sort="cause",
            value=lambda row: words.cause(row.evaluation.cause),
            note=lambda row: explained.change(row.evaluation),
        ),
        Column(
            "card",
            _("Scorecard"),
            value=lambda row: explained.card_name(row.evaluation),
        ),
        Column("evaluation__created_at", _("Evaluated"), Kind.MOMENT, sort="created_at"),
    ),
    search=("uscc",),
    filters=(
        Choice("grade", _("Grade"), ()),
        Choice("outcome", _("Outcome"), tuple(words.OUTCOMES.items())),
        Choice("scorecard", _("Scorecard"), ()),
        Choice("cause", _("Cause"), tuple(words.CAUSES.items())),
        Choice("change", _("Change"), (("worse", _("Got worse")), ("better", _("Got better")))),
        Day("since", _("Since"), "created_at__date__gte"),
    ),
    empty=_("No enterprise was evaluated yet"),
)


@dataclass(frozen=True, slots=True)
class LiveEvaluations:
    """
    The newest evaluation of each enterprise, with its name: a few queries a page.

    :param counts: of all of them; they say how many there are of a grade or an outcome, so
        that nothing has to be counted a second time.
    """

    actor: Actor
    counts: Sequence[GradeCount]

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[Sequence[Listed], int]:
        rows = selectors.list_for(actor=self.actor, live=True)
        if wanted.search:
            # One parameter, not a thousand: taking those apart took longer than the query.
            called = names.matching(wanted.search, actor=self.actor)
            holds = Q(uscc__in=RawSQL("SELECT unnest(%s::text[])", [called]))
            if wanted.search.isascii():
                holds |= Q(uscc__icontains=wanted.search)
            rows = rows.filter(holds)
        # The numbers of the page first: to sort whole rows of all enterprises takes longer.
        numbers, total = QuerySetSource(
            rows.values_list("pk", flat=True),
            Narrowing((), LOOKUPS, ORDERING),
            self._total(wanted),
        ).page(replace(wanted, search=""), offset, limit)
        found = selectors.listed(numbers, actor=self.actor)
        called_so = names.of(found, actor=self.actor, at=timezone.now())
        return [Listed(each, called_so.get(each.uscc, "")) for each in found], total

    def _total(self, wanted: Wanted) -> int | None:
        if wanted.search or set(wanted.filters) - {"grade", "outcome", "scorecard"}:
            return None
        return sum(
            count.enterprises
            for count in self.counts
            if all(getattr(count, name) == value for name, value in wanted.filters.items())
        )


@require_safe
@tenant_page(permissions.VIEW)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    counts = selectors.portfolio(actor=actor)
    by_outcome = Counter[str]()
    for count in counts:
        by_outcome[count.outcome] += count.enterprises
    context = {
        "chart": pictures.portfolio(counts),
        "stats": [
            (words.outcome(code), by_outcome[code], code, words.outcome_tone(code))
            for code in words.OUTCOMES
        ],
        "total": sum(by_outcome.values()),
        "may_evaluate": actor.may(permissions.CREATE),
    }
    table = replace(ENTERPRISES, filters=_filters(counts))
    return table.respond(
        request, LiveEvaluations(actor, counts), "evaluation/enterprises/list.html", context
    )


@require_safe
@tenant_page(permissions.VIEW)
def detail(request: HttpRequest, actor: Actor, uscc: str) -> HttpResponse:
    """Show the newest evaluation of an enterprise, explained, and how it came there."""
    history = selectors.history(uscc, actor=actor)
    context: dict[str, Any] = {
        "uscc": uscc,
        "may_evaluate": actor.may(permissions.CREATE),
        "links": _links(uscc, actor),
    }
    if not history:
        return render(request, "evaluation/enterprises/unknown.html", context)
    newest = selectors.get(history[0].pk, actor=actor)
    context |= explained.context(newest, actor=actor, at=timezone.now())
    context |= {
        "history": explained.told(history),
        "history_chart": pictures.history(history),
    }
    return render(request, "evaluation/enterprises/detail.html", context)


@require_safe
@tenant_page(permissions.VIEW)
def evaluation(request: HttpRequest, actor: Actor, evaluation_id: UUID) -> HttpResponse:
    """Show one evaluation as it was made, from what was known then."""
    shown = selectors.get(evaluation_id, actor=actor)
    newest = selectors.latest(
        shown.uscc, actor=actor, scorecard=shown.scorecard_version.scorecard.code
    )
    context = {
        "uscc": shown.uscc,
        "links": _links(shown.uscc, actor),
        "newest": newest if newest and newest.pk != shown.pk else None,
        **explained.context(shown, actor=actor, at=timezone.now()),
    }
    return render(request, "evaluation/enterprises/evaluation.html", context)


def _filters(counts: Sequence[GradeCount]) -> tuple[Choice | Day, ...]:
    """Return the filters with the grades and the scorecards that there are."""
    grades = sorted({c.grade for c in counts}, key=lambda grade: (grade == UNGRADED, grade))
    cards = sorted({c.scorecard for c in counts})
    options = {
        "grade": tuple((grade, words.grade(grade)) for grade in grades),
        "scorecard": tuple((card, card) for card in cards),
    }
    return tuple(
        replace(entry, options=options[entry.key])
        if isinstance(entry, Choice) and entry.key in options
        else entry
        for entry in ENTERPRISES.filters
    )


def _links(uscc: str, actor: Actor) -> dict[str, str]:
    return {
        "record": links.record(uscc, actor=actor),
        "consents": links.consents(uscc, actor=actor),
        "agreements": links.agreements(actor=actor),
        "refresh": links.refresh(uscc, actor=actor),
        "application": links.application(uscc, actor=actor),
        "signals": links.signals(uscc, actor=actor),
    }
