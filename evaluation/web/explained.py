"""An evaluation and its explanation, put into the words and the order of a page."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from evaluation.domain.paths import Path, Step
from evaluation.domain.scorecards import Gate, Scorecard
from evaluation.models import Evaluation
from evaluation.selectors import explanations, scorecards
from evaluation.selectors.explanations import Explanation, Line, SourceValue
from evaluation.web import pictures, values, words
from evaluation.web.shown import (
    ShownCategory,
    ShownGate,
    ShownLine,
    ShownMissing,
    ShownSource,
    ShownStep,
    Told,
)
from factors.domain.catalogue import Catalogue
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats, labels
from sharing.selectors.disclosures import NeverDisclosed

STEPS_SHOWN = 5


def context(evaluation: Evaluation, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return what the fragments of an evaluation show; `explained` says whether all of it can."""
    version = evaluation.scorecard_version
    card, catalogue = scorecards.card(version), scorecards.catalogue(version)
    head = {
        "evaluation": evaluation,
        "card": card,
        "card_name": card_name(evaluation),
        "grade_words": _grade_words(evaluation, card),
        "grade_tone": words.grade_tone(evaluation.grade),
        "outcome": words.outcome(evaluation.outcome),
        "outcome_tone": words.outcome_tone(evaluation.outcome),
        "cause": words.cause(evaluation.cause),
        "purpose": words.purpose(evaluation.purpose),
    }
    try:
        found = explanations.explanation(evaluation.pk, actor=actor, at=at)
    except NeverDisclosed:
        reasons = [
            (reason.code, words.both(reason), None) for reason in explanations.texts(evaluation)
        ]
        return head | {"explained": False, "name": "", "reasons": reasons}
    return head | {
        "explained": True,
        "reproduced": found.reproduced,
        "name": found.profile.name or "",
        "profile": found.profile,
        "radar": pictures.categories(found.categories),
        "waterfall": pictures.points(found),
        "categories": _categories(found, catalogue),
        **_gates_now(card, catalogue, {gate.code for gate in found.gates}),
        "reasons": [(reason.code, words.both(reason), reason.lost) for reason in found.reasons],
        "missing": _missing(found),
        **_way(found.path, gates(card, catalogue)),
        "own_facts": [
            (values.item_name(code, catalogue), values.value_text(code, value, catalogue))
            for code, value in evaluation.own_facts.items()
        ],
    }


def _gates_now(card: Scorecard, catalogue: Catalogue, held: set[str]) -> dict[str, Any]:
    shown = gates(card, catalogue)
    return {
        "gates_held": [gate for gate in shown if gate.code in held],
        "gates_passed": [gate for gate in shown if gate.code not in held],
    }


def _way(path: Path | None, all_gates: Sequence[ShownGate]) -> dict[str, Any]:
    """Return the steps to the next grade, the first of them apart from the others."""
    if path is None:
        return {"path": None}
    steps = [_step(step) for step in path.steps or path.short]
    return {
        "path": path,
        "blocked_by": [gate for gate in all_gates if gate.code in path.blocked_by],
        "is_enough": bool(path.steps),
        "steps": steps[:STEPS_SHOWN],
        "more_steps": steps[STEPS_SHOWN:] if path.steps else [],
        "short_steps": [_step(step) for step in path.short] if path.steps else [],
    }


def card_name(evaluation: Evaluation) -> str:
    version = evaluation.scorecard_version
    return formats.version(version.scorecard.code, version.number)


def change(evaluation: Evaluation) -> str:
    """Return what an evaluation changed against the one that it replaces."""
    before = evaluation.replaces
    return _change(before, evaluation) if before else ""


def told(history: Sequence[Evaluation]) -> list[Told]:
    """Return a history, newest first, each with what it changed against the one before it."""
    before = [earlier for _later, earlier in pairwise(history)]
    earlier: list[Evaluation | None] = [*before, None]
    return [
        Told(
            evaluation=each,
            change=_change(old, each) if old else _("first evaluation"),
            tone=_tone(old, each),
            icon=words.CAUSE_ICONS.get(each.cause, "point"),
            cause=words.cause(each.cause),
        )
        for each, old in zip(history, earlier, strict=True)
    ]


