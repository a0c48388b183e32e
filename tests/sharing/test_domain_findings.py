"""Every finding and every silent repair, planted one by one, in every format."""

import json

import pandas as pd
import pytest

from factors.domain.item_types import Source
from sharing.domain.findings import SEVERITIES, TEXTS, message
from tests.sharing.faulty import (
    FORMATS,
    HANGZHOU,
    ListFile,
    catalogue,
    check,
    check_rows,
    code,
    found,
)

IDENTITY = ["统一社会信用代码", "企业名称", "行政区划代码"]
HEADER = [
    *IDENTITY, "行业代码", "企业规模", "成立日期", "注册资本(万元)",
    "QC-01 经营主体登记状态", "QM-02", "QM-03", "QM-04", "QB-02（亿元）", "QB-04", "QC-08",
    "QF-17", "QF-17 有效期自", "QF-17 有效期至", "QF-17 证据", "QF-20", "QM-01",
]  # fmt: skip


def clean(number: int) -> list:
    return [
        code(number), f"临平第{number}厂", "330113", "C3812", "小型", "2004-05-08", 100.0,
        "存续", "", "是", "", 1.5, 3.0, "合格",
        "有效", "2025-01-01", "2028-01-01", "证书一", 100.0, "",
    ]  # fmt: skip


# column, what is typed, the findings of the cell
FAULTS = [
    ("统一社会信用代码", "", {"required"}),
    ("统一社会信用代码", "9.13301E+17", {"uscc_damaged"}),
    ("统一社会信用代码", "913301060000123000", {"uscc_damaged"}),
    ("统一社会信用代码", 9.13301060000123e17, {"uscc_damaged"}),
    ("统一社会信用代码", "91330106MA27", {"uscc_format"}),
    ("统一社会信用代码", "91330114ICW4GBYFTC", {"uscc_format"}),
    ("统一社会信用代码", "91350211M0000XUF46", {"uscc_check_digit"}),
    ("企业名称", "—", {"required"}),
    ("企业名称", "=cmd|'/c calc'!A1", {"formula_text"}),
    ("企业名称", "厂" * 501, {"too_long"}),
    ("行政区划代码", "", {"required"}),
    ("行政区划代码", "339999", {"region_unknown"}),
    ("行政区划代码", "朝阳区", {"region_unknown"}),
    ("行政区划代码", "330104", {"region_superseded"}),
    ("行政区划代码", "杭州市江干区", {"region_superseded"}),
    ("行政区划代码", "440305", {"region_outside"}),
    ("企业规模", "巨型", {"not_allowed"}),
    ("成立日期", "2023-13-40", {"not_date"}),
    ("成立日期", "去年", {"not_date"}),
    ("成立日期", "#REF!", {"not_date"}),
    ("成立日期", "2031-05-01", {"date_in_future"}),
    ("注册资本(万元)", "一百万", {"not_money"}),
    ("注册资本(万元)", -5.0, {"out_of_range"}),
    ("QC-01 经营主体登记状态", "还在", {"not_allowed"}),
    ("QM-02", "2026-11-24", {"date_in_future"}),
    ("QM-02", "1989-12-31", {"out_of_range"}),
    ("QM-03", "也许", {"not_boolean"}),
    ("QM-03", 2.0, {"not_boolean"}),
    ("QM-04", "长" * 501, {"too_long"}),
    ("QM-04", "+张某", {"formula_text"}),
    ("QB-02（亿元）", "#REF!", {"not_money"}),
    ("QB-02（亿元）", 100001.0, {"out_of_range"}),
    ("QB-04", "十二", {"not_integer"}),
    ("QB-04", 3.5, {"not_integer"}),
    ("QB-04", "#DIV/0!", {"not_integer"}),
    ("QB-04", "=1+x", {"not_integer", "formula_text"}),
    ("QB-04", -1.0, {"out_of_range"}),
    ("QC-08", "合格了", {"not_allowed"}),
    ("QF-17 有效期至", "2026-11-22", {"already_expired"}),
    ("QF-17 有效期至", "2024-12-31", {"already_expired", "validity_reversed"}),
    ("QF-17 有效期至", "", {"doubtful"}),
    ("QF-17 有效期自", "很久以前", {"not_date"}),
    ("QF-17 证据", "", {"evidence_missing"}),
    ("QF-20", "约5", {"not_number"}),
    ("QF-20", 140.0, {"out_of_range"}),
]


