"""Words and tones for the codes of evaluation, in the reader's language."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from qfce.kernel.web.language import is_chinese

Words = dict[str, Promise]

OUTCOMES: Words = {
    "graded": _("Graded"),
    "referred": _("Referred to a person"),
    "declined": _("Declined by a gate"),
}
OUTCOME_TONES = {"graded": "good", "referred": "warn", "declined": "bad"}
GATE_OUTCOMES: Words = {"decline": _("Declines"), "refer": _("Refers to a person")}
GATE_TONES = {"decline": "bad", "refer": "warn"}
CAUSES: Words = {
    "request": _("On request"),
    "feed": _("A fact changed"),
    "batch": _("Whole list"),
}
CAUSE_ICONS = {"request": "user", "feed": "bolt", "batch": "stack-2"}
PURPOSES: Words = {
    "pre_loan": _("Before a loan"),
    "post_loan": _("During a loan"),
    "model_development": _("Developing a model"),
    "recommendation": _("Recommending a model"),
}
STATUSES: Words = {
    "draft": _("Draft"),
    "under_review": _("Under review"),
    "published": _("Published"),
    "superseded": _("Superseded"),
    "withdrawn": _("Taken out of use"),
}
STATUS_TONES = {"draft": "muted", "under_review": "warn", "published": "good", "superseded": "info"}
PATTERNS: Words = {"points": _("Sum of points"), "cap_table": _("Cap table")}
STATES: Words = {
    "in_force": _("In force"),
    "expired": _p("state of a value", "Expired"),
    "not_applicable": _("Not applicable"),
    "no_data": _("No data"),
    "not_shared": _("Not shared"),
    "not_authorised": _("Not authorized"),
    "lapsed": _("Too old to count"),
    "retired": _("Not told by the list any more"),
}
STATE_TONES = {
    "in_force": "good",
    "expired": "bad",
    "lapsed": "warn",
    "not_shared": "info",
    "not_authorised": "warn",
    "retired": "warn",
}
STEPS: Words = {
    "consent": _("Obtain the enterprise's consent"),
    "confirm": _("Have it confirmed"),
    "achieve": _("Achieve"),
    "wait": _("Only time does it"),
}
STEP_ICONS = {"consent": "circle-check", "confirm": "search", "achieve": "target", "wait": "clock"}
REMEDIES: Words = {
    "no_data": _("Nobody has recorded it: ask the bureau, or have the enterprise confirm it."),
    "not_shared": _("No agreement covers it: ask for it to be added to the agreement."),
    "not_authorised": _("The value is there: ask the enterprise for its consent."),
    "lapsed": _("Nobody has confirmed it for too long: ask the bureau to verify it again."),
    "retired": _("The list has a newer version: start a draft of the card that binds it."),
    "expired": _("Its validity has ended: the enterprise has to renew it."),
    "not_applicable": _("Nothing to do: it cannot apply to this enterprise."),
    "in_force": _("The card has no bin for this value: tell the model developer."),
}
SOURCES: Words = {
    "register": _("National register"),
    "province": _("Provincial bureau"),
    "city": _("City bureau"),
    "county": _("County bureau"),
    "enterprise": _("The enterprise itself"),
    "own": _("The bank's own finding"),
}
REGISTER_FIELDS: Words = {
    "uscc": _("Credit code"),
    "name": _("Name"),
    "region": _("Region"),
    "industry": _("Industry"),
    "size": _("Size"),
    "established_on": _("Established on"),
    "registered_capital": _("Registered capital"),
}
DERIVED: Words = {
    "age_years": _("Full years since it was established"),
    "award_in_force": _("Government quality award of the last five years"),
    "best_laboratory_status": _("Better of the two laboratory qualifications"),
}
LEFT_OUT: Words = {
    "not_shared": _("Not shared"),
    "not_authorised": _("Not authorized"),
    "former_code": _("Has another code now"),
    "unknown": _("Code never known"),
}
BEST = {"A": "good", "T1": "good", "B": "info", "T2": "info", "C": "warn", "T3": "warn"}
NO_GRADE = "none"


def of(words: Words, code: Any) -> str:
    """Return the words for a code, the code itself where there are none."""
    return str(words.get(str(code), code))


def outcome(code: str) -> str:
    return of(OUTCOMES, code)


def outcome_tone(code: str) -> str:
    return OUTCOME_TONES.get(code, "muted")


def grade(code: str | None) -> str:
    return _g("No grade") if code in (None, "", NO_GRADE) else str(code)


def grade_tone(code: str | None) -> str:
    return BEST.get(code or "", "muted" if not code or code == NO_GRADE else "bad")


def cause(code: str) -> str:
    return of(CAUSES, code)


def purpose(code: str) -> str:
    return of(PURPOSES, code)


def status(code: str) -> str:
    return of(STATUSES, code)


def status_tone(code: str) -> str:
    return STATUS_TONES.get(code, "muted")


def pattern(code: str) -> str:
    return of(PATTERNS, code)


def both(thing: Any, zh: str = "zh", en: str = "en") -> str:
    """Return a member in the reader's language, the other where it is empty."""
    first, second = (zh, en) if is_chinese() else (en, zh)
    return str(getattr(thing, first) or getattr(thing, second))


def readable(text: str) -> str:
    """Return a text that is written in one language only, where the reader reads it."""
    is_written_in_chinese = any("一" <= letter <= "鿿" for letter in text)
    return text if is_written_in_chinese == is_chinese() else ""


def left_out(answer: str) -> str:
    return of(LEFT_OUT, answer)
