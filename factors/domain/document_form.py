"""
The form of a list's document, member by member.

The only place that says which members an item, a value or a rule has and of what kind each
is. Whoever writes lists in another way (sheets, forms) reads and writes by these tables.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from factors.domain import item_types
from factors.domain.problem_texts import Problem


class Form(StrEnum):
    """What kind of member it is, as JSON says it."""

    TEXT = "text"
    FLAG = "flag"
    WHOLE = "whole"
    DECIMAL = "decimal"  # a string
    BOUND = "bound"  # a decimal, or a day for items of type date
    DAY = "day"  # a string
    WORD = "word"  # one of a vocabulary
    TEXTS = "texts"
    WORDS = "words"
    CONDITION = "condition"
    RECORD = "record"
    RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its kind, its vocabulary or its own members, and whether it may be null."""

    form: Form
    words: type[StrEnum] | None = None
    members: "Members | None" = None
    may_be_null: bool = False


Members = Mapping[str, Member]

TEXT, FLAG, WHOLE, TEXTS = (Member(form) for form in (Form.TEXT, Form.FLAG, Form.WHOLE, Form.TEXTS))
DECIMAL, CONDITION = Member(Form.DECIMAL), Member(Form.CONDITION)
BOUND = Member(Form.BOUND, may_be_null=True)
DAY_OR_NULL = Member(Form.DAY, may_be_null=True)
WHOLE_OR_NULL = Member(Form.WHOLE, may_be_null=True)


def word(words: type[StrEnum]) -> Member:
    return Member(Form.WORD, words)


def records(members: Members) -> Member:
    return Member(Form.RECORDS, members=members)


CATEGORY: Members = {"code": TEXT, "name_zh": TEXT, "name_en": TEXT}
VALUE: Members = {
    "code": TEXT,
    "label_zh": TEXT,
    "label_en": TEXT,
    "rank": WHOLE_OR_NULL,
    "aliases": TEXTS,
}
EVIDENCE: Members = {"name_zh": TEXT, "name_en": TEXT, "required": FLAG}
OWNER: Members = {"level": word(item_types.Source), "agency_zh": TEXT, "agency_en": TEXT}
CITATION: Members = {
    "source_zh": TEXT,
    "source_en": TEXT,
    "dated": DAY_OR_NULL,
    "confidence": word(item_types.Confidence),
}
GATE: Members = {"outcome": word(item_types.GateOutcome), "when": CONDITION}
ITEM: Members = {
    "code": TEXT,
    "category": TEXT,
    "extension": word(item_types.Extension),
    "core_item": TEXT,
    "kind": word(item_types.Kind),
    "name_zh": TEXT,
    "name_en": TEXT,
    "former_names": TEXTS,
    "type": word(item_types.ItemType),
    "unit_zh": TEXT,
    "unit_en": TEXT,
    "unit_factor": DECIMAL,
    "minimum": BOUND,
    "maximum": BOUND,
    "no_future": FLAG,
    "decimals": WHOLE,
    "max_length": WHOLE,
    "validity_kind": word(item_types.ValidityKind),
    "validity_months": WHOLE_OR_NULL,
    "max_age_days": WHOLE,
    "empty_means": word(item_types.EmptyMeans),
    "allows_not_applicable": FLAG,
    "values": records(VALUE),
    "polarity": word(item_types.Polarity),
    "evidences": records(EVIDENCE),
    "issuing_authority_zh": TEXT,
    "issuing_authority_en": TEXT,
    "source_system_zh": TEXT,
    "source_system_en": TEXT,
    "update_frequency": word(item_types.UpdateFrequency),
    "collected_by_level": word(item_types.Source),
    "source_order": Member(Form.WORDS, item_types.Source),
    "owners": records(OWNER),
    "publication_zh": TEXT,
    "publication_en": TEXT,
    "repair_zh": TEXT,
    "repair_en": TEXT,
    "sensitivity": word(item_types.Sensitivity),
    "consent_required": FLAG,
    "consent_when_zh": TEXT,
    "consent_when": TEXT,
    "bank_default": word(item_types.BankDefault),
    "suggested_gate": Member(Form.RECORD, members=GATE, may_be_null=True),
    "in_workbook": FLAG,
    "implausible_jump": FLAG,
    "fill_zh": TEXT,
    "fill_en": TEXT,
    "bank_zh": TEXT,
    "bank_en": TEXT,
    "description_zh": TEXT,
    "description_en": TEXT,
    "citations": records(CITATION),
}
RULE: Members = {
    "code": TEXT,
    "severity": word(item_types.Severity),
    "yields": TEXT,
    "when": CONDITION,
    "message_zh": TEXT,
    "message_en": TEXT,
    "for_each": TEXTS,
    "only_if_column": TEXT,
}
LIST: Members = {
    "code": TEXT,
    "version": WHOLE,
    "name_zh": TEXT,
    "name_en": TEXT,
    "region": TEXT,
    "effective_from": DAY_OR_NULL,
    "categories": records(CATEGORY),
    "items": records(ITEM),
    "rules": records(RULE),
    "report_rules": records(RULE),
}

