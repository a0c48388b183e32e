"""
The words that describe an information item: its type, its validity, who may see it.

The only place for these vocabularies; a factor list that uses another word does not load.
"""

from enum import StrEnum

NOT_APPLICABLE = "not_applicable"
"""The stored value of an item that cannot apply to an enterprise; never a value's code."""

CATEGORIES = (
    "quality_credit",
    "quality_management",
    "quality_brand",
    "quality_foundation",
    "quality_innovation",
)
"""The five categories of the notice, in its order: every list has these and no other."""


class ItemType(StrEnum):
    BOOLEAN = "boolean"
    COUNT = "count"  # a whole number of things, never negative
    NUMBER = "number"  # a ratio or a rate; per cents are whole numbers: 4.11 is 4.11 %
    MONEY = "money"  # stored in yuan, stated in the item's own unit
    DATE = "date"
    TEXT = "text"
    ENUM = "enum"
    GRADE = "grade"  # an enum that rates

    @property
    def is_coded(self) -> bool:
        """Whether the value is one of the item's own codes."""
        return self in (ItemType.ENUM, ItemType.GRADE)

    @property
    def is_numeric(self) -> bool:
        return self in (ItemType.COUNT, ItemType.NUMBER, ItemType.MONEY)


class ValidityKind(StrEnum):
    """What the months of an item mean (one column used to mean four things)."""

    WINDOW = "window"  # a count or verdict over the last so many months
    TERM = "term"  # the life of a certificate: it has an end, and a column for it
    HONOUR = "honour"  # an honour fades so many months after the award
    STATE = "state"  # what holds now; no months at all


class Kind(StrEnum):
    """What the notice distinguishes: abilities, qualifications, honours, and plain facts."""

    CAPABILITY = "capability"
    QUALIFICATION = "qualification"
    HONOUR = "honour"
    RECORD = "record"


class EmptyMeans(StrEnum):
    UNKNOWN = "unknown"
    NOT_APPLICABLE_OR_UNKNOWN = "not_applicable_or_unknown"  # and never zero


class BankDefault(StrEnum):
    """Whether banks see an item once an agreement covers its category."""

    SHOWN = "shown"
    BY_DECISION = "by_decision"  # only where a written provincial decision opens it
    NEVER = "never"


class Extension(StrEnum):
    """Where an item comes from: the national core, or what a place or a trade adds to it."""

    CORE = "core"
    PROVINCE = "province"
    SERVICES = "services"
    SOFTWARE = "software"
    DATA = "data"
    FOOD = "food"
    MEDICAL_DEVICES = "medical_devices"


class Confidence(StrEnum):
    """How what is cited was learned."""

    READ = "read"  # seen in the source itself
    SECONDARY = "secondary"  # seen in a copy or a report about it: compare before quoting
    GENERAL = "general"  # general knowledge, to be confirmed before anybody relies on it
    INFERRED = "inferred"  # concluded from other things


class Polarity(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    VETO = "veto"


class Sensitivity(StrEnum):
    PUBLIC = "public"
    COMMERCIAL = "commercial"
    RESTRICTED = "restricted"
    PERSONAL = "personal"


class Source(StrEnum):
    """Who may send a value. An item puts those that may send it in order, best first."""

    REGISTER = "register"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    ENTERPRISE = "enterprise"


class UpdateFrequency(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    ON_EVENT = "on_event"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    REPORT = "report"  # for the data-quality report; never a finding of an import


class GateOutcome(StrEnum):
    DECLINE = "decline"
    REFER = "refer"  # to a person; never a refusal by itself
