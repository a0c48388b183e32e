"""
What a column may be that is not known by its name: proposals, each with its confidence.

Two witnesses: how near the header is to a known one, and how many of the column's first
texts are what the field holds.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from factors.domain.value_texts import NUMBER
from sharing.domain import uscc
from sharing.domain.column_facts import ColumnFacts
from sharing.domain.columns import Field, Vocabulary, squeezed

_SHARE_OF_NAME = 0.6
_LEAST = 0.4
_MOST = 3
_CERTAIN = 0.9
_DAY = re.compile(r"^\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?$")
_FIGURE = re.compile(NUMBER)
_REGION = re.compile(r"^(?:\d{6}|.*[省市区县旗])$")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A field that a column may be; `confidence` is 0 to 1."""

    field: str
    confidence: float


def propose(column: ColumnFacts, vocabulary: Vocabulary) -> tuple[Proposal, ...]:
    """
    Propose what an unknown column is, the likeliest first; nothing where nothing is near.

    A column whose texts are credit codes is proposed as that whatever its header says.
    """
    found: dict[str, float] = {}
    for field, likeness in vocabulary.near(column.text):
        fit = _fit(column.samples, field, vocabulary)
        share = likeness if fit is None else _SHARE_OF_NAME * likeness + (1 - _SHARE_OF_NAME) * fit
        found[field.key] = max(found.get(field.key, 0.0), share)
    if column.samples and _share(column.samples, _is_code) >= _CERTAIN:
        found["uscc"] = max(found.get("uscc", 0.0), _CERTAIN)
    likely = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(
        Proposal(key, round(min(share, 0.99), 2)) for key, share in likely if share >= _LEAST
    )[:_MOST]


def _fit(samples: tuple[str, ...], field: Field, vocabulary: Vocabulary) -> float | None:
    """Return the share of texts that the field could hold; None where any text would do."""
    test = _test(field, vocabulary)
    return None if test is None or not samples else _share(samples, test)


def _test(field: Field, vocabulary: Vocabulary) -> Callable[[str], bool] | None:
    if field.part in {"valid_from", "valid_to"} or field.subject == "established_on":
        return lambda text: bool(_DAY.match(text))
    if field.part != "value":
        return None
    if field.subject == "uscc":
        return _is_code
    if field.subject == "region":
        return lambda text: bool(_REGION.match(text))
    item = vocabulary.items.get(field.subject)
    if item is None:
        return None
    if item.type in {"count", "number", "money"}:
        return lambda text: bool(_FIGURE.match(text))
    if item.type == "date":
        return lambda text: bool(_DAY.match(text))
    if item.type.is_coded:
        known = {
            squeezed(name)
            for value in item.values
            for name in (value.code, value.label_zh, value.label_en, *value.aliases)
        }
        return lambda text: squeezed(text) in known
    return None


def _is_code(text: str) -> bool:
    return uscc.is_well_formed(uscc.regular_text(text))


def _share(samples: tuple[str, ...], test: Callable[[str], bool]) -> float:
    return sum(map(test, samples)) / len(samples)
