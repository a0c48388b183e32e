"""What an officer saw: the evaluation as it was frozen, with the words for its codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from evaluation import permissions as evaluation_permissions
from evaluation.selectors import evaluations, explanations, scorecards
from lending.models import LoanApplication
from lending.web import words
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.language import is_chinese


@dataclass(frozen=True, slots=True)
class Gate:
    code: str
    outcome: str
    words: str

    @property
    def tone(self) -> str:
        return "bad" if self.outcome == "decline" else "warn"

    @property
    def outcome_word(self) -> str:
        return _("declines") if self.outcome == "decline" else _("refers to a person")


@dataclass(frozen=True, slots=True)
class Seen:
    """An evaluation for a page: `document` is what was frozen, the rest are its words."""

    document: Mapping[str, Any]
    digest: str
    gates: tuple[Gate, ...]
    reasons: tuple[tuple[str, str], ...]
    categories: tuple[tuple[str, Any], ...]

    @property
    def cap(self) -> Decimal | None:
        cap = self.document.get("cap")
        return None if cap is None else Decimal(cap)

    @property
    def outcome(self) -> str:
        return words.word(words.OUTCOMES, self.document.get("outcome"))

    @property
    def tone(self) -> str:
        return words.OUTCOME_TONES.get(str(self.document.get("outcome")), "muted")


def of_application(application: LoanApplication, *, actor: Actor) -> Seen | None:
    """Return what was frozen with an application, or None before an evaluation was."""
    if application.snapshot is None or application.evaluation_id is None:
        return None
    return _seen(
        application.snapshot, application.snapshot_digest or "", application.evaluation_id, actor
    )


def of_newest(uscc: str, *, actor: Actor) -> tuple[Seen, UUID] | None:
    """Return the bank's newest evaluation of an enterprise as it would be frozen, and its id."""
    found = evaluations.latest(uscc, actor=actor)
    if found is None:
        return None
    document = {
        "score": found.score,
        "grade": found.grade,
        "cap": None if found.cap is None else str(found.cap),
        "outcome": found.outcome,
        "as_of": found.as_of.isoformat(),
        "known_at": found.known_at.isoformat(),
        "scorecard": found.scorecard_version.scorecard.code,
        "scorecard_version": found.scorecard_version.number,
        "gates": found.gates,
        "reasons": found.reasons,
        "category_points": found.category_points,
    }
    return _seen(document, "", found.pk, actor), found.pk


def _seen(document: Mapping[str, Any], digest: str, evaluation_id: UUID, actor: Actor) -> Seen:
    gate_words, reason_words, category_words = _words(evaluation_id, actor)
    gates = tuple(
        Gate(gate["code"], gate["outcome"], gate_words.get(gate["code"], gate["code"]))
        for gate in document["gates"]
    )
    reasons = tuple((code, reason_words.get(code, code)) for code in document["reasons"])
    categories = tuple(
        (category_words.get(code, code), points)
        for code, points in sorted(
            document["category_points"].items(), key=lambda entry: _place(entry[0], category_words)
        )
    )
    return Seen(document, digest, gates, reasons, categories)


def _place(category: str, known: Mapping[str, str]) -> int:
    """Return where a category stands in its list; what is not known comes last."""
    return [*known, category].index(category)


def _words(
    evaluation_id: UUID, actor: Actor
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return the words for the gates, reasons and categories; none for who sees no scorecard."""
    if not actor.may(evaluation_permissions.VIEW):
        return {}, {}, {}
    evaluation = evaluations.get(evaluation_id, actor=actor)
    card = scorecards.card(evaluation.scorecard_version)
    catalogue = scorecards.catalogue(evaluation.scorecard_version)
    return (
        {gate.code: _local(gate) for gate in card.gates},
        {reason.code: _local(reason) for reason in explanations.texts(evaluation)},
        {category.code: formats.local(category) for category in catalogue.categories},
    )


def _local(thing: Any) -> str:
    return str(thing.zh if is_chinese() else thing.en)
