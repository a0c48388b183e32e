"""
The workbook that bureaus fill in: one column for each item, with what may stand in it.

The only place that says how columns are headed; imports recognize these headers.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from factors.domain import allowed_values_sheet
from factors.domain.catalogue import Catalogue, Item
from factors.domain.item_types import ItemType
from factors.domain.values import label
from factors.domain.workbook_identity import IDENTITY, SAMPLE_DAYS, SAMPLES, SIZES

LAST_ROW = 1_048_575  # counted from 0, as XlsxWriter counts
SAMPLE, HEADER, FIRST = 0, 1, 2
"""The rows, counted from 0: a sample that imports leave alone, the header, the first to fill."""

CREATED = datetime(2024, 5, 10, tzinfo=UTC)  # constant, so that the same list gives the same bytes
EXCEL_BEGINS = date(1900, 1, 1)

WORDS = {
    "zh": {
        "sheet": "企业名单",
        "choices": "下拉选项",
        "valid_from": "有效期自",
        "valid_to": "有效期至",
        "evidence": "证据",
        "yes": "是",
        "no": "否",
        "not_applicable": "不适用",
        "wrong": "请核对",
        "outside": "此处填写的内容不在允许范围内。确需清除原值的填“[清除]”。",
        "values": "允许值",
        "unit": "单位",
        "between": "范围",
        "decimals": "小数位数不超过",
        "several": "多份证据用分号分隔。",
        "last_day": "含当日。",
        "sample": "示例（本行不读取，请从表头下一行起填报）",
    },
    "en": {
        "sheet": "Enterprises",
        "choices": "Choices",
        "valid_from": "valid from",
        "valid_to": "valid to",
        "evidence": "evidence",
        "yes": "Yes",
        "no": "No",
        "not_applicable": "Not applicable",
        "wrong": "Please check",
        "outside": "This is not one of the allowed values. To end a stored value, enter [clear].",
        "values": "Allowed",
        "unit": "Unit",
        "between": "Range",
        "decimals": "Decimals, at most",
        "several": "Several pieces of evidence are set apart by semicolons.",
        "last_day": "The last day of validity, included.",
        "sample": "Sample (this row is not read; begin below the header)",
    },
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, the comment on it, its format, and what may stand in it."""

    header: str
    comment: str
    form: str = "general"  # general, text, date
    choices: tuple[str, ...] = ()
    rule: Callable[[str], dict[str, Any]] | None = field(default=None)
    sample: str = ""


def header_of(item: Item, language: str = "zh") -> str:
    """
    Return an item's column header; money and ratios name their unit in brackets.

    Such as "QB-02 品牌价值评价值（亿元）".
    """
    name = f"{item.code} {item.name(language)}"
    if item.type in (ItemType.MONEY, ItemType.NUMBER) and item.unit_zh:
        return f"{name} ({item.unit_en})" if language == "en" else f"{name}（{item.unit_zh}）"
    return name


def detail_header(item: Item, part: str, language: str = "zh") -> str:
    """Return the header of an item's `valid_from`, `valid_to` or `evidence` column."""
    return f"{item.code} {item.name(language)} {WORDS[language][part]}"


def columns_of(catalogue: Catalogue, language: str = "zh") -> list[Column]:
    """Return the columns: who it is, then each item with the details that it may need."""
    columns = list(_identity_columns(language))
    for item in catalogue.items.values():
        if item.in_workbook:
            columns.append(_item_column(item, language))
            columns += _detail_columns(item, language)
    return columns


