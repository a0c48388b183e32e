"""
Recognizing the columns of a file by their headers.

With `column_names` the only place that knows how a header may be written. A header names a
field: an identity field, an item, or one of an item's three companions (start and end of
validity, evidence).
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from factors.domain.catalogue import Catalogue
from sharing.domain import units
from sharing.domain.column_names import (
    IDENTITY_NAMES,
    ITEM_NAMES_AT_LARGE,
    LONG_NAMES,
    PARTS,
    identity_ways,
    item_ways,
)

VALUE, VALID_FROM, VALID_TO, EVIDENCE = "value", "valid_from", "valid_to", "evidence"
LONG = "long"
"""The subject of a column of the long layout, which says by itself neither item nor value."""

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

    It is remarked if something else than a unit stands in brackets behind the name. `rank` says
    how good the name is: 0 for a field's own, more for what may mean something else.
    """

    field: Field
    unit: str = ""
    is_remarked: bool = False
    rank: int = 0


def visible(text: str) -> str:
    """Return a header's own text: without invisible characters, blanks trimmed at the ends."""
    return _INVISIBLE.sub("", text).strip()


def squeezed(text: str) -> str:
    """Return what of a header is compared: no width, case, blanks, brackets or marks."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).casefold())


_ENDS = {squeezed(word): part for part, words in PARTS.items() for word in words}
COMPANIONS_BELOW = frozenset(_ENDS)
"""What stands there for the companions of the item, squeezed."""

_PART_END = re.compile(
    r"^(?P<name>.*\S)\s*(?P<word>"
    + "|".join(word.replace(" ", r"\s*") for words in PARTS.values() for word in words)
    + ")$",
    re.IGNORECASE,
)


class Vocabulary:
    """All ways in which the headers of one factor list may be written."""

    def __init__(self, catalogue: Catalogue, mapping: Mapping[str, str | None] | None = None):
        """
        Prepare the words of a list.

        :param mapping: header text to field key, as a person has mapped columns by hand; an
            empty key means that the column is passed over on purpose. Keys that the list does
            not have, as of an older version of it, count as not mapped.
        """
        self.items = catalogue.items
        known = {text: key for text, key in (mapping or {}).items() if self.knows(key or "")}
        self._by_hand = {squeezed(text): key for text, key in known.items()}
        self._fields: dict[str, Field] = {}
        self._long = {
            squeezed(name): Field(LONG, part)
            for part, names in LONG_NAMES.items()
            for name in names
        }
        self._ranks: dict[str, int] = {}
        for subject, name, rank in identity_ways():
            self._fields.setdefault(squeezed(name), Field(subject))
            self._ranks.setdefault(squeezed(name), rank)
        self._values: dict[str, Field] = {}
        for item in catalogue.items.values():
            for written in item_ways(item):
                self._values.setdefault(squeezed(written), Field(item.code))
                self._add(squeezed(written), item.code)
        self._letters = {name: frozenset(name) for name in self._fields}

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

    def is_at_large(self, text: str) -> bool:
        """Say whether a header names the column of items by a word that may mean anything."""
        name = squeezed(visible(text))
        return name in ITEM_NAMES_AT_LARGE and name not in self._by_hand

    def is_passed_over(self, text: str) -> bool:
        """Say whether a person has mapped this header to nothing."""
        name = squeezed(visible(text))
        return name in self._by_hand and not self._by_hand[name]

    def guess(self, text: str) -> str | None:
        """Return the header that may have been meant, if one is near."""
        near = self._close(squeezed(visible(text)), self._fields, 1, _NEAR)
        return self.label(self._fields[near[0]]) if near else None

    def guess_item(self, text: str) -> str | None:
        """Return the item that may have been meant, by its header, if one is near."""
        near = self._close(squeezed(visible(text)), self._values, 1, _NEAR)
        return self.label(self._values[near[0]]) if near else None

    def near(self, text: str, most: int = 8) -> list[tuple[Field, float]]:
        """Return fields whose header is like a text, with the likeness, 0 to 1; nearest first."""
        name = squeezed(visible(text))
        close = self._close(name, self._fields, most, _FAR) if name else []
        return [(self._fields[c], difflib.SequenceMatcher(None, c, name).ratio()) for c in close]

    def _close(
        self, name: str, among: Mapping[str, Field], most: int, likeness: float
    ) -> list[str]:
        """Return the names most like one; those that cannot be are not compared, which is slow."""
        letters = frozenset(name)
        possible = [
            known
            for known in among
            if 2 * min(len(known) - len(self._letters[known] - letters),
                       len(name) - len(letters - self._letters[known]))
            >= likeness * (len(known) + len(name))
        ]  # fmt: skip
        return difflib.get_close_matches(name, possible, most, likeness)

    def knows(self, key: str) -> bool:
        """Say whether a key names a field of the list; an empty one passes a column over."""
        field = Field.of(key)
        parts = {VALUE, VALID_FROM, VALID_TO, EVIDENCE}
        if field.subject in self.items:
            return field.part in parts
        if field.subject == LONG:
            return field.part in LONG_NAMES
        return not key or (field.is_identity and field.part == VALUE)

    def label(self, field: Field) -> str:
        """Return a field's header as our own workbook writes it."""
        item = self.items.get(field.subject)
        head = f"{item.code} {item.name_zh}" if item else IDENTITY_NAMES[field.subject][0]
        return head if field.part == VALUE else f"{head} {PARTS[field.part][0]}"

    def name(self, field: Field, language: str) -> str:
        """Return a field's name in one language, for messages."""
        english = language.startswith("en")
        if field.subject == LONG:
            names = LONG_NAMES[field.part]
            return next(name for name in names if name.isascii() == english)
        item = self.items.get(field.subject)
        head = item.name(language) if item else IDENTITY_NAMES[field.subject][int(english)]
        if field.part == VALUE:
            return head
        return f"{head} {PARTS[field.part][-2 if english else 0]}"

    def _plain(self, name: str) -> Named | None:
        field = self._fields.get(name)
        return Named(field, rank=self._ranks.get(name, 0)) if field else None

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
                return Named(field, inside, rank=self._ranks.get(name, 0))
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


def _unit_of(text: str) -> str:
    for pattern in (_BRACKETED_END, _UNIT_END):
        found = pattern.match(unicodedata.normalize("NFKC", text))
        if found and (unit := units.named_in(found["inside"])):
            return unit
    return ""
