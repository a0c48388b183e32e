import csv
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from factors.domain import model_list
from factors.domain.catalogue import Catalogue
from risk.domain.daily_rules import add_months, daily_fact_key, end_of_validity, is_met_on
from risk.domain.lifecycle import Level
from risk.domain.releases import OpenSignal, is_released
from risk.domain.signal_rules import (
    Known,
    concerns,
    fact_key,
    is_met_by_change,
    raised_level,
)
from risk.selectors.rules import NoSuchRule, rules_on

TODAY = date(2026, 12, 15)
BEFORE = date(2026, 11, 23)
FOLDER = Path(model_list.__file__).parents[1] / "data" / "zj-qfce-1"
LIST = Catalogue.from_document(
    model_list.document({name: (FOLDER / name).read_bytes() for name in model_list.FILES})
)
BOOK = rules_on(TODAY)
VECTORS = Path(__file__).parents[1] / "vectors" / "warning_rules.csv"
ENABLED = [
    *("W01", "W03", "W04", "W09", "W10", "W11", "W14", "W15", "W20", "W21", "W22", "W24"),
    *("W26", "W27", "W31", "W32", "W33", "W34", "W35", "C01", "C02"),
]


def vectors():
    lines = [line for line in VECTORS.read_text().splitlines() if not line.startswith("#")]
    return [pytest.param(*row, id=" ".join(row)) for row in list(csv.reader(lines))[1:]]


def value_of(code, text):
    if text == "none":
        return None
    if text in ("true", "false"):
        return text == "true"
    return int(text) if LIST.items[code].type == "count" and text.isdigit() else text


def known(value, *, on=TODAY, **facts):
    return Known(value=value, since=on, recorded_on=on, **facts)


def meets(rule, code, before, after):
    item = LIST.items[code]
    return any(
        concerns(condition, code, item) and is_met_by_change(condition, before, after, item)
        for condition in BOOK[rule].on_change
    )


def met_on(rule, code, entry, on=TODAY):
    item = LIST.items[code]
    return any(
        concerns(condition, code, item) and is_met_on(condition, entry, item, on)
        for condition in BOOK[rule].daily
    )


@pytest.mark.parametrize(("rule", "item", "before", "after", "raises"), vectors())
def test_a_change_meets_a_rule_or_not(rule, item, before, after, raises):
    was = None if before == "never" else known(value_of(item, before), on=BEFORE)
    now = known(value_of(item, after))

    assert meets(rule, item, was, now) is (raises == "yes")


def test_every_rule_over_a_change_has_vectors_that_meet_it_and_that_do_not():
    rows = [param.values for param in vectors()]
    over_change = {code for code, rule in BOOK.rules.items() if rule.on_change} - {"W23"}

    assert {row[0] for row in rows if row[4] == "yes"} == over_change
    assert {row[0] for row in rows if row[4] == "no"} == over_change


def test_there_are_36_rules_and_two_combinations_at_their_levels():
    assert list(BOOK.rules) == [f"W{number:02}" for number in range(1, 37)] + ["C01", "C02"]
    assert Counter(rule.level for rule in BOOK.rules.values()) == {
        "red": 9,
        "orange": 11,
        "yellow": 13,
        "blue": 5,
    }
    assert [rule.code for rule in BOOK.enabled] == ENABLED


def test_every_rule_says_everything_in_both_languages():
    for rule in BOOK.rules.values():
        for name in ("name", "condition", "fact", "released", "first_action"):
            assert getattr(rule, f"{name}_en")
            assert any("\u4e00" <= sign <= "\u9fff" for sign in getattr(rule, f"{name}_zh"))
        assert bool(rule.lacks_en) == bool(rule.lacks_zh)


def test_every_item_and_value_in_the_rules_is_on_the_list():
    for rule in BOOK.rules.values():
        for condition in (*rule.on_change, *rule.daily, *rule.released):
            for code in set(condition.get("items", ())) - {"*"}:
                ladder = LIST.items[code].by_code
                named = [v for v in condition.get("becomes", ()) if isinstance(v, str)]
                assert not ladder or set(named) <= set(ladder)


def test_there_is_no_rule_of_another_name():
    with pytest.raises(NoSuchRule, match="W99"):
        BOOK["W99"]