EXPECTED = {
    Form.TEXT: ("文字", "a text"),
    Form.FLAG: ("是或否", "true or false"),
    Form.WHOLE: ("整数", "a whole number"),
    Form.DECIMAL: ("数字", "a number, written as a text"),
    Form.BOUND: ("数字", "a number, written as a text"),
    Form.DAY: ("日期（如2024-05-10）", "a day such as 2024-05-10"),
    Form.TEXTS: ("文字列表", "a list of texts"),
    Form.WORDS: ("文字列表", "a list of texts"),
    Form.CONDITION: ("条件", "a condition"),
    Form.RECORD: ("一组字段", "an object"),
    Form.RECORDS: ("列表", "a list of objects"),
}


def form_problems(entry: Any, members: Members, at: str = "") -> Iterator[Problem]:
    """
    Yield where an object has not the form of its table: a member missing, unknown, or of
    another kind. `at` is the pointer to the object.
    """
    if not isinstance(entry, Mapping):
        yield _wrong(entry, Form.RECORD, at)
        return
    for name in members:
        if name not in entry:
            yield Problem("member_missing", f"{at}/{name}", {"member": name})
    for name, value in entry.items():
        if name not in members:
            yield Problem("member_unknown", f"{at}/{name}", {"member": name})
        else:
            is_day = entry.get("type") == item_types.ItemType.DATE
            yield from _member_problems(value, members[name], f"{at}/{name}", is_day)


def _member_problems(value: Any, member: Member, at: str, is_day: bool) -> Iterator[Problem]:
    if value is None and member.may_be_null:
        return
    if member.form == Form.RECORD and member.members:
        yield from form_problems(value, member.members, at)
    elif member.form == Form.RECORDS and member.members:
        if not isinstance(value, list):
            yield _wrong(value, member.form, at)
            return
        for place, each in enumerate(value):
            yield from form_problems(each, member.members, f"{at}/{place}")
    elif member.form in (Form.WORD, Form.WORDS):
        yield from _word_problems(value, member, at)
    else:
        form = Form.DAY if member.form == Form.BOUND and is_day else member.form
        if not _TESTS[form](value):
            yield _wrong(value, form, at)


def _word_problems(value: Any, member: Member, at: str) -> Iterator[Problem]:
    allowed = [each.value for each in member.words or ()]
    if member.form == Form.WORDS and not isinstance(value, list):
        yield _wrong(value, member.form, at)
        return
    given = enumerate(value) if member.form == Form.WORDS else [(None, value)]
    for place, each in given:
        if not isinstance(each, str) or each not in allowed:
            pointer = at if place is None else f"{at}/{place}"
            facts = {"given": shown(each), "allowed": ", ".join(allowed)}
            yield Problem("unknown_word", pointer, facts)


def _wrong(value: Any, form: Form, at: str) -> Problem:
    zh, en = EXPECTED[form]
    return Problem("wrong_form", at, {"given": shown(value), "expected_zh": zh, "expected_en": en})


def shown(value: Any) -> str:
    """Return the beginning of what was given, for a message."""
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def is_decimal(value: Any) -> bool:
    """Whether it is the text of a plain number, without an exponent."""
    if not isinstance(value, str) or value != value.strip() or set("_eE") & set(value):
        return False
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return number.is_finite() and f"{number:f}" == value


def is_day(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_condition(value: Any) -> bool:
    """Whether it is an object all the way down, with lists where branches have lists."""
    if not isinstance(value, Mapping) or not value:
        return False
    if "not" in value and not _is_condition(value["not"]):
        return False
    branches = [value[name] for name in ("all", "any") if name in value]
    return all(isinstance(each, list) and all(map(_is_condition, each)) for each in branches)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_TESTS: Mapping[Form, Callable[[Any], bool]] = {
    Form.TEXT: lambda value: isinstance(value, str),
    Form.FLAG: lambda value: isinstance(value, bool),
    Form.WHOLE: lambda value: isinstance(value, int) and not isinstance(value, bool),
    Form.DECIMAL: is_decimal,
    Form.BOUND: is_decimal,
    Form.DAY: is_day,
    Form.TEXTS: _is_texts,
    Form.CONDITION: _is_condition,
}
