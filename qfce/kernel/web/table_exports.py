"""What a table shows, as a file: CSV that no spreadsheet runs, and xlsx."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from qfce.kernel.web.formats import SHANGHAI

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What begins with one of these is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def file(
    kind: str, name: str, caption: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]
) -> HttpResponse:
    """Return rows as a download."""
    body = as_csv(heads, rows) if kind == "csv" else as_xlsx(caption, heads, rows)
    return HttpResponse(
        body,
        content_type=KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{name.replace(".", "-")}.{kind}"'},
    )


def as_csv(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as CSV with the mark by which a spreadsheet knows UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(head) for head in heads])
    writer.writerows([[_text(value) for value in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as a workbook; texts are written as texts, whatever they begin with."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("".join(c for c in caption if c not in "[]:*?/\\'")[:31])
        bold = book.add_format({"bold": True, "bottom": 1})
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        moments = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, list(heads), bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value, days, moments)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(rows)), max(0, len(heads) - 1))
        sheet.autofit()
    return buffer.getvalue()


def harmless(text: str) -> str:
    """
    Return a text that a spreadsheet reads as one.

    >>> harmless("=1+1"), harmless("4.11")
    ("'=1+1", '4.11')
    """
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, date | int | float | Decimal):
        return str(value)
    return harmless(str(value))


def _write(sheet: Any, row: int, column: int, value: Any, days: Any, moments: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI).replace(tzinfo=None)
        sheet.write_datetime(row, column, local, moments)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), days)  # noqa: DTZ001 a spreadsheet's days have no zone
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))
