"""The three files of the kind that arrives, as they are and saved again in other formats."""

import json

import pytest
import python_calamine

from tests.sharing.faulty import FORMATS, VECTORS, ListFile, check, found

CLEAN = VECTORS / "hangzhou-2026-batch-1.xlsx"
FAULTY = VECTORS / "hangzhou-with-faults.xlsx"
NINGBO = VECTORS / "ningbo-2026-batch-1-gb18030.csv"


def promised() -> set[tuple[int | None, str | None, str]]:
    key = json.loads((VECTORS / "hangzhou-with-faults.xlsx.key.json").read_text())
    findings = {(entry["row"], entry["column"], entry["code"]) for entry in key["findings"]}
    return findings | {(3, "QI-11 研发投入强度", "consent_missing")}


def lines_of(path):
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [list(row) if any(cell != "" for cell in row) else [] for row in rows]


def test_the_clean_workbook_has_a_note_and_a_consent_to_ask_for():
    checked = check(CLEAN)
    assert (checked.rows.total, checked.rows.valid, checked.rows.invalid) == (300, 300, 0)
    assert found(checked) == {
        (3, "研发投入强度", "consent_missing"),
        (305, None, "ignored_row"),
    }
    consent = checked.findings[checked.findings["code"] == "consent_missing"].iloc[0]
    assert json.loads(consent["params"])["count"] == 300


def test_the_faulty_workbook_has_what_its_key_says_and_no_more():
    checked = check(FAULTY)
    assert found(checked) == promised()
    assert checked.rows.total == 240
    assert len(checked.faulty_rows) == checked.rows.invalid
    assert len(checked.accepted) == checked.rows.valid


def test_the_gb18030_text_is_clean():
    checked = check(NINGBO, jurisdiction=("330200", "330299"))
    assert checked.rows.valid == 200
    assert found(checked) == {(1, "研发投入强度", "consent_missing")}


@pytest.mark.parametrize("format_", FORMATS)
def test_the_faulty_list_says_the_same_in_every_format(format_):
    lines = lines_of(FAULTY)
    file = ListFile([str(text) for text in lines[2]], lines[3:], above=lines[:2])
    assert found(check(*file.write(format_))) == promised()
