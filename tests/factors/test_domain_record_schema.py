"""The schema accepts what is canonical and refuses what is not, like `fault_of`."""

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.domain.record_schema import record_schema
from factors.domain.values import fault_of
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
# What JSON Schema cannot say: the bounds of decimal strings and of dates.
UNSAID = {"out_of_range"}


@given(code=st.sampled_from(sorted(ZJ.items)), value=VALUES)
def test_schema_and_code_agree_on_every_value(code, value):
    item = ZJ.items[code]
    fault = fault_of(item, value)
    valid = SCHEMA.is_valid(RECORD | {"values": {code: value}, "details": {}})

    if fault in UNSAID and item.type.value != "count":
        assert valid
    else:
        assert valid == (fault is None)
