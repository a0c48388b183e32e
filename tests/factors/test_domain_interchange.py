"""A list that is written to a file and read again is the same list, in all four forms."""

import csv
import io
import json
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factors.domain import interchange
from factors.domain.document_form import EVIDENCE, ITEM, RULE, VALUE, Form
from factors.domain.interchange import read, write
from factors.domain.interchange_tables import from_tables, to_tables
from factors.domain.item_types import Severity
from qfce.kernel.canonical import canonical, digest
from tests.factors import lists

FORMS = list(interchange.Form)
# Everything that a text may hold, the awkward first: what bends in one of the forms.
AWKWARD = [
    "NO", "yes", "null", "~", "1e3", "007", "1.0", "=1+1", "'", "'=x", "#list", "# 清单 list", "|",
    "\\", "a|b\\c", "\\e", "｜", " 前后 ", "\n", "a\nb", "\r\n", "\t", "_x0041_", "2024-05-10",
    "- a", "a: b", "{", "是", "“引号”", '"', ",", ";", "&x", "*x", "!t", "%", "\u2028", "\ufeff",
    "𠮷", "[]", "true",
]  # fmt: skip
TEXTS = st.sampled_from(AWKWARD) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), max_size=12
)
DOCUMENT = lists.document()
SMALL = lists.small(items=("QC-01", "QC-05", "QC-18", "QM-02", "QM-04", "QB-02", "QF-17", "QF-20"))


SIMPLE = {
    Form.TEXT: TEXTS,
    Form.TEXTS: st.lists(TEXTS, max_size=4),
    Form.FLAG: st.booleans(),
    Form.WHOLE: st.integers(-10, 10**6),
    Form.DECIMAL: st.sampled_from(["0", "1.50", "-3", "100000000"]),
    Form.BOUND: st.sampled_from(["0", "0.0001", "-3.20"]),
    Form.DAY: st.dates().map(lambda day: day.isoformat()),
    Form.CONDITION: st.builds(
        lambda item, value: {"all": [{"item": item, "equals": value}]},
        TEXTS,
        TEXTS | st.booleans() | st.integers(-5, 5) | st.floats(-1e6, 1e6),
    ),
}


def sample(member):
    """Return values of a member's form."""
    words = st.sampled_from([word.value for word in member.words or Severity])
    if member.form in (Form.WORD, Form.WORDS):
        found = words if member.form == Form.WORD else st.lists(words, max_size=4)
    elif member.form in (Form.RECORD, Form.RECORDS):
        found = records(member.members)
        found = st.lists(found, max_size=3) if member.form == Form.RECORDS else found
    else:
        found = SIMPLE[member.form]
    return st.none() | found if member.may_be_null else found


def records(members):
    return st.fixed_dictionaries({name: sample(member) for name, member in members.items()})


@st.composite
def documents(draw):
    """Return the list with some of its items, values and rules changed in every member."""
    document = deepcopy(SMALL)
    document["version"] = draw(st.integers(0, 999))
    document["name_zh"], document["name_en"] = draw(TEXTS), draw(TEXTS)
    document["effective_from"] = draw(st.none() | st.dates().map(lambda day: day.isoformat()))
    for _ in range(draw(st.integers(1, 4))):
        item = document["items"][draw(st.integers(0, 7))]
        for name in draw(st.lists(st.sampled_from(sorted(set(ITEM) - {"code"})), max_size=6)):
            item[name] = draw(sample(ITEM[name]))
    document["items"][draw(st.integers(0, 7))]["values"] = draw(
        st.lists(records(VALUE), max_size=4)
    )
    document["items"][draw(st.integers(0, 7))]["evidences"] = draw(
        st.lists(records(EVIDENCE), max_size=4)
    )
    for section in ("rules", "report_rules"):
        document[section] = draw(st.lists(records(RULE), max_size=3))
    return document


@pytest.mark.parametrize("form", FORMS)
def test_the_ninety_items_come_back_the_same(form):
    found = read(write(DOCUMENT, form), form)

    assert found.problems == []
    assert digest(found.document) == digest(DOCUMENT)


@pytest.mark.parametrize("form", FORMS)
def test_a_version_with_a_migration_comes_back_the_same(form):
    second = lists.second()
    found = read(write(second, form), form)

    assert canonical(found.document) == canonical(second)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents())
def test_any_list_comes_back_the_same(form, document):
    assert digest(interchange._read(write(document, form), form).document) == digest(document)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents())
