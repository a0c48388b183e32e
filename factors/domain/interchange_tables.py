"""
A list as a few plain tables, for workbooks and CSV: what a county office can read and edit.

One table each for the list, its categories, its items, their allowed values, evidence, owners
and citations, and the rules. Every column is headed by its Chinese name and its key. The same
tables read back give the same document; `places` says where each part of it stood.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from factors.domain.document_form import (
    CATEGORY,
    CITATION,
    EVIDENCE,
    GATE,
    ITEM,
    LIST,
    OWNER,
    RULE,
    TEXT,
    VALUE,
    Form,
    Member,
    Members,
)
from factors.domain.interchange_cells import UnreadableCell, read, text_of, written
from factors.domain.problem_texts import Problem
from factors.domain.vocabulary import MEMBERS

GATE_COLUMNS: Members = {
    "gate_outcome": Member(Form.WORD, GATE["outcome"].words, may_be_null=True),
    "gate_when": Member(Form.CONDITION, may_be_null=True),
}
HEAD: Members = {
    **{name: LIST[name] for name in LIST if LIST[name].form != Form.RECORDS},
    "migration": Member(Form.CONDITION, may_be_null=True),
}
PARTS: Mapping[str, Members] = {
    "values": VALUE,
    "evidences": EVIDENCE,
    "owners": OWNER,
    "citations": CITATION,
}
TABLES: Mapping[str, tuple[str, Members]] = {
    # key: Chinese title, columns
    "list": ("清单", {"member": TEXT, "value": TEXT}),
    "categories": ("类别", CATEGORY),
    "items": (
        "信息项",
        {
            **{
                name: member
                for name, member in ITEM.items()
                if member.form not in (Form.RECORDS, Form.RECORD)
            },
            **GATE_COLUMNS,
        },
    ),
    "values": ("允许值", {"item": TEXT, **VALUE}),
    "evidences": ("证明材料", {"item": TEXT, **EVIDENCE}),
    "owners": ("责任单位", {"item": TEXT, **OWNER}),
    "citations": ("依据", {"item": TEXT, **CITATION}),
    "rules": ("规则", {"used_in": TEXT, **RULE}),
}
RULE_SECTIONS = {"rules": "导入检查", "report_rules": "质量报告"}

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; `column` is "" for a whole row."""

    sheet: str
    row: int
    column: str = ""


@dataclass(slots=True)
class ReadList:
    """What a file says, where each part stands, and what could not be read."""

    document: dict[str, Any]
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place_of(self, pointer: str) -> Place | None:
        """Return where a pointer leads: to its cell, or else to the row that it lies in."""
        while pointer:
            if pointer in self.places:
                return self.places[pointer]
            pointer = pointer.rpartition("/")[0]
        return None


def title(table: str) -> str:
    """Return the name of a table's sheet, such as “信息项 items”."""
    return f"{TABLES[table][0]} {table}"


def header(member: str) -> str:
    return f"{MEMBERS[member][0]} {member}"


def to_tables(document: Mapping[str, Any]) -> dict[str, list[list[str]]]:
    """Return the tables of a document with their headers, by key."""
    tables = {name: [[header(each) for each in columns]] for name, (_, columns) in TABLES.items()}
    for name, member in HEAD.items():
        if name in document:
            tables["list"].append([header(name), written(document[name], member)])
    tables["categories"] += [_row(entry, CATEGORY) for entry in document["categories"]]
    for reference, item in _referenced(document["items"]):
        gate = item["suggested_gate"] or {}
        flat = {**item, "gate_outcome": gate.get("outcome"), "gate_when": gate.get("when")}
        tables["items"].append(_row(flat, TABLES["items"][1]))
        for part, members in PARTS.items():
            tables[part] += [[reference, *_row(entry, members)] for entry in item[part]]
    for section, used_in in RULE_SECTIONS.items():
        tables["rules"] += [[used_in, *_row(rule, RULE)] for rule in document[section]]
    return tables


def from_tables(tables: Mapping[str, Rows]) -> ReadList:
    """Read a document from its tables; rows without any text are passed over."""
    found = ReadList({})
    rows = {name: list(_records(name, tables.get(name), found)) for name in TABLES}
    for _, record in rows["list"]:
        _read_entry(record, found)
    found.document["categories"] = _read_each(rows["categories"], "/categories", found)
    items = found.document["items"] = _read_each(rows["items"], "/items", found)
    for item in items:
        outcome, when = item.pop("gate_outcome", None), item.pop("gate_when", None)
        empty = outcome is None and when is None
        item["suggested_gate"] = None if empty else {"outcome": outcome, "when": when}
        item.update({part: [] for part in PARTS})
    known = {reference: place for place, (reference, _) in enumerate(_referenced(items))}
    for part in PARTS:
        for place, record in rows[part]:
            _attach(part, place, record, known, found)
    for section in RULE_SECTIONS:
        found.document[section] = []
    for place, record in rows["rules"]:
        _read_rule(place, record, found)
    return found


