"""
The generated workbook, filled in by LibreOffice from its own drop-downs, has no finding.

First it is planned what to choose, row by row, so that no rule between items fires; then
LibreOffice opens the very bytes that are downloaded, takes each entry from the validation of
its cell, and what it stores goes through the importer.
"""

import io

import pytest
from python_calamine import CalamineWorkbook

from factors.domain.item_types import ItemType
from factors.domain.workbook_template import (
    FIRST,
    HEADER,
    columns_of,
    header_of,
    workbook,
)
from tests.office import libreoffice
from tests.sharing import faulty

ROWS = 8
WORDS = {"zh": ("有效期自", "有效期至", "证据"), "en": ("valid from", "valid to", "evidence")}


def entries(language, row):
    """Return (kind, text as typed) of each column for one row, before rules are looked at."""
    catalogue = faulty.catalogue()
    items = {header_of(item, language): item for item in catalogue.items.values()}
    identity = [
        ("text", faulty.code(row + 1)),
        ("text", f"杭州第{row}公司"),
        ("text", "330113"),
        ("text", "C3670"),
        ("choice", row % 4),
        ("day", "2014-10-07"),
        ("figure", "2000"),
    ]
    return identity + [
        _entry(column, items.get(column.header), language, row)
        for column in columns_of(catalogue, language)[len(identity) :]
    ]


def _entry(column, item, language, row):
    if column.choices:
        return "choice", row % len(column.choices)
    if item is not None and item.type.is_numeric:
        return "figure", str(item.minimum if row % 2 else item.maximum // 2)
    if item is not None:
        return ("day", "2024-05-10") if item.type == ItemType.DATE else ("text", "张某、质量经理")
    first, _, evidence = WORDS[language]
    if column.header.endswith(evidence):
        return "text", f"CN-{row}; CN-{row + 1}"
    return "day", "2024-05-10" if column.header.endswith(first) else "2030-05-09"


def texts(planned, columns):
    """Return what the cells say once they are filled in."""
    return [
        "" if entry is None else column.choices[entry[1]] if entry[0] == "choice" else entry[1]
        for column, entry in zip(columns, planned, strict=True)
    ]


def plan(language):
    """Return the rows to fill in: what a rule would doubt is left empty, as people do."""
    columns = columns_of(faulty.catalogue(), language)
    headers = [column.header for column in columns]
    rows = [entries(language, row) for row in range(ROWS)]
    for _ in range(12):
        checked = check(
            faulty.ListFile(headers, [texts(row, columns) for row in rows]).write("csv")[0],
            "list.csv",
        )
        if checked.findings.empty:
            return rows
        for row, column in checked.findings[["row", "column"]].itertuples(index=False):
            rows[int(row) - 2][headers.index(str(column))] = None
    raise AssertionError(checked.findings)


def check(file, name):
    """Check a file of enterprises that have agreed to everything that needs it."""
    codes = {faulty.code(row + 1) for row in range(ROWS)}
    consents = dict.fromkeys(faulty.catalogue().items, codes)
    return faulty.check(file, name, consents=consents)


@pytest.fixture(scope="module", params=["zh", "en"])
def language(request):
    return request.param


def test_most_of_every_row_can_be_filled_in(language):
    rows = plan(language)
    filled = [sum(entry is not None for entry in row) for row in rows]

    assert min(filled) > 0.9 * len(rows[0])
    assert {entry[0] for row in rows for entry in row if entry} == {
        "choice", "figure", "day", "text",
    }  # fmt: skip


@pytest.mark.skipif(libreoffice.SOFFICE is None, reason="LibreOffice is not installed")
def test_what_libreoffice_fills_in_from_the_drop_downs_has_no_finding(language, tmp_path):
    columns = columns_of(faulty.catalogue(), language)
    source, target = tmp_path / "empty.xlsx", tmp_path / "filled.xlsx"
    source.write_bytes(workbook(faulty.catalogue(), language))
    rows = plan(language)

    libreoffice.fill(
        source,
        target,
        (
            (FIRST + row, place, *entry)
            for row, planned in enumerate(rows)
            for place, entry in enumerate(planned)
            if entry is not None
        ),
    )

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(target.read_bytes())).get_sheet_by_index(0)
    stored = sheet.to_python()
    assert stored[HEADER] == [column.header for column in columns]
    for row, planned in enumerate(rows):
        assert stored[FIRST + row][1] == f"杭州第{row}公司"
        for place, entry in enumerate(planned):
            if entry and entry[0] == "choice":
                assert stored[FIRST + row][place] == columns[place].choices[entry[1]]
    checked = check(target.read_bytes(), "filled.xlsx")
    assert checked.findings.to_dict("records") == []
    assert (checked.rows.valid, checked.header_row) == (ROWS, HEADER + 1)
