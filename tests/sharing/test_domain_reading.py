"""Reading files: refusals, headers, row numbers, merged cells, sheets that are not read."""

import csv
import datetime as dt
import io
import re
import struct
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sharing.domain import reading
from sharing.domain.sheets import Header
from sharing.domain.unreadable import REASONS, UnreadableFile
from tests.sharing.faulty import FORMATS, DaySerial, ListFile, check, check_rows, code, found
from tests.sharing.other_ways import rewritten

HEADER = ["统一社会信用代码", "企业名称", "行政区划代码", "QM-03"]


def row(number: int, answer: object = "是") -> list:
    return [code(number), "甲", "330113", answer]


def refused(raw: bytes, name: str) -> str:
    with pytest.raises(UnreadableFile) as caught:
        check(raw, name)
    assert caught.value.message("zh") and caught.value.message("en")
    return caught.value.code


def ole(streams: list[str], first: bytes = b"") -> bytes:
    """Return a compound file with empty streams, or one that begins with some bytes."""
    entries = b""
    for place, name in enumerate(["Root Entry", *streams]):
        encoded = name.encode("utf-16-le")
        entry = encoded.ljust(64, b"\0") + struct.pack("<HB", len(encoded) + 2, 2 if place else 5)
        start = 0xFFFFFFFE if place == 0 else 2
        entries += (
            entry.ljust(116, b"\0") + struct.pack("<II", start, 4096 if place else 0)
        ).ljust(128, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0")
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6).ljust(24, b"\0")
    header += struct.pack("<IIIIIII", 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff\xff\xff\xff" * 108
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 10), 0xFFFFFFFE]
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return header + fat + entries.ljust(512, b"\0") + first.ljust(4096, b"\0")


def test_a_file_that_cannot_be_read_says_why():
    assert refused(b"", "a.csv") == "file_empty"
    assert refused(b"\xef\xbb\xbf\r\n \r\n", "a.csv") == "file_empty"
    assert refused(b"x", "a.pdf") == "file_type"
    assert refused(b"x", "list") == "file_type"
    assert refused(b"not a workbook", "a.xlsx") == "file_damaged"
    assert refused(b"PK\x03\x04 not a workbook", "a.xlsx") == "file_damaged"
    assert refused(b"\xff\xff\xff,\x81", "a.csv") == "file_damaged"
    assert refused("甲,乙\r\n1,2".encode(), "a.csv") == "header_not_found"
    assert refused(",".join(HEADER).encode(), "a.csv") == "file_empty"
    assert set(REASONS) >= {"file_encrypted", "file_too_large", "file_too_many_rows"}


