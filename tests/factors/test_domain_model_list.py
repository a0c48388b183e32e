"""What version 1 of the list of Zhejiang has to say, item by item."""

import csv
import json
import re

import pytest

from factors.domain import list_versions
from factors.domain.item_types import BankDefault, EmptyMeans, GateOutcome, ValidityKind
from tests.factors import lists

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def zj():
    return lists.catalogue()


def test_it_has_ninety_items_in_five_categories(zj):
    counts = {code: len(zj.of_category(code)) for code in zj.category_codes}

    assert counts == {
        "quality_credit": 20,
        "quality_management": 14,
        "quality_brand": 10,
        "quality_foundation": 28,
        "quality_innovation": 18,
    }
    assert sum(len(item.values) for item in zj.items.values()) == 213


def test_it_works(zj):
    assert list_versions.problems(zj.to_document()) == []


def test_nothing_is_missing_in_either_language(zj):
    for category in zj.categories:
        assert category.name_zh
        assert category.name_en
    for item in zj.items.values():
        for pair in list_versions.PAIRS:
            assert CHINESE.search(getattr(item, f"{pair}_zh")), (item.code, pair)
            assert getattr(item, f"{pair}_en").strip(), (item.code, pair)
        for value in item.values:
            assert value.label_zh
            assert value.label_en
        assert bool(item.unit_zh) == bool(item.unit_en)
        assert bool(item.consent_when_zh) == bool(item.consent_when)
    for rule in (*zj.rules, *zj.report_rules):
        assert CHINESE.search(rule.message_zh)
        assert rule.message_en


def test_no_english_text_holds_chinese(zj):
    for item in zj.items.values():
        english = [getattr(item, f"{pair}_en") for pair in list_versions.PAIRS]
        english += [value.label_en for value in item.values]
        english += [item.unit_en, item.consent_when, item.basis]
        assert not [text for text in english if CHINESE.search(text)], item.code


def test_no_label_reads_as_empty_in_a_data_frame(zj):
    empty = {"none", "null", "nan", "na", "n/a", ""}
    labels = [value.label_en for item in zj.items.values() for value in item.values]

    assert not [label for label in labels if label.lower() in empty]


def test_renamed_items_answer_to_their_former_names(zj):
    assert zj.items["QC-16"].name_zh == "纳税缴费信用级别"
    assert zj.items["QC-16"].former_names == ("纳税信用级别",)
    assert zj.items["QC-18"].name_zh == "每千万元营收消费投诉件数"
    assert zj.items["QC-18"].former_names == ("消费投诉万元营收比", "Complaints per revenue")


def test_what_an_item_rests_on_says_when_and_how_it_was_learned(zj):
    cited = [citation for item in zj.items.values() for citation in item.citations]

    assert all(item.citations for item in zj.items.values())
    assert all(CHINESE.search(each.source_zh) or "GB/T" in each.source_zh for each in cited)
    assert not [each for each in cited if CHINESE.search(each.source_en)]
    assert {each.dated.isoformat() for each in cited if each.source_en.startswith("Notice ")} == {
        "2024-05-10"
    }
    doubtful = [each for each in zj.items["QF-01"].citations if each.confidence != "read"]
    assert [each.source_en for each in doubtful] == ["Assessment certificates last 5 years"]


def test_an_agency_answers_for_every_item_at_every_level(zj):
    for item in zj.items.values():
        assert tuple(owner.level for owner in item.owners) == item.source_order
    assert [owner.agency_en for owner in zj.items["QF-17"].owners] == [
        "Certification body",
        "Market regulator of the province",
        "Market regulator of the city",
        "Market regulator of the county",
    ]


def test_several_kinds_of_evidence_are_told_apart(zj):
    asked = {code: item.evidence_en for code, item in zj.items.items()}

    assert asked["QC-10"] == "Rectification order, Re-check report"
    assert asked["QC-02"] == "Listing decision or Removal decision"
    assert zj.items["QC-02"].evidence_zh == "列入决定或移出决定"
    assert all(asked.values())


def test_the_ninety_items_are_the_core(zj):
    assert {item.extension for item in zj.items.values()} == {"core"}
    assert [code for code, item in zj.items.items() if item.core_item != code] == []


def test_repair_is_said_where_a_rule_is_known(zj):
    ruled = {code for code, item in zj.items.items() if item.publication_zh or item.repair_zh}

    assert ruled == {
        "QC-01", "QC-02", "QC-03", "QC-05", "QC-06", "QC-07", "QC-08", "QC-09", "QC-17",
        "QF-28", "QI-07", "QI-11",
    }  # fmt: skip


def test_only_seven_items_always_need_consent(zj):
    needed = {code for code, item in zj.items.items() if item.consent_required}
    sometimes = {code for code, item in zj.items.items() if item.consent_when}

    assert needed == {"QC-16", "QM-04", "QM-13", "QM-14", "QB-10", "QI-11", "QI-16"}
    assert sometimes == {
        "QC-04", "QC-15", "QC-18", "QC-20", "QM-05", "QM-06", "QM-11", "QB-09",
    }  # fmt: skip


def test_the_internal_class_is_neither_asked_for_nor_shown(zj):
    assert not zj.items["QC-04"].in_workbook
    assert zj.items["QC-04"].bank_default == BankDefault.NEVER
    assert [code for code, item in zj.items.items() if not item.in_workbook] == ["QC-04"]


