"""
Why a score is what it is, in a few codes that never change, with words in two languages.

A gate's code comes first (`G05`), then disputed values (`QF-17.flagged`), then the
characteristics that cost most (`C04.low`), the points lost being those that would really be
gained under the category's cap. Where a value is missing the code says why
(`C18.not_authorised`), so that "unknown" is never read as "bad".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.domain.facts import FactState
from evaluation.domain.scorecards import Bin, Scorecard, SpecialBin
from evaluation.domain.scoring import Basis, Contribution, Result
from factors.domain.catalogue import Catalogue

TOP = 4
"""So many characteristics are named at most; more is a list and no reason."""

LOW = "low"
FLAGGED = "flagged"

_MISSING: Mapping[str, tuple[str, str]] = {
    FactState.IN_FORCE: ("该取值无对应分档", "no bin holds this value"),
    FactState.EXPIRED: ("已过有效期", "past its validity"),
    FactState.NOT_APPLICABLE: ("不适用", "not applicable"),
    FactState.NO_DATA: ("无数据", "no data"),
    FactState.NOT_SHARED: ("未共享", "not shared with this bank"),
    FactState.NOT_AUTHORISED: ("企业未授权", "the enterprise's consent is lacking"),
    FactState.LAPSED: ("数据已过时失效", "too old to count"),
    FactState.RETIRED: ("名录新版不再提供", "no longer told by the factor list"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """`lost` is what the characteristic could add to the score at most; None for gates."""

    code: str
    zh: str
    en: str
    lost: int | None = None


def codes(card: Scorecard, result: Result) -> tuple[str, ...]:
    """Return the codes of the top reasons of an evaluation, most telling first."""
    flagged = tuple(f"{code}.{FLAGGED}" for code in result.flagged)
    gates = result.declined_by + result.referred_by
    return gates + flagged + tuple(code_of(each) for each in costly(card, result)[:TOP])


def costly(card: Scorecard, result: Result) -> list[Contribution]:
    """
    Return the contributions that leave points, most costly first.

    Ordered by what the score would gain, then by the points short of the best bin, then by
    the order of the card.
    """
    short = [each for each in result.contributions if each.best > each.points]
    return sorted(
        short, key=lambda each: (-gain(card, result, each, each.best), each.points - each.best)
    )


def gain(card: Scorecard, result: Result, each: Contribution, points: int) -> int:
    """Return what the score would gain if one characteristic had so many points."""
    category = each.characteristic.category
    cap = next(known.cap for known in card.categories if known.code == category)
    before = result.category_points_before_cap[category]
    return min(cap, before - each.points + points) - min(cap, before)


def code_of(each: Contribution) -> str:
    """Return the reason code of one contribution: why it has no more points."""
    return f"{each.code}.{each.fact.state if each.basis == Basis.MISSING else LOW}"


def explain(code: str, *, card: Scorecard, catalogue: Catalogue, lost: int | None = None) -> Reason:
    """Return a reason code with its words; a stored evaluation keeps the code alone."""
    head, _, tail = code.partition(".")
    if not tail:
        gate = card.gate(head)
        return Reason(code, gate.zh, gate.en)
    if tail == FLAGGED:
        item = catalogue.items[head]
        return Reason(
            code, f"{item.name_zh}：存在异议，须人工核实", f"{item.name_en}: disputed, ask"
        )
    each = card.characteristic(head)
    if tail == LOW:
        return Reason(code, f"{each.zh}：得分偏低", f"{each.en}: few points", lost)
    zh, en = missing_words(tail)
    return Reason(code, f"{each.zh}：{zh}", f"{each.en}: {en}", lost)


def missing_words(state: str) -> tuple[str, str]:
    """Return the Chinese and the English words for why a value does not count."""
    return _MISSING[state]


def bin_words(found: Bin | SpecialBin | None, state: str) -> tuple[str, str]:
    """Return the words of the bin that gave the points, or why there was none."""
    return (found.zh, found.en) if found else missing_words(state)
