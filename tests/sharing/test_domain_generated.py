"""
Files by chance, held against the rules of imports: nothing missed, nothing invented.

QFCE_IMPORT_SEED is the first seed and QFCE_IMPORT_FILES how many files are made from there on.
"""

import json
import os
from collections import Counter

import pytest

from sharing.domain.findings import SEVERITIES
from tests.sharing.faulty import check
from tests.sharing.generated import generate

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
    checked = check(*made.file.write(made.format), **made.around)
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