def test_a_workbook_that_is_cut_off_is_damaged():
    raw, name = ListFile(HEADER, [row(1)]).write("xlsx")
    assert refused(raw[: len(raw) // 2], name) == "file_damaged"
    raw, name = ListFile(HEADER, [row(1)]).write("xls")
    assert refused(raw[:1000], name) == "file_damaged"


def test_a_workbook_with_a_password_is_encrypted():
    assert refused(ole(["EncryptedPackage", "EncryptionInfo"]), "a.xlsx") == "file_encrypted"
    book = struct.pack("<HHHHHHHH", 0x809, 16, 0x600, 5, 0, 0, 0, 0) + b"\0\0\0\0"
    book += struct.pack("<HHH", 0x2F, 2, 1)
    assert refused(ole(["Workbook"], book), "a.xls") == "file_encrypted"
    assert refused(ole(["WordDocument"]), "a.xls") == "file_damaged"


def test_a_workbook_that_unpacks_without_end_is_damaged():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"0" * 20_000_000)
    assert refused(packed.getvalue(), "a.xlsx") == "file_damaged"


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows_in_silence():
    lines = [",".join(HEADER), f'{code(1)},"甲,330113,是', *[",".join(row(n)) for n in (2, 3, 4)]]
    assert refused("\n".join(lines).encode(), "a.csv") == "file_damaged"


def test_a_file_may_be_too_large(monkeypatch):
    monkeypatch.setattr(reading, "MAXIMUM_BYTES", 100)
    assert refused(b"x" * 101, "a.csv") == "file_too_large"


def test_a_file_may_have_too_many_rows(monkeypatch):
    monkeypatch.setattr("sharing.domain.pipeline.MAXIMUM_ROWS", 2)
    raw, name = ListFile(HEADER, [row(1), row(2), row(3)]).write("csv")
    assert refused(raw, name) == "file_too_many_rows"


@pytest.mark.parametrize("format_", FORMATS)
def test_row_numbers_are_the_files_own(format_):
    file = ListFile(
        HEADER,
        [row(1), [], row(2, "也许"), [], [], row(3, "也许")],
        above=[[], ["名单"], [], ["", "填报单位"]],
        below=[[], ["说明：一"], ["", "说明二"], [], [code(9)]],
    )
    assert found(check(*file.write(format_))) == {
        (8, "QM-03", "not_boolean"),
        (11, "QM-03", "not_boolean"),
        (13, None, "ignored_row"),
        (14, None, "ignored_row"),
        (16, "企业名称", "required"),
        (16, "行政区划代码", "required"),
    }


def test_a_quoted_cell_with_line_breaks_is_one_record():
    raw = (
        "﻿名单\n\n" + ",".join(HEADER) + "\n"
        f'{code(1)},"甲\n厂",330113,是\n\n,,,\n{code(2)},乙,330113\n{code(3)},"丙""厂",330113,也许,,\n'
    )
    checked = check(raw.encode(), "a.csv")
    assert found(checked) == {(8, "QM-03", "not_boolean")}
    assert checked.accepted["row"].tolist() == [4, 7]


@pytest.mark.parametrize("format_", ["xlsx", "xls", "ods"])
def test_merged_cells_hold_their_value_in_each_row(format_):
    file = ListFile(
        HEADER,
        [row(1), [code(2), "乙", None, "是"], [code(3), "丙", None, "否"], row(4)],
        merged=[(1, 2, 3, 2)],
    )
    file.rows[0][2] = "330114"
    checked = check(*file.write(format_))
    assert found(checked) == set()
    assert checked.accepted["region"].tolist() == ["330114"] * 3 + ["330113"]


@pytest.mark.parametrize("format_", ["xlsx", "xls", "ods"])
def test_a_header_may_be_merged_over_two_rows(format_):
    file = ListFile(
        ["统一社会信用代码", "企业名称", "行政区划代码", "QF-17 质量管理体系认证状态", "", "备注"],
        [
            ["", "", "", "状态", "有效期至", ""],
            [code(1), "甲", "330113", "有效", "2021-01-31", ""],
        ],
        above=[["名单"]],
        merged=[(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4)],
    )
    assert found(check(*file.write(format_))) == {
        (2, "备注", "unknown_column"),
        (4, "QF-17 质量管理体系认证状态 有效期至", "already_expired"),
    }


@pytest.mark.parametrize("format_", ["xlsx", "xls", "ods"])
def test_other_visible_sheets_are_named_and_hidden_ones_are_not(format_):
    file = ListFile(
        HEADER,
        [row(1)],
        hidden_sheets={"字典": [HEADER, row(7)]},
        other_sheets={"第二批": [HEADER, row(8)], "空白": []},
    )
    checked = check(*file.write(format_))
    assert found(checked) == {(None, None, "other_sheet")}
    assert checked.findings["value"].tolist() == ["第二批"]
    assert checked.accepted["uscc"].tolist() == [code(1)]


def test_columns_and_rows_before_the_list_are_left_alone():
    file = ListFile(["", *HEADER], [["", *row(1, "也许")]], above=[[], []])
    assert found(check(*file.write("xlsx"))) == {(4, "QM-03", "not_boolean")}


def test_a_header_below_row_twenty_is_not_looked_for():
    assert found(check(*ListFile(HEADER, [row(1)], above=[["x"]] * 19).write("csv"))) == set()
    raw, name = ListFile(HEADER, [row(1)], above=[["x"]] * 20).write("csv")
    assert refused(raw, name) == "header_not_found"


def test_a_long_sheet_keeps_its_blank_lines_in_the_count():
    lines = [",".join(HEADER)]
    for number in range(3_000):
        lines += [",".join([code(number, "91330113MA"), *row(0)[1:]])] + [""] * (number % 3)
    lines.append(",".join(row(5_001, "也许")))
    checked = check("\n".join(lines).encode(), "a.csv")
    assert found(checked) == {(len(lines), "QM-03", "not_boolean")}


def without_end(cells) -> list[str]:
    """Return cells without the blank ones at the end, which nothing is lost by."""
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


CELL = st.text(st.sampled_from('ab甲", \n;'), max_size=6)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=30))
@example([["\n\n,,,"]])  # closed, though it looks as if it had swallowed lines
def test_text_is_read_as_the_csv_module_reads_it(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["uscc", "b", "c"], *rows])
    raw = text.getvalue().encode()

    def find(head, merged):
        return Header(0, 0, tuple(head[0])) if head and "uscc" in head[0] else None

    sheet = reading.read(raw, file_name="a.csv", find_header=find)
    read = list(zip(*(column.to_pylist() for column in sheet.columns), strict=True))
    expected = list(csv.reader(io.StringIO(text.getvalue(), newline="")))[1:]
    assert [without_end(cells) for cells in read] == [without_end(cells) for cells in expected]
    assert sheet.row_numbers.tolist() == list(range(2, len(expected) + 2))