def test_tables_lose_nothing(document):
    found = from_tables(to_tables(document))

    assert found.problems == []
    assert canonical(found.document) == canonical(document)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_list_gives_the_same_bytes(form):
    assert write(DOCUMENT, form) == write(deepcopy(DOCUMENT), form)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_ninety_items_with_three_faults_names_the_three(form):
    document = lists.document()
    lists.item(document, "QC-05")["maximum"] = "-1"
    lists.item(document, "QF-17")["values"] = []
    lists.item(document, "QI-03")["kind"] = "ladder"

    found = read(write(document, form), form)

    assert sorted((fault.code, fault.pointer.split("/")[-1]) for fault in found.problems) == [
        ("bounds_reversed", "minimum"),
        ("no_values", "values"),
        ("unknown_word", "kind"),
    ]
    if form in (interchange.Form.XLSX, interchange.Form.CSV):
        places = [found.place_of(fault.pointer) for fault in found.problems]
        assert {(place.sheet, place.row, place.column) for place in places} == {
            ("信息项 items", 6, "最小值 minimum"),
            ("信息项 items", 2 + [i["code"] for i in document["items"]].index("QF-17"), ""),
            (
                "信息项 items",
                2 + [i["code"] for i in document["items"]].index("QI-03"),
                "性质 kind",
            ),
        }


def edited(table, change):
    tables = to_tables(lists.document())
    change(tables[table])
    return from_tables(tables)


def codes(found):
    return [(fault.code, fault.facts.get("column") or fault.facts.get("given"))
            for fault in found.problems]  # fmt: skip


def test_columns_may_stand_in_another_order_and_be_called_by_their_chinese_name():
    def turned(rows):
        rows[0] = [head.split()[0] for head in rows[0]]
        rows[:] = [row[::-1] for row in rows]

    found = edited("values", turned)
    assert found.problems == []
    assert digest(found.document) == digest(DOCUMENT)


def test_what_is_wrong_with_the_tables_is_said():
    assert codes(edited("values", lambda rows: rows[0].__setitem__(2, "颜色"))) == [
        ("column_unknown", "颜色"),
        ("column_missing", "中文标签 label_zh"),
    ]
    assert codes(edited("values", lambda rows: rows.append(["QX-1", "A", "甲", "A", "", ""]))) == [
        ("no_such_row", "QX-1")
    ]
    assert codes(edited("rules", lambda rows: rows[1].__setitem__(0, "别处"))) == [
        ("entry_unknown", "别处")
    ]
    bad = edited("rules", lambda rows: rows[1].__setitem__(4, "{"))
    assert [(fault.code, fault.pointer) for fault in bad.problems] == [
        ("no_condition", "/rules/0/when")
    ]
    assert codes(edited("owners", lambda rows: rows.clear())) == [("sheet_missing", None)]


def test_words_are_read_in_either_language_and_as_codes():
    def spelt(rows):
        kind = rows[0].index("性质 kind")
        rows[1][kind], rows[2][kind], rows[3][kind] = "Record", "record", "记录"

    assert digest(edited("items", spelt).document) == digest(DOCUMENT)


def test_csv_carries_no_formula_into_a_spreadsheet():
    document = lists.document()
    document["name_en"] = '=HYPERLINK("http://x")'
    text = write(document, interchange.Form.CSV).decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert '\'=HYPERLINK("http://x")' in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


@pytest.mark.parametrize(
    ("form", "file", "code"),
    [
        ("yaml", b"a: &x [1]\nb: *x", "alias_used"),
        ("yaml", b"items: []\nitems: []", "key_twice"),
        ("yaml", b"a: !!python/object/apply:os.system [ls]", "file_unreadable"),
        ("yaml", b"a: [", "file_unreadable"),
        ("yaml", b"? [a]\n: 1", "key_twice"),
        ("yaml", b"a: " + b"[" * 3000, "file_unreadable"),
        ("yaml", b"- 1", "file_unreadable"),
        ("json", b'{"items": [], "items": []}', "key_twice"),
        ("json", b'{"items": NaN}', "file_unreadable"),
        ("json", b"[" * 100_000, "file_unreadable"),
        ("json", b"\xff\xfe", "file_unreadable"),
        ("json", b"[]", "file_unreadable"),
        ("json", b" " * (10 * 1024 * 1024 + 1), "file_too_large"),
        ("xlsx", b"no workbook", "file_unreadable"),
        ("csv", b'"open', "file_unreadable"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(form, file, code):
    found = read(file, interchange.Form(form))

    assert [fault.code for fault in found.problems] == [code]
    assert found.problems[0].said("zh")
    assert found.problems[0].said("en")


def test_codes_and_days_stay_texts_in_yaml():
    text = "items: []\ncode: NO\nregion: 330000x\neffective_from: 2024-05-10\nname_en: on"
    document = interchange._read(text.encode(), interchange.Form.YAML).document

    assert document["code"] == "NO"
    assert document["effective_from"] == "2024-05-10"
    assert document["name_en"] == "on"


def test_json_is_the_document_itself():
    assert json.loads(write(DOCUMENT, interchange.Form.JSON)) == DOCUMENT
