"""The printed catalogue as a document that offices edit (.docx)."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CREATED = datetime(2024, 5, 10, tzinfo=UTC)
FONTS = {"zh": "SimSun", "en": "Times New Roman"}
"""Fonts that every office has; East Asian text takes the first in both languages."""


def write(data: Mapping[str, Any]) -> bytes:
    """Return a catalogue, as `printed_catalogue.print_data` gives it, as a document."""
    document = docx.Document()
    _set_up(document, data)
    words = data["words"]
    title = document.add_heading(data["title"], level=0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    version = words["version"].format(n=data["version"])
    day = words["from"].format(day=data["effective_from"])
    document.add_paragraph(f"{data['code']} · {version} · {day}")
    document.add_paragraph(f"{words['digest']}: {data['digest']}")
    document.add_paragraph(words["note"])
    for section in data["sections"]:
        document.add_heading(section["name"], level=1)
        for item in section["items"]:
            _write_item(document, item, words)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _set_up(document: Any, data: Mapping[str, Any]) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.2)
    properties = document.core_properties
    properties.title, properties.author = data["title"], data["code"]
    properties.created = properties.modified = CREATED
    properties.language = "zh-CN" if data["language"] == "zh" else "en"
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.name = FONTS["en"]
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONTS["zh"])
    document.styles["Normal"].font.size = Pt(10.5)


def _write_item(document: Any, item: Mapping[str, Any], words: Mapping[str, str]) -> None:
    document.add_heading(f"{item['code']} {item['name']}", level=2)
    rows = [(words["what"], item["what"]), (words["why"], item["why"]), *item["facts"]]
    if item["values"]:
        rows.append((words["values"], " · ".join(item["values"])))
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for label, text in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, text
        cells[0].width, cells[1].width = Cm(3.6), Cm(13)
