"""
A list as a file and back: workbook, CSV, YAML and JSON. What is written and read is the same.

Bytes in and bytes out. Whatever is wrong with a file is said at its place, all of it at once;
what is wrong with the list that it holds is for `list_checks` to say.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from factors.domain import interchange_tables, interchange_workbook
from factors.domain.interchange_tables import ReadList, Rows, title
from factors.domain.interchange_yaml import YamlFault, read_yaml, write_yaml
from factors.domain.list_checks import problems
from factors.domain.problem_texts import Problem

MEGABYTES = 10
UNPACKED_MEGABYTES = 100
SECTION = "#"
_QUOTED = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a spreadsheet would take for a formula; such a text stands in CSV behind an apostrophe."""


class Form(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    YAML = "yaml"
    JSON = "json"


MEDIA_TYPES: Mapping[Form, str] = {
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.CSV: "text/csv; charset=utf-8",
    Form.YAML: "application/yaml",
    Form.JSON: "application/json",
}


def write(document: Mapping[str, Any], form: Form) -> bytes:
    """Return a list's document as a file; the same document gives the same bytes."""
    if form == Form.JSON:
        return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
    if form == Form.YAML:
        return write_yaml(document)
    tables = interchange_tables.to_tables(document)
    return _csv(tables) if form == Form.CSV else interchange_workbook.write(tables)


def read(file: bytes, form: Form) -> ReadList:
    """
    Read a list from a file, with every fault of the file and of the list it holds.

    Problems that stand in a cell are at `place_of(problem.pointer)`. The document is of no
    use where a problem is one of the file (its pointer is "") or of form (`is_form`).
    """
    found = _read(file, form)
    if not any(fault.pointer == "" for fault in found.problems):
        given = {fault.pointer for fault in found.problems}
        checked = problems(found.document)
        found.problems += [
            fault for fault in checked if not any(fault.pointer.startswith(p) for p in given)
        ]
    return found


def form_of(file_name: str) -> Form | None:
    """
    Return the form that a file's name says, or None.

    >>> form_of("list.yml"), form_of("list.docx")
    (<Form.YAML: 'yaml'>, None)
    """
    suffix = file_name.lower().rpartition(".")[2]
    return {"yml": Form.YAML, **{form.value: form for form in Form}}.get(suffix)


def _read(file: bytes, form: Form) -> ReadList:
    if len(file) > MEGABYTES * 1024 * 1024:
        return _fault("file_too_large", megabytes=MEGABYTES)
    try:
        if form == Form.XLSX:
            return interchange_tables.from_tables(_sheets(file))
        text = file.decode("utf-8-sig")
        if form == Form.CSV:
            return interchange_tables.from_tables(_sections(text))
        return _object(read_yaml(text) if form == Form.YAML else _json(text))
    except _KeyTwice as fault:
        return _fault("key_twice", key=str(fault))
    except YamlFault as fault:
        return _fault(fault.code, **fault.facts)
    except UnicodeDecodeError:
        return _fault("file_unreadable", reason="UTF-8")
    except (ValueError, RecursionError, CalamineError, zipfile.BadZipFile, csv.Error) as fault:
        return _fault("file_unreadable", reason=str(fault)[:80])


def _fault(code: str, **facts: object) -> ReadList:
    return ReadList({}, problems=[Problem(code, "", facts)])


def _object(value: Any) -> ReadList:
    return ReadList(value) if isinstance(value, dict) else _fault("file_unreadable", reason="{ }")


class _KeyTwice(ValueError):
    """A JSON object has a member twice, and readers differ in which one they take."""


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _KeyTwice(key)
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _sheets(file: bytes) -> dict[str, Rows]:
    """Return the rows of the sheets that are tables, by key; others are passed over."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_MEGABYTES * 1024 * 1024:
            raise ValueError("unpacked size")
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    names = _tables_by_name()
    return {
        names[name]: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
        if name in names
    }


def _tables_by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for table, (chinese, _) in interchange_tables.TABLES.items():
        found |= dict.fromkeys((title(table), chinese, table), table)
    return found


def _csv(tables: Mapping[str, Rows]) -> bytes:
    """Return all tables in one file, each under a line with its name behind a `#`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for table, rows in tables.items():
        writer.writerow([f"{SECTION}{title(table)}"])
        writer.writerows([[_quoted(cell) for cell in row] for row in rows])
        text.write("\r\n")
    return ("\ufeff" + text.getvalue()).encode()


def _sections(text: str) -> dict[str, Rows]:
    names, tables = _tables_by_name(), dict[str, list[list[str]]]()
    rows: list[list[str]] | None = None
    for row in csv.reader(io.StringIO(text, newline=""), strict=True):
        if row and row[0].startswith(SECTION) and not any(row[1:]):
            name = names.get(row[0].removeprefix(SECTION).strip())
            rows = tables.setdefault(name, []) if name else None
        elif rows is not None and row:
            rows.append([cell.removeprefix("'") for cell in row])
    return dict(tables)


def _quoted(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*_QUOTED, SECTION)) else cell
