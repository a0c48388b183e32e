"""
Recognizing the columns of a file by their headers.

The only place that knows how a header may be written. A header names a field: an identity
field, an item, or one of an item's three companions (start and end of validity, evidence).
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from factors.domain.catalogue import Catalogue, Item
from sharing.domain import units

VALUE, VALID_FROM, VALID_TO, EVIDENCE = "value", "valid_from", "valid_to", "evidence"
LONG = "long"
"""The subject of a column of the long layout, which says by itself neither item nor value."""

IDENTITY_NAMES: Mapping[str, tuple[str, ...]] = {
    "uscc": (
        "统一社会信用代码", "USCC", "credit code", "社会信用代码", "信用代码",
        "统一社会信用代码USCC", "unified social credit code",
    ),
    "name": ("企业名称", "enterprise name", "单位名称", "主体名称", "名称", "name"),
    "region": (
        "行政区划代码", "region", "所在地区", "行政区划", "区划代码", "所属地区", "region code",
    ),
    "industry": ("行业代码", "industry", "国民经济行业代码", "industry code"),
    "size": ("企业规模", "size", "规模", "enterprise size"),
    "established_on": ("成立日期", "established", "established on", "成立时间", "注册日期"),
    "registered_capital": ("注册资本(万元)", "registered capital (CNY 10k)"),
}  # fmt: skip
"""Field to what its header may say; the first is the Chinese name, the second the English."""

REGISTERED_CAPITAL = ("注册资本", "注册资金", "registered capital")

_PARTS: Mapping[str, tuple[str, ...]] = {
    VALID_FROM: ("有效期自", "有效期起", "有效期从", "有效期开始", "valid from", "validity from"),
    VALID_TO: ("有效期至", "有效期止", "有效期到", "有效期截止", "valid to", "valid until"),
    EVIDENCE: ("证据", "证明材料", "evidence"),
}
_LONG_NAMES: Mapping[str, tuple[str, ...]] = {
    "item": (
        "信息项", "信息项代码", "信息项编码", "信息项名称", "项目", "项目代码", "因子", "因子代码",
        "质量因子", "item", "item code", "factor", "factor code",
    ),
    VALUE: ("值", "取值", "信息项值", "数值", "内容", "状态", "value"),
    **_PARTS,
}  # fmt: skip
GENERIC_BELOW = frozenset(("值", "取值", "状态", "等级", "内容", "数值", "value", "status"))
"""What stands in the second row of a header under an item's name, for the value itself."""

_BRACKETED_END = re.compile(
    r"^(?P<name>.*\S)\s*[(\[【<{](?P<inside>(?:[^()\[\]【】]|\([^()]*\))*)[)\]】>}]$"
)
_UNIT_END = re.compile(
    r"^(?P<name>.*?\S)[\s,;:/]*(?:(?:金额|货币|计量)?单位|unit)\s*:\s*"
    r"(?P<inside>[^()\[\]【】]+(?:\([^()]*\))?)$",
    re.IGNORECASE,
)
_SIGN_END = re.compile(r"^(?P<name>.*[^\s%‰])\s*(?P<inside>[%‰])$")
_BARE_END = re.compile(r"^(?P<name>.*\S)[\s,;:/_-]+(?P<inside>\S{1,12})$")
_DROPPED = re.compile(r"[^\w%‰]|_")
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_NEAR = 0.6
_FAR = 0.35


@dataclass(frozen=True, slots=True)
class Field:
    """What a column is about: `subject` an identity field or item, `part` what of it."""

    subject: str
    part: str = VALUE

    @property
    def key(self) -> str:
        """Return the name under which mappings and tables know it: QF-17, QF-17|valid_to."""
        return self.subject if self.part == VALUE else f"{self.subject}|{self.part}"

    @property
    def is_identity(self) -> bool:
        return self.subject in IDENTITY_NAMES

    @classmethod
    def of(cls, key: str) -> "Field":
        subject, _, part = key.partition("|")
        return cls(subject, part or VALUE)


@dataclass(frozen=True, slots=True)
class Named:
    """
    A recognized header: the field, and the unit that the header names, if it does.

    It is remarked if something else than a unit stands in brackets behind the name.
    """

    field: Field
    unit: str = ""
    is_remarked: bool = False


def visible(text: str) -> str:
    """Return a header's own text: without invisible characters, blanks trimmed at the ends."""
    return _INVISIBLE.sub("", text).strip()