def faulty_list() -> tuple[ListFile, set]:
    rows, expected = [], set()
    for place, (column, typed, codes) in enumerate(FAULTS):
        row = clean(place + 1)
        row[HEADER.index(column)] = typed
        rows.append(row)
        expected |= {(place + 3, column, found_code) for found_code in codes}
    rows.append(clean(1)[:1] + clean(99)[1:])  # the first row has no code, so this is none
    rows.append(clean(3))
    rows.append(clean(8))
    expected.add((len(rows) + 2, IDENTITY[0], "duplicate_uscc"))
    return ListFile(HEADER, rows, above=[["名单"]]), expected


@pytest.mark.parametrize("format_", FORMATS)
def test_each_fault_is_found_where_it_is_and_nothing_else_is(format_):
    file, expected = faulty_list()
    checked = check(*file.write(format_))
    assert found(checked, "consent_missing") == expected
    in_error = {row for row, _, found_code in expected if SEVERITIES[found_code] == "error"}
    assert checked.rows.invalid == len(in_error)
    assert checked.faulty_rows["row"].tolist() == sorted(in_error)


def test_the_faulty_list_repeats_a_code_that_stands_in_a_row_in_error():
    checked = check_rows(IDENTITY, [code(1), "", "330113"], [code(1), "乙", "330113"])
    assert found(checked) == {
        (2, "企业名称", "required"),
        (3, "统一社会信用代码", "duplicate_uscc"),
    }


