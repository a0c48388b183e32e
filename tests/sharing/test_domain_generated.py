"""
Files by chance, held against the rules of imports: nothing missed, nothing invented.

QFCE_IMPORT_SEED is the first seed and QFCE_IMPORT_FILES how many files are made from there on.
"""

import json
import os
from collections import Counter

import pytest

from sharing.domain.findings import SEVERITIES
from sharing.domain.unreadable import UnreadableFile
from tests.sharing import generated_long, generated_refusals
from tests.sharing.faulty import check
from tests.sharing.generated import generate
from tests.sharing.other_ways import in_another_way

FIRST = int(os.environ.get("QFCE_IMPORT_SEED", "1"))
FILES = int(os.environ.get("QFCE_IMPORT_FILES", "60"))


def findings_of(checked):
    table = checked.findings[["row", "column", "code", "severity"]].astype(object)
    found = Counter()
    for row, column, code, severity in table.itertuples(index=False):
        assert severity == SEVERITIES[code]
        found[
            None if str(row) == "<NA>" else int(row),
            None if str(column) == "<NA>" else str(column),
            str(code),
        ] += 1
    return found


@pytest.mark.parametrize("seed", range(FIRST, FIRST + FILES))
def test_what_is_found_and_stored_is_what_the_rules_say(seed):
    made = generate(seed)
    raw, name = made.file.write(made.format)
    checked = check(in_another_way(seed, raw, made.format), name, **made.around)
    found, expected = findings_of(checked), made.expected
    said = f"seed {seed}, {made.format}"
    assert not (missed := expected.findings - found), f"{said}: missed {dict(missed)}"
    assert not (invented := found - expected.findings), f"{said}: invented {dict(invented)}"
    assert checked.rows.total == expected.total, said
    assert checked.rows.invalid == len(expected.invalid), said
    assert checked.faulty_rows["row"].tolist() == sorted(expected.invalid), said
    stored = {}
    for entry in checked.accepted.astype(object).to_dict(orient="records"):
        row = int(entry.pop("row"))
        stored[row] = {
            key: value
            for key, value in entry.items()
            if isinstance(value, str) and not key.endswith("_json") and key != "cleared"
        }
        ended = entry["cleared"]
        gone = set(json.loads(ended)) if isinstance(ended, str) else set()
        assert gone == expected.cleared[row], f"{said}, row {row}"
    assert stored == expected.rows, said


@pytest.mark.parametrize("seed", range(FIRST, FIRST + FILES))
def test_records_one_a_row_are_judged_alone_and_together(seed):
    made = generated_long.LongMaker(seed)
    file = made.make()
    raw, name = file.file.write(file.format)
    checked = check(in_another_way(seed, raw, file.format), name, **file.around)
    found, expected = findings_of(checked), file.expected
    said = f"seed {seed}, {file.format}"
    assert checked.layout == "long", said
    assert not (missed := expected.findings - found), f"{said}: missed {dict(missed)}"
    assert not (invented := found - expected.findings), f"{said}: invented {dict(invented)}"
    assert checked.rows.total == expected.total, said
    assert checked.faulty_rows["row"].tolist() == sorted(expected.invalid), said
    entered = {}
    for entry in checked.accepted.astype(object).to_dict(orient="records"):
        values = json.loads(entry["values_json"])
        ended = json.loads(entry["cleared"]) if isinstance(entry["cleared"], str) else []
        entered[entry["uscc"]] = set(values) | {key for key in ended if "|" not in key}
        for item, allowed in made.entered[entry["uscc"]].items():
            stored = None if item in ended else str(entry[item])
            assert stored in allowed, f"{said}: {item} of {entry['uscc']}"
    assert entered == {uscc: set(values) for uscc, values in made.entered.items()}, said


@pytest.mark.parametrize("seed", range(FIRST, FIRST + FILES))
def test_what_cannot_be_read_at_all_is_refused_with_its_reason(seed):
    raw, name, reason = generated_refusals.refused(seed)
    with pytest.raises(UnreadableFile) as refused:
        check(raw, name)
    assert refused.value.code == reason, f"seed {seed}, {name}"


@pytest.mark.parametrize("seed", range(FIRST, FIRST + max(FILES // 3, 1)))
def test_a_header_that_leaves_a_doubt_keeps_the_whole_file_out(seed):
    made, place, text = generated_refusals.with_faulty_header(seed)
    raw, name = made.write(generated_refusals.format_of(seed))
    checked = check(raw, name)
    code = "missing_column" if text is None else "duplicate_column"
    assert (made.header_row, text, code) in findings_of(checked), f"seed {seed}: {place}"
    assert (checked.rows.valid, checked.rows.invalid) == (0, len(made.rows)), f"seed {seed}"
