"""The unit that a header names, or a line above it: by whatever words, no figure is misread."""

import pytest

from sharing.domain import units
from tests.sharing.faulty import FORMATS, ListFile, catalogue, check, check_rows, code, found

IDENTITY = ["统一社会信用代码", "企业名称", "行政区划代码"]


def read(header: str, typed: str):
    checked = check_rows([*IDENTITY, header], [code(1), "甲", "330113", typed])
    codes = {found_code for _, _, found_code in found(checked, "consent_missing")}
    held = checked.accepted.iloc[0].to_dict() if len(checked.accepted) else {}
    return codes, held


@pytest.mark.parametrize("head", ["QB-02", "QB-02 品牌价值评价值", "品牌价值评价值"])
@pytest.mark.parametrize(
    "unit",
    ["（万元）", "（单位：万元）", "(单位:万元)", " 单位：万元", "（金额单位：万元）", "【万元】",
     "（万元人民币）", "（人民币万元）", "（万元，人民币）", "（人民币，万元）", "（RMB万元）",
     "，万元", "（以万元计）", "（2025年，万元）", "（含税，万元）", "(CNY 10k)", " unit: CNY 10k",
     "（10000元）"],
)  # fmt: skip
def test_a_header_in_ten_thousands_of_yuan_is_read_so(head, unit):
    codes, held = read(head + unit, "3")
    assert (codes, held.get("QB-02")) == (set(), "30000")


@pytest.mark.parametrize(
    ("header", "typed", "field", "stored"),
    [
        ("QB-02（单位:元）", "3", "QB-02", "3"),
        ("QB-02（不含税）", "3", "QB-02", "300000000"),
        ("QB-02（十亿元）", "3", "QB-02", "3000000000"),
        ("QI-16（单位：元）", "30000", "QI-16", "30000"),
        ("QI-16（单位：亿元）", "3", "QI-16", "300000000"),
        ("QI-05（单位：万件）", "3", "QI-05", "30000"),
        ("QM-13（单位：‰）", "50", "QM-13", "5"),
        ("注册资本（单位：元）", "3", "registered_capital", "3"),
        ("注册资本（认缴，元）", "3", "registered_capital", "3"),
        ("注册资本（认缴）", "3", "registered_capital", "30000"),
        ("有效发明专利数（件（项、份））", "3", "QI-05", "3"),
        ("有效发明专利数（件/项）", "3", "QI-05", "3"),
        ("QI-05（项、份）", "3", "QI-05", "3"),
        ("QI-05（篇）", "3", "QI-05", "3"),
    ],
)
def test_what_brackets_say_is_a_unit_or_a_remark(header, typed, field, stored):
    codes, held = read(header, typed)
    assert (codes, held.get(field)) == (set(), stored)


@pytest.mark.parametrize(
    "header",
    ["QB-02（单位：美元）", "QB-02（单位：件）", "QB-02（美金）", "QB-02（亿美金）",
     "QB-02（韩元）", "QB-02（million USD）", "QB-02（2025年，韩元）", "QB-02（万元/年）",
     "QB-02（港币）", "QB-02（$）", "QI-16（单位：欧元）", "注册资本（万韩元）",
     "注册资本（单位：美元）", "QI-05（吨）"],
)  # fmt: skip
def test_another_currency_is_never_taken_for_yuan(header):
    assert read(header, "3") == ({"unit_mismatch"}, {})


@pytest.mark.parametrize("item", [i for i in catalogue().items.values() if i.unit_zh], ids=str)
def test_an_items_own_unit_in_brackets_changes_nothing(item):
    for unit in (f"（{item.unit_zh}）", f"({item.unit_en})", f"（单位：{item.unit_zh}）"):
        _, bare = read(item.code, "3")
        codes, held = read(f"{item.code} {item.name_zh}{unit}", "3")
        assert (codes, held.get(item.code)) == (set(), bare[item.code]), unit


@pytest.mark.parametrize(
    "way", ["（单位：万元）{}", "(单位:万元) {}", " 单位:万元 {}", "（万元）{}"]
)
def test_a_companion_of_a_header_with_its_unit_stays_one(way):
    header = "QB-02" + way.format("有效期至")
    codes, held = read(header, "2027-01-01")
    assert (codes, held.get("QB-02|valid_to")) == (set(), "2027-01-01")


@pytest.mark.parametrize("format_", FORMATS)
def test_a_header_with_its_unit_is_read_alike_in_every_kind_of_file(format_):
    header = [*IDENTITY, "QB-02（单位：万元）", "QI-05（件（项、份））"]
    file = ListFile(header, [[code(1), "甲", "330113", 3.0, 4.0]], above=[["名单（元）"]])
    row = check(*file.write(format_)).accepted.iloc[0]
    assert (row["QB-02"], row["QI-05"]) == ("30000", "4")


@pytest.mark.parametrize(
    "line",
    ["单位：万元", "单位（万元）", "（万元）", "万元", "单位：（万元）", "单位：万元人民币",
     "（单位 万元）", "单位：万元(人民币)", "货币单位：人民币（万元）", "单位：RMB万元",
     "金额：万元", "企业名单（金额单位万元）", "2026年名单（万元）", "单位为万元", "(unit CNY 10k)",
     "Unit: CNY 10k", "单位：万元、件", "单位：万元 %", "单位：件/万元", "单 位 ： 万元",
     "单位: 万元RMB", "填报单位：某局 金额单位：万元"],
)  # fmt: skip
def test_the_unit_line_above_a_header(line):
    file = ListFile(
        [*IDENTITY, "QB-02", "注册资本"], [[code(1), "甲", "330113", "3", "5"]], above=[["", line]]
    )
    row = check(*file.write("xlsx")).accepted.iloc[0]
    assert (row["QB-02"], row["registered_capital"]) == ("30000", "50000")


@pytest.mark.parametrize(
    "line",
    ["填报单位：万元科技有限公司", "制表：亿", "万", "RMB", "单位：美元", "单位：件", "元旦", ""],
)
def test_a_line_that_names_no_yuan_says_nothing(line):
    assert units.money_unit_in(line) == ""