def squeezed(text: str) -> str:
    """Return what of a header is compared: no width, case, blanks, brackets or marks."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).casefold())


_ENDS = {squeezed(word): part for part, words in _PARTS.items() for word in words}
_PART_END = re.compile(
    r"^(?P<name>.*\S)\s*(?P<word>"
    + "|".join(word.replace(" ", r"\s*") for words in _PARTS.values() for word in words)
    + ")$",
    re.IGNORECASE,
)


class Vocabulary:
    """All ways in which the headers of one factor list may be written."""

    def __init__(self, catalogue: Catalogue, mapping: Mapping[str, str | None] | None = None):
        """
        Prepare the words of a list.

        :param mapping: header text to field key, as a person has mapped columns by hand; an
            empty key means that the column is passed over on purpose.
        """
        self.items = catalogue.items
        self._by_hand = {squeezed(text): key for text, key in (mapping or {}).items()}
        self._fields: dict[str, Field] = {}
        self._long = {
            squeezed(name): Field(LONG, part)
            for part, names in _LONG_NAMES.items()
            for name in names
        }
        for subject, names in IDENTITY_NAMES.items():
            for name in _identity_ways(subject, names):
                self._fields[squeezed(name)] = Field(subject)
        for item in catalogue.items.values():
            for written in _ways(item):
                self._add(squeezed(written), item.code)

    def _add(self, name: str, subject: str) -> None:
        self._fields.setdefault(name, Field(subject))
        for word, part in _ENDS.items():
            self._fields.setdefault(name + word, Field(subject, part))

    def recognize(self, text: str, *, long: bool = False) -> Named | None:
        """Return what a header names; None if it is not known, or passed over on purpose."""
        clean = visible(text)
        name = squeezed(clean)
        if not name:
            return None
        if name in self._by_hand:
            key = self._by_hand[name]
            return Named(Field.of(key), _unit_of(clean)) if key else None
        if long and name in self._long:
            return Named(self._long[name])
        half = unicodedata.normalize("NFKC", clean)
        return self._with_unit(half) or self._plain(name) or self._companion(half)

    def is_passed_over(self, text: str) -> bool:
        """Say whether a person has mapped this header to nothing."""
        name = squeezed(visible(text))
        return name in self._by_hand and not self._by_hand[name]

    def guess(self, text: str) -> str | None:
        """Return the header that may have been meant, if one is near."""
        near = difflib.get_close_matches(squeezed(visible(text)), self._fields, 1, _NEAR)
        return self.label(self._fields[near[0]]) if near else None

    def near(self, text: str, most: int = 8) -> list[tuple[Field, float]]:
        """Return fields whose header is like a text, with the likeness, 0 to 1; nearest first."""
        name = squeezed(visible(text))
        close = difflib.get_close_matches(name, self._fields, most, _FAR) if name else []
        return [(self._fields[c], difflib.SequenceMatcher(None, c, name).ratio()) for c in close]

    def knows(self, key: str) -> bool:
        """Say whether a key names a field of the list; an empty one passes a column over."""
        field = Field.of(key)
        parts = {VALUE, VALID_FROM, VALID_TO, EVIDENCE}
        if field.subject in self.items:
            return field.part in parts
        return not key or (field.is_identity and field.part == VALUE) or field.subject == LONG

    def label(self, field: Field) -> str:
        """Return a field's header as our own workbook writes it."""
        item = self.items.get(field.subject)
        head = f"{item.code} {item.name_zh}" if item else IDENTITY_NAMES[field.subject][0]
        return head if field.part == VALUE else f"{head} {_PARTS[field.part][0]}"

    def name(self, field: Field, language: str) -> str:
        """Return a field's name in one language, for messages."""
        english = language.startswith("en")
        if field.subject == LONG:
            names = _LONG_NAMES[field.part]
            return next(name for name in names if name.isascii() == english)
        item = self.items.get(field.subject)
        head = item.name(language) if item else IDENTITY_NAMES[field.subject][int(english)]
        if field.part == VALUE:
            return head
        return f"{head} {_PARTS[field.part][-2 if english else 0]}"

    def _plain(self, name: str) -> Named | None:
        field = self._fields.get(name)
        return Named(field) if field else None

    def _with_unit(self, text: str) -> Named | None:
        """Recognize a header that ends with a unit or a remark, in brackets or not."""
        for pattern in (_BRACKETED_END, _UNIT_END, _SIGN_END, _BARE_END):
            found = pattern.match(text)
            name = squeezed(found["name"]) if found else ""
            field = self._fields.get(name)
            if found is None or field is None:
                continue
            inside = found["inside"]
            if units.is_unit(inside) or units.squeezed(inside) in self._own_units(field):
                return Named(field, inside)
            unit = units.named_in(inside)
            is_whole = squeezed(text) in self._fields and (squeezed(text) != name or not unit)
            is_loose = pattern is _BARE_END or (pattern is _UNIT_END and " " in inside)
            if not is_loose and not is_whole:
                return Named(field, unit, is_remarked=True)
        return None

    def _own_units(self, field: Field) -> set[str]:
        item = self.items.get(field.subject)
        return {units.squeezed(item.unit_zh), units.squeezed(item.unit_en)} if item else set()

    def _companion(self, text: str) -> Named | None:
        """Recognize the companion of an item whose own name ends with a unit."""
        found = _PART_END.match(text)
        named = self._with_unit(found["name"]) if found else None
        if found is None or named is None or named.field.part != VALUE or named.is_remarked:
            return None
        if named.field.subject not in self.items:
            return None
        return Named(Field(named.field.subject, _ENDS[squeezed(found["word"])]))


def _identity_ways(subject: str, names: tuple[str, ...]) -> Iterator[str]:
    """Yield an identity field's names, and a Chinese and an English one together."""
    known = (*names, *(REGISTERED_CAPITAL if subject == "registered_capital" else ()))
    yield from known
    for first in known:
        for second in known:
            if first.isascii() != second.isascii():
                yield first + second


def _ways(item: Item) -> Iterator[str]:
    """Yield an item's code, names, and both together in either order."""
    names = [item.name_zh, item.name_en, *item.former_names]
    yield item.code
    for name in names:
        if name:
            yield name
            yield item.code + name
            yield name + item.code
    yield item.name_zh + item.name_en
    yield item.name_en + item.name_zh
    yield item.code + item.name_zh + item.name_en
    yield item.code + item.name_en + item.name_zh


def _unit_of(text: str) -> str:
    for pattern in (_BRACKETED_END, _UNIT_END):
        found = pattern.match(unicodedata.normalize("NFKC", text))
        if found and (unit := units.named_in(found["inside"])):
            return unit
    return ""
