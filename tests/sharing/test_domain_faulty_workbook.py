"""The workbook of faulty rows comes back as people leave it: moved, shortened, cut."""

import pytest

from sharing.domain import faulty_workbook
from sharing.domain.faulty_workbook import CUT, ColumnsUnclear, MarkedRow, is_as_it_was, places

HEADERS = ["信用代码", "企业名称", "QM-04", "备注", "备注"]


def returned(headers, *rows):
    marked = [MarkedRow(number, cells, {}, {}) for number, *cells in rows]
    content = faulty_workbook.write(headers, marked, import_id="i", known_to=0, chinese=True)
    return faulty_workbook.read(content)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (HEADERS, {0: 0, 1: 1, 2: 2, 3: 3, 4: 4}),
        (["信用代码", "QM-04", "备注", "备注"], {0: 0, 1: 2, 2: 3, 3: 4}),
        (["QM-04", "信用代码"], {0: 2, 1: 0}),
        ([*HEADERS, "我的说明", ""], {0: 0, 1: 1, 2: 2, 3: 3, 4: 4}),
        (["信用代码", " 企业名称\n"], {0: 0, 1: 1}),
    ],
)
def test_columns_are_told_by_their_headers(now, expected):
    assert places(now, HEADERS) == expected


@pytest.mark.parametrize(
    "now",
    [
        ["信用代码", "信用代码", "企业名称"],
        ["信用代码", "企业名称", "QM-04", "备注"],
        ["信用代码", "名称", "QM-04", "备注", "备注"],
    ],
)
def test_a_column_that_cannot_be_told_is_said(now):
    with pytest.raises(ColumnsUnclear):
        places(now, HEADERS)


def test_columns_without_a_header_are_passed_over_unless_all_are_there():
    assert places(["", "a"], ["a", ""]) == {1: 0, 0: 1}
    assert places(["a", ""], ["a", "", ""]) == {0: 0}


def test_a_text_that_a_cell_has_no_room_for_is_cut_with_a_mark():
    long = "长" * 33_000
    (line,) = returned(HEADERS, (2, "x", "甲", long, "", "")).rows.values()
    assert line[2].endswith(CUT)
    assert len(line[2]) == 32_767
    assert is_as_it_was(line[2], long)
    assert not is_as_it_was("短", long)
    assert not is_as_it_was(f"短{CUT}", "长")


def test_what_nobody_sees_comes_back_as_it_went():
    (line,) = returned(HEADERS, (2, "x", "甲\r\n乙", "_x0041_", "", " 丙")).rows.values()
    assert all(map(is_as_it_was, line, ["x", "甲\r\n乙", "_x0041_", "", " 丙"]))
