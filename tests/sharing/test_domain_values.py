"""Credit codes, regions, units and values: vectors and what must always hold."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as standard

from factors.domain.item_types import ItemType
from factors.domain.value_texts import EXCEL_EPOCH, read_date
from sharing.domain import units, uscc, values
from tests.sharing.faulty import HANGZHOU, catalogue, code, regions

BODY = st.text(st.sampled_from(uscc.ALPHABET), min_size=9, max_size=9)


@given(st.sampled_from(["91", "92", "93", "11", "52"]), st.integers(0, 999_999), BODY)
def test_the_check_character_is_the_one_python_stdnum_asks_for(kind, region, body):
    made = uscc.with_check_character(f"{kind}{region:06d}{body}")
    assert uscc.is_valid(made)
    assert standard.calc_check_digit(made[:17]) == made[17]
    other = uscc.ALPHABET[(uscc.ALPHABET.index(made[17]) + 1) % 31]
    assert not uscc.is_valid(made[:17] + other)


def test_codes_of_kinds_that_stdnum_refuses_are_well_formed():
    assert uscc.is_valid(uscc.with_check_character("N2330113MA28AAAA0"))
    assert uscc.is_well_formed("91350211M0000XUF46")
    assert not uscc.is_valid("91350211M0000XUF46")


def test_a_whole_column_of_codes_is_checked_at_once():
    codes = [code(number) for number in range(200)]
    wrong = [entry[:17] + ("0" if entry[17] != "0" else "1") for entry in codes]
    fits = uscc.check_characters_fit(pa.array(codes + wrong))
    assert fits.tolist() == [True] * 200 + [False] * 200


@pytest.mark.parametrize(
    ("text", "answer", "found"),
    [
        ("330113", "found", "330113"),
        ("临平区", "found", "330113"),
        ("浙江省杭州市临平区", "found", "330113"),
        ("浙江省 杭州市 临平区", "found", "330113"),
        ("330104", "superseded", "330102"),
        ("江干区", "superseded", "330102"),
        ("杭州市下城区", "superseded", "330105"),
        ("鼓楼区", "unknown", ""),
        ("朝阳区", "unknown", ""),
        ("北京市朝阳区", "found", "110105"),
        ("330113 浙江省杭州市临平区", "found", "330113"),
        ("330113 临平区", "found", "330113"),
        ("330113　杭州市临平区", "found", "330113"),
        ("330104 浙江省杭州市江干区", "superseded", "330102"),
        ("330113 西湖区", "unknown", ""),
        ("999999 临平区", "unknown", ""),
        ("999999", "unknown", ""),
        ("130106", "unknown", ""),
    ],
)
def test_a_region_is_found_by_code_or_name(text, answer, found):
    low, high = HANGZHOU
    resolution = regions().resolve_all([text], low=low, high=high)[0]
    assert (resolution.answer, resolution.code) == (answer, found)


def test_a_superseded_region_suggests_all_that_came_after_it():
    resolution = regions().resolve_all(["330104"], low="330100", high="330199")[0]
    assert resolution.candidates == ("330102", "330114")


def test_every_region_is_read_by_the_words_that_suggest_it():
    table, (low, high) = regions(), ("000000", "999999")
    every = map(str, range(110_000, 660_000))
    codes = [code for code in every if (found := table.get(code)) and found.is_live]
    read = table.resolve_all(map(table.label, codes), low=low, high=high)
    assert [resolution.code for resolution in read] == codes


def test_only_the_first_unknown_regions_of_a_column_are_guessed_at():
    low, high = HANGZHOU
    texts = [f"临平区星灵路{number}号" for number in range(1_000)]
    read = regions().resolve_all(texts, low=low, high=high)
    assert read[0].candidates == ("330113",)
    assert sum(bool(resolution.candidates) for resolution in read) == 200
    assert {resolution.answer for resolution in read} == {"unknown"}


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    )
)
def test_a_figure_keeps_its_value_and_has_one_form(figure):
    reader = values.figures("not_number", Decimal(1), low=None, high=None)
    canonical, number, error = reader(f"{figure:f}")
    assert error is None
    assert Decimal(canonical) == figure
    assert number == float(figure)
    assert reader(canonical)[0] == canonical


@given(st.dates(dt.date(1900, 1, 1), dt.date(2999, 12, 31)))
def test_a_day_is_read_in_all_its_ways(day):
    ways = [
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.isoformat()} 00:00:00",
    ]
    assert {read_date(way, epoch=None) for way in ways} == {day}


@pytest.mark.parametrize(
    "text",
    ["2023-13-40", "20/30/2019", "去年", "2024", "2024-05", "2024-5/1", "45422", "2023-02-29"],
)
def test_what_is_no_day_is_none(text):
    assert read_date(text, epoch=None) is None


def test_a_bare_number_in_a_workbook_may_be_a_day():
    assert read_date("45422", epoch=EXCEL_EPOCH) == dt.date(2024, 5, 10)


@pytest.mark.parametrize("text", ["45422", "45422.0", "45422.5", "45422.99998842593"])
def test_a_bare_number_with_a_time_is_its_day(text):
    reader = values.date_reader(None, today=None, epoch=EXCEL_EPOCH)
    assert reader(text)[0] == "2024-05-10"
    assert values.date_reader(None, today=None, epoch=None)(text)[2] == "not_date"


def test_every_label_and_alias_of_the_list_is_read_as_its_value():
    for item in catalogue().items.values():
        words = values.words_of(item)
        for value in item.values:
            for text in (value.code, value.label_zh, value.label_en, *value.aliases):
                assert values.read_coded(text, words)[0] == value.code, (item.code, text)


def test_none_is_a_value_wherever_an_item_has_it():
    for item in catalogue().items.values():
        if item.type in (ItemType.ENUM, ItemType.GRADE) and "NONE" in item.by_code:
            assert values.read_coded("无", values.words_of(item))[0] == "NONE"


@pytest.mark.parametrize(
    ("stated", "own", "factor"),
    [
        ("万元", "亿元", Decimal(10_000)),
        ("CNY 100 million", "亿元", Decimal(10**8)),
        ("人民币万元", "万元", Decimal(10_000)),
        ("项", "件（项、份）", Decimal(1)),
        ("万件", "件（项、份）", Decimal(10_000)),
        ("%", "%", Decimal(1)),
        ("件", "亿元", units.MISMATCH),
        ("月", "年", units.MISMATCH),
        ("截至2026年", "次", None),
    ],
)
def test_units_are_converted_or_refused(stated, own, factor):
    factors = {"亿元": Decimal(10**8), "万元": Decimal(10_000)}
    assert units.factor(stated, own=own, own_factor=factors.get(own, Decimal(1))) == factor


def test_numbers_for_comparison_are_missing_where_there_is_no_value():
    assert np.isnan(values.read_boolean("也许")[1])
