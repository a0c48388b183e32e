"""Many at once is the same as one by one, for every row and every number."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.domain import caps, facts, reasons
from evaluation.domain.facts import Facts
from evaluation.domain.frames import from_facts, from_table
from evaluation.domain.scorecard_documents import from_document
from evaluation.domain.scoring import evaluate, items_used
from evaluation.domain.scoring_frame import OUTCOMES, score_frame
from factors.domain.item_types import ItemType
from tests.evaluation.cards import ON, card, catalogue, document, facts_of, vectors

USED = sorted(items_used(card()))
CAP_TABLE = from_document(
    caps.alternative_card(document(), code="CAP", name_zh="额度表", name_en="Cap table")
)

days = st.dates(date(1990, 1, 1), date(2027, 3, 1))


def values(item):
    if item.type == ItemType.BOOLEAN:
        return st.booleans()
    if item.type == ItemType.COUNT:
        return st.integers(0, 12) if item.code != "QC-17" else st.integers(0, 3)
    if item.type == ItemType.NUMBER:
        return st.decimals(0, 100, places=2).map(str) | st.sampled_from(["1", "3", "5", "30"])
    if item.type == ItemType.DATE:
        return days.map(date.isoformat)
    return st.sampled_from([*item.by_code, "not_applicable"])


def fact(item):
    seen = st.builds(
        lambda value, status, flags, source: facts.disclosed(
            item, value=value, answer="ok", status=status, flags=flags, source=source
        ),
        values(item),
        st.sampled_from(["in_force", "in_force", "in_force", "expired", "lapsed"]),
        st.sampled_from([(), (), (), (), (), ("disputed",)]),
        st.sampled_from(["city", "enterprise"]),
    )
    unseen = st.sampled_from(["no_data", "not_shared", "not_authorised"]).map(
        lambda answer: facts.disclosed(item, value=None, answer=answer, status=None)
    )
    return seen | seen | seen | unseen


enterprises = st.builds(
    lambda established, known: Facts("-", established, known),
    st.none() | days,
    st.fixed_dictionaries({}, optional={c: fact(catalogue().items[c]) for c in USED}),
)


def assert_agrees(scorecard, many, on):
    found = score_frame(scorecard, from_facts(many, USED), on)
    for row, each in enumerate(many):
        one = evaluate(scorecard, each, on)
        grade = found.grades[found.grade[row]] if found.grade[row] >= 0 else None
        assert OUTCOMES[found.outcome[row]] == one.outcome
        assert (found.score[row] if found.score[row] >= 0 else None) == one.score
        assert grade == one.grade
        assert found.points[row].tolist() == [each.points for each in one.contributions]
        assert found.category_points[row].tolist() == list(one.category_points.values())
        assert found.codes(row) == reasons.codes(scorecard, one)


@settings(deadline=None, max_examples=150)
@given(st.lists(enterprises, min_size=1, max_size=12), st.integers(0, 400))
def test_a_frame_scores_as_its_rows_do(many, later):
    assert_agrees(card(), many, ON + timedelta(days=later))


@settings(deadline=None, max_examples=40)
@given(st.lists(enterprises, min_size=1, max_size=12))
def test_a_cap_table_too(many):
    assert_agrees(CAP_TABLE, many, ON)


def test_the_vectors_together_score_as_they_do_apart():
    found = score_frame(card(), from_facts([facts_of(v["record"]) for v in vectors()], USED), ON)

    assert found.score.tolist() == [v["expected"]["score"] for v in vectors()]


def test_a_table_of_typed_columns_scores_the_same():
    rows = [facts_of(vector["record"]) for vector in vectors()]
    table = pd.DataFrame(
        {
            code: [as_cell(row.get(code).value) for row in rows]
            for code in USED
            if any(row.get(code).value is not None for row in rows)
        }
    ).astype({"QC-08": "category"})
    table["established_on"] = pd.to_datetime(pd.Series([row.established_on for row in rows]))
    table["QM-02"] = pd.to_datetime(table["QM-02"])
    found = score_frame(card(), from_table(table, USED), ON)

    assert found.score.tolist() == [vector["expected"]["score"] for vector in vectors()]


def as_cell(value):
    return float(value) if isinstance(value, Decimal | int) and value is not True else value


def test_an_empty_frame_scores_to_nothing():
    found = score_frame(card(), from_facts([], USED), ON)

    assert found.score.shape == (0,)
    assert found.points.dtype == np.int16
