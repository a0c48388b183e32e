"""Columns out of the database: every text comes back as it stands there."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from qfce.kernel import copying

TEXTS = ["", None, "\\N", "\\", "\t", "\n", "\r\n", '"', '""', ",", "甲乙", " x ", "\x1e", "NULL"]
VALUES = "SELECT a, b FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY u (a, b, n) ORDER BY n"


def columns(first, second, **known):
    with connection.cursor() as cursor:
        return list(copying.pieces(cursor, VALUES, [first, second], ["a", "b"], **known))


def test_what_is_null_and_what_is_empty_are_told_apart(db):
    with connection.cursor() as cursor:
        table = copying.columns(cursor, VALUES, [TEXTS, TEXTS[::-1]], ["a", "b"])
    assert table.to_pydict() == {"a": TEXTS, "b": TEXTS[::-1]}
    assert [str(kind) for kind in table.schema.types] == ["string", "string"]


def test_nothing_found_has_its_columns(db):
    with connection.cursor() as cursor:
        table = copying.columns(cursor, VALUES, [[], []], ["a", "b"])
    assert (table.column_names, len(table)) == (["a", "b"], 0)


def test_a_single_column_keeps_its_nulls(db):
    with connection.cursor() as cursor:
        query = "SELECT a FROM unnest(%s::text[]) WITH ORDINALITY u (a, n) ORDER BY n"
        table = copying.columns(cursor, query, [["x", None, "", None]], ["a"])
    assert table["a"].to_pylist() == ["x", None, "", None]


@pytest.mark.parametrize("bytes_at_once", [1, 9, 10_000])
def test_pieces_follow_one_another(db, bytes_at_once):
    found = columns(TEXTS * 3, TEXTS * 3, bytes_at_once=bytes_at_once)
    assert [text for piece in found for text in piece["a"].to_pylist()] == TEXTS * 3
    assert (len(found) == 1) == (bytes_at_once == 10_000)


def test_any_text_comes_back(db):
    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    pairs = st.lists(st.tuples(st.none() | text, st.none() | text))

    @settings(max_examples=100)
    @given(pairs)
    def holds(rows):
        first, second = [a for a, _ in rows], [b for _, b in rows]
        found = columns(first, second, bytes_at_once=64)
        assert [a for piece in found for a in piece["a"].to_pylist()] == first
        assert [b for piece in found for b in piece["b"].to_pylist()] == second

    holds()
