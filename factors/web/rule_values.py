"""The value of a rule's row: shown by name, and typed by name or by code."""

import re
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from factors.domain.catalogue import Catalogue
from factors.domain.rule_rows import Row
from qfce.kernel.web.formats import local

Options = list[tuple[str, str]]
OF_ITEMS = ("above_item", "before_item")
OF_DERIVED = "above_derived"
SEVERAL = ("in", "starts_with_any")


def options_of(row: Row, catalogue: Catalogue, subjects: Options) -> Options:
    """Return code and name of what a row's value may be; empty where it is typed freely."""
    if row.operator in OF_ITEMS:
        return [pair for pair in subjects if not pair[0].startswith("@")]
    if row.operator == OF_DERIVED:
        return [(code[1:], name) for code, name in subjects if code.startswith("@")]
    item = catalogue.items.get(row.item)
    if item is None:
        return []
    if item.type == "boolean":
        return [("true", _("Yes")), ("false", _("No"))]
    return [(value.code, local(value, "label")) for value in item.values]


def by_name(row: Row, options: Options) -> Row:
    """Return a row whose value stands in names."""
    known = {code: name for code, name in options if not re.search("[;；]", name)}
    return _with(row, known, pgettext("punctuation", "; "))


def by_code(row: Row, options: Options) -> Row:
    """Return a row whose value stands in codes; what is no name stays as it was typed."""
    known = {name.casefold(): code for code, name in options}
    return _with(row, known, "; ")


def _with(row: Row, known: dict[str, str], between: str) -> Row:
    if row.operator not in SEVERAL:
        return replace(row, value=_of(known, row.value.strip()))
    parts = [part.strip() for part in re.split("[;；]", row.value) if part.strip()]
    return replace(row, value=between.join(_of(known, part) for part in parts))


def _of(known: dict[str, str], text: str) -> str:
    return known.get(text, known.get(text.casefold(), text))