def test_what_a_gate_looks_at_is_shown_to_banks(zj):
    hidden = {code for code, item in zj.items.items() if item.bank_default != BankDefault.SHOWN}

    assert hidden == {"QC-04", "QC-20", "QM-04", "QM-11", "QF-05"}
    assert not [code for code in hidden if zj.items[code].suggested_gate]


def test_gates_are_suggestions_and_one_only_refers(zj):
    gates = {code: item.suggested_gate for code, item in zj.items.items() if item.suggested_gate}

    assert {code: gate.outcome for code, gate in gates.items()} == {
        **dict.fromkeys(
            ("QC-01", "QC-02", "QC-03", "QC-05", "QC-07", "QC-12", "QC-13", "QF-28"),
            GateOutcome.DECLINE,
        ),
        "QF-20": GateOutcome.REFER,
    }
    assert gates["QC-01"].when == {"item": "QC-01", "in": ["REVOKED", "DEREGISTERED"]}
    assert gates["QC-05"].when == {"item": "QC-05", "at_least": 1}
    assert gates["QF-20"].when == {"item": "QF-20", "below": 100}


def test_not_applicable_is_offered_where_zero_would_lie(zj):
    offered = {code for code, item in zj.items.items() if item.allows_not_applicable}

    assert offered == {"QC-14", "QM-13", "QM-14", "QF-05", "QF-20"}
    assert {zj.items[code].empty_means for code in offered} == {
        EmptyMeans.NOT_APPLICABLE_OR_UNKNOWN
    }


@pytest.mark.parametrize(
    ("code", "ladder"),
    [
        ("QM-01", ["NATIONAL", "NATIONAL_NOMINATION", "PROVINCIAL"]),
        ("QM-06", ["EXCELLENCE", "PREVENTION", "ASSURANCE"]),
        ("QF-14", ["ADVANCED", "INTERMEDIATE", "PRIMARY"]),
        ("QC-16", ["A", "B", "C", "D"]),
    ],
)
def test_rank_and_not_order_says_which_value_is_better(zj, code, ladder):
    ranked = [value for value in zj.items[code].values if value.rank is not None]
    ranked.sort(key=lambda value: value.rank)

    assert [value.code for value in ranked][: len(ladder)] == ladder


def test_values_outside_the_ladder_have_no_rank(zj):
    assert zj.items["QC-16"].rank_of("M") is None
    assert zj.items["QC-08"].rank_of("NOT_SAMPLED") is None
    assert zj.items["QF-28"].rank_of("NOT_REQUIRED") is None
    assert zj.items["QI-03"].rank_of("KEY_LITTLE_GIANT") == 1


def test_money_is_stated_in_two_units_and_stored_in_one(zj):
    assert zj.items["QB-02"].base_maximum == 100_000 * 100_000_000
    assert zj.items["QI-16"].base_maximum == 10_000_000 * 10_000


def test_counts_of_things_in_force_have_no_months(zj):
    assert {zj.items[code].validity_kind for code in ("QB-04", "QF-21", "QI-05", "QM-02")} == {
        ValidityKind.STATE
    }
    assert [zj.items[code].max_age_days for code in ("QC-08", "QC-12", "QF-01")] == [180] * 3


def test_the_register_comes_first_where_there_is_one(zj):
    assert zj.items["QF-17"].source_order[0] == "register"
    assert zj.items["QM-01"].source_order == ("province", "city", "county")
    assert zj.items["QI-11"].source_order[-1] == "enterprise"


def test_rules_for_reports_stay_out_of_imports(zj):
    severities = [rule.severity.value for rule in zj.rules]

    assert (severities.count("error"), severities.count("warning")) == (12, 18)
    assert [rule.code for rule in zj.report_rules] == ["R01", "R02", "R03", "R04", "R05"]
    assert {rule.severity.value for rule in zj.report_rules} == {"report"}


def test_every_table_is_written_as_it_would_be_written_again():
    for path in lists.FOLDER.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        with path.open(encoding="utf-8", newline="") as file:
            widths = {len(row) for row in csv.reader(file)}
        assert len(widths) == 1, path.name
        assert "\r" not in text
    for path in lists.FOLDER.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))


def test_what_the_example_workbook_heads_its_columns_with_is_recognized(zj):
    headers = [
        "经营主体登记状态",
        "经营异常名录状态",
        "严重违法失信名单状态",
        "产品质量违法行政处罚次数(36个月)",
        "产品质量监督抽查最近结论",
        "政府质量奖最高层级",
        "政府质量奖获奖日期",
        "首席质量官制度",
        "区域公共品牌/品质认证",
        "有效注册商标数",
        "最高计量标准考核证书数",
        "测量管理体系认证等级",
        "主导制定国家标准数",
        "质量管理体系认证状态",
        "环境管理体系认证状态",
        "CNAS认可状态",
        "高新技术企业资格",
        "专精特新梯度",
        "有效发明专利数",
        "研发投入强度",
    ]
    known = {item.name_zh: item for item in zj.items.values()}

    assert [header for header in headers if header not in known] == []
    assert [header for header in headers if known[header].consent_required] == ["研发投入强度"]
