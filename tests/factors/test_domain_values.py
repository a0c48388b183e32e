"""One spelling for every value, and one answer to what is no value."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.domain.values import (
    CANONICAL_DECIMAL,
    canonical_decimal,
    fault_of,
    label,
    to_base,
    to_stated,
)
from tests.factors import lists

ZJ = lists.catalogue()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12)))
def test_a_decimal_has_one_spelling_that_means_the_same(number):
    text = canonical_decimal(number)

    assert Decimal(text) == number
    assert CANONICAL_DECIMAL.match(text)
    assert canonical_decimal(Decimal(text + "0" if "." in text else text + ".0")) == text


@given(st.decimals("0", "100000", places=2))
def test_stated_units_come_back(number):
    brand = ZJ.items["QB-02"]

    assert to_stated(brand, to_base(brand, number)) == number


@pytest.mark.parametrize(
    ("code", "value", "fault"),
    [
        ("QF-17", "VALID", None),
        ("QF-17", "有效", "not_allowed"),
        ("QF-17", "valid", "not_allowed"),
        ("QF-17", None, "not_allowed"),
        ("QM-03", True, None),
        ("QM-03", 1, "not_boolean"),
        ("QC-05", 0, None),
        ("QC-05", 1000, "out_of_range"),
        ("QC-05", "0", "not_integer"),
        ("QC-05", True, "not_integer"),
        ("QC-05", 1.0, "not_integer"),
        ("QI-11", "4.11", None),
        ("QI-11", "4.10", "not_number"),
        ("QI-11", "-0", "not_number"),
        ("QI-11", 4.11, "not_number"),
        ("QI-11", "100.01", "out_of_range"),
        ("QI-11", "not_applicable", "not_number"),
        ("QF-20", "not_applicable", None),
        ("QC-14", "not_applicable", None),
        ("QC-14", 4, "out_of_range"),
        ("QB-02", "250000000", None),
        ("QB-02", "1e8", "not_money"),
        ("QB-02", "10000000000001", "out_of_range"),
        ("QM-02", "2024-05-10", None),
        ("QM-02", "20240510", "not_date"),
        ("QM-02", "1989-12-31", "out_of_range"),
        ("QM-02", "2024-02-30", "not_date"),
        ("QM-04", "张某", None),
        ("QM-04", "", "not_allowed"),
        ("QM-04", "长" * 501, "too_long"),
    ],
)
def test_what_is_a_value_and_what_is_not(code, value, fault):
    assert fault_of(ZJ.items[code], value) == fault


@pytest.mark.parametrize(
    ("code", "value", "zh", "en"),
    [
        ("QF-17", "REVOKED", "撤销", "Revoked"),
        ("QM-03", False, "否", "No"),
        ("QB-02", "250000000", "2.5 亿元", "2.5 CNY 100 million"),
        ("QI-11", "4.11", "4.11 %", "4.11 %"),
        ("QC-05", 2, "2 次", "2 times"),
        ("QF-20", "not_applicable", "不适用", "Not applicable"),
        ("QM-02", "2024-05-10", "2024-05-10", "2024-05-10"),
        ("QM-02", None, "", ""),
        ("QF-17", "GONE", "GONE", "GONE"),
    ],
)
def test_values_in_words(code, value, zh, en):
    assert label(ZJ.items[code], value, "zh") == zh
    assert label(ZJ.items[code], value, "en") == en