def gates(card: Scorecard, catalogue: Catalogue) -> list[ShownGate]:
    return [_gate(gate, catalogue) for gate in card.gates]


def _gate(gate: Gate, catalogue: Catalogue) -> ShownGate:
    exception = gate.exception
    return ShownGate(
        code=gate.code,
        name=words.both(gate),
        when=values.condition_text(gate.when, catalogue),
        outcome=words.of(words.GATE_OUTCOMES, gate.outcome.value),
        tone=words.GATE_TONES[gate.outcome.value],
        exception=formats.listed(labels.role(role) for role in exception.roles)
        if exception
        else "",
        evidence=words.readable(exception.evidence) if exception else "",
        why=words.readable(gate.why),
    )


def _grade_words(evaluation: Evaluation, card: Scorecard) -> str:
    found = next((grade for grade in card.grades if grade.grade == evaluation.grade), None)
    return words.both(found) if found else ""


def _categories(found: Explanation, catalogue: Catalogue) -> list[ShownCategory]:
    return [
        ShownCategory(
            name=formats.local(category),
            points=category.points,
            cap=category.cap,
            before_cap=category.before_cap,
            lines=tuple(
                _line(line, catalogue)
                for line in found.contributions
                if line.category == category.code
            ),
        )
        for category in found.categories
    ]


def _line(line: Line, catalogue: Catalogue) -> ShownLine:
    return ShownLine(
        code=line.code,
        name=words.both(line),
        bin=words.both(line, "bin_zh", "bin_en"),
        points=line.points,
        best=line.best,
        lost=line.lost,
        why=words.readable(line.why),
        sources=tuple(_source(source, catalogue) for source in line.sources),
    )


def _source(source: SourceValue, catalogue: Catalogue) -> ShownSource:
    return ShownSource(
        code=source.code if source.code in catalogue.items else "",
        name=values.item_name(source.code, catalogue),
        value=values.value_text(source.code, source.value, catalogue),
        state=words.of(words.STATES, source.state),
        tone=words.STATE_TONES.get(source.state, "muted"),
        is_struck=source.state == "lapsed",
        is_flagged=source.flagged,
        source=words.of(words.SOURCES, source.source) if source.source else formats.NOTHING,
        valid_to=formats.day(source.valid_to),
        recorded=formats.moment(source.recorded_at),
        basis=_basis(source.basis),
    )


def _basis(stated: str) -> str:
    """Return on what a bank sees a value; the numbers are in the read log."""
    kinds = {"agreement": _("Sharing agreement"), "consent": _("The enterprise's consent")}
    named = {part.strip().partition(":")[0] for part in stated.split(",") if part.strip()}
    return formats.listed(kinds.get(kind, kind) for kind in sorted(named)) or formats.NOTHING


def _missing(found: Explanation) -> list[ShownMissing]:
    return [
        ShownMissing(
            code=each.code,
            name=formats.local(each),
            state=words.of(words.STATES, each.state),
            state_code=each.state,
            tone=words.STATE_TONES.get(each.state, "muted"),
            remedy=words.of(words.REMEDIES, each.state),
        )
        for each in found.missing
    ]


def _step(step: Step) -> ShownStep:
    return ShownStep(
        icon=words.STEP_ICONS[step.kind.value],
        kind=words.of(words.STEPS, step.kind.value),
        name=words.both(step),
        goal=words.both(step.goal),
        gain=step.gain,
        is_capped=step.capped,
    )


def _change(before: Evaluation, after: Evaluation) -> str:
    if _short(before) == _short(after):
        return _("as before: %(found)s") % {"found": _short(after)}
    return _("%(before)s, now %(after)s") % {"before": _short(before), "after": _short(after)}


def _short(evaluation: Evaluation) -> str:
    grade = words.grade(evaluation.grade)
    return grade if evaluation.score is None else f"{evaluation.score} {grade}"


def _tone(before: Evaluation | None, after: Evaluation) -> str:
    if before is None:
        return "info"
    if after.outcome == "declined":
        return "bad"
    if before.score is None or after.score is None:
        return "info"
    if after.score == before.score:
        return "muted"
    return "good" if after.score > before.score else "bad"
