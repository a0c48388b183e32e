"""
One record, three ways in: the schema, an import and the entry form agree on every one.

Records are made from the list, most of their values sound and some broken in the ways in
which people and programs break them.
"""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from factors.domain import entry_form, workbook_template
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.record_schema import record_schema
from factors.domain.value_texts import is_empty
from factors.domain.values import canonical_decimal, fault_of
from tests.sharing import faulty

LIST = replace(faulty.catalogue(), rules=())
"""Rules between items are no matter of one value, and JSON Schema has no word for them."""

SCHEMA = jsonschema.Draft202012Validator(
    record_schema(LIST, on=faulty.TODAY),
    format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
)
ITEMS = {item.code: item for item in LIST.items.values() if item.in_workbook}
HEADERS = {item.code: workbook_template.header_of(item) for item in ITEMS.values()} | {
    f"{item.code}|{part}": workbook_template.detail_header(item, part)
    for item in ITEMS.values()
    for part in entry_form.DETAILS
}
HEADERS_BACK = {header: key for key, header in HEADERS.items()}
DAYS = st.dates(date(1949, 10, 1), faulty.TODAY + timedelta(days=4000))
TEXTS = st.text("质量甲乙ABC 12-（）", min_size=1, max_size=30)


def sound(item):
    """Return values that an item allows."""
    low, high = item.base_minimum, item.base_maximum
    if item.type.is_coded:
        found = st.sampled_from([value.code for value in item.values])
    elif item.type == ItemType.BOOLEAN:
        found = st.booleans()
    elif item.type == ItemType.COUNT:
        found = st.integers(int(low), int(high))
    elif item.type.is_numeric:
        found = st.decimals(low, high, places=2).map(canonical_decimal)
    elif item.type == ItemType.DATE:
        found = st.dates(low or date(1949, 10, 1), faulty.TODAY).map(date.isoformat)
    else:
        found = TEXTS.map(str.strip).filter(lambda text: text and text not in ("-", "--"))
    return found | st.just(NOT_APPLICABLE) if item.allows_not_applicable else found


def broken(item):
    """Return what may stand in the place of a value, much of it none."""
    numbers = st.integers(-5, 10**9) | st.decimals(-5, 10**6, places=2).map(canonical_decimal)
    words = st.sampled_from("是 GONE 不适用 2026-13-01 2026/11/2 1,000 50% 1e3 =1+1".split())
    words |= st.just(NOT_APPLICABLE)
    bounds = st.nothing()
    if item.type.is_numeric:
        step = Decimal(1) if item.type == ItemType.COUNT else item.unit_factor
        edges = [item.base_minimum - step, item.base_maximum + step, item.base_maximum]
        bounds = st.sampled_from([canonical_decimal(edge) for edge in edges])
    long = st.just("长" * (item.max_length + 1))
    labels = st.sampled_from([v.label_zh for v in item.values]) if item.values else st.nothing()
    return st.one_of(numbers, words, bounds, long, labels, DAYS.map(date.isoformat), TEXTS)


@st.composite
def records(draw):
    """Return item code to value, and the details of certificates."""
    codes = draw(st.lists(st.sampled_from(sorted(ITEMS)), min_size=1, max_size=8, unique=True))
    values, details = {}, {}
    for code in codes:
        item = ITEMS[code]
        values[code] = draw(st.one_of(sound(item), sound(item), broken(item)))
        if item.is_term and draw(st.booleans()):
            first = draw(DAYS)
            details[code] = {
                "valid_from": first.isoformat(),
                "valid_to": (first + timedelta(days=draw(st.integers(0, 2000)))).isoformat(),
                "evidence": draw(st.lists(st.sampled_from(["证书A", "B-2"]), min_size=1)),
            }
    return {"values": values, "details": details}


def by_form(record):
    return entry_form.read(LIST, entry_form.typed(LIST, record), today=faulty.TODAY)


def by_import(record):
    typed = entry_form.typed(LIST, record)
    header = ["统一社会信用代码", "企业名称", "行政区划代码", *(HEADERS[key] for key in typed)]
    return faulty.check_rows(
        header, [faulty.code(1), "杭州甲乙有限公司", "330113", *typed.values()], catalogue=LIST
    )


def canonical(record, read):
    """Return the record with what was read in the place of what was typed; "-" is nothing."""
    values = {
        code: value
        for code, value in record["values"].items()
        if not (isinstance(value, str) and is_empty(value.strip()))
    }
    values.update(read.values)
    return {"uscc": faulty.code(1), "values": values, "details": record["details"]}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(record=records())
@example(record={"values": {"QB-03": "-"}, "details": {}})
def test_schema_import_and_form_agree_on_every_record(record):
    read, checked = by_form(record), by_import(record)
    errors = {
        HEADERS_BACK[column]: code
        for column, code, severity in checked.findings[["column", "code", "severity"]].itertuples(
            index=False
        )
        if severity == "error"
    }

    assert read.faults == errors
    assert SCHEMA.is_valid(canonical(record, read)) == (not read.faults)
    if not read.faults:
        (accepted,) = checked.accepted.itertuples(index=False)
        assert json.loads(accepted.values_json) == read.values
        written = accepted.details_json
        assert (json.loads(written) if isinstance(written, str) else {}) == read.details


@pytest.mark.parametrize("code", sorted(ITEMS))
def test_what_is_typed_for_a_value_is_read_as_it(code):
    item = ITEMS[code]

    @settings(max_examples=20, deadline=None)
    @given(value=sound(item))
    def check(value):
        assert fault_of(item, value) is None
        text = entry_form.stated(item, value)
        assert entry_form.read_value(item, text, today=faulty.TODAY) == (value, "")

    check()
