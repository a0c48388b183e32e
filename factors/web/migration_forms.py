"""What becomes of one item's values, as fields of a form and as a step of a migration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factors.domain import values
from factors.domain.catalogue import Catalogue, Item
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.migration_plans import text_of
from factors.domain.migrations import Step, Way
from factors.web import words
from qfce.kernel.web.formats import local
from qfce.kernel.web.language import is_chinese

KINDS: words.Words = {
    "rename": gettext_lazy("Goes on under another code"),
    "map": gettext_lazy("Goes on with other values"),
    "split": gettext_lazy("Becomes several items"),
    "drop": gettext_lazy("Is collected no longer"),
}
SPLIT_INTO = 4
BLANK_BANDS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """One old value with the field that says what it becomes."""

    name: str
    label: str
    given: str


@dataclass(frozen=True, slots=True)
class Part:
    """
    One item that values go to, and the fields that say how.

    `options` are the values to choose from, empty where they are typed; `bands` are the text
    of a limit and of what numbers below it become; None where the old item is no number.
    """

    number: int
    to: str
    name: str
    unit: str
    options: tuple[tuple[str, str], ...]
    choices: tuple[Choice, ...]
    bands: tuple[tuple[str, str], ...] | None
    otherwise: str

    @property
    def band_name(self) -> str:
        return f"band{self.number}"

    @property
    def otherwise_name(self) -> str:
        return f"otherwise{self.number}"


def kind_of(given: QueryDict, step: Step | None) -> str:
    """Return the kind that is asked for, or that the step has; empty where neither says."""
    asked = given.get("kind", "")
    return asked if asked in KINDS else step.kind if step else ""


def targets_of(given: QueryDict, step: Step | None, kind: str) -> list[str]:
    """Return the codes of the items that values go to, as asked for or as the step has them."""
    asked = [code for code in given.getlist("to") if code]
    known = [target.to for target in step.targets] if step and "kind" not in given else []
    found = list(dict.fromkeys(asked or known))
    if kind == "drop":
        return []
    return found if kind == "split" else found[:1]


def parts_of(
    source: Item, new: Catalogue, targets: list[str], step: Step | None, typed: QueryDict
) -> list[Part]:
    """Return the fields of a step, filled in as was `typed`, else as it is stored."""
    ways = {target.to: target.way for target in step.targets} if step else {}
    items = [new.items[code] for code in targets if code in new.items]
    parts = [_part(n, source, item, ways.get(item.code)) for n, item in enumerate(items)]
    return [_retyped(part, typed) if typed else part for part in parts]


def step_from(given: QueryDict, source: Item, new: Catalogue) -> dict[str, Any]:
    """
    Return the step that a form says, as a document.

    What cannot stand is written as it is typed; the checks of a migration say so.
    """
    kind = kind_of(given, None)
    targets = targets_of(given, None, kind)
    if kind == "drop":
        return {"kind": kind}
    if kind == "rename":
        return {"kind": kind, "to": targets[0] if targets else ""}
    parts = [
        {"to": code, **_way(given, n, source, new.items.get(code))}
        for n, code in enumerate(targets)
    ]
    if kind == "split":
        return {"kind": kind, "into": parts}
    return {"kind": "map", **(parts[0] if parts else {"to": ""})}


def told(step: Step, new: Catalogue) -> str:
    """Return in words where a step leads."""
    names = [f"{t.to} {local(new.items[t.to]) if t.to in new.items else ''}" for t in step.targets]
    return ("；" if is_chinese() else "; ").join(name.strip() for name in names)


def lines_of(catalogue: Catalogue) -> list[tuple[str, str, str]]:
    """Return old code, what becomes of it and where it goes, of each step that a version has."""
    steps = catalogue.migration.steps if catalogue.migration else ()
    return [(step.item, str(KINDS[step.kind]), told(step, catalogue)) for step in steps]


def _part(number: int, source: Item, item: Item, way: Way | None) -> Part:
    way = way or Way()
    known = {text_of(pair.source): pair.target for pair in way.table}
    same = way == Way() or bool(way.table)
    choices = [
        Choice(
            f"v{number}_{place}",
            _named(source, value),
            _shown(item, known[key]) if key in known else _kept(source, item, value, same),
        )
        for place, (key, value) in enumerate(_old_values(source, known).items())
    ]
    bands = [(_limit(source, b.below), _shown(item, b.target)) for b in way.bands]
    return Part(
        number=number,
        to=item.code,
        name=local(item),
        unit=local(item, "unit"),
        options=tuple(_options(item)),
        choices=tuple(choices),
        bands=(*bands, *[("", "")] * BLANK_BANDS) if source.type.is_numeric else None,
        otherwise=_shown(item, way.otherwise),
    )


def _retyped(part: Part, typed: QueryDict) -> Part:
    """Return a part as it was typed: what was refused is not lost."""
    number = part.number
    bands = zip(typed.getlist(f"below{number}"), typed.getlist(f"band{number}"), strict=False)
    return replace(
        part,
        choices=tuple(replace(each, given=typed.get(each.name, "")) for each in part.choices),
        bands=None if part.bands is None else tuple(bands),
        otherwise=typed.get(part.otherwise_name, ""),
    )


def _old_values(source: Item, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the old item that can be named one by one, by their text."""
    found: dict[str, Any] = {code: code for code in source.by_code}
    if source.type == ItemType.BOOLEAN:
        found = {"true": True, "false": False}
    if source.allows_not_applicable:
        found[NOT_APPLICABLE] = NOT_APPLICABLE
    return found | {key: key for key in known if key not in found}


