"""Text files that trip a reader: marks left open, uneven records, characters nobody sees."""

import pytest

from sharing.domain import reading_text
from sharing.domain.unreadable import UnreadableFile
from tests.sharing.faulty import MORE_FORMATS, ListFile, check, code, found
from tests.sharing.test_domain_reading import HEADER, row

opened = reading_text._open
CONTROLS = "\x00\x01\x08\x0b\x0c\x0e\x1e\x1f\x7f"
INVISIBLE = "\u200b\ufeff\u202a\u00ad\ufffe"


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize(("delimiter", "name"), [(",", "a.csv"), (";", "a.csv"), ("\t", "a.txt")])
def test_a_mark_left_open_in_the_last_row_but_one_swallows_nothing(delimiter, name, end):
    lines = [delimiter.join(map(str, [*row(n), "李工"])) for n in range(1, 5)]
    lines[2] = lines[2].replace("李工", '"张工')
    raw = "\n".join([delimiter.join([*HEADER, "QM-04"]), *lines]) + end
    with pytest.raises(UnreadableFile) as refused:
        check(raw.encode(), name)
    assert refused.value.code == "file_damaged"


def test_rows_that_gain_a_comma_halfway_are_read_together(monkeypatch):
    """One after the other, 200,000 of them took ten times as long as without the commas."""
    reads = []
    monkeypatch.setattr(reading_text, "_open", lambda *how: reads.append(how[2]) or opened(*how))
    lines = [",".join(map(str, row(n))) + ",," * (n > 300) for n in range(2_000)]
    lines[-1] += "多"
    checked = check("\n".join([",".join(HEADER), *lines]).encode(), "a.csv")
    assert reads == [4, 6]
    assert checked.accepted["row"].tolist() == list(range(2, 2_002))
    assert found(checked) == {(1, "", "unknown_column")}


def test_uneven_records_keep_their_places_and_their_last_cells():
    lines = [",".join(map(str, [*row(n), *["x"] * (n % 4), ""])) for n in range(40)]
    lines[7] = f'{code(7)},"甲\n厂",330113,"也许",a,b,"c\n\nd"'
    checked = check("\n".join([",".join(HEADER), *lines]).encode(), "a.csv")
    assert found(checked, "unknown_column") == {(9, "QM-03", "not_boolean")}
    assert checked.faulty_rows.iloc[0].tolist()[1:] == [
        code(7), "甲\n厂", "330113", "也许", "a", "b", "c\n\nd",
    ]  # fmt: skip


def test_no_list_has_more_columns_than_a_sheet():
    raw = ",".join(HEADER) + "\n" + ",".join(map(str, row(1))) + "," * 20_000 + "x"
    with pytest.raises(UnreadableFile) as refused:
        check(raw.encode(), "a.csv")
    assert refused.value.code == "file_damaged"


def test_a_record_may_be_longer_than_what_is_read_at_once():
    long = "长" * 700_000
    file = ListFile([*HEADER, "备注"], [[*row(1), long], [*row(2), ""]])
    checked = check(*file.write("csv"))
    assert checked.rows.valid == 2


@pytest.mark.parametrize("format_", [f for f in MORE_FORMATS if f not in ("xlsx", "xlsm", "ods")])
def test_what_nobody_sees_is_neither_stored_nor_kept(format_):
    seen = CONTROLS if format_ in ("xls", "et") else CONTROLS[1:]  # a NUL: no text at all
    dressed = [f"{seen}{cell}{seen}" for cell in (code(1), "甲厂", "330113", "是", "张工")]
    header = [*HEADER[:3], f"QM-03{seen}", "QM-04", f"备{seen}注"]
    file = ListFile(header, [[*dressed, seen], [*row(2, f"也{seen}许"), "", seen]])
    checked = check(*file.write(format_))
    stored = checked.accepted.iloc[0]
    assert [stored[key] for key in ("uscc", "name", "QM-03", "QM-04")] == [
        code(1), "甲厂", "true", "张工",
    ]  # fmt: skip
    assert stored["values_json"] == '{"QM-03":true,"QM-04":"张工"}'
    assert (1, "备注", "unknown_column") in found(checked)
    assert checked.faulty_rows["QM-03"].tolist() == ["也许"]
    assert checked.findings["value"].dropna().str.contains(f"[{CONTROLS[1:]}]").sum() == 0


@pytest.mark.parametrize("character", INVISIBLE)
def test_a_code_is_the_same_for_whoever_reads_it(character):
    """Also the note rule: a row with nothing but its code is an enterprise's."""
    file = ListFile(HEADER, [row(1), [f"{code(2)[:4]}{character}{code(2)[4:]}"]])
    assert found(check(*file.write("csv"))) == {
        (3, "企业名称", "required"),
        (3, "行政区划代码", "required"),
    }
