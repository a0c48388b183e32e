"""Words and tones for the codes of lending."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from lending.domain.day_counts import DayCount
from lending.domain.due_dates import PeriodUnit
from lending.domain.lifecycle import ApplicationStatus, LoanStatus, ProductStatus, Regime
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import Method, RowKind

Words = dict[str, Promise]

APPLICATION: Words = {
    ApplicationStatus.DRAFT.value: pgettext_lazy("application", "Draft"),
    ApplicationStatus.SUBMITTED.value: _("Waiting for review"),
    ApplicationStatus.UNDER_REVIEW.value: _("Under review"),
    ApplicationStatus.RETURNED.value: _("Returned"),
    ApplicationStatus.APPROVED.value: _("Approved"),
    ApplicationStatus.DECLINED.value: _("Declined"),
    ApplicationStatus.WITHDRAWN.value: pgettext_lazy("application", "Taken back"),
}
LOAN: Words = {
    LoanStatus.AGREED.value: _("Agreed"),
    LoanStatus.ACTIVE.value: _("Active"),
    LoanStatus.REPAID.value: _("Repaid"),
    LoanStatus.CANCELLED.value: _("Cancelled"),
}
LOAN_SHOWN: Words = {**LOAN, "frozen": _("Frozen")}
PRODUCT: Words = {
    ProductStatus.DRAFT.value: pgettext_lazy("product", "Draft"),
    ProductStatus.PUBLISHED.value: _("On sale"),
    ProductStatus.RETIRED.value: _("Retired"),
}
TONES = {
    "submitted": "info",
    "under_review": "info",
    "returned": "warn",
    "approved": "good",
    "declined": "bad",
    "agreed": "info",
    "active": "good",
    "frozen": "warn",
    "published": "good",
}
OUTCOMES: Words = {
    "graded": _("Graded"),
    "referred": _("Referred to a person"),
    "declined": _("Declined by a gate"),
}
OUTCOME_TONES = {"graded": "good", "referred": "warn", "declined": "bad"}
REGIMES: Words = {
    Regime.CORPORATE_WORKING_CAPITAL.value: _("Working capital of companies"),
    Regime.PERSONAL_BUSINESS.value: _("Business of individuals"),
    Regime.FIXED_ASSET.value: _("Fixed assets"),
}
METHODS: Words = {
    Method.EQUAL_INSTALMENT.value: _("Equal instalments"),
    Method.EQUAL_PRINCIPAL.value: _("Equal principal"),
    Method.INTEREST_ONLY.value: _("Interest first, principal at the end"),
    Method.BULLET.value: _("Principal and interest at the end"),
    Method.FLAT.value: _("Flat interest"),
}
DAY_COUNTS: Words = {
    DayCount.ANNUAL_12.value: _("annual/12: a twelfth of the year's interest a month"),
    DayCount.THIRTY_360.value: _("30/360: months of thirty days"),
    DayCount.ACTUAL_360.value: _("actual/360: calendar days over 360"),
    DayCount.ACTUAL_364.value: _("actual/364: calendar days over 364"),
    DayCount.ACTUAL_365.value: _("actual/365: calendar days over 365"),
    DayCount.ACTUAL_ACTUAL.value: _("actual/actual: days over 365, in leap years 366"),
}
ROUNDINGS: Words = {
    Rounding.HALF_UP.value: _("Half up"),
    Rounding.HALF_EVEN.value: _("Half to even"),
    Rounding.CEILING.value: pgettext_lazy("rounding", "Up"),
}
UNITS: Words = {
    PeriodUnit.MONTH.value: _("months"),
    PeriodUnit.QUARTER.value: _("quarters"),
    PeriodUnit.WEEK.value: _("weeks"),
    PeriodUnit.DAY.value: _("days"),
}
ROW_KINDS: Words = {
    RowKind.INSTALMENT.value: _("Instalment"),
    RowKind.DOWN_PAYMENT.value: _("Down payment"),
    RowKind.PREPAYMENT.value: _("Prepayment"),
}
LIMITS: Words = {
    "requested": _("the amount asked for"),
    "product_maximum": _("the product's largest amount"),
    "cap_by_grade": _("the cap of the grade"),
}
DOCUMENTS: tuple[str, ...] = (
    "business licence",
    "articles of association",
    "financial statements",
    "purchase contracts",
    "invoices of the suppliers",
    "tax returns",
    "resolution of the shareholders",
    "authority to query credit records",
)
_DOCUMENTS: Words = {
    "business licence": pgettext_lazy("document", "business licence"),
    "articles of association": pgettext_lazy("document", "articles of association"),
    "financial statements": pgettext_lazy("document", "financial statements"),
    "purchase contracts": pgettext_lazy("document", "purchase contracts"),
    "invoices of the suppliers": pgettext_lazy("document", "invoices of the suppliers"),
    "tax returns": pgettext_lazy("document", "tax returns"),
    "resolution of the shareholders": pgettext_lazy("document", "resolution of the shareholders"),
    "authority to query credit records": pgettext_lazy(
        "document", "authority to query credit records"
    ),
}


def document(phrase: str) -> str:
    """Return a document's name; what somebody wrote in their own words stays as it is."""
    name = str(_DOCUMENTS.get(phrase, phrase))
    return name[:1].upper() + name[1:]


def condition(phrase: str) -> str:
    """Return a condition for paying out; conditions of the demo have their Chinese."""
    return pgettext("condition", phrase) if phrase else ""


def application(status: Any) -> str:
    return str(APPLICATION.get(str(status), status))


def loan(status: Any) -> str:
    return str(LOAN_SHOWN.get(str(status), status))


def product(status: Any) -> str:
    return str(PRODUCT.get(str(status), status))


def tone(status: Any) -> str:
    return TONES.get(str(status), "muted")


def word(words: Words, code: Any) -> str:
    """Return the word for a code, or the code where it has none."""
    return str(words.get(str(code), code))


def options(words: Words) -> list[tuple[str, Any]]:
    """Return the choices of a field or of a filter."""
    return list(words.items())