def _kept(source: Item, item: Item, value: Any, same: bool) -> str:
    """A code that both have keeps its meaning, so it is offered as its own successor."""
    coded = source.type.is_coded and item.type.is_coded and value in item.by_code
    return str(value) if same and coded else ""


def _options(item: Item) -> list[tuple[str, str]]:
    found = [(value.code, local(value, "label")) for value in item.values]
    if item.type == ItemType.BOOLEAN:
        found = [("true", _("Yes")), ("false", _("No"))]
    if found and item.allows_not_applicable:
        found.append((NOT_APPLICABLE, _("Not applicable")))
    return found


def _named(item: Item, value: Any) -> str:
    return values.label(item, value, "zh" if is_chinese() else "en")


def _shown(item: Item, value: Any) -> str:
    """Return a canonical value as it is typed, numbers in the item's unit."""
    if value is None:
        return ""
    if item.type.is_numeric and value != NOT_APPLICABLE:
        return _limit(item, values.sizable(str(value)) if isinstance(value, str | int) else None)
    return text_of(value)


def _limit(item: Item, base: Decimal | None) -> str:
    return "" if base is None else values.canonical_decimal(values.to_stated(item, base))


def _way(given: QueryDict, number: int, source: Item, item: Item | None) -> dict[str, Any]:
    old = _old_values(source, {})
    rows = [
        (value, given.get(f"v{number}_{place}", "").strip())
        for place, value in enumerate(old.values())
    ]
    limits = zip(given.getlist(f"below{number}"), given.getlist(f"band{number}"), strict=False)
    bands = [(below.strip(), becomes.strip()) for below, becomes in limits if becomes.strip()]
    otherwise = given.get(f"otherwise{number}", "").strip()
    return {
        "table": [{"from": value, "to": _canonical(item, text)} for value, text in rows if text],
        "thresholds": [
            {"below": _base(source, below), "to": _canonical(item, text)} for below, text in bands
        ],
        "otherwise": _canonical(item, otherwise) if otherwise else None,
    }


def _base(source: Item, text: str) -> str | None:
    """
    Return a limit in base units; None where the band is open upwards.

    :raises ValueError: if it is no number.
    """
    if not text:
        return None
    number = values.sizable(text)
    if number is None:
        raise ValueError(text)
    return values.canonical_decimal(values.to_base(source, number))


def _canonical(item: Item | None, text: str) -> Any:
    if item is None or text == NOT_APPLICABLE:
        return text
    if item.type == ItemType.BOOLEAN:
        return {"true": True, "false": False}.get(text, text)
    number = values.sizable(text) if item.type.is_numeric else None
    if number is None:
        return text
    base = values.canonical_decimal(values.to_base(item, number))
    return int(base) if item.type == ItemType.COUNT and "." not in base else base
