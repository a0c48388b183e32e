"""
The examples that a scorecard carries in its own document, and whether it agrees with them.

A vector states a record, a day and what the card must make of it. They travel with the card,
so that whoever approves it, or computes with it elsewhere, has something to hold it to.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from evaluation.domain import facts
from evaluation.domain.conditions import Fault
from evaluation.domain.facts import Facts
from evaluation.domain.scorecards import Scorecard
from evaluation.domain.scoring import Result, evaluate
from factors.domain.catalogue import Catalogue


def check(card: Scorecard, document: Mapping[str, Any], catalogue: Catalogue) -> list[Fault]:
    """Return where the card and the vectors of its document disagree."""
    listed = document.get("vectors", [])
    if not isinstance(listed, list):
        return [Fault("/vectors", "It must be a list.")]
    return [
        fault
        for place, vector in enumerate(listed)
        for fault in _faults(card, vector, catalogue, f"/vectors/{place}")
    ]


def facts_of(record: Mapping[str, Any], catalogue: Catalogue) -> Facts:
    """
    Return the facts of a vector's record: every value visible and in force.

    :raises ValueError: if a value is not one of its item's.
    """
    stated = record.get("established_on")
    return Facts(
        uscc=str(record.get("uscc", "")),
        established_on=date.fromisoformat(stated) if stated else None,
        items={
            code: facts.disclosed(
                catalogue.items[code], value=_canonical(value), answer="ok", status="in_force"
            )
            for code, value in record.items()
            if code in catalogue.items
        },
    )


def _faults(card: Scorecard, vector: Any, catalogue: Catalogue, pointer: str) -> Iterator[Fault]:
    try:
        result = evaluate(
            card, facts_of(vector["record"], catalogue), date.fromisoformat(vector["as_of"])
        )
        expected = dict(vector["expected"])
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        yield Fault(pointer, f"This vector cannot be computed: {problem!r}.")
        return
    found = _found(result)
    for member, value in expected.items():
        if member in found and found[member] != value:
            yield Fault(
                f"{pointer}/expected/{member}", f"The card gives {found[member]}, not {value}."
            )


def _found(result: Result) -> dict[str, Any]:
    return {
        "score": result.score,
        "grade": result.grade,
        "cap_cny": result.cap and str(result.cap),
        "declined_by": list(result.declined_by),
        "referred_by": list(result.referred_by),
        "category_points": dict(result.category_points),
        "category_points_before_cap": dict(result.category_points_before_cap),
        "points": {each.code: each.points for each in result.contributions},
    }


def _canonical(value: Any) -> Any:
    """Numbers that are not whole travel as strings."""
    return str(Decimal(str(value))) if isinstance(value, float) else value
