"""Trying a version on a list: what it would grade, and what would change."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from evaluation import permissions
from evaluation.models import ScorecardVersion
from evaluation.selectors import populations
from evaluation.selectors import scorecards as selectors
from evaluation.services import simulations
from evaluation.services.simulations import Line, Simulation
from evaluation.web import pictures, words
from evaluation.web.forms import SimulationForm
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Invalid
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table

MOST = 10_000


class TooManyToTry(Invalid):
    code = "evaluation.simulation.too_many"
    title = "A simulation takes at most ten thousand enterprises."


@dataclass(frozen=True, slots=True)
class Tried:
    """One enterprise of a simulation; `moved` says how it stands against the version in force."""

    uscc: str
    score: int | None
    grade: str
    was: str
    outcome: str
    moved: str


MOVES = (("up", _("Better grade")), ("down", _("Worse grade")), ("same", _("Same grade")))
TRIED = Table(
    name="evaluation.simulation",
    caption=_("Enterprises tried"),
    columns=(
        Column(
            "uscc",
            _("Enterprise"),
            sort="uscc",
            href=lambda row: reverse("evaluation:enterprise", args=[row.uscc]),
        ),
        Column("score", _("Score"), Kind.NUMBER, sort="score"),
        Column("was", _("Version in force"), Kind.STATUS, sort="was", label_of=words.grade,
               tone_of=words.grade_tone),
        Column("grade", _("This version"), Kind.STATUS, sort="grade", label_of=words.grade,
               tone_of=words.grade_tone),
        Column("moved", _("Change"), label_of=lambda code: dict(MOVES)[code]),
        Column("outcome", _("Outcome"), Kind.STATUS, label_of=words.outcome,
               tone_of=words.outcome_tone),
    ),
    search=("uscc",),
    filters=(
        Choice("moved", _("Change"), MOVES),
        Choice("outcome", _("Outcome"), tuple(words.OUTCOMES.items())),
    ),
    fixed=("enterprise_list", "purpose"),
    empty=_("Nobody on the list could be scored"),
)  # fmt: skip

COMPARING = {"was", "moved"}
ALONE = replace(
    TRIED,
    columns=tuple(column for column in TRIED.columns if column.key not in COMPARING),
    filters=tuple(entry for entry in TRIED.filters if entry.key not in COMPARING),
)
"""The same where there is no other version to compare with."""


@require_safe
@tenant_page(permissions.CREATE)
def page(request: HttpRequest, actor: Actor, version_id: UUID) -> HttpResponse:
    """Ask for a list, and show what the version makes of it; nothing of it is kept."""
    version = selectors.get(version_id, actor=actor)
    lists = populations.shared_lists(actor=actor)
    given = request.GET if "enterprise_list" in request.GET else None
    form = SimulationForm(given, lists=lists, initial={"purpose": "model_development"})
    context: dict[str, Any] = {
        "version": version,
        "name": formats.local(version),
        "form": form,
        "lists": lists,
    }
    template = "evaluation/scorecards/simulation.html"
    if given is None or not form.is_valid():
        return render(request, template, context, status=200 if given is None else 422)
    found = _simulate(version, form.cleaned_data, actor)
    held = selectors.in_force_or_none(
        version.scorecard.code, business_day(timezone.now()), actor=actor
    )
    told = _told(found, version, held)
    table = TRIED if told["is_compared"] else ALONE
    return table.respond(request, _tried(found), template, context | told)


def _simulate(version: ScorecardVersion, asked: dict[str, str], actor: Actor) -> Simulation:
    codes = populations.members(UUID(asked["enterprise_list"]), actor=actor)
    if len(codes) > MOST:
        raise TooManyToTry(
            f"There are {len(codes):,} enterprises on this list; a simulation takes {MOST:,}.",
            hint="Choose a shorter list.",
            enterprises=formats.number(len(codes)),
        )
    return simulations.simulate(
        version.pk, codes, purpose=asked["purpose"], actor=actor, at=timezone.now()
    )


def _tried(found: Simulation) -> list[Tried]:
    best_first = {grade: place for place, grade in enumerate(sorted(found.grades))}
    return [
        Tried(
            uscc=line.uscc,
            score=line.score,
            grade=line.grade or words.NO_GRADE,
            was=line.was or words.NO_GRADE,
            outcome=line.outcome,
            moved=_moved(line, best_first),
        )
        for line in found.lines
    ]


def _moved(line: Line, best_first: dict[str, int]) -> str:
    last = len(best_first)
    now, before = best_first.get(line.grade or "", last), best_first.get(line.was or "", last)
    return "same" if now == before else "up" if now < before else "down"


def _told(
    found: Simulation, version: ScorecardVersion, held: ScorecardVersion | None
) -> dict[str, Any]:
    """Return the figures above the table; without a version to compare with, no changes."""
    is_compared = (
        held is not None
        and held.pk != version.pk
        and any(line.was is not None for line in found.lines)
    )
    moves = Counter(line.moved for line in _tried(found)) if is_compared else Counter[str]()
    left_out = sum(found.left_out.values())
    return {
        "found": found,
        "chart": pictures.simulated(found, compared=is_compared),
        "is_compared": is_compared,
        "held": held,
        "moves": [(words.of(dict(MOVES), code), moves[code], code) for code, _label in MOVES],
        "outcomes": [
            (words.outcome(code), number, words.outcome_tone(code))
            for code, number in found.outcomes.items()
        ],
        "gates": sorted(found.gates.items()),
        "left_out": left_out,
        "left_out_note": formats.listed(
            f"{words.left_out(answer)} {number}" for answer, number in found.left_out.items()
        ),
    }
