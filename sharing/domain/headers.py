"""
Finding the header among the first rows of a sheet, and settling what each column is.

A header may be merged over two rows, or have the items in one row and their parts below.
What stands above it is skipped, but for the unit of money that it may name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sharing.domain import units
from sharing.domain.column_names import GENERIC_BELOW
from sharing.domain.columns import (
    COMPANIONS_BELOW,
    LONG,
    Field,
    Vocabulary,
    squeezed,
    visible,
)
from sharing.domain.sheets import Header, MergedRange
from sharing.domain.unreadable import HEADER_ROWS_SEARCHED

_KNOWN_COLUMNS_NEEDED = 2
_SHARE_OF_SECOND_ROW = 0.5

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class ColumnHeader:
    """A column that was recognized: its place in the file from 0, and its own text."""

    position: int
    text: str
    field: Field
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """
    What the columns of a file are.

    `unknown` are places and texts. `yielding` are columns that are not read as another names
    their field better, 单位名称 beside 企业名称. `duplicate` are the later ones of fields that
    stand more than once, none of which is in `columns`.
    """

    columns: tuple[ColumnHeader, ...]
    unknown: tuple[tuple[int, str], ...]
    yielding: tuple[ColumnHeader, ...]
    duplicate: tuple[ColumnHeader, ...]
    is_long: bool

    def find(self, field: Field) -> ColumnHeader | None:
        return next((column for column in self.columns if column.field == field), None)

    @property
    def has_credit_code(self) -> bool:
        known = (*self.columns, *self.duplicate)
        return any(column.field == Field("uscc") for column in known)

    @property
    def mapping(self) -> dict[str, str]:
        """Return header text to field key, as an organization's mapping is remembered."""
        return {column.text: column.field.key for column in self.columns}


class HeaderSearch:
    """Looks for the header of one list's files; what `reading.read` asks."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def __call__(self, rows: Rows, merged: Sequence[MergedRange]) -> Header | None:
        without_code: Header | None = None
        for first in range(min(len(rows), HEADER_ROWS_SEARCHED)):
            for last, texts in self._readings(rows, merged, first):
                fields = self._fields(texts)
                if len(fields) < _KNOWN_COLUMNS_NEEDED:
                    continue
                complete = Field("uscc") in fields
                unit = _money_unit_above(rows[:first])
                header = Header(first, last, tuple(texts), unit, complete)
                if complete:
                    return header
                without_code = without_code or header
        return without_code

    def _readings(
        self, rows: Rows, merged: Sequence[MergedRange], first: int
    ) -> list[tuple[int, list[str]]]:
        """Return how a header that begins in a row may be read: over two rows, or one."""
        single = (first, [visible(text) for text in rows[first]])
        if first + 1 >= len(rows):
            return [single]
        upper, lower = _spread(rows, merged, first), list(rows[first + 1])
        two = (first + 1, self._joined(upper, lower))
        if any(top == first and bottom == first + 1 for (top, _), (bottom, _) in merged):
            return [two, single]
        if not any(top <= first <= bottom for (top, _), (bottom, _) in merged):
            upper = _filled(rows[first])
            two = (first + 1, self._joined(upper, lower))
        goes_on = self._continues(rows[first], upper, lower) or self._stands_above(upper, lower)
        return [two, single] if goes_on else [single]

    def _fields(self, texts: Sequence[str]) -> set[Field]:
        known = [self._vocabulary.recognize(text, long=True) for text in texts]
        return {named.field for named in known if named is not None}

    def _joined(self, upper: Sequence[str], lower: Sequence[str]) -> list[str]:
        """Return the texts of a header of two rows, the lower cell's own where that is known."""
        width = max(len(upper), len(lower))
        texts: list[str] = []
        for place in range(width):
            above = visible(upper[place]) if place < len(upper) else ""
            below = visible(lower[place]) if place < len(lower) else ""
            together = f"{above} {below}".strip()
            if not below or squeezed(below) in GENERIC_BELOW or above == below:
                texts.append(above or below)
            elif above and self._vocabulary.recognize(together):
                texts.append(together)
            elif self._vocabulary.recognize(below):
                texts.append(below)
            else:
                texts.append(together)
        return texts

    def _continues(self, own: Sequence[str], upper: Sequence[str], lower: Sequence[str]) -> bool:
        """Say whether a row below a header goes on with it, without merged cells to tell."""
        code = [
            place
            for place, text in enumerate(own)
            if (known := self._vocabulary.recognize(text)) and known.field == Field("uscc")
        ]
        filled = [place for place, text in enumerate(lower) if visible(text)]
        if not code or not filled or code[0] in filled:
            return False
        recognized = 0
        for place in filled:
            below = visible(lower[place])
            above = visible(upper[place]) if place < len(upper) else ""
            recognized += squeezed(below) != "" and (
                self._vocabulary.recognize(f"{above} {below}".strip()) is not None
                or self._vocabulary.recognize(below) is not None
                or squeezed(below) in GENERIC_BELOW
            )
        return recognized > _SHARE_OF_SECOND_ROW * len(filled)

    def _stands_above(self, upper: Sequence[str], lower: Sequence[str]) -> bool:
        """
        Say whether a row holds the items of what the row below it, with the code, goes on with.

        A title that fills the whole row, the code's column too, is none.
        """
        heads = [self._vocabulary.recognize(text) for text in upper]
        codes, parts = [], []
        for place, (named, text) in enumerate(zip(heads, lower, strict=False)):
            below = visible(text)
            known = self._vocabulary.recognize(below)
            if known is not None and known.field == Field("uscc"):
                codes.append(place)
            elif named is not None and named.field.subject in self._vocabulary.items:
                is_part = squeezed(below) in GENERIC_BELOW or squeezed(below) in COMPANIONS_BELOW
                parts += [place] * is_part
        return bool(codes and parts) and heads[codes[0]] is None


