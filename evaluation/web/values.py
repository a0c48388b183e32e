"""Values of items and conditions on them, as people read them."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from evaluation.domain.conditions import Comparison, Condition, Either, Every, Name, Not, Subject
from evaluation.domain.scorecards import REGISTER_FIELDS, Bin, Characteristic
from evaluation.web import words
from factors.domain.catalogue import Catalogue, Item
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from qfce.kernel.web import formats

CODES = {"AGED", "NONE", "VALID", "SUSPENDED", "EXPIRED", "REVOKED"}


def value_text(code: str, value: Any, catalogue: Catalogue) -> str:
    """Return a value in the reader's language, with its unit."""
    if value in (None, ""):
        return formats.NOTHING
    if value == NOT_APPLICABLE:
        return words.of(words.STATES, value)
    item = catalogue.items.get(code)
    if item is None:
        return _of_register(code, value)
    if item.type == ItemType.BOOLEAN:
        return _("Yes") if value else _("No")
    if item.type == ItemType.MONEY:
        return formats.yuan(value)
    if item.type == ItemType.DATE:
        return formats.day(value)
    if item.type.is_numeric:
        return formats.measured(formats.number(value), formats.local(item, "unit"))
    return label(item, value)


def label(item: Item, value: Any) -> str:
    """Return the words of a code of an item; of text, the text."""
    known = item.by_code.get(str(value))
    return formats.local(known, "label") if known else str(value)


def item_name(code: str, catalogue: Catalogue) -> str:
    item = catalogue.items.get(code)
    return formats.local(item) if item else words.of(words.REGISTER_FIELDS, code)


def condition_text(condition: Condition, catalogue: Catalogue) -> str:
    """Return a condition as a sentence."""
    match condition:
        case Every(parts):
            return _(", and ").join(_part(part, catalogue) for part in parts)
        case Either(parts):
            return _(", or ").join(_part(part, catalogue) for part in parts)
        case Not(part):
            return _("not (%(condition)s)") % {"condition": condition_text(part, catalogue)}
    return _comparison(condition, catalogue)


def _part(condition: Condition, catalogue: Catalogue) -> str:
    """Return a part of a longer condition; in brackets if it has parts itself."""
    text = condition_text(condition, catalogue)
    return formats.bracketed(text).strip() if isinstance(condition, Every | Either) else text


def bin_range(each: Characteristic, bin_: Bin, catalogue: Catalogue) -> str:
    """Return which values a bin holds."""
    if bin_.values:
        return formats.listed(_named_value(each.name, value, catalogue) for value in bin_.values)
    if bin_.low is None and bin_.high is None:
        return _("any number")
    if bin_.high is None:
        return _("%(low)s and more") % {"low": formats.number(bin_.low)}
    if bin_.low is None:
        return _("below %(high)s") % {"high": formats.number(bin_.high)}
    return _("%(low)s to below %(high)s") % {
        "low": formats.number(bin_.low),
        "high": formats.number(bin_.high),
    }


def _comparison(asked: Comparison, catalogue: Catalogue) -> str:
    name = _name(asked.name, catalogue)
    parts = []
    if asked.missing is not None:
        parts.append(_("is not known") if asked.missing else _("is known"))
    if asked.values is not None:
        shown = [_named_value(asked.name, value, catalogue) for value in asked.values]
        parts.append(_("is %(values)s") % {"values": formats.either(shown)})
    if asked.at_least is not None:
        parts.append(_("is at least %(number)s") % {"number": formats.number(asked.at_least)})
    if asked.below is not None:
        parts.append(_("is below %(number)s") % {"number": formats.number(asked.below)})
    return f"{name} {_(' and ').join(parts)}"


def _name(name: Name, catalogue: Catalogue) -> str:
    if name.subject == Subject.DERIVED:
        return words.of(words.DERIVED, name.code)
    return f"{name.code} {item_name(name.code, catalogue)}"


def _named_value(name: Name, value: Any, catalogue: Catalogue) -> str:
    if name.subject == Subject.ITEM:
        return value_text(name.code, value, catalogue)
    codes = [item.by_code[value] for item in catalogue.items.values() if value in item.by_code]
    if value == "AGED":
        return _("older than five years")
    return formats.local(codes[0], "label") if codes else str(value)


def _of_register(code: str, value: Any) -> str:
    if code == "registered_capital":
        return formats.yuan(value)
    if isinstance(value, date):
        return formats.day(value)
    try:
        return formats.number(Decimal(value)) if code not in REGISTER_FIELDS else str(value)
    except (InvalidOperation, TypeError):
        return str(value)
