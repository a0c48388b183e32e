"""What is wrong with a list, in the reader's words: where, and what kind of thing."""

from django.utils.translation import gettext_lazy as _

from factors.domain.list_versions import Problem
from factors.selectors.drafts import Draft
from factors.web.field_words import FIELDS, field_name
from factors.web.words import Words
from qfce.kernel.web.language import is_chinese

PROBLEMS: Words = {
    "duplicate_code": _("The code is there more than once."),
    "ambiguous_name": _("A name or code would mean two items."),
    "no_items": _("The list has no items."),
    "unknown_category": _("There is no such category."),
    "text_missing": _("A text is missing in Chinese or in English."),
    "no_values": _("An enumeration needs its allowed values."),
    "values_unused": _("Only enumerations and grades have allowed values."),
    "label_missing": _("An allowed value lacks a label."),
    "code_lower_case": _("The codes of values are upper case."),
    "ambiguous_label": _("A label or alias would mean two values."),
    "bounds_reversed": _("The smallest value is above the largest."),
    "bounds_missing": _("Numbers need a smallest and a largest value."),
    "unit_factor": _("The unit's factor must be above 0."),
    "decimals": _("The decimals do not fit the type."),
    "max_length": _("No text at all is allowed."),
    "validity": _("The months do not fit the kind of validity."),
    "max_age": _("The oldest age must be a day or more."),
    "source_order": _("Sources repeat or are out of order."),
    "never_shared": _("It is asked for in the workbook and never shared."),
    "condition": _("The condition cannot be evaluated."),
    "unknown_item": _("It names an item that the list lacks."),
    "unknown_derived": _("It names something that nobody derives."),
    "unknown_value": _("It names a value that the item lacks."),
}


def problem_text(problem: Problem, draft: Draft) -> str:
    """Return where a problem is and what it is; the English message says it with its values."""
    known = PROBLEMS.get(problem.code)
    if not is_chinese() or known is None:
        return problem.message
    return f"{_place(problem.pointer, draft)}{known}"


def _place(pointer: str, draft: Draft) -> str:
    parts = pointer.strip("/").split("/")
    entries = draft.document.get(parts[0]) if parts else None
    if len(parts) < 2 or not isinstance(entries, list) or not parts[1].isdecimal():
        return ""
    code = entries[int(parts[1])]["code"]
    member = parts[2] if len(parts) > 2 else ""
    return f"{code} {field_name(member)}：" if member in FIELDS else f"{code}："