def workbook(catalogue: Catalogue, language: str = "zh") -> bytes:
    """
    Return an empty workbook (.xlsx) for a list version, the same bytes every time.

    Above the header stands a sample row, which stays in sight with it: imports read what is
    below the header. Allowed values stand on a sheet of their own, which imports know and leave
    alone; what drop-downs offer stands on a hidden one.

    :param language: `zh` or `en`.
    """
    words = WORDS[language]
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": header_title(catalogue, language), "created": CREATED})
    sheet = book.add_worksheet(words["sheet"])
    allowed = book.add_worksheet(allowed_values_sheet.NAMES[language])
    choices = book.add_worksheet(words["choices"])
    formats = {
        "header": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DCE6F1"}),
        "sample": book.add_format({"italic": True, "font_color": "#6B7280", "num_format": "@"}),
        "general": book.add_format(),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    for place, column in enumerate(columns_of(catalogue, language)):
        sheet.set_column(place, place, 20, formats[column.form])
        sheet.write_string(SAMPLE, place, column.sample, formats["sample"])
        sheet.write_string(HEADER, place, column.header, formats["header"])
        sheet.write_comment(HEADER, place, column.comment, {"x_scale": 2, "y_scale": 1.5})
        rule = _rule(column, place, choices, words["choices"])
        if rule:
            warned = {"error_type": "warning", "error_title": words["wrong"]}
            sheet.data_validation(
                FIRST, place, LAST_ROW, place, rule | warned | {"error_message": words["outside"]}
            )
    sheet.write_comment(SAMPLE, 0, words["sample"], {"x_scale": 2})
    sheet.freeze_panes(FIRST, 2)
    allowed_values_sheet.write(allowed, catalogue, language, formats["header"], formats["text"])
    choices.hide()
    book.close()
    return file.getvalue()


def header_title(catalogue: Catalogue, language: str = "zh") -> str:
    name = catalogue.name_en if language == "en" else catalogue.name_zh
    return f"{name} ({catalogue.code} {catalogue.version})"


def _rule(column: Column, place: int, choices: Any, sheet: str) -> dict[str, Any] | None:
    """Return the validation of a column; its choices go to the sheet that is for them."""
    if column.choices:
        choices.write_string(0, place, column.header)
        choices.write_column(1, place, column.choices)
        name = xl_col_to_name(place)
        source = f"='{sheet}'!${name}$2:${name}${len(column.choices) + 1}"
        return {"validate": "list", "source": source}
    return column.rule(xl_rowcol_to_cell(FIRST, place)) if column.rule else None


def _identity_columns(language: str) -> Iterator[Column]:
    english = language == "en"
    for name, zh, en, fill_zh, fill_en in IDENTITY:
        yield Column(
            header=en if english else zh,
            comment=fill_en if english else fill_zh,
            form={"established_on": "date", "registered_capital": "general"}.get(name, "text"),
            choices=SIZES[language] if name == "size" else (),
            rule=_IDENTITY_RULES.get(name),
            sample=SAMPLES[name][english],
        )


def _code_length(cell: str) -> dict[str, Any]:
    return {"validate": "length", "criteria": "==", "value": 18}


def _past_day(cell: str) -> dict[str, Any]:
    return _days(EXCEL_BEGINS, "=TODAY()")


def _capital(cell: str) -> dict[str, Any]:
    return {"validate": "decimal", "criteria": ">=", "value": 0}


_IDENTITY_RULES = {
    "uscc": _code_length,
    "established_on": _past_day,
    "registered_capital": _capital,
}


def _item_column(item: Item, language: str) -> Column:
    words = WORDS[language]
    choices: tuple[str, ...] = ()
    if item.type.is_coded:
        choices = tuple(label(item, value.code, language) for value in item.values)
    elif item.type == ItemType.BOOLEAN:
        choices = (words["yes"], words["no"])
    return Column(
        header=header_of(item, language),
        comment=_comment(item, choices, language),
        form={ItemType.DATE: "date", ItemType.TEXT: "text"}.get(item.type, "general"),
        choices=choices,
        rule=None if choices else lambda cell: _item_rule(item, cell, words),
        sample=_sample(item, choices, language),
    )


def _sample(item: Item, choices: Sequence[str], language: str) -> str:
    """Return what might stand in the column: its first value, a small figure, a day, a text."""
    if choices:
        return choices[0]
    if item.type == ItemType.DATE:
        return SAMPLE_DAYS["valid_from"]
    if item.type == ItemType.TEXT:
        return item.evidence_en if language == "en" else item.evidence_zh
    return str(item.minimum)


def _comment(item: Item, choices: Sequence[str], language: str) -> str:
    """Say what to fill in, what is allowed, and what it tells a bank."""
    words, english = WORDS[language], language == "en"
    lines = [
        item.description_en if english else item.description_zh,
        item.fill_en if english else item.fill_zh,
    ]
    if choices:
        lines.append(f"{words['values']}: {', '.join(choices)}")
    if item.unit_zh:
        lines.append(f"{words['unit']}: {item.unit_en if english else item.unit_zh}")
    if item.type.is_numeric:
        allowed = f"{item.minimum} – {item.maximum}"
        extra = f", {words['not_applicable']}" if item.allows_not_applicable else ""
        lines.append(f"{words['between']}: {allowed}{extra}")
        if item.decimals:
            lines.append(f"{words['decimals']}: {item.decimals}")
    return "\n".join(lines)


def _item_rule(item: Item, cell: str, words: dict[str, str]) -> dict[str, Any]:
    if item.type == ItemType.TEXT:
        return {"validate": "length", "criteria": "<=", "value": item.max_length}
    if item.type == ItemType.DATE:
        first = item.minimum if isinstance(item.minimum, date) else EXCEL_BEGINS
        last = item.maximum if isinstance(item.maximum, date) else date(9999, 12, 31)
        return _days(first, "=TODAY()" if item.no_future else last)
    assert isinstance(item.minimum, Decimal)  # a list whose numbers have no bounds is not signed
    assert isinstance(item.maximum, Decimal)
    if item.type == ItemType.COUNT and not item.allows_not_applicable:
        bounds = {"minimum": f"{item.minimum:f}", "maximum": f"{item.maximum:f}"}
        return {"validate": "integer", "criteria": "between", **bounds}
    figure = (
        f"AND(ISNUMBER({cell}),{cell}>={item.minimum},{cell}<={item.maximum},"
        f"{cell}=ROUND({cell},{item.decimals}))"
    )
    if item.allows_not_applicable:
        figure = f'OR({cell}="{words["not_applicable"]}",{figure})'
    return {"validate": "custom", "value": f"={figure}"}


def _days(first: date, last: date | str) -> dict[str, Any]:
    return {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}


def _detail_columns(item: Item, language: str) -> Iterator[Column]:
    """A certificate has a first and a last day and a number; other items have none here."""
    if not item.is_term:
        return
    words = WORDS[language]
    evidence = item.evidence_en if language == "en" else item.evidence_zh
    comments = {
        "valid_from": item.name(language),
        "valid_to": f"{item.name(language)}\n{words['last_day']}",
        "evidence": f"{evidence}\n{words['several']}",
    }
    for part, comment in comments.items():
        yield Column(
            header=detail_header(item, part, language),
            comment=comment,
            form="text" if part == "evidence" else "date",
            rule=None if part == "evidence" else _any_day,
            sample=SAMPLE_DAYS.get(part, evidence),
        )


def _any_day(cell: str) -> dict[str, Any]:
    return _days(EXCEL_BEGINS, date(9999, 12, 31))
