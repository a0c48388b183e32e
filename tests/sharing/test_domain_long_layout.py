"""The long layout, and what is made of the rows that are let in."""

import json

import orjson

from tests.sharing.faulty import catalogue, check_rows, code, found

IDENTITY = ["统一社会信用代码", "企业名称", "行政区划代码"]
HEADER = [*IDENTITY, "信息项", "值", "有效期自", "有效期至", "证据"]
WIDE = [*IDENTITY, "QF-17", "QM-03", "QB-04", "QB-02（亿元）", "QM-04"]


def record(number: int, item: str, value: str, *more: str) -> list[str]:
    return [code(number), "甲", "330113", item, value, *more, *[""] * (3 - len(more))]


def test_several_records_of_an_enterprise_are_no_duplicates():
    checked = check_rows(
        HEADER,
        record(1, "QF-17", "有效", "2024-01-01", "2028-01-01", "证一"),
        record(1, "QM-03 首席质量官制度", "是", "", "", "任命书"),
        record(1, "政府质量奖最高层级", "无", "", "", "无"),
        record(2, "QB-02", "1.5", "", "", "x"),
    )
    assert checked.layout == "long"
    assert found(checked) == set()
    assert (checked.rows.total, checked.rows.valid) == (4, 4)
    assert checked.accepted["uscc"].tolist() == [code(1), code(2)]
    assert checked.accepted["records"].tolist() == [3, 1]
    assert json.loads(checked.accepted["values_json"].iloc[0]) == {
        "QF-17": "VALID",
        "QM-01": "NONE",
        "QM-03": True,
    }
    assert json.loads(checked.accepted["values_json"].iloc[1]) == {"QB-02": "150000000"}


def test_a_record_is_checked_as_its_item_and_kept_out_alone():
    checked = check_rows(
        HEADER,
        record(1, "QB-04", "十二", "", "", "x"),
        record(1, "QX-99", "1", "", "", "x"),
        record(1, "", "1", "", "", "x"),
        record(1, "QF-17", "有效", "2024-01-01", "2023-01-01", "x"),
        record(1, "QI-05", "3", "", "", ""),
        record(2, "QM-01", "无", "", "", "x"),
        record(2, "QM-02", "2024-06-01", "", "", "x"),
    )
    assert found(checked) == {
        (2, "值", "not_integer"),
        (3, "信息项", "not_allowed"),
        (4, "信息项", "required"),
        (5, "有效期至", "already_expired"),
        (5, "有效期至", "validity_reversed"),
        (6, "证据", "evidence_missing"),
        (8, "值", "conflict"),
    }
    assert (checked.rows.valid, checked.rows.invalid) == (2, 5)
    assert [json.loads(text) for text in checked.accepted["values_json"]] == [
        {"QI-05": 3},
        {"QM-01": "NONE"},
    ]


def test_a_column_that_stands_twice_keeps_the_whole_file_out():
    row = [code(1), "甲", "330113", "QM-03", "是", ""]
    checked = check_rows([*IDENTITY, "信息项", "值", "取值"], row)
    assert found(checked) == {(1, "取值", "duplicate_column")}
    assert checked.rows.invalid == 1


def test_the_best_record_in_force_counts_and_all_evidence_is_kept():
    checked = check_rows(
        HEADER,
        record(1, "QF-17", "有效", "2020-01-01", "2023-01-01", "旧证"),
        record(1, "QF-17", "有效", "2024-01-01", "2028-01-01", "甲厂区"),
        record(1, "QF-17", "暂停", "2025-01-01", "2029-01-01", "乙厂区"),
    )
    assert found(checked) == {(2, "有效期至", "already_expired")}
    row = checked.accepted.iloc[0]
    assert (row["QF-17"], row["QF-17|valid_to"]) == ("VALID", "2028-01-01")
    assert json.loads(row["details_json"])["QF-17"]["evidence"] == ["旧证", "甲厂区", "乙厂区"]


def test_the_json_of_a_row_is_canonical():
    checked = check_rows(
        WIDE, [code(1), '甲"厂\\', "330113", "有效", "是", "1,200", "1.5", '换\n行 "引"']
    )
    row = checked.accepted.iloc[0]
    values = json.loads(row["values_json"])
    assert values == {
        "QB-02": "150000000",
        "QB-04": 1200,
        "QF-17": "VALID",
        "QM-03": True,
        "QM-04": '换\n行 "引"',
    }
    sorted_again = orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()
    assert row["values_json"] == sorted_again
    assert row["name"] == '甲"厂\\'


def test_the_same_row_has_the_same_digest_however_it_is_written():
    first = check_rows(WIDE, [code(1), "甲", "330113", "有效", "否", "1200", "1.5", ""])
    order = [0, 1, 2, 6, 5, 4, 3]
    row = [code(1), "甲", "临平区", "VALID", "N", "1,200", "1.50"]
    again = check_rows([WIDE[place] for place in order], [row[place] for place in order])
    other = check_rows(WIDE, [code(1), "甲", "330113", "有效", "否", "1201", "1.5", ""])
    digests = [checked.accepted["row_digest"].iloc[0] for checked in (first, again, other)]
    assert digests[0] == digests[1] != digests[2]
    assert len(digests[0]) == 16


def test_a_row_kept_out_keeps_its_cells_as_they_were_typed():
    row = [code(1), " 甲 ", "330113", "有效", "也许", "1,200", "1.5", ""]
    checked = check_rows([*WIDE, "备注"], [*row, "x"], [code(2), *row[1:4], "是", *row[5:], ""])
    faulty = checked.faulty_rows.iloc[0].to_dict()
    assert faulty["row"] == 2
    assert faulty["企业名称"] == " 甲 "
    assert faulty["备注"] == "x"


def test_every_item_of_the_list_has_a_column():
    items = catalogue().items.values()
    names = [f"{item.code} {item.name_zh}" for item in items]
    ends = [f"{item.name_en} valid to" for item in items]
    checked = check_rows(
        [*WIDE[:3], *names, *ends], [code(1), "甲", "330113", *[""] * (2 * len(names))]
    )
    assert found(checked) == set()
    codes = [item.code for item in items]
    assert checked.fields[3:] == (*codes, *(f"{code}|valid_to" for code in codes))


def test_an_empty_record_does_not_take_the_place_of_one_that_says_something():
    checked = check_rows(HEADER, record(1, "QC-17", "3"), record(1, "QC-17", ""))
    assert checked.accepted["QC-17"].tolist() == ["3"]


def test_a_doubt_is_said_of_a_record_that_the_enterprise_has():
    """The rule's own item is missing here, though another enterprise has a record of it."""
    checked = check_rows(
        HEADER,
        record(1, "QC-17", "3"),
        record(1, "QM-01", "省级政府质量奖"),
        record(2, "QM-01", "省级政府质量奖"),
        record(2, "QM-02", "2024-05-10"),
    )
    assert {entry for entry in found(checked) if entry[2] == "doubtful"} == {(3, "值", "doubtful")}
