"""Words and tones for what enterprises, agreements, consents and changes of records are in."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factors.domain.catalogue import Catalogue, Item
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from qfce.kernel.web import formats
from qfce.kernel.web.language import is_chinese

Words = Mapping[str, str | Promise]

PURPOSES: Words = {
    "pre_loan": pgettext_lazy("purpose", "Before a loan"),
    "post_loan": _("During a loan"),
    "model_development": _("Developing a model"),
    "recommendation": _("Recommending a model"),
    "supervision": _("Supervision"),
    "own_record": pgettext_lazy("purpose", "The enterprise itself"),
}
ANSWERS: Words = {
    "ok": _("Shown"),
    "no_data": _("No data"),
    "not_shared": _("Not shared"),
    "not_authorised": _("Not authorized"),
    "former_code": _("Former code"),
}
ANSWER_NOTES: Words = {
    "no_data": _("Nothing is known about it."),
    "not_shared": _("No agreement covers it for this purpose."),
    "not_authorised": _("The enterprise has not consented."),
}
ANSWER_TONES = {"ok": "good", "no_data": "muted", "not_shared": "warn", "not_authorised": "warn"}
ITEM_STATUSES: Words = {
    "in_force": pgettext_lazy("item", "Current"),
    "expired": _("Expired"),
    "lapsed": _("Not confirmed lately"),
    "not_applicable": _("Not applicable"),
}
ITEM_TONES = {"in_force": "good", "expired": "bad", "lapsed": "warn"}
FLAGS: Words = {
    "disputed": _("Disputed"),
    "sources_disagree": _("Sources disagree"),
}
CAUSES: Words = {
    "import": pgettext_lazy("cause", "Import"),
    "correction": pgettext_lazy("cause", "Correction"),
    "reverification": pgettext_lazy("cause", "Verification"),
    "expiry": pgettext_lazy("cause", "Expiry"),
    "withdrawal": pgettext_lazy("cause", "Withdrawal of a record"),
    "dispute": pgettext_lazy("cause", "Dispute"),
    "undo": pgettext_lazy("cause", "Import undone"),
    "migration": pgettext_lazy("cause", "New list version"),
    "merge": pgettext_lazy("cause", "Merger of codes"),
    "listing": pgettext_lazy("cause", "Listing"),
    "access": pgettext_lazy("cause", "Access"),
}
CHANGE_KINDS: Words = {
    "observed": pgettext_lazy("change", "Observed"),
    "corrected": pgettext_lazy("change", "Corrected"),
    "reverified": pgettext_lazy("change", "Verified again"),
    "expired": pgettext_lazy("change", "Expired"),
    "lapsed": pgettext_lazy("change", "Not confirmed in time"),
    "cleared": pgettext_lazy("change", "No value any more"),
    "withdrawn": pgettext_lazy("change", "Withdrawn"),
    "flagged": pgettext_lazy("change", "Flagged"),
    "unflagged": pgettext_lazy("change", "Flag removed"),
    "listed": pgettext_lazy("change", "Put on the list"),
    "delisted": pgettext_lazy("change", "Taken off the list"),
    "access_opened": pgettext_lazy("change", "Access opened"),
    "access_closed": pgettext_lazy("change", "Access closed"),
}
CHANGE_TONES = {
    "observed": "info",
    "corrected": "warn",
    "reverified": "good",
    "expired": "bad",
    "lapsed": "warn",
    "withdrawn": "warn",
    "delisted": "bad",
    "listed": "good",
    "flagged": "warn",
    "access_opened": "good",
    "access_closed": "bad",
}
CAUSE_ICONS = {
    "import": "file-import",
    "correction": "pencil",
    "reverification": "checks",
    "expiry": "hourglass-off",
    "withdrawal": "eraser",
    "dispute": "message-report",
    "undo": "arrow-back-up",
    "migration": "git-merge",
    "merge": "arrows-join",
    "listing": "list-check",
}
AGREEMENT_STATUSES: Words = {
    "draft": pgettext_lazy("agreement", "Draft"),
    "active": pgettext_lazy("agreement", "In force"),
    "suspended": pgettext_lazy("agreement", "Suspended"),
    "ended": pgettext_lazy("agreement", "Ended"),
}
AGREEMENT_TONES = {"active": "good", "suspended": "warn"}
CONSENT_STATUSES: Words = {
    "requested": pgettext_lazy("consent", "Asked for"),
    "active": pgettext_lazy("consent", "Given"),
    "withdrawn": pgettext_lazy("consent", "Taken back"),
    "ended": pgettext_lazy("consent", "Ended"),
    "refused": pgettext_lazy("consent", "Refused"),
}
CONSENT_TONES = {"requested": "info", "active": "good", "withdrawn": "bad", "refused": "bad"}
RECORD_STATUSES: Words = {
    "prepared": pgettext_lazy("record change", "Waiting for release"),
    "released": pgettext_lazy("record change", "Released"),
    "cancelled": pgettext_lazy("record change", "Dropped"),
}
RECORD_TONES = {"prepared": "info", "released": "good"}
DISPUTE_STATUSES: Words = {
    "opened": pgettext_lazy("dispute", "Waiting for a decision"),
    "prepared": pgettext_lazy("dispute", "Decision waits for a second person"),
    "upheld": pgettext_lazy("dispute", "Upheld"),
    "rejected": pgettext_lazy("dispute", "Rejected"),
    "cancelled": pgettext_lazy("dispute", "Taken back"),
}
DISPUTE_TONES = {"opened": "warn", "prepared": "info", "upheld": "good", "rejected": "muted"}
DECLARATION_STATUSES: Words = {
    "asked": pgettext_lazy("declaration", "With the enterprise"),
    "sent": pgettext_lazy("declaration", "Declared, to be taken"),
    "returned": pgettext_lazy("declaration", "Sent back"),
    "taken": pgettext_lazy("declaration", "Taken"),
    "cancelled": pgettext_lazy("declaration", "Cancelled"),
}
DECLARATION_TONES = {"asked": "info", "sent": "warn", "returned": "info", "taken": "good"}
REFRESH_STATUSES: Words = {
    "requested": pgettext_lazy("question", "Waiting for an answer"),
    "forwarded": pgettext_lazy("question", "Forwarded"),
    "prepared": pgettext_lazy("question", "Answer waits for a second person"),
    "answered": pgettext_lazy("question", "Answered"),
    "declined": pgettext_lazy("question", "Cannot be said"),
    "cancelled": pgettext_lazy("question", "Taken back"),
}
REFRESH_TONES = {
    "late": "bad",
    "requested": "warn",
    "forwarded": "warn",
    "prepared": "info",
    "answered": "good",
    "declined": "bad",
}
REFRESH_ANSWERS: Words = {
    "confirmed": pgettext_lazy("answer", "The value still holds"),
    "value": pgettext_lazy("answer", "A new value"),
    "unknown": pgettext_lazy("answer", "It cannot be said"),
}
REFRESH_ANSWER_TONES = {"confirmed": "good", "value": "info", "unknown": "warn"}
SIZES: Words = {
    "large": pgettext_lazy("size", "Large"),
    "medium": pgettext_lazy("size", "Medium"),
    "small": pgettext_lazy("size", "Small"),
    "micro": pgettext_lazy("size", "Micro"),
}
IDENTITY: Words = {
    "name": _("Name"),
    "region": _("Region"),
    "industry": _("Industry"),
    "size": pgettext_lazy("enterprise", "Size"),
    "established_on": _("Established"),
    "registered_capital": _("Registered capital"),
    "successor_uscc": _("Code from now on"),
}
FAULTS: Words = {
    "not_allowed": _("The list does not allow this value."),
    "not_boolean": _("It is neither yes nor no."),
    "not_integer": _("It is no whole number."),
    "not_number": _("It is no number."),
    "not_money": _("It is no amount."),
    "not_date": _("It is no day."),
    "too_long": _("It is too long."),
    "out_of_range": _("It lies outside what the list allows."),
    "required": _("A value is missing."),
    "validity_reversed": _("It ends before it begins."),
    "no_value": _("Days of validity need a value."),
}
BASES: Words = {
    "agreement": _("Agreement"),
    "consent": _("Consent of the enterprise"),
    "supervision": _("Supervision of the region"),
    "own_record": _("Own record"),
    "list": _("Enterprise list"),
}


def word(words: Words, code: Any) -> str:
    """Return the word for a code, or the code where there is none."""
    return str(words.get(code, code)) if code else formats.NOTHING


def words_of(words: Words, codes: Any) -> str:
    """Return the words for some codes, in one line."""
    return formats.listed(word(words, code) for code in codes) or formats.NOTHING


def purposes_in_words(codes: Any) -> str:
    """Return the words for purposes, in the order in which a loan goes."""
    return words_of(PURPOSES, [code for code in PURPOSES if code in codes])


def options(words: Words, codes: Any = None) -> list[tuple[str, str]]:
    """Return the choices of a form or filter."""
    return [(code, word(words, code)) for code in (words if codes is None else codes)]


def item_name(catalogue: Catalogue | None, code: str) -> str:
    """Return what an item, or a member of the identity, is called."""
    if code in IDENTITY:
        return str(IDENTITY[code])
    item = catalogue.items.get(code) if catalogue else None
    return formats.local(item) if item else code


def category_name(catalogue: Catalogue, code: str) -> str:
    return next((formats.local(c) for c in catalogue.categories if c.code == code), code)


def value_text(item: Item | None, value: Any) -> str:
    """Return a canonical value as people read it, with its unit."""
    if value is None:
        return formats.NOTHING
    if value == NOT_APPLICABLE:
        return now("Not applicable")
    if isinstance(value, bool):
        return now("Yes") if value else now("No")
    if item is None:
        return str(value)
    if item.type.is_coded:
        known = item.by_code.get(str(value))
        return formats.local(known, "label") if known else str(value)
    if item.type == ItemType.DATE:
        return _day_text(value)
    if item.type == ItemType.MONEY:
        return formats.yuan(value)
    return _number_text(item, value) if item.type.is_numeric else str(value)


def member_text(catalogue: Catalogue | None, code: str, value: Any) -> str:
    """Return the value of an item, or of a member of the identity, in words."""
    if code not in IDENTITY:
        return value_text(catalogue.items.get(code) if catalogue else None, value)
    if code == "size":
        return word(SIZES, value)
    if code == "established_on":
        return _day_text(value)
    return formats.yuan(value) if code == "registered_capital" else str(value or formats.NOTHING)


def validity_text(first: Any, last: Any) -> str:
    """Return from when until when something holds, as far as it is stated."""
    if first and last:
        return f"{_whole_day(first)} – {_whole_day(last)}"
    if first:
        return now("from %(day)s") % {"day": _whole_day(first)}
    return now("until %(day)s") % {"day": _whole_day(last)} if last else formats.NOTHING


def _whole_day(value: Any) -> str:
    """Return a day that no line breaks."""
    return formats.day(value).replace(" ", "\N{NO-BREAK SPACE}")


def flags_text(flags: Any) -> list[str]:
    return [word(FLAGS, flag) for flag in flags]


def unit(item: Item) -> str:
    return item.unit_zh if is_chinese() else item.unit_en


def _number_text(item: Item, value: Any) -> str:
    try:
        stated = Decimal(str(value)) / (item.unit_factor or Decimal(1))
    except InvalidOperation:
        return str(value)
    return formats.measured(formats.number(stated), unit(item))


def _day_text(value: Any) -> str:
    try:
        return formats.day(value)
    except ValueError:
        return str(value)
