"""What a register says of enterprises' items: read from its bytes, held against what was asked."""

import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import ItemType
from factors.domain.values import fault_of

COLUMNS = ("uscc", "item", "value", "valid_from", "valid_to")


class SourceWrong(ValueError):
    """
    Raised where a source's answer cannot be trusted as a whole; nothing of it is used.

    `code` is one of `unreadable`, `schema`, `other_enterprise`, `value`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One item of one enterprise as a register has it; the value in canonical form."""

    uscc: str
    item: str
    value: Any
    details: Mapping[str, str] = field(default_factory=dict)


def read_json(body: bytes) -> list[dict[str, Any]]:
    """
    Return the raw records of `{"records": [{"uscc", "item", "value", "valid_from", "valid_to"}]}`.

    :raises SourceWrong: if it is no JSON in UTF-8, or has another shape.
    """
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise SourceWrong("unreadable", f"The answer is no JSON in UTF-8: {fault}") from None
    records = document.get("records") if isinstance(document, dict) else None
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise SourceWrong("schema", 'The answer has no "records", a list of objects.')
    return records


def read_csv(body: bytes) -> list[dict[str, Any]]:
    """
    Return the raw records of a table with the columns uscc, item, value, valid_from, valid_to.

    :raises SourceWrong: if it is no text in UTF-8, or a column is missing.
    """
    try:
        rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig")), strict=True)
        found = list(rows)
    except (UnicodeDecodeError, csv.Error) as fault:
        raise SourceWrong("unreadable", f"The file is no table in UTF-8: {fault}") from None
    if missing := set(COLUMNS[:3]) - set(rows.fieldnames or ()):
        raise SourceWrong("schema", f"The table has no column {', '.join(sorted(missing))}.")
    return [{name: each.get(name) or None for name in COLUMNS} for each in found]


def checked(
    raw: Sequence[Mapping[str, Any]],
    *,
    catalogue: Catalogue,
    items: Collection[str],
    asked: Collection[str] | None,
) -> list[SourceRecord]:
    """
    Return records that fit the factor list; one that does not makes the whole answer unfit.

    :param items: the items that the source is there for.
    :param asked: the enterprises asked about; None where a file names whom it likes.
    :raises SourceWrong: if a record misses a member, names another enterprise or item, says
        what the item cannot be, or says two things of the same.
    """
    found: dict[tuple[str, str], SourceRecord] = {}
    for number, each in enumerate(raw, 1):
        record = _record(number, each, catalogue, items)
        if asked is not None and record.uscc not in asked:
            raise SourceWrong(
                "other_enterprise", f"Record {number} is about {record.uscc}, whom nobody asked."
            )
        known = found.setdefault((record.uscc, record.item), record)
        if known != record:
            raise SourceWrong("schema", f"Record {number} contradicts an earlier one.")
    return list(found.values())


def _record(
    number: int, each: Mapping[str, Any], catalogue: Catalogue, items: Collection[str]
) -> SourceRecord:
    uscc, item = each.get("uscc"), each.get("item")
    if not isinstance(uscc, str) or not isinstance(item, str) or each.get("value") is None:
        raise SourceWrong("schema", f"Record {number} has no uscc, item or value.")
    if item not in items or item not in catalogue.items:
        raise SourceWrong("schema", f"Record {number} is about the item {item!r}.")
    value = _typed(catalogue.items[item].type, each["value"])
    if fault := fault_of(catalogue.items[item], value):
        raise SourceWrong("value", f"Record {number}: {value!r} as {item} is {fault}.")
    details = {}
    for name in ("valid_from", "valid_to"):
        if (stated := each.get(name)) is not None:
            try:
                details[name] = date.fromisoformat(str(stated)).isoformat()
            except ValueError:
                raise SourceWrong("value", f"Record {number}: {stated!r} is no day.") from None
    return SourceRecord(uscc.strip().upper(), item, value, details)


def _typed(kind: ItemType, value: Any) -> Any:
    """Return what a cell of a text table says as the item's own type."""
    if not isinstance(value, str):
        return value
    if kind == ItemType.COUNT and value.isdigit():
        return int(value)
    if kind == ItemType.BOOLEAN and value in {"true", "false"}:
        return value == "true"
    return value
