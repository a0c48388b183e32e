"""What a column may be that is not known: by its header, and by what stands in it."""

import pytest

from sharing.domain import uscc
from sharing.domain.column_facts import ColumnFacts
from sharing.domain.column_proposals import propose
from sharing.domain.columns import Vocabulary
from tests.sharing.faulty import catalogue


def proposed(header, *samples):
    return propose(ColumnFacts(header, "", samples, 1.0), Vocabulary(catalogue()))


def test_a_header_that_is_nearly_known_is_proposed_first():
    first = proposed("质量管理体系认证情况", "VALID", "NONE")[0]
    assert first.field == "QF-17"
    assert first.confidence > 0.6


def test_codes_are_known_by_what_they_are_whatever_the_header_says():
    code = uscc.with_check_character("91330110MA2000001")
    first = proposed("企业编号", code, code.lower())[0]
    assert (first.field, first.confidence >= 0.9) == ("uscc", True)


@pytest.mark.parametrize("code", ["QC-05", "QF-17", "QM-02"])
def test_what_stands_in_a_column_speaks_for_a_field_or_against_it(code):
    item = catalogue().items[code]
    fitting = {"QC-05": "3", "QF-17": "VALID", "QM-02": "2024-05-10"}[code]
    near = item.name_zh + "情况"
    for_it = {p.field: p.confidence for p in proposed(near, fitting)}
    against = {p.field: p.confidence for p in proposed(near, "全无此事")}
    assert for_it[code] > against.get(code, 0)


def test_nothing_is_proposed_where_nothing_is_near():
    assert proposed("@@@@", "abc") == ()
