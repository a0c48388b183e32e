"""Checking the identity columns of a file: codes, names and regions of the enterprises."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sharing.domain import uscc
from sharing.domain.columns import Field, Vocabulary
from sharing.domain.findings import FindingTable
from sharing.domain.grid import Column, Grid
from sharing.domain.normalization import Mask, mask
from sharing.domain.regions import RegionTable
from sharing.domain.values import CLEARED, EMPTY, GIVEN


def check_codes(
    grid: Grid, findings: FindingTable, *, pending: set[str] | None, one_row: bool
) -> None:
    """
    Check the column of credit codes beside what its texts say.

    :param one_row: whether an enterprise may have one row only, as in the wide layout.
    """
    column = grid.columns[Field("uscc")]
    column.report_parsed(findings)
    formed = column.state == GIVEN
    fits = np.ones(len(column.cells.texts), dtype=np.bool_)
    known = mask(column.parsed.canonical.is_valid())
    fits[known] = uscc.check_characters_fit(column.parsed.canonical.filter(pa.array(known)))
    column.report(findings, "uscc_check_digit", formed & ~column.cells.spread(fits))
    codes = column.canonical()
    if pending:
        named = mask(pc.is_in(plain(codes), pa.array(sorted(pending), pa.string())))
        column.report(findings, "pending_elsewhere", formed & named)
    if one_row:
        _check_repeated(column, codes, formed, findings)


def _check_repeated(column: Column, codes: pa.Array, formed: Mask, findings: FindingTable) -> None:
    places, _ = pd.factorize(plain(codes).to_numpy(zero_copy_only=False), use_na_sentinel=True)
    repeated = np.asarray(pd.Series(places).duplicated(keep="first")) & formed
    if not repeated.any():
        return
    first = np.full(int(places.max()) + 1, -1, dtype=np.int64)
    rows = np.flatnonzero(formed)[::-1]
    first[places[rows]] = column.numbers[rows]
    each: list[Mapping[str, object]] = [
        {"first_row": int(row)} for row in first[places[np.flatnonzero(repeated)]]
    ]
    column.fail(findings, "duplicate_uscc", repeated, each=each)


def check_required(
    grid: Grid,
    findings: FindingTable,
    *,
    vocabulary: Vocabulary,
    known: Mask,
    excused: frozenset[Field],
) -> Mask:
    """
    Check that code, name and region are there, the last two where the register lacks them.

    :param known: where the register knows the enterprise.
    :param excused: fields that are in the file but cannot be read.
    :returns: the rows that lack a field for which the file has no column.
    """
    lacking = np.zeros(len(grid), dtype=np.bool_)
    absent: list[Field] = []
    for subject in ("uscc", "name", "region"):
        field = Field(subject)
        needed = ~known if subject != "uscc" else np.ones(len(grid), dtype=np.bool_)
        column = grid.columns.get(field)
        names = _names(vocabulary, [field])
        if column is not None:
            ended = column.state == CLEARED  # what must be there cannot be ended
            column.fail(
                findings, "required", ((column.state == EMPTY) & needed) | ended, params=names
            )
        elif field not in excused:
            absent.append(field)
            lacking |= needed
    if lacking.any():
        rows = grid.numbers[np.flatnonzero(lacking)]
        findings.add("required", rows=rows, column=None, params=_names(vocabulary, absent))
    return lacking


def check_names(grid: Grid, findings: FindingTable, registered: pa.Array) -> None:
    """Compare names with the register's, after NFKC and without blanks."""
    column = grid.get("name")
    if column is None or registered.null_count == len(registered):
        return
    ours = plain(column.canonical())
    differs = mask(pc.not_equal(ours, registered))
    places = pa.array(np.flatnonzero(differs))  # to compare as people do takes long, so few
    alike = mask(pc.equal(_name_key(ours.take(places)), _name_key(registered.take(places))))
    differs[np.flatnonzero(differs)[alike]] = False
    each: list[Mapping[str, object]] = [
        {"registered": name.as_py()} for name in registered.filter(pa.array(differs))
    ]
    column.report(
        findings,
        "name_mismatch",
        differs,
        each=each,
        suggestions=registered.filter(pa.array(differs)),
    )


def places_in(known: pa.Array, codes: pa.Array) -> pa.Array:
    """
    Return the place of each code among those known, null where it is not.

    A list that comes again as it was is told without looking for each code.
    """
    if codes.equals(known):
        return pa.array(np.arange(len(codes)))
    return pc.index_in(codes, value_set=known)


def _name_key(names: pa.Array) -> pa.Array:
    folded = pc.utf8_lower(pc.utf8_normalize(names, form="NFKC"))
    return pc.replace_substring_regex(folded, r"[\s\p{Cc}\p{Cf}]+", "")


def _names(vocabulary: Vocabulary, fields: list[Field]) -> dict[str, object]:
    return {
        "field_zh": "、".join(vocabulary.name(field, "zh") for field in fields),
        "field_en": ", ".join(vocabulary.name(field, "en") for field in fields),
    }


def check_regions(grid: Grid, findings: FindingTable, table: RegionTable) -> None:
    """Report what was wrong with regions, and those that were merged or renamed."""
    column = grid.get("region")
    if column is None:
        return
    column.report_parsed(findings)
    lineage = column.parsed.lineage
    if not lineage:
        return
    shown = {found: "; ".join(map(table.label, found)) for found in set(lineage.values())}
    texts: list[str | None] = [None] * len(column.cells.texts)
    for place, successors in lineage.items():
        texts[place] = shown[successors]
    suggested = pa.array(texts, pa.string())
    where = column.cells.spread(mask(suggested.is_valid()))
    suggestions = column.cells.at(np.flatnonzero(where), suggested)
    column.report(
        findings,
        "region_superseded",
        where,
        each=[{"successor": text.partition("; ")[0]} for text in suggestions.to_pylist()],
        suggestions=suggestions,
    )


def plain(texts: pa.Array) -> pa.Array:
    """Return a column of texts without a dictionary."""
    return texts.dictionary_decode() if isinstance(texts, pa.DictionaryArray) else texts