def settle(header: Header, vocabulary: Vocabulary, with_data: Sequence[bool]) -> Layout:
    """
    Settle what each column is.

    :param with_data: for each column whether anything stands below its header; a column
        without a header counts as unknown only then.
    """
    texts = [visible(text) for text in header.texts]
    texts += [""] * (len(with_data) - len(texts))
    is_long = _is_long(texts, vocabulary)
    known: dict[Field, dict[tuple[bool, int], list[ColumnHeader]]] = {}
    unknown: list[tuple[int, str]] = []
    for place, text in enumerate(texts):
        named = vocabulary.recognize(text, long=is_long)
        if named is not None and _has_place(named.field, is_long=is_long):
            column = ColumnHeader(place, text, named.field, named.unit)
            ranked = known.setdefault(named.field, {})
            ranked.setdefault((named.is_remarked, named.rank), []).append(column)
        elif vocabulary.is_passed_over(text):
            continue
        elif text or (place < len(with_data) and with_data[place]):
            unknown.append((place, text))
    read: list[list[ColumnHeader]] = []
    yielding: list[ColumnHeader] = []
    for ranked in known.values():
        best, *others = (ranked[rank] for rank in sorted(ranked))
        lesser = [column for columns in others for column in columns]
        is_remarked, _ = min(ranked)
        if is_remarked and len(best + lesser) > 1:  # 企业名称(曾用名) and (英文): which is it?
            unknown += [(column.position, column.text) for column in best + lesser]
        else:
            read.append(best)
            yielding += lesser
    return Layout(
        columns=tuple(found[0] for found in read if len(found) == 1),
        unknown=tuple(sorted(unknown)),
        yielding=tuple(yielding),
        duplicate=tuple(column for found in read for column in found[1:]),
        is_long=is_long,
    )


def _has_place(field: Field, *, is_long: bool) -> bool:
    """Say whether a layout has such a column: items stand in the wide one, records in the long."""
    return field.is_identity or is_long == (field.subject == LONG)


def _is_long(texts: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Say whether each row is a record; 项目 beside columns of items is any project at all."""
    named = [(text, vocabulary.recognize(text, long=True)) for text in texts]
    fields = {field.field: text for text, field in named if field is not None}
    if not {Field(LONG, "item"), Field(LONG)} <= set(fields):
        return False
    items = any(field.subject in vocabulary.items for field in fields)
    return not (items and vocabulary.is_at_large(fields[Field(LONG, "item")]))


def _spread(rows: Rows, merged: Sequence[MergedRange], row: int) -> list[str]:
    """Return a row in which each merged cell holds its text in all columns that it covers."""
    cells = list(rows[row])
    for (top, left), (bottom, right) in merged:
        if top <= row <= bottom and left < len(rows[top]):
            cells += [""] * (right + 1 - len(cells))
            cells[left : right + 1] = [rows[top][left]] * (right + 1 - left)
    return cells


def _filled(row: Sequence[str]) -> list[str]:
    """Return a row in which an empty cell holds what stands to its left."""
    cells: list[str] = []
    for text in row:
        cells.append(text if visible(text) or not cells else cells[-1])
    return cells


def _money_unit_above(rows: Rows) -> str:
    """Return the unit of money in the lines above a header, the nearest first; or nothing."""
    named = (units.money_unit_in(text) for row in reversed(rows) for text in row)
    return next(filter(None, named), "")
