"""Words and tones for imports: states, modes, codes of findings, kinds of repair, phases."""

import re
from collections.abc import Mapping
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from factors.domain.catalogue import Item
from qfce.kernel.tenancy.models import Region
from qfce.kernel.web.formats import bracketed, local
from qfce.kernel.web.language import is_chinese
from sharing.domain.column_names import IDENTITY_NAMES
from sharing.domain.findings import message
from sharing.domain.import_lifecycle import ImportMode, ImportStatus
from sharing.domain.unreadable import REASONS
from sharing.models import ImportFinding

_REGION = re.compile(r"\b(\d{6}) ([\u4e00-\u9fff]+)")

Words = Mapping[str, str | Promise]

STATUSES: Words = {
    ImportStatus.RECEIVED: pgettext_lazy("import", "Received"),
    ImportStatus.VALIDATING: pgettext_lazy("import", "Being checked"),
    ImportStatus.NEEDS_ATTENTION: pgettext_lazy("import", "Needs attention"),
    ImportStatus.READY: pgettext_lazy("import", "Waiting for release"),
    ImportStatus.PUBLISHING: pgettext_lazy("import", "Being published"),
    ImportStatus.PUBLISHED: pgettext_lazy("import", "Published"),
    ImportStatus.UNDONE: pgettext_lazy("import", "Undone"),
    ImportStatus.FAILED: pgettext_lazy("import", "Not readable"),
    ImportStatus.CANCELLED: pgettext_lazy("import", "Cancelled"),
}
STATUS_TONES = {
    "received": "info",
    "validating": "info",
    "needs_attention": "warn",
    "ready": "info",
    "publishing": "info",
    "published": "good",
    "undone": "muted",
    "failed": "bad",
}
MODES: Words = {
    ImportMode.DELTA: _("Additions and changes"),
    ImportMode.FULL: _("The whole list"),
}
SEVERITIES: Words = {"error": _("Error"), "warning": _("Warning")}
SEVERITY_TONES = {"error": "bad", "warning": "warn"}
FINDINGS: Words = {
    "missing_column": _("Column missing"),
    "duplicate_column": _("Column twice"),
    "unknown_column": _("Column not known"),
    "other_sheet": _("Another sheet with data"),
    "ignored_row": _("Row passed over"),
    "required": _("Value missing"),
    "uscc_damaged": _("Credit code damaged"),
    "uscc_format": _("Credit code malformed"),
    "uscc_check_digit": _("Check character does not fit"),
    "duplicate_uscc": _("Enterprise twice"),
    "pending_elsewhere": _("In another bureau's import"),
    "name_mismatch": _("Name differs from the register"),
    "not_owner": _("A higher source holds another value"),
    "region_unknown": _("Region not known"),
    "region_superseded": _("Region was replaced"),
    "region_outside": _("Region outside the jurisdiction"),
    "not_boolean": _("Neither yes nor no"),
    "not_number": _("Not a number"),
    "not_integer": _("Not a whole number"),
    "not_date": _("Not a date"),
    "not_money": _("Not an amount"),
    "not_allowed": _("Value not allowed"),
    "date_in_future": _("Date lies ahead"),
    "out_of_range": _("Out of range"),
    "unit_mismatch": _("Unit does not fit"),
    "percent_scale": _("Fractions where per cents belong"),
    "already_expired": _("Expired already"),
    "validity_reversed": _("Ends before it begins"),
    "too_long": _("Too long"),
    "evidence_missing": _("Evidence missing"),
    "conflict": _("Values contradict each other"),
    "doubtful": _("Values are doubtful together"),
    "implausible": _("Unlikely jump"),
    "consent_missing": _("Consent missing"),
    "formula_text": _("Begins like a formula"),
    "file_empty": _("File without rows"),
    "file_type": _("File of another kind"),
    "file_encrypted": _("File with a password"),
    "file_damaged": _("File damaged"),
    "file_too_large": _("File too large"),
    "file_too_many_rows": _("Too many rows"),
    "header_not_found": _("Header not found"),
}
REPAIRS: Words = {
    "invisible": _("Invisible characters taken out"),
    "width": _("Full-width characters made half-width"),
    "blanks": _("Blanks at the ends taken away"),
    "empty": _("Signs for “nothing” read as empty"),
    "credit_code": _("Credit codes written regularly"),
    "region": _("Regions by name turned into codes"),
    "label": _("Words turned into codes of the list"),
    "date": _("Dates written regularly"),
    "figure": _("Separators and signs taken out of figures"),
    "boolean": _("Ways of saying yes and no"),
}
DIFFERENCES: Words = {
    "new": pgettext_lazy("difference", "New enterprise"),
    "added": pgettext_lazy("difference", "Value added"),
    "changed": pgettext_lazy("difference", "Value changed"),
    "cleared": pgettext_lazy("difference", "Value ends"),
    "listed": pgettext_lazy("difference", "Back on the list"),
    "kept": pgettext_lazy("difference", "Not taken over"),
    "left_out": pgettext_lazy("difference", "Leaves the list"),
}
DIFFERENCE_TONES = {
    "new": "good",
    "added": "info",
    "changed": "warn",
    "cleared": "bad",
    "listed": "good",
    "left_out": "bad",
}
CHECK_PHASES: Words = {
    "reading": _("Reading the file"),
    "checking": _("Checking every cell"),
    "assembling": _("Comparing with the register"),
    "writing": _("Writing down what was found"),
}
PUBLISH_PHASES: Words = {"publishing": _("Writing ledger and profiles")}
UNDO_PHASES: Words = {"undoing": _("Restoring what stood before")}


def word(words: Words, code: str) -> str:
    return str(words.get(code, code))


def status(code: str) -> str:
    return word(STATUSES, code)


def status_tone(code: str) -> str:
    return STATUS_TONES.get(code, "muted")


def finding(code: str) -> str:
    return word(FINDINGS, code)


def finding_message(found: ImportFinding) -> str:
    """Return what a finding says about its place, in the reader's language."""
    if found.code in REASONS:
        return REASONS[found.code][0 if is_chinese() else 1]
    return in_words(message(found.code, found.params, "zh" if is_chinese() else "en"))


def identity_name(key: str) -> str:
    """Return how a column or field that says whose a row is is headed."""
    if key == "uscc":
        return gettext("Credit code")
    chinese, english = IDENTITY_NAMES[key][:2]
    return chinese if is_chinese() else english[0].upper() + english[1:]


def offer(suggestion: str, item: Item | None) -> str:
    """Return what may be meant in its reader's words: a code of an item with its label."""
    value = item.by_code.get(suggestion) if item else None
    if value is None:
        return in_words(suggestion)
    return suggestion + bracketed(local(value, "label"))


def in_words(text: str) -> str:
    """Return a text in which regions (`330113 浙江省杭州市临平区`) go by the reader's language."""
    if is_chinese():
        return text
    return _REGION.sub(lambda named: f"{named[1]} {_regions().get(named[1], named[2])}", text)


@lru_cache(maxsize=1)
def _regions() -> dict[str, str]:
    """Return the English names of regions by code; they change with a release only."""
    return dict(Region.objects.exclude(name_en="").values_list("code", "name_en"))