def _referenced(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield how other tables name an item: by its code, and `#2` behind a second of that code."""
    seen: dict[str, int] = {}
    for item in items:
        code = str(item.get("code", ""))
        seen[code] = seen.get(code, 0) + 1
        yield (code if seen[code] == 1 else f"{code}#{seen[code]}"), item


def _row(entry: Mapping[str, Any], members: Members) -> list[str]:
    return [written(entry[name], member) for name, member in members.items()]


def _records(
    table: str, rows: Rows | None, found: ReadList
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield each row of a table by the keys of its columns, with its place."""
    columns, sheet = TABLES[table][1], TABLES[table][0]
    if not rows:
        found.problems.append(Problem("sheet_missing", "", {"sheet": title(table)}))
        return
    heads = [_key_of(text_of(cell), columns) for cell in rows[0]]
    for place, (head, cell) in enumerate(zip(heads, rows[0], strict=True)):
        facts = {"sheet": sheet, "column": text_of(cell)}
        if head is None and text_of(cell):
            found.problems.append(Problem("column_unknown", "", facts))
        elif head is not None and head in heads[:place]:
            found.problems.append(Problem("column_twice", "", facts))
    missing = [name for name in columns if name not in heads]
    for name in missing:
        facts = {"sheet": sheet, "column": header(name)}
        found.problems.append(Problem("column_missing", "", facts))
    for number, row in enumerate(rows[1:], start=2):
        if any(text_of(cell) for cell in row):
            padded = [*row, *[None] * (len(heads) - len(row))]
            record = {head: cell for head, cell in zip(heads, padded, strict=False) if head}
            yield Place(title(table), number), dict.fromkeys(missing, None) | record


def _key_of(text: str, columns: Members) -> str | None:
    """Return the key of a header: its last word, or its Chinese name alone."""
    words = text.split()
    for name in columns:
        if words and (words[-1] == name or text.strip() == MEMBERS[name][0]):
            return name
    return None


def _read_entry(record: Mapping[str, Any], found: ReadList) -> None:
    name = _key_of(text_of(record["member"]), HEAD)
    if name is None:
        facts = {"given": text_of(record["member"]), "allowed": ", ".join(HEAD)}
        found.problems.append(Problem("entry_unknown", "/list", facts))
        return
    value = _cell(record["value"], HEAD[name], f"/{name}", found)
    if name != "migration" or value is not None:
        found.document[name] = value


def _read_each(
    rows: list[tuple[Place, dict[str, Any]]], at: str, found: ReadList
) -> list[dict[str, Any]]:
    table = at.strip("/")
    read_rows = []
    for number, (place, record) in enumerate(rows):
        members = TABLES[table][1]
        read_rows.append(_read_record(record, members, f"{at}/{number}", place, found))
    return read_rows


def _read_record(
    record: Mapping[str, Any], members: Members, at: str, place: Place, found: ReadList
) -> dict[str, Any]:
    found.places[at] = place
    for name in members:
        within = {"gate_outcome": "suggested_gate/outcome", "gate_when": "suggested_gate/when"}
        pointer = f"{at}/{within.get(name, name)}"
        found.places[pointer] = Place(place.sheet, place.row, header(name))
    return {
        name: _cell(record[name], member, f"{at}/{name}", found) for name, member in members.items()
    }


def _attach(
    part: str, place: Place, record: dict[str, Any], known: Mapping[str, int], found: ReadList
) -> None:
    reference = text_of(record.pop("item"))
    if reference not in known:
        pointer = f"/{part}/{place.row}"
        found.places[pointer] = Place(place.sheet, place.row, header("item"))
        found.problems.append(Problem("no_such_row", pointer, {"given": reference}))
        return
    entries = found.document["items"][known[reference]][part]
    at = f"/items/{known[reference]}/{part}/{len(entries)}"
    entries.append(_read_record(record, PARTS[part], at, place, found))


def _read_rule(place: Place, record: dict[str, Any], found: ReadList) -> None:
    used_in = text_of(record.pop("used_in")).strip()
    sections = {word: name for name, word in RULE_SECTIONS.items()} | {
        name: name for name in RULE_SECTIONS
    }
    if used_in not in sections:
        pointer = f"/used_in/{place.row}"
        found.places[pointer] = Place(place.sheet, place.row, header("used_in"))
        facts = {"given": used_in, "allowed": ", ".join(RULE_SECTIONS.values())}
        found.problems.append(Problem("entry_unknown", pointer, facts))
        return
    entries = found.document[sections[used_in]]
    at = f"/{sections[used_in]}/{len(entries)}"
    entries.append(_read_record(record, RULE, at, place, found))


def _cell(cell: Any, member: Member, pointer: str, found: ReadList) -> Any:
    try:
        return read(cell, member)
    except UnreadableCell:
        found.problems.append(Problem("no_condition", pointer))
        return {"item": "", "missing": True}
