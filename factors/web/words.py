"""Words and tones for the codes of factor lists, for pages."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factors.domain.item_types import (
    BankDefault,
    Confidence,
    EmptyMeans,
    Extension,
    GateOutcome,
    ItemType,
    Kind,
    Polarity,
    Sensitivity,
    Severity,
    Source,
    UpdateFrequency,
    ValidityKind,
)
from factors.domain.list_versions import Decision, VersionStatus

Words = dict[str, str | Promise]

STATUSES: Words = {
    VersionStatus.DRAFT: _("Draft"),
    VersionStatus.IN_REVIEW: _("Being signed"),
    VersionStatus.SIGNED: _("Signed"),
    VersionStatus.PUBLISHED: _("Published"),
    VersionStatus.SUPERSEDED: pgettext_lazy("factor list", "Superseded"),
    VersionStatus.WITHDRAWN: pgettext_lazy("factor list", "Withdrawn"),
}
STATUS_TONES = {
    VersionStatus.IN_REVIEW: "warn",
    VersionStatus.SIGNED: "info",
    VersionStatus.PUBLISHED: "good",
    VersionStatus.WITHDRAWN: "bad",
}
KINDS: Words = {
    Kind.CAPABILITY: _("Capability"),
    Kind.QUALIFICATION: _("Qualification"),
    Kind.HONOUR: _("Honour"),
    Kind.RECORD: pgettext_lazy("kind of item", "Record"),
}
TYPES: Words = {
    ItemType.BOOLEAN: _("Yes or no"),
    ItemType.COUNT: _("Whole number"),
    ItemType.NUMBER: pgettext_lazy("type of item", "Number"),
    ItemType.MONEY: _("Amount of money"),
    ItemType.DATE: _("Date"),
    ItemType.TEXT: _("Text"),
    ItemType.ENUM: _("One of a list"),
    ItemType.GRADE: _("Grade"),
}
VALIDITIES: Words = {
    ValidityKind.WINDOW: _("Looks back over a window"),
    ValidityKind.TERM: _("Has an end of its own, as certificates do"),
    ValidityKind.HONOUR: _("Fades after the award"),
    ValidityKind.STATE: _("What holds now"),
}
SOURCES: Words = {
    Source.REGISTER: pgettext_lazy("source", "National register"),
    Source.PROVINCE: _("Province"),
    Source.CITY: _("City"),
    Source.COUNTY: _("County"),
    Source.ENTERPRISE: pgettext_lazy("source", "Enterprise"),
}
EXTENSIONS: Words = {
    Extension.CORE: _("National core"),
    Extension.PROVINCE: _("Extension of the province"),
    Extension.SERVICES: _("Extension for services"),
    Extension.SOFTWARE: _("Extension for software"),
    Extension.DATA: _("Extension for data"),
    Extension.FOOD: _("Extension for food"),
    Extension.MEDICAL_DEVICES: _("Extension for medical devices"),
}
CONFIDENCES: Words = {
    Confidence.READ: _("Read in the source"),
    Confidence.SECONDARY: _("Read in a copy"),
    Confidence.GENERAL: pgettext_lazy("of a citation", "To be confirmed"),
    Confidence.INFERRED: _("Concluded"),
}
EMPTY: Words = {
    EmptyMeans.UNKNOWN: _("Nothing is known"),
    EmptyMeans.NOT_APPLICABLE_OR_UNKNOWN: _("Not applicable or not known, and never nought"),
}
BANKS: Words = {
    BankDefault.SHOWN: _("Shown once an agreement covers its category"),
    BankDefault.BY_DECISION: _("Shown only by a written decision of the province"),
    BankDefault.NEVER: _("Never shown"),
}
POLARITIES: Words = {
    Polarity.POSITIVE: _("Speaks for the enterprise"),
    Polarity.NEGATIVE: _("Speaks against the enterprise"),
    Polarity.NEUTRAL: _("Speaks neither for nor against"),
    Polarity.VETO: _("May rule a loan out"),
}
SENSITIVITIES: Words = {
    Sensitivity.PUBLIC: _("Public"),
    Sensitivity.COMMERCIAL: _("Commercial"),
    Sensitivity.RESTRICTED: _("Restricted"),
    Sensitivity.PERSONAL: _("Personal"),
}
FREQUENCIES: Words = {
    UpdateFrequency.DAILY: _("Daily"),
    UpdateFrequency.WEEKLY: _("Weekly"),
    UpdateFrequency.MONTHLY: _("Monthly"),
    UpdateFrequency.QUARTERLY: _("Quarterly"),
    UpdateFrequency.ANNUAL: _("Yearly"),
    UpdateFrequency.ON_EVENT: _("When something happens"),
}
SEVERITIES: Words = {
    Severity.ERROR: _("Error"),
    Severity.WARNING: _("Warning"),
    Severity.REPORT: _("Doubt"),
}
SEVERITY_TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn"}
GATES: Words = {
    GateOutcome.DECLINE: _("Decline"),
    GateOutcome.REFER: _("Refer to a person"),
}
GATE_TONES = {GateOutcome.DECLINE: "bad", GateOutcome.REFER: "warn"}
DECISIONS: Words = {
    Decision.SIGNED: _("Signed"),
    Decision.REFUSED: pgettext_lazy("to sign", "Refused"),
    Decision.CHANGES_ASKED: _("Changes asked for"),
    Decision.COMMENTED: _("Commented"),
    "awaited": _("Awaited"),
}
DECISION_TONES = {
    Decision.SIGNED: "good",
    Decision.REFUSED: "bad",
    Decision.CHANGES_ASKED: "warn",
    Decision.COMMENTED: "info",
    "awaited": "warn",
}
CONSENT: Words = {
    "always": pgettext_lazy("consent", "Always needed"),
    "sometimes": pgettext_lazy("consent", "Needed in some cases"),
    "never": pgettext_lazy("consent", "Not needed"),
}


def _word(words: Words) -> Callable[[str], str]:
    return lambda code: str(words.get(code, code))


def _tone(tones: dict[str, str]) -> Callable[[str], str]:
    return lambda code: tones.get(code, "muted")


status, status_tone = _word(STATUSES), _tone({str(k): v for k, v in STATUS_TONES.items()})
kind, item_type, validity = _word(KINDS), _word(TYPES), _word(VALIDITIES)
source, consent, severity = _word(SOURCES), _word(CONSENT), _word(SEVERITIES)
severity_tone = _tone({str(k): v for k, v in SEVERITY_TONES.items()})
decision = _word(DECISIONS)
decision_tone = _tone({str(k): v for k, v in DECISION_TONES.items()})