def test_what_one_enterprise_sends_does_not_need_a_workbook():
    assert check_rows(HEADER, row(1)).accepted["QM-03"].tolist() == ["true"]


def with_prefix(name: str, content: bytes) -> bytes:
    if "worksheets/sheet" not in name:
        return content
    text = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", content.decode())
    return text.replace('xmlns="http://schemas', 'xmlns:x="http://schemas', 1).encode()


def without_references(name: str, content: bytes) -> bytes:
    if "worksheets/sheet" not in name:
        return content
    return re.sub(rb'<(c|row) r="[A-Z]*\d+"', rb"<\1", content)


def in_single_quotes(name: str, content: bytes) -> bytes:
    return content.replace(b't="e"', b"t='e'") if "worksheets/sheet" in name else content


@pytest.mark.parametrize("change", [with_prefix, without_references, in_single_quotes])
def test_an_error_cell_is_found_however_a_workbook_writes_it(change):
    raw, name = ListFile(HEADER, [row(1, "#REF!"), row(2)]).write("xlsx")
    checked = check(rewritten(raw, change), name)
    assert (2, "QM-03", "not_boolean") in found(checked)
    assert checked.rows.valid == 1


@pytest.mark.parametrize("format_", ["xlsx", "xls"])
def test_a_bare_number_is_a_day_of_the_workbooks_own_calendar(format_):
    file = ListFile([*HEADER, "成立日期"], [[*row(1), DaySerial(dt.date(2024, 5, 10))]])
    file.is_1904 = True
    assert check(*file.write(format_)).accepted["established_on"].tolist() == ["2024-05-10"]


def test_a_quotation_mark_that_closes_in_a_later_record_swallows_none_in_silence():
    lines = [",".join(HEADER), *(",".join(map(str, row(n))) for n in range(1, 6))]
    lines[2] = lines[2].replace(code(2), f'"{code(2)}')
    lines[4] = lines[4] + ',"x"'
    assert refused("\n".join(lines).encode(), "a.csv") == "file_damaged"


def test_text_that_was_cut_off_within_a_character_is_damaged():
    lines = [",".join(HEADER), ",".join(map(str, row(1))), f"{code(2)},甲"]
    assert refused("\n".join(lines).encode()[:-1], "a.csv") == "file_damaged"


@pytest.mark.parametrize(("rows", "columns"), [(1_000_000, 1_000), (1, 16_000_000)])
def test_a_few_bytes_of_ods_do_not_fill_the_memory(rows, columns):
    raw, name = ListFile(HEADER, [row(1)]).write("ods")
    cell = (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'office:value-type="string" table:number-columns-repeated="{columns}">'
        "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
    ).encode()
    changed = rewritten(raw, lambda _name, part: part.replace(b"</table:table>", cell, 1))
    assert refused(changed, name) == "file_damaged"
