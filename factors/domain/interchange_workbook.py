"""The workbook in which a list itself is edited: a sheet for each of its tables."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from factors.domain.document_form import Form, Member
from factors.domain.interchange_cells import NO, YES
from factors.domain.interchange_tables import TABLES, Rows, title
from factors.domain.vocabulary import WORDS

CREATED = datetime(2024, 5, 10, tzinfo=UTC)  # constant, so that the same list gives the same bytes
LAST_ROW = 5000  # drop-downs reach so far; a list has hundreds of rows
WIDE = 48
WIDTH = 16


def write(tables: Mapping[str, Rows]) -> bytes:
    """
    Return the tables as a workbook: headers stay in sight, and words come from drop-downs.

    Every cell is formatted as text, so that no spreadsheet takes a code for a number.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": CREATED})
    formats = {
        "header": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DCE6F1"}),
        "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
    }
    for table, rows in tables.items():
        sheet = book.add_worksheet(title(table))
        for place, (name, member) in enumerate(TABLES[table][1].items()):
            wide = member.form in (Form.CONDITION, Form.TEXTS) or name.endswith(("_zh", "_en"))
            sheet.set_column(place, place, WIDE if wide else WIDTH, formats["text"])
            source = _choices(table, name, member)
            if source:
                sheet.data_validation(1, place, LAST_ROW, place, source)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                style = formats["header" if number == 0 else "text"]
                if cell or number == 0:
                    sheet.write_string(number, place, cell, style)
        sheet.freeze_panes(1, 1)
    book.close()
    return file.getvalue()


def _choices(table: str, name: str, member: Member) -> dict[str, Any] | None:
    """Return the drop-down of a column: a vocabulary, yes and no, or another sheet's codes."""
    if member.form == Form.FLAG:
        return {"validate": "list", "source": [YES, NO]}
    if member.form == Form.WORD and member.words:
        return {"validate": "list", "source": [zh for zh, _ in WORDS[member.words].values()]}
    other = {"item": "items", "category": "categories"}.get(name)
    if other and table != "list":
        column = xl_col_to_name(list(TABLES[other][1]).index("code"))
        source = f"='{title(other)}'!${column}$2:${column}${LAST_ROW}"
        return {"validate": "list", "source": source}
    return None