@pytest.mark.parametrize(
    ("then", "now", "raises"),
    [("0.5", "1.0", True), ("0.4", "0.8", False), ("0.6", "1.1", False), ("0", "1", True)],
)
def test_complaints_are_compared_with_a_year_before(then, now, raises):
    was = known("0.9", on=date(2026, 9, 1))
    after = known(now, earlier=((date(2025, 12, 1), then), (date(2026, 9, 1), "0.9")))

    assert meets("W23", "QC-18", was, after) is raises


def test_complaints_without_a_year_of_history_raise_nothing():
    assert not meets(
        "W23", "QC-18", known("0.5", on=BEFORE), known("5", earlier=((BEFORE, "0.5"),))
    )


def test_a_truth_value_is_not_a_count():
    assert not meets("W32", "QM-03", known(True, on=BEFORE), known(0))


@pytest.mark.parametrize(
    ("rule", "code", "entry", "raises"),
    [
        ("W21", "QF-18", known("VALID", valid_to=date(2026, 12, 15)), True),
        ("W21", "QF-18", known("VALID", valid_to=date(2027, 3, 15)), True),
        ("W21", "QF-18", known("VALID", valid_to=date(2027, 3, 16)), False),
        ("W21", "QF-18", known("VALID", valid_to=date(2026, 12, 14)), False),
        ("W21", "QF-18", known("VALID"), False),
        ("W21", "QF-18", known("REVOKED", valid_to=date(2027, 1, 1)), False),
        ("W21", "QM-01", known("CITY", valid_to=date(2027, 1, 1)), False),
        ("W08", "QF-28", known("VALID", valid_to=date(2026, 12, 14)), True),
        ("W08", "QF-28", known("VALID", valid_to=date(2026, 12, 15)), False),
        ("W08", "QF-28", known("NONE", valid_to=date(2026, 12, 14)), False),
        ("W08", "QF-28", known("VALID", ended=True), True),
        ("W33", "QM-01", known("CITY", valid_from=date(2021, 12, 15)), True),
        ("W33", "QM-01", known("CITY", valid_from=date(2021, 12, 16)), False),
        ("W33", "QM-01", known("NONE", valid_from=date(2016, 1, 1)), False),
        ("W33", "QC-19", known(False, valid_from=date(2016, 1, 1)), False),
        ("W33", "QF-17", known("VALID", valid_from=date(2016, 1, 1)), False),
        ("W34", "QF-17", known("VALID", on=date(2026, 12, 12)), False),
        ("W34", "QF-17", known("VALID", on=date(2026, 12, 11)), True),
        ("W34", "QM-01", known("CITY", on=date(2026, 1, 1)), False),
        ("W26", "QC-17", known(3, on=date(2025, 12, 31)), True),
        ("W26", "QC-17", known(3, on=date(2026, 1, 1)), False),
        ("W26", "QC-17", known(None, on=date(2025, 12, 31)), False),
    ],
)
def test_daily_conditions(rule, code, entry, raises):
    assert met_on(rule, code, entry) is raises


def test_annual_reports_are_asked_for_from_the_first_of_july():
    late = known(3, on=date(2026, 5, 1))
    assert not met_on("W26", "QC-17", late, on=date(2027, 6, 30))
    assert met_on("W26", "QC-17", late, on=date(2027, 7, 1))
    assert daily_fact_key(
        BOOK["W26"].daily[0], "QC-17", late, LIST.items["QC-17"], date(2027, 7, 2)
    ) == ("QC-17 2027")


def test_an_honour_ends_with_its_last_month():
    award = known("CITY", valid_from=date(2022, 2, 28))
    assert end_of_validity(award, LIST.items["QM-01"]) == date(2027, 2, 27)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert end_of_validity(known("VALID"), LIST.items["QF-17"]) is None


def test_the_certificate_is_the_fact_else_the_day_else_the_place_in_the_feed():
    was = known("VALID", on=BEFORE, evidence=("CNAS 1",))
    revoked = known("REVOKED", position=(41, 7))

    assert fact_key("QF-17", replace(revoked, evidence=("CNAS 1",)), was) == "QF-17 CNAS 1"
    assert fact_key("QC-05", replace(revoked, evidence=("CNAS 1", "No. 8")), was) == "QC-05 No. 8"
    assert fact_key("QF-17", replace(revoked, valid_from=TODAY), was) == (
        "QF-17 REVOKED from 2026-12-15"
    )
    assert fact_key("QF-17", revoked, was) == "QF-17 REVOKED at 41.7"