# column, what is typed, what is stored
REPAIRS = [
    ("uscc", " " + code(70).lower()[:8] + "-" + code(70).lower()[8:] + "\u200b", code(70)),
    ("uscc", code(71).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789A"}), code(71)),
    ("name", "\ufeff （杭州）甲厂 \u200b", "（杭州）甲厂"),
    ("region", "浙江省杭州市临平区", "330113"),
    ("region", "临平区", "330113"),
    ("region", "３３０１１３", "330113"),
    ("size", "large", "large"),
    ("size", " 微型 ", "micro"),
    ("industry", "c3812", "C3812"),
    ("established_on", "2024/5/10", "2024-05-10"),
    ("established_on", "2024.5.10", "2024-05-10"),
    ("established_on", "20240510", "2024-05-10"),
    ("established_on", "2024年5月10日", "2024-05-10"),
    ("registered_capital", "12,000", "120000000"),
    ("registered_capital", "1,234,567.89", "12345678900"),
    ("QM-03", "√", "true"),
    ("QM-03", "×", "false"),
    ("QM-03", "Ｙ", "true"),
    ("QM-03", "no", "false"),
    ("QM-03", "有", "true"),
    ("QM-03", True, "true"),
    ("QM-03", 0.0, "false"),
    ("QB-04", "１２", "12"),
    ("QB-04", 12.0, "12"),
    ("QB-02", 1.5, "150000000"),
    ("QF-20", "97.5%", "97.5"),
    ("QF-20", "不适用", "not_applicable"),
    ("QF-20", "97.50", "97.5"),
    ("QC-08", "PASS", "PASS"),
    ("QC-08", "pass", "PASS"),
    ("QC-08", "所检项目合格", "PASS"),
    ("QM-01", "无", "NONE"),
    ("QC-01", "存续(在营、开业、在册)", "ACTIVE"),
    ("QC-01", "Active", "ACTIVE"),
    ("QB-04", "N/A", None),
    ("QB-04", "—", None),
    ("QB-04", "-", None),
    ("QB-04", "/", None),
    ("QB-04", "#N/A", None),
    ("QB-04", "", None),
]
FIELDS = dict(
    zip(
        ["uscc", "name", "region", "industry", "size", "established_on", "registered_capital",
         "QC-01", "QM-02", "QM-03", "QM-04", "QB-02", "QB-04", "QC-08", "QF-17", "from", "to",
         "evidence", "QF-20", "QM-01"],
        HEADER,
        strict=True,
    )
)  # fmt: skip


@pytest.mark.parametrize("format_", FORMATS)
def test_what_people_type_is_made_regular_without_a_word(format_):
    rows = []
    for place, (field, typed, _) in enumerate(REPAIRS):
        row = clean(place + 100)
        row[HEADER.index(FIELDS[field])] = typed
        rows.append(row)
    checked = check(*ListFile(HEADER, rows).write(format_))
    assert found(checked, "consent_missing") == set()
    stored = [
        checked.accepted[field].astype(object).iloc[place]
        for place, (field, _, _) in enumerate(REPAIRS)
    ]
    assert [None if str(value) in ("<NA>", "None", "nan") else value for value in stored] == [
        expected for _, _, expected in REPAIRS
    ]
    assert sum(checked.repairs.values()) > 0


def test_every_code_has_a_sentence_in_both_languages():
    assert list(TEXTS) != [] and set(TEXTS) == set(SEVERITIES)
    rule = {"rule_zh": "相互矛盾", "rule_en": "They disagree"}
    for found_code in SEVERITIES:
        chinese, english = message(found_code, rule, "zh-hans"), message(found_code, rule, "en")
        assert not chinese.isascii()
        assert english
        assert chinese != english


def test_percent_formatted_cells_are_doubted_once_a_column():
    header = [*IDENTITY, "QF-20", "QM-13(%)"]
    checked = check_rows(header, [code(1), "甲", "330113", "0.97", "0.5%"])
    assert found(checked, "consent_missing") == {(1, "QF-20", "percent_scale")}
    checked = check_rows(header, [code(1), "甲", "330113", "1.01", ""])
    assert found(checked, "consent_missing") == set()


@pytest.mark.parametrize(
    ("header", "typed", "stored"),
    [
        ("QB-02（万元）", "15000", "150000000"),
        ("QB-02（元）", "15000", "15000"),
        ("QI-16 技术合同认定登记成交额(亿元)", "1.5", "150000000"),
        ("QI-16", "1.5", "15000"),
        ("QM-13（‰）", "975", "97.5"),
        ("QC-18（件/万元）", "0.001", "1"),
    ],
)
def test_a_unit_in_the_header_counts(header, typed, stored):
    checked = check_rows([*IDENTITY, header], [code(1), "甲", "330113", typed])
    assert found(checked, "consent_missing") == set()
    assert checked.accepted.iloc[0][header[:5]] == stored


@pytest.mark.parametrize("header", ["QB-02（美元）", "QB-02(件)", "QB-04（元）", "QM-13（万元）"])
def test_another_unit_keeps_out_the_rows_that_have_a_value_under_it(header):
    rows = [[code(1), "甲", "330113", "5"], [code(2), "乙", "330113", ""]]
    checked = check_rows([*IDENTITY, header], *rows)
    assert found(checked) == {(1, header, "unit_mismatch")}
    assert checked.accepted["uscc"].tolist() == [code(2)]


def test_a_money_unit_above_the_header_is_for_columns_that_name_none():
    header = [*IDENTITY, "QB-02", "QI-16（元）", "QB-04", "注册资本(万元)"]
    file = ListFile(
        header,
        [[code(1), "甲", "330113", 5.0, 7.0, 3.0, 2.0]],
        above=[["名单"], ["", "", "单位：万元"]],
    )
    checked = check(*file.write("xlsx"))
    assert found(checked, "consent_missing") == set()
    row = checked.accepted.iloc[0]
    assert (row["QB-02"], row["QI-16"], row["QB-04"]) == ("50000", "7", "3")
    assert row["registered_capital"] == "20000"


def test_columns_that_are_unknown_repeated_or_missing():
    checked = check_rows(
        [*IDENTITY, "备注", "质量管理体系认证状况", "QM-03", "首席质量官制度", ""],
        [code(1), "甲", "330113", "x", "有效", "是", "是", "多"],
    )
    assert found(checked) == {
        (1, "备注", "unknown_column"),
        (1, "质量管理体系认证状况", "unknown_column"),
        (1, "首席质量官制度", "duplicate_column"),
        (1, "", "unknown_column"),
    }
    assert (checked.rows.valid, checked.rows.invalid) == (0, 1)
    guess = checked.findings.set_index("column")["suggestion"]["质量管理体系认证状况"]
    assert guess == "QF-17 质量管理体系认证状态"
    without = check_rows(["企业名称", "QM-03"], ["甲", "是"])
    assert found(without) == {(1, None, "missing_column")}
    assert without.rows.invalid == 1


def test_columns_can_be_mapped_by_hand():
    mapping = {"证书": "QF-17", "到期": "QF-17|valid_to", "备注": None}
    checked = check_rows(
        [*IDENTITY, "证书", "到期", "备注"],
        [code(1), "甲", "330113", "有效", "2028-01-01", "x"],
        mapping=mapping,
    )
    assert found(checked) == set()
    assert checked.accepted.iloc[0]["QF-17|valid_to"] == "2028-01-01"
    assert checked.mapping["证书"] == "QF-17"


def test_what_the_register_and_other_bureaus_say():
    register = pd.DataFrame(
        {"uscc": [code(1), code(2)], "name": ["甲(厂)", "乙厂"], "region": ["330113", "330113"]}
    )
    checked = check_rows(
        IDENTITY,
        [code(1), "甲（厂）", ""],
        [code(2), "丙厂", "330113"],
        [code(3), "", ""],
        register=register,
        pending={code(1)},
    )
    assert found(checked) == {
        (2, "统一社会信用代码", "pending_elsewhere"),
        (3, "企业名称", "name_mismatch"),
        (4, "企业名称", "required"),
        (4, "行政区划代码", "required"),
    }
    alone = check_rows(
        ["统一社会信用代码", "QM-03"], [code(1), "是"], [code(3), "是"], register=register
    )
    assert found(alone) == {(3, None, "required")}


def test_a_higher_source_keeps_its_value_and_a_jump_is_doubted():
    item = catalogue().items["QF-17"]
    assert item.source_order[0] == Source.REGISTER
    stored = pd.DataFrame(
        {
            "uscc": [code(1), code(2)],
            "QF-17": ["REVOKED", "VALID"],
            "QF-17|source": ["register", "register"],
            "QB-04": ["3", "900"],
        }
    )
    rows = [[code(1), "甲", "330113", "有效", "200"], [code(2), "乙", "330113", "有效", "850"]]
    checked = check_rows([*IDENTITY, "QF-17", "QB-04"], *rows, stored=stored, source=Source.CITY)
    assert found(checked) == {(2, "QF-17", "not_owner"), (2, "QB-04", "implausible")}
    assert checked.accepted["QF-17"].isna().tolist() == [True, False]


def test_consent_is_counted_once_an_item():
    rows = [[code(number), "甲", "330113", "3.5"] for number in (1, 2, 3)]
    rows.append([code(4), "丁", "330113", ""])
    checked = check_rows([*IDENTITY, "QI-11"], *rows, consents={"QI-11": {code(2)}})
    assert found(checked) == {(1, "QI-11", "consent_missing")}
    assert checked.findings.iloc[0]["value"] == "2"


def test_a_value_can_be_ended():
    checked = check_rows(
        [*IDENTITY, "QM-03", "QF-17"], [code(1), "甲", "330113", "[清除]", "[CLEAR]"]
    )
    assert found(checked) == set()
    assert checked.accepted.iloc[0]["cleared"] == '["QF-17","QM-03"]'
    assert checked.accepted.iloc[0]["values_json"] == "{}"


def test_what_must_be_there_cannot_be_ended():
    register = pd.DataFrame({"uscc": [code(1)], "name": ["甲"], "region": ["330113"]})
    checked = check_rows(IDENTITY, [code(1), "[清除]", "[clear]"], register=register)
    assert found(checked) == {(2, "企业名称", "required"), (2, "行政区划代码", "required")}


@pytest.mark.parametrize(
    "header",
    [
        ["统一社会信用代码 USCC", "企业名称 enterprise name", "行政区划代码/region"],
        ["统一社会信用代码（必填）", "企业名称（全称）", "所在地区region"],
    ],
)
def test_identity_columns_in_both_languages_or_with_a_remark(header):
    assert found(check_rows(header, [code(1), "甲", "330113"])) == set()


def test_a_remark_in_brackets_makes_no_second_column_of_the_name():
    checked = check_rows([*IDENTITY, "企业名称（曾用名）"], [code(1), "甲", "330113", "乙"])
    assert found(checked) == {(1, "企业名称（曾用名）", "unknown_column")}
    assert checked.accepted.iloc[0]["name"] == "甲"


def test_the_companion_of_an_item_whose_header_names_a_unit():
    header = [*IDENTITY, "QB-02（亿元）", "QB-02（亿元） 有效期至"]
    checked = check_rows(header, [code(1), "甲", "330113", "1.5", "2028-01-01"])
    assert found(checked) == set()
    row = checked.accepted.iloc[0]
    assert (row["QB-02"], row["QB-02|valid_to"]) == ("150000000", "2028-01-01")


def test_a_first_row_without_a_code_is_no_second_row_of_the_header():
    checked = check_rows(
        [*IDENTITY, "QM-03", "QB-04"], ["", "-", "-", "/", "—"], [code(1), "甲", "330113"]
    )
    assert found(checked) == set()
    checked = check_rows([*IDENTITY, "QM-03"], ["", "-", "-", "是"], [code(1), "甲", "330113"])
    assert {(row, found_code) for row, _, found_code in found(checked)} == {(2, "required")}


def test_a_higher_sources_end_of_validity_stays_and_is_said():
    stored = pd.DataFrame(
        {"QF-17": ["VALID", "VALID"], "QF-17|source": ["register", "city"],
         "QF-17|valid_to": ["2027-01-01", "2027-01-01"]},
        index=pd.Index([code(1), code(2)], name="uscc"),
    )  # fmt: skip
    header = [*IDENTITY, "QF-17", "QF-17 有效期至"]
    rows = [[code(n), f"第{n}厂", "330113", "有效", "2028-01-01"] for n in (1, 2)]
    checked = check_rows(header, *rows, stored=stored, source=Source.CITY)
    assert (2, "QF-17 有效期至", "not_owner") in found(checked)
    assert (3, "QF-17 有效期至", "not_owner") not in found(checked)
    assert checked.accepted["QF-17|valid_to"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("typed", "doubted"), [("120000", True), ("12", True), ("119999", False), ("1200", False)]
)
def test_a_capital_a_hundred_times_what_is_stored_is_doubted(typed, doubted):
    stored = pd.DataFrame(
        {"registered_capital": ["12000000"]}, index=pd.Index([code(1)], name="uscc")
    )
    header = [*IDENTITY, "注册资本(万元)"]
    checked = check_rows(header, [code(1), "甲", "330113", typed], stored=stored)
    assert ((2, "注册资本(万元)", "implausible") in found(checked)) is doubted


@pytest.mark.parametrize("jurisdiction", [HANGZHOU, ("330000", "339999")])
@pytest.mark.parametrize("typed", ["临平", "330131", "临安市", "江干区", "330103", "西湖"])
def test_accepting_a_suggested_region_mends_the_cell(typed, jurisdiction):
    checked = check_rows(IDENTITY, [code(1), "甲", typed], jurisdiction=jurisdiction)
    for suggested in checked.findings["suggestion"].iloc[0].split("; "):
        mended = check_rows(IDENTITY, [code(1), "甲", suggested], jurisdiction=jurisdiction)
        assert found(mended) <= {(2, "行政区划代码", "region_outside")}
        assert (mended.rows.valid == 1) is (jurisdiction[0] <= suggested[:6] <= jurisdiction[1])


def test_superseded_regions_are_each_told_with_what_came_after_them():
    typed = ["江干区", "330103", "杭州市江干区", "330113", "330103"]
    rows = [[code(number), "甲", text] for number, text in enumerate(typed, 1)]
    told = check_rows(IDENTITY, *rows).findings
    assert told["row"].tolist() == [2, 3, 4, 6]
    assert [text[:6] for text in told["suggestion"]] == ["330102", "330105", "330102", "330105"]
    assert [json.loads(text)["successor"][:6] for text in told["params"]] == [
        "330102", "330105", "330102", "330105",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "doubted"),
    [
        (["0.95", "0.9", "0.5%"], True),
        (["0.95", "0.9", "约95%"], True),
        (["0.95", "95%", "-"], True),
        (["0", "95%", "3%"], False),
        (["0.5%", "0.9%", ""], False),
        (["95", "0.9", "0.5%"], False),
        (["0", "0", ""], True),
    ],
)
def test_a_scale_is_judged_by_the_values_without_a_sign(typed, doubted):
    rows = [[code(number), "甲", "330113", text] for number, text in enumerate(typed, 1)]
    checked = check_rows([*IDENTITY, "QM-13"], *rows)
    assert ((1, "QM-13", "percent_scale") in found(checked)) is doubted


@pytest.mark.parametrize(
    ("typed", "codes"),
    [("99999999999999.999999", set()), ("100000000000000", {"out_of_range"})],
)
def test_a_capital_is_no_larger_than_the_register_holds(typed, codes):
    checked = check_rows([*IDENTITY, "注册资本(万元)"], [code(1), "甲", "330113", typed])
    assert {found_code for _, _, found_code in found(checked)} == codes
