"""The schema accepts what is canonical and refuses what is not, like `fault_of`."""

import re
from datetime import date

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.domain.decimal_patterns import day_pattern, decimal_pattern
from factors.domain.record_schema import record_schema
from factors.domain.values import canonical_decimal, fault_of
from tests.factors import lists

ZJ = lists.catalogue()
SCHEMA = jsonschema.Draft202012Validator(
    record_schema(ZJ, address="https://example.org/schema.json"),
    format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
)
RECORD = {
    "uscc": "91330113ALN0KXMQ6E",
    "name": "临平安和精工汽车零部件股份有限公司",
    "region": "330113",
    "industry": "C3670",
    "size": "medium",
    "established_on": "2014-10-07",
    "registered_capital": "20000000",
    "values": {"QF-17": "VALID", "QC-05": 0, "QI-11": "4.11", "QF-20": "not_applicable"},
    "details": {"QF-17": {"valid_to": "2029-03-01", "evidence": ["00123Q30001R0M/3300"]}},
}


def test_a_record_in_canonical_form_is_valid():
    SCHEMA.validate(RECORD)


@pytest.mark.parametrize(
    "change",
    [
        {"uscc": "91330113ALN0KXMQ6"},
        {"uscc": "91330113ALN0KXMQ6O"},
        {"region": "3301"},
        {"size": "tiny"},
        {"established_on": "2014/10/07"},
        {"registered_capital": 20000000},
        {"luck": 1},
        {"values": {"QX-01": 1}},
        {"values": {"QC-05": None}},
        {"details": {"QF-17": {}}},
        {"details": {"QF-17": {"valid_to": "soon"}}},
    ],
)
def test_what_is_not_canonical_is_not_valid(change):
    with pytest.raises(jsonschema.ValidationError):
        SCHEMA.validate(RECORD | change)


VALUES = st.one_of(
    st.sampled_from(["VALID", "NONE", "A", "有效", "not_applicable", "2024-05-10", "0", "1.5", ""]),
    st.booleans(),
    st.integers(-2, 20_000_000),
    st.decimals("0", "100", places=2).map(str),
    st.none(),
)


@given(code=st.sampled_from(sorted(ZJ.items)), value=VALUES)
def test_schema_and_code_agree_on_every_value(code, value):
    valid = SCHEMA.is_valid(RECORD | {"values": {code: value}, "details": {}})

    assert valid == (fault_of(ZJ.items[code], value) is None)


DECIMALS = st.decimals("-2000", "2000", places=3)


@given(bounds=st.tuples(DECIMALS, DECIMALS).map(sorted), number=DECIMALS)
def test_the_expression_of_a_range_holds_its_numbers_and_no_other(bounds, number):
    low, high = bounds
    pattern = re.compile(decimal_pattern(low, high))

    for each in (number, low, high, -number):
        assert bool(pattern.match(canonical_decimal(each))) == (low <= each <= high)
    for spelling in ("-0", "1.0", "01", "1.", ".5", "", "1e3"):
        assert not pattern.match(spelling)


DAYS = st.dates(date(1899, 1, 1), date(2101, 12, 31))


@given(bounds=st.tuples(DAYS, DAYS).map(sorted), day=DAYS)
def test_the_expression_of_a_span_holds_its_days_and_no_other(bounds, day):
    first, last = bounds
    pattern = re.compile(day_pattern(first, last))

    for each in (day, first, last):
        assert bool(pattern.match(each.isoformat())) == (first <= each <= last)


def test_days_ahead_are_refused_by_the_schema_of_a_day():
    ahead = RECORD | {"values": {"QM-02": "2026-11-24"}, "details": {}}
    asked = jsonschema.Draft202012Validator(record_schema(ZJ, on=date(2026, 11, 23)))

    assert SCHEMA.is_valid(ahead)
    assert not asked.is_valid(ahead)
    assert asked.is_valid(RECORD | {"values": {"QM-02": "2026-11-23"}, "details": {}})
