"""
How a scorecard is written down: JSON in, `Scorecard` out.

Every fault of a document is collected with its JSON pointer before anything is refused, so
that a model developer mends a document in one round and not in twelve. Parts of a document
that the platform does not compute with (pricing, authorities, notes) are kept and not read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any, TypeVar

from evaluation.domain import conditions
from evaluation.domain.conditions import Either, Fault
from evaluation.domain.scorecards import (
    Bin,
    Binding,
    Category,
    Characteristic,
    CharacteristicKind,
    Gate,
    GateException,
    GateOutcome,
    Grade,
    Scorecard,
    SelfDeclaredLimit,
    SpecialBin,
    Tier,
)
from qfce.kernel.errors import Invalid

SELF_DECLARED_POINTS = 3
FEN = Decimal("0.01")

T = TypeVar("T")
Document = Mapping[str, Any]


class InvalidScorecard(Invalid):
    code = "evaluation.scorecard.invalid"
    title = "The scorecard does not hold together."

    @classmethod
    def of(cls, faults: list[Fault]) -> "InvalidScorecard":
        """Return the refusal that names every fault, the first of them in the message."""
        first, more = faults[0], len(faults) - 1
        others = f" {more} more in `errors`." if more else ""
        return cls(
            f"{first.pointer}: {first.detail}{others}",
            hint="Correct the document and send it again.",
            errors=[{"pointer": fault.pointer, "detail": fault.detail} for fault in faults],
        )


@dataclass(slots=True)
class _Reading:
    """Collects faults while the parts of a document are read one by one."""

    document: Document
    faults: list[Fault] = field(default_factory=list)

    def each(self, member: str, read: Callable[[Document, str], T]) -> tuple[T, ...]:
        listed = self.document.get(member, [])
        if not isinstance(listed, list):
            self.faults.append(Fault(f"/{member}", "It must be a list."))
            return ()
        found = (self.one(read, part, f"/{member}/{n}") for n, part in enumerate(listed))
        return tuple(part for part in found if part is not None)

    def one(self, read: Callable[[Document, str], T], part: Any, pointer: str) -> T | None:
        try:
            if not isinstance(part, Mapping):
                raise Fault(pointer, "It must be an object.")
            return read(part, pointer)
        except Fault as fault:
            self.faults.append(fault)
            return None


def from_document(document: Any) -> Scorecard:
    """
    Return the scorecard that a document describes.

    What is checked here is the form alone; `scorecard_checks.check` says whether the parts
    fit each other and the factor list.

    :raises InvalidScorecard: with every fault and its JSON pointer.
    """
    if not isinstance(document, Mapping):
        raise InvalidScorecard.of([Fault("", "A scorecard is a JSON object.")])
    reading = _Reading(document)
    head = reading.one(_head, document, "")
    binds = reading.one(_binding, document.get("binds"), "/binds")
    limit = document.get("self_declared_limit")
    scorecard_parts: dict[str, Any] = {
        "gates": reading.each("gates", _gate),
        "categories": reading.each("categories", _category),
        "characteristics": reading.each("characteristics", _characteristic),
        "grades": reading.each("grades", _grade),
        "tiers": reading.each("tiers", _tier),
        "self_declared": limit and reading.one(_limit, limit, "/self_declared_limit"),
    }
    if reading.faults:
        raise InvalidScorecard.of(reading.faults)
    assert head is not None  # or it left a fault
    assert binds is not None
    return Scorecard(binds=binds, **head, **scorecard_parts)


def money(value: Any, pointer: str) -> Decimal:
    """
    Return an amount in yuan.

    :raises Fault: unless it is a string of a decimal that is not negative, in whole fen.
    """
    if not isinstance(value, str):
        raise Fault(pointer, 'An amount is a string, such as "10000.00".')
    amount = conditions.number(value, pointer)
    if amount < 0 or amount != amount.quantize(FEN, rounding=ROUND_DOWN):
        raise Fault(pointer, "An amount is not negative and has whole fen.")
    return amount.quantize(FEN)


def _head(document: Document, pointer: str) -> dict[str, Any]:
    return {
        "code": _text(document, "code", pointer, most=40),
        "version": _whole(document, "version", pointer, least=1) if "version" in document else 1,
        "name_zh": _text(document, "name_zh", pointer),
        "name_en": _text(document, "name_en", pointer),
        "notice_zh": str(document.get("notice_zh", "")),
        "notice_en": str(document.get("notice_en", "")),
    }


def _binding(part: Document, pointer: str) -> Binding:
    return Binding(
        factor_list=_text(part, "factor_list", pointer),
        version=_whole(part, "version", pointer, least=1),
        register_fields=_texts(part, "register_fields", pointer, default=()),
    )


def _gate(part: Document, pointer: str) -> Gate:
    outcome = _text(part, "outcome", pointer)
    if outcome not in set(GateOutcome):
        raise Fault(f"{pointer}/outcome", f"It must be one of {', '.join(GateOutcome)}.")
    stated = part.get("exception")
    return Gate(
        code=_text(part, "code", pointer, most=20),
        outcome=GateOutcome(outcome),
        when=conditions.read(part.get("when"), f"{pointer}/when"),
        zh=_text(part, "zh", pointer),
        en=_text(part, "en", pointer),
        exception=_exception(stated, f"{pointer}/exception") if stated else None,
        why=str(part.get("why", "")),
    )


def _exception(part: Any, pointer: str) -> GateException:
    if not isinstance(part, Mapping):
        raise Fault(pointer, "It must be an object or null.")
    return GateException(
        roles=_texts(part, "roles", pointer),
        reason_required=part.get("reason_required") is not False,
        evidence=str(part.get("evidence", "")),
    )


def _category(part: Document, pointer: str) -> Category:
    stated = "possible_before_cap"
    return Category(
        code=_text(part, "code", pointer),
        cap=_whole(part, "cap", pointer, most=100),
        possible_before_cap=_whole(part, stated, pointer) if stated in part else None,
        why=str(part.get("why", "")),
    )


def _characteristic(part: Document, pointer: str) -> Characteristic:
    kind = _text(part, "kind", pointer)
    if kind not in set(CharacteristicKind):
        raise Fault(f"{pointer}/kind", f"It must be one of {', '.join(CharacteristicKind)}.")
    derived = part.get("derived")
    return Characteristic(
        code=_text(part, "code", pointer, most=20),
        category=_text(part, "category", pointer),
        sources=_texts(part, "source", pointer),
        derived=str(derived) if derived is not None else None,
        kind=CharacteristicKind(kind),
        zh=_text(part, "zh", pointer),
        en=_text(part, "en", pointer),
        bins=tuple(
            _bin(entry, CharacteristicKind(kind), f"{pointer}/bins/{place}")
            for place, entry in enumerate(_listed(part, "bins", pointer, least=1))
        ),
        special=tuple(
            _special(entry, f"{pointer}/special/{place}")
            for place, entry in enumerate(_listed(part, "special", pointer))
        ),
        missing=_whole(part, "missing", pointer, most=100),
        why=str(part.get("why", "")),
    )


def _bin(part: Document, kind: CharacteristicKind, pointer: str) -> Bin:
    shown: dict[str, Any] = {
        "points": _whole(part, "points", pointer, most=100),
        "zh": _text(part, "zh", pointer),
        "en": _text(part, "en", pointer),
    }
    if kind == CharacteristicKind.NUMBER:
        if "from" not in part or "below" not in part:
            raise Fault(pointer, "A bin of numbers has `from` and `below`.")
        low, high = part["from"], part["below"]
        return Bin(
            **shown,
            low=None if low is None else conditions.number(low, f"{pointer}/from"),
            high=None if high is None else conditions.number(high, f"{pointer}/below"),
        )
    wanted = bool if kind == CharacteristicKind.BOOLEAN else str
    values = part.get("values")
    if not isinstance(values, list) or not values:
        raise Fault(f"{pointer}/values", "It must be a list of at least one value.")
    if not all(isinstance(value, wanted) for value in values):
        raise Fault(f"{pointer}/values", f"Every value must be a {wanted.__name__}.")
    return Bin(**shown, values=tuple(values))


def _special(part: Document, pointer: str) -> SpecialBin:
    return SpecialBin(
        code=_text(part, "code", pointer),
        when=conditions.read(part.get("when"), f"{pointer}/when"),
        points=_whole(part, "points", pointer, most=100),
        zh=_text(part, "zh", pointer),
        en=_text(part, "en", pointer),
    )


def _limit(part: Document, pointer: str) -> SelfDeclaredLimit:
    return SelfDeclaredLimit(
        characteristics=_texts(part, "characteristics", pointer),
        points=_whole(part, "points", pointer) if "points" in part else SELF_DECLARED_POINTS,
        rule=str(part.get("rule", "")),
    )


def _grade(part: Document, pointer: str) -> Grade:
    spread = part.get("spread_bp")
    if spread is not None and (isinstance(spread, bool) or not isinstance(spread, int)):
        raise Fault(f"{pointer}/spread_bp", "A spread is in whole basis points, or null.")
    return Grade(
        grade=_text(part, "grade", pointer, most=8),
        low=_whole(part, "from", pointer, most=100),
        high=_whole(part, "to", pointer, most=100),
        zh=_text(part, "zh", pointer),
        en=_text(part, "en", pointer),
        cap=money(part.get("cap_cny"), f"{pointer}/cap_cny"),
        spread_bp=spread,
        why=str(part.get("why", "")),
    )


def _tier(part: Document, pointer: str) -> Tier:
    stated = part.get("any")
    if not isinstance(stated, list) or not stated:
        raise Fault(f"{pointer}/any", "It must be a list of at least one condition.")
    return Tier(
        tier=_whole(part, "tier", pointer, least=1, most=99),
        cap=money(part.get("cap_cny"), f"{pointer}/cap_cny"),
        when=Either(
            tuple(conditions.read(when, f"{pointer}/any/{n}") for n, when in enumerate(stated))
        ),
    )


def _text(part: Document, member: str, pointer: str, *, most: int = 300) -> str:
    value = part.get(member)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise Fault(f"{pointer}/{member}", f"It must be a text of 1 to {most} characters.")
    return value


def _texts(
    part: Document, member: str, pointer: str, *, default: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    value = part.get(member)
    if value is None and default is not None:
        return default
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise Fault(f"{pointer}/{member}", "It must be a list of at least one text.")
    return tuple(value)


def _listed(part: Document, member: str, pointer: str, *, least: int = 0) -> list[Document]:
    value = part.get(member, [])
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise Fault(f"{pointer}/{member}", "It must be a list of objects.")
    if len(value) < least:
        raise Fault(f"{pointer}/{member}", f"It must have at least {least}.")
    return value


def _whole(part: Document, member: str, pointer: str, *, least: int = 0, most: int = 9999) -> int:
    value = part.get(member)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Fault(f"{pointer}/{member}", f"It must be a whole number from {least} to {most}.")
    return value
