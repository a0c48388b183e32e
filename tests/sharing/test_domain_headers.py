"""What each column is: by its name, beside others of the same field, by hand, over two rows."""

import time

import pytest

from sharing.domain.columns import Vocabulary
from sharing.domain.findings import message
from tests.sharing.faulty import ListFile, catalogue, check, check_rows, code, found

IDENTITY = ["统一社会信用代码", "企业名称", "行政区划代码"]


@pytest.mark.parametrize(
    ("better", "lesser", "typed"),
    [
        ("企业名称", "单位名称", "乙"),
        ("企业名称", "名称", "乙"),
        ("行政区划代码", "所属地区", "临平区"),
        ("区划代码", "行政区划", "临平区"),
        ("所在地区", "所属地区", "乙"),
        ("行业代码", "国民经济行业代码", "C1310"),
        ("企业规模", "规模", "巨型"),
        ("成立日期", "注册日期", "去年"),
        ("成立日期", "成立时间", "去年"),
        ("成立时间", "注册日期", "去年"),
        ("注册资本(万元)", "注册资金(万元)", "很多"),
        ("注册资本", "注册资金", "很多"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_lesser_name_yields_to_a_better_one(better, lesser, typed, is_first):
    known = dict(zip(IDENTITY, [code(1), "甲", "330113"], strict=True))
    if better == "所在地区" or better == "区划代码":
        del known["行政区划代码"]
    values = {"区划代码": "330113", "所在地区": "临平区", "行业代码": "C1310", "企业规模": "小型"}
    values |= {"成立日期": "2020-01-02", "成立时间": "2020-01-02"}
    known.setdefault(better, values.get(better, "5"))
    row = {lesser: typed, **known} if is_first else {**known, lesser: typed}
    checked = check_rows(list(row), list(row.values()))
    assert found(checked) == {(1, lesser, "unknown_column")}
    assert checked.rows.valid == 1
    told = checked.findings.iloc[0]
    assert better in message(told["code"], told["params"], "zh")
    assert better in message(told["code"], told["params"], "en")


@pytest.mark.parametrize(
    "again", ["USCC", "信用代码", "enterprise name", "region", "所在地区", "成立日期"]
)
def test_the_same_column_twice_keeps_the_file_out_still(again):
    row = [code(1), "甲", "330113", "2020-01-02"]
    checked = check_rows([*IDENTITY, "成立日期", again], [*row, "x"])
    assert found(checked) == {(1, again, "duplicate_column")}
    assert checked.rows.valid == 0


def test_remarks_behind_a_name_that_stands_alone_leave_it_unknown():
    names = ["企业名称（曾用名）", "单位名称（英文）"]
    checked = check_rows(
        ["统一社会信用代码", *names, "行政区划代码"], [code(1), "甲", "A", "330113"]
    )
    assert {(1, name, "unknown_column") for name in names} < found(checked)


@pytest.mark.parametrize(
    "field", ["QX-99", "QF-17|nonsense", "long|item", "long", "long|nonsense", "region|valid_to"]
)
def test_what_a_header_was_mapped_to_may_be_no_field_of_this_file(field):
    checked = check_rows(
        [*IDENTITY, "证书"], [code(1), "甲", "330113", "有"], mapping={"证书": field}
    )
    assert found(checked) == {(1, "证书", "unknown_column")}
    assert checked.rows.valid == 1


def test_a_key_is_known_by_its_part_too():
    known = Vocabulary(catalogue())
    keys = ("QX-99", "long|item", "long", "long|nonsense", "region|valid_to", "QF-17|x", "")
    assert [known.knows(key) for key in keys] == [False, True, True, False, False, False, True]


MERGED = [(0, 0, 0, 2), (0, 3, 0, 5)]


@pytest.mark.parametrize("format_", ["xlsx", "xls", "ods", "csv"])
@pytest.mark.parametrize("above", [[], [["企业质量信息汇总表"]]])
def test_items_may_be_merged_above_a_row_that_has_the_code(format_, above):
    file = ListFile(
        ["企业信息", "", "", "QF-17 质量管理体系认证状态", "", ""],
        [[code(1), "甲", "330113", "有效", "2024-01-01", "2028-01-01"]],
        second=[*IDENTITY, "状态", "有效期自", "有效期至"],
        above=above,
    )
    file.merged = [] if format_ == "csv" else [
        (top + len(above), left, bottom + len(above), right) for top, left, bottom, right in MERGED
    ]  # fmt: skip
    checked = check(*file.write(format_))
    assert found(checked) == set()
    row = checked.accepted.iloc[0]
    assert (row["QF-17"], row["QF-17|valid_to"]) == ("VALID", "2028-01-01")


@pytest.mark.parametrize("format_", ["xlsx", "csv"])
def test_a_title_above_the_list_is_no_row_of_its_header(format_):
    header = [*IDENTITY, "信息项", "值", "有效期至"]
    file = ListFile(
        header,
        [[code(1), "甲", "330113", "QF-17", "有效", "2028-01-01"]],
        above=[["质量管理体系认证状态", "", "", "", "", ""]],
        merged=[(0, 0, 0, 5)] if format_ == "xlsx" else [],
    )
    checked = check(*file.write(format_))
    assert (checked.layout, checked.header_row, found(checked)) == ("long", 2, set())


def test_a_project_beside_items_makes_no_file_of_records():
    checked = check_rows(
        [*IDENTITY, "项目", "状态", "QM-03"], [code(1), "甲", "330113", "技改", "在建", "是"]
    )
    assert checked.layout == "wide"
    assert found(checked) == {(1, "项目", "unknown_column"), (1, "状态", "unknown_column")}
    assert checked.accepted["QM-03"].tolist() == ["true"]
    records = check_rows([*IDENTITY, "项目", "状态"], [code(1), "甲", "330113", "QM-03", "是"])
    assert (records.layout, found(records)) == ("long", set())


def test_one_column_of_records_has_its_scale_doubted_once():
    checked = check_rows(
        [*IDENTITY, "信息项", "值"],
        [code(1), "甲", "330113", "QM-13", "0.95"],
        [code(1), "甲", "330113", "QM-14", "0.01"],
    )
    assert checked.findings["code"].tolist().count("percent_scale") == 1


def test_unknown_items_cost_little_and_the_nearest_item_is_suggested():
    rows = [[code(n), "甲", "330113", f"质量提升改造项目第{n}期", "是"] for n in range(1, 400)]
    rows.append([code(400), "甲", "330113", "质量管理体系认证", "有效"])
    began = time.process_time()
    checked = check_rows([*IDENTITY, "信息项", "值"], *reversed(rows))
    assert time.process_time() - began < 8
    assert checked.findings["suggestion"].iloc[0] == "QF-17 质量管理体系认证状态"


def test_of_two_columns_that_say_the_same_one_can_be_passed_over():
    row = [code(1), "甲", "330113", "临平区"]
    checked = check_rows([*IDENTITY, "所在地区"], row, mapping={"所在地区": ""})
    assert found(checked) == set()
    assert checked.rows.valid == 1
