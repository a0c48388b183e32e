"""Workbooks as all kinds of programs write them: hidden cells, and cells far from the list."""

import io
import re
import struct

import pytest
import xlwt

from tests.sharing.faulty import ListFile, check, found
from tests.sharing.other_ways import (
    FAR,
    OTHER_NAMES,
    OTHER_WAYS,
    in_sheet,
    renamed,
    rewritten,
    strict,
)
from tests.sharing.test_domain_reading import HEADER, refused, row


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_an_error_is_found_however_its_part_is_written(way):
    raw, name = ListFile(HEADER, [row(1, "#REF!"), row(2)]).write("xlsx")
    checked = check(rewritten(raw, OTHER_WAYS[way]), name)
    assert found(checked) == {(2, "QM-03", "not_boolean")}
    assert checked.findings["value"].tolist() == ["#REF!"]


@pytest.mark.parametrize("way", OTHER_NAMES)
def test_an_error_is_found_whatever_the_part_is_called(way):
    raw, name = ListFile(HEADER, [row(1, "#REF!"), row(2)]).write("xlsx")
    checked = check(renamed(raw, OTHER_NAMES[way]), name)
    assert found(checked) == {(2, "QM-03", "not_boolean")}


@pytest.mark.parametrize(
    "cell",
    [
        b'<f>IF(A1&gt;1,"x","y")</f>',
        b'<f>IF(A1&gt;1,"x","y")</f><v></v>',
        b'<f>IF(A1&gt;1,"x","y")</f>\n<v />',
        b"<f>IF(A1&gt;1,&quot;x&quot;,&quot;y&quot;)</f>",
    ],
)
@pytest.mark.parametrize("tag", ["", "x:"])
def test_a_formula_that_was_never_worked_out_is_no_empty_cell(cell, tag):
    raw, name = ListFile(HEADER, [row(1), row(2)]).write("xlsx")
    put = in_sheet(rb'<c r="D2"[^>]*>.*?</c>', b'<c r="D2">' + cell + b"</c>")
    raw = rewritten(raw, put)
    if tag:
        prefixed = in_sheet(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:")
        raw = rewritten(rewritten(raw, prefixed), in_sheet(rb'xmlns="', rb'xmlns:x="'))
    checked = check(raw, name)
    assert found(checked) == {(2, "QM-03", "not_boolean"), (2, "QM-03", "formula_text")}
    assert checked.findings["value"].tolist() == ['=IF(A1>1,"x","y")'] * 2


def test_a_formula_whose_value_is_an_empty_text_is_an_empty_cell():
    raw, name = ListFile(HEADER, [row(1), row(2)]).write("xlsx")
    cell = b'<c r="D2" t="str"><f>""</f><v></v></c>'
    checked = check(rewritten(raw, in_sheet(rb'<c r="D2"[^>]*>.*?</c>', cell)), name)
    assert found(checked) == set()


def test_a_formula_without_a_value_is_told_of_an_ods_too():
    raw, name = ListFile(HEADER, [row(1), row(2, "占位")]).write("ods")
    cell = rb'<table:table-cell table:formula="of:=[.A1]"/>'
    put = rb"<table:table-cell[^>]*><text:p>" + "占位".encode() + rb"</text:p></table:table-cell>"
    checked = check(rewritten(raw, lambda _name, part: re.sub(put, cell, part)), name)
    assert found(checked) == {(3, "QM-03", "not_boolean"), (3, "QM-03", "formula_text")}
    assert checked.findings["value"].tolist() == ["=[.A1]"] * 2


@pytest.mark.parametrize("change", [None, strict])
@pytest.mark.parametrize("way", FAR)
def test_a_stray_cell_far_out_does_not_fill_the_memory(way, change):
    raw, name = ListFile(HEADER, [row(1), row(2)]).write("xlsx")
    raw = rewritten(raw, in_sheet(rb"</sheetData>", FAR[way] + b"</sheetData>"))
    raw = rewritten(raw, change) if change else renamed(raw, OTHER_NAMES["Sheet1.xml"])
    assert refused(raw, name) == "file_too_large"


@pytest.mark.parametrize("cell", [b'<c r="XFD5000" s="0"/>', b'<c r="XFD5000" s="0"><v></v></c>'])
def test_a_cell_far_out_that_holds_nothing_is_no_reason_to_refuse(cell):
    raw, name = ListFile(HEADER, [row(1, "#REF!"), row(2)]).write("xlsx")
    line = b'<row r="5000">' + cell + b"</row></sheetData>"
    checked = check(rewritten(raw, in_sheet(rb"</sheetData>", line)), name)
    assert found(checked) == {(2, "QM-03", "not_boolean")}


def legacy(row_: int, column: int, *, became: int) -> bytes:
    """Return a legacy workbook whose last number stands in another column than was written."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    for place, line in enumerate([HEADER, row(1), row(2)]):
        for cell, text in enumerate(line):
            sheet.write(place, cell, text)
    sheet.write(row_, column, 424242)
    out = io.BytesIO()
    book.save(out)
    held = struct.pack("<HHHH", 0x27E, 10, row_, column)
    assert out.getvalue().count(held) == 1
    return out.getvalue().replace(held, struct.pack("<HHHH", 0x27E, 10, row_, became))


def test_a_stray_cell_of_a_legacy_workbook_does_not_fill_the_memory():
    assert refused(legacy(65_535, 255, became=4_000), "a.xls") == "file_too_large"
    assert refused(legacy(5, 255, became=32_769), "a.et") == "file_damaged"


def test_equal_headers_are_told_apart_without_counting_each_from_the_start():
    """A stray value in a column far out makes thousands of columns without a header."""
    raw, name = ListFile(HEADER, [row(1, "也许")]).write("xlsx")
    far = b'<c r="EZZ2" t="str"><v>x</v></c></row></sheetData>'
    checked = check(rewritten(raw, in_sheet(rb"</row></sheetData>", far)), name)
    names = list(checked.faulty_rows.columns)
    assert names[5:8] == ["", " (2)", " (3)"]
    assert len(names) == len(set(names)) == 4_083