def test_a_disputed_value_counts_one_level_lower():
    assert [raised_level(level, flagged=True) for level in Level] == [
        Level.ORANGE,
        Level.YELLOW,
        Level.BLUE,
        Level.BLUE,
    ]
    assert raised_level(Level.RED, flagged=False) is Level.RED


def released(rule, entries, *, item, before="VALID", on=TODAY, end=None, raised_on=BEFORE):
    signal = OpenSignal(item=item, before=before, position=(10, 1), raised_on=raised_on, end=end)
    return is_released(BOOK[rule], signal, entries, LIST.items, on)


LATER = {"position": (11, 1)}


@pytest.mark.parametrize(
    ("rule", "item", "code", "entry", "ends"),
    [
        ("W14", "QF-17", "QF-17", known("VALID", **LATER), True),
        ("W14", "QF-17", "QF-17", known("SUSPENDED", **LATER), False),
        ("W14", "QF-17", "QF-17", known("VALID", position=(10, 1)), False),
        ("W14", "QF-17", "QC-17", known(3, **LATER), False),
        ("W01", "QC-03", "QC-03", known("NOT_LISTED", on=date(2026, 12, 14), **LATER), True),
        ("W01", "QC-03", "QC-03", known("NOT_LISTED", on=TODAY, **LATER), False),
        ("W03", "QC-13", "QC-13", known("NOT_LISTED", on=date(2026, 12, 10), **LATER), True),
        ("W03", "QC-13", "QC-13", known("NOT_LISTED", on=date(2026, 12, 11), **LATER), False),
        ("W02", "QC-01", "QC-01", known("ACTIVE", **LATER), True),
        ("W08", "QF-28", "QF-28", known("NOT_REQUIRED", **LATER), True),
        ("W08", "QF-28", "QF-20", known("100", **LATER), False),
        ("W08", "QF-20", "QF-20", known("100", **LATER), True),
        ("W09", "QC-02", "QC-02", known("NOT_LISTED", **LATER), True),
        ("W10", "QC-05", "QC-05", known(0, **LATER), False),
        ("W11", "QC-08", "QC-10", known("RECHECK_PASSED", **LATER), True),
        ("W11", "QC-08", "QC-08", known("PASS", **LATER), True),
        ("W12", "QC-10", "QC-10", known("RECHECK_PASSED", **LATER), True),
        ("W13", "QC-11", "QC-11", known("VOLUNTARY_CLOSED", **LATER), True),
        ("W20", "QF-18", "QF-18", known("VALID", **LATER), True),
        ("W20", "QF-18", "QF-17", known("VALID", **LATER), False),
        ("W22", "QC-09", "QC-10", known("RECHECK_PASSED", **LATER), True),
        ("W24", "QC-01", "QC-01", known("ACTIVE", **LATER), True),
        ("W25", "QI-07", "QI-07", known("NONE", **LATER), True),
        ("W26", "QC-17", "QC-17", known(3, **LATER), True),
        ("W32", "QM-03", "QM-03", known(True, **LATER), True),
        ("W34", "QF-17", "QF-17", known("VALID", **LATER), True),
    ],
)
def test_release_conditions(rule, item, code, entry, ends):
    assert released(rule, {code: entry}, item=item) is ends


def test_a_certificate_about_to_end_is_released_by_a_later_end_or_by_its_end():
    end = date(2027, 1, 31)
    renewed = known("VALID", valid_to=date(2030, 1, 31), **LATER)
    same = known("VALID", valid_to=end, **LATER)

    assert released("W21", {"QF-18": renewed}, item="QF-18", end=end)
    assert not released("W21", {"QF-18": same}, item="QF-18", end=end)
    assert released("W21", {"QF-18": same}, item="QF-18", end=end, on=date(2027, 2, 1))


def test_a_lost_honour_is_released_by_a_new_one_or_after_sixty_days():
    back, lower = known("PROVINCIAL", **LATER), known("CITY", **LATER)
    lost = {"item": "QM-01", "before": "PROVINCIAL", "raised_on": date(2026, 12, 1)}

    assert released("W33", {"QM-01": back}, **lost)
    assert not released("W33", {"QM-01": lower}, **lost)
    assert not released("W33", {}, on=date(2027, 1, 29), **lost)
    assert released("W33", {}, on=date(2027, 1, 30), **lost)


def test_a_rule_without_a_condition_is_released_by_people_only():
    assert not released("W05", {"QC-12": known(0, **LATER)}, item="QC-12")
