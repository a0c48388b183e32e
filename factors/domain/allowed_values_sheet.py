"""
The sheet of allowed values in a generated workbook: to be read, never to be imported.

The only place that knows what it is called and headed, so that whoever writes it and whoever
reads files agree on which sheet it is: both its name and its whole header have to be ours.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.items import Item

NAMES = {"zh": "允许值", "en": "Allowed values"}
HEADERS = {
    "zh": ("信息项代码", "信息项名称", "取值代码", "中文标签", "英文标签", "也可写作"),
    "en": ("Item code", "Item name", "Value code", "Chinese label", "English label", "Also read"),
}
WIDTHS = (14, 36, 22, 22, 28, 40)
YES_NO = (("true", "是", "Yes"), ("false", "否", "No"))


def rows(catalogue: Catalogue, language: str) -> Iterator[tuple[str, ...]]:
    """Return a row for each value of each item that is asked for and has values to choose from."""
    for item in catalogue.items.values():
        if item.in_workbook:
            for code, zh, en, also in _values(item):
                yield item.code, item.name(language), code, zh, en, also


def write(sheet: Any, catalogue: Catalogue, language: str, header: Any, text: Any) -> None:
    """Write it on an empty sheet of a workbook, in two formats of that workbook."""
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width, text)
    sheet.write_row(0, 0, HEADERS[language], header)
    for number, row in enumerate(rows(catalogue, language), start=1):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell)
    sheet.freeze_panes(1, 0)


def is_it(name: str, first_row: Sequence[str]) -> bool:
    """
    Test whether a sheet of a file is this one, in either language.

    >>> is_it("允许值", HEADERS["zh"]), is_it("允许值", ("统一社会信用代码", "企业名称"))
    (True, False)
    """
    header = tuple(cell.strip() for cell in first_row[: len(HEADERS["zh"])])
    return any(name.strip() == NAMES[each] and header == HEADERS[each] for each in NAMES)


def _values(item: Item) -> Iterator[tuple[str, str, str, str]]:
    for value in item.values:
        yield value.code, value.label_zh, value.label_en, "; ".join(value.aliases)
    if item.type == ItemType.BOOLEAN:
        for code, zh, en in YES_NO:
            yield code, zh, en, ""
    if item.allows_not_applicable:
        yield NOT_APPLICABLE, "不适用", "Not applicable", ""
