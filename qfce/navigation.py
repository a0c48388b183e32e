"""
The navigation, on one page: what stands in it, for whom, and in which order.

An entry is shown if its address exists and the actor holds its permission. The kernel knows
the apps by the names of their addresses alone.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qfce.roles import LENDERS, REGULATORS

ENTERPRISE = frozenset({"enterprise"})
SCORERS = LENDERS | {"credit_agency"}
Label = str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: the name of its address, its label, its icon, and who sees it."""

    url: str
    label: Label
    icon: str
    permission: str | tuple[str, ...] | None = None  # of several, any is enough
    kinds: frozenset[str] | None = None  # of organization; None: all
    covers: tuple[str, ...] = ()  # beginnings of further addresses that belong to it


@dataclass(frozen=True, slots=True)
class Group:
    label: Label
    entries: tuple[Entry, ...]


# Kind of background work -> the page of what it is done for, and which of the job's arguments
# names that; an empty one: the job's own number.
JOB_PAGES = {
    "check_import": ("sharing:import", "import_id"),
    "publish_import": ("sharing:import", "import_id"),
    "undo_import": ("sharing:import", "import_id"),
    "evaluation.batch": ("evaluation:batch", ""),
}

NAVIGATION: tuple[Group, ...] = (
    Group("", (Entry("landing", _("Today"), "layout-dashboard"),)),
    Group(
        _("Factors"),
        (
            Entry("factors:lists", _("Factor lists"), "list-details", "factors.list.view"),
            Entry("factors:consultations", _("Consultations"), "messages", "factors.list.comment"),
        ),
    ),
    Group(
        _("Sharing"),
        (
            Entry("sharing:imports", _("Imports"), "file-import", "sharing.import.view"),
            Entry(
                "sharing:collection-rounds",
                _("Collection rounds"),
                "calendar-due",
                "sharing.import.view",
            ),
            Entry(
                "sharing:declarations",
                _("Declarations"),
                "clipboard-text",
                "sharing.declaration.view",
            ),
            Entry(
                "sharing:enterprises",
                _("Enterprises"),
                "building-factory-2",
                "sharing.enterprise.view",
                frozenset({"market_regulator"}) | ENTERPRISE | SCORERS,
            ),
            Entry("sharing:duplicates", _("Likely duplicates"), "copy", "sharing.record.write"),
            Entry("sharing:merges", _("Mergers of codes"), "git-merge", "sharing.import.view"),
            Entry(
                "sharing:record-changes",
                _("Corrections"),
                "pencil",
                ("sharing.record.write", "sharing.record.release"),
            ),
            Entry(
                "sharing:list-migrations",
                _("Migrations of records"),
                "arrows-exchange",
                "sharing.migration.view",
            ),
            Entry("sharing:due-items", _("To look at again"), "hourglass", "sharing.record.write"),
            Entry("sharing:data-quality", _("Data quality"), "chart-bar", "sharing.import.view"),
            Entry(
                "sharing:refresh-requests",
                _("Questions to bureaus"),
                "message-question",
                "sharing.refresh.view",
            ),
            Entry("sharing:disputes", _("Disputes"), "message-exclamation", "sharing.dispute.view"),
            Entry(
                "sharing:enterprise-lists",
                _("Enterprise lists"),
                "clipboard-list",
                "sharing.enterprise_list.view",
                REGULATORS | SCORERS,
            ),
            Entry(
                "sharing:agreements", _("Agreements"), "file-certificate", "sharing.agreement.view"
            ),
            Entry("sharing:consents", _("Consents"), "circle-check", "sharing.consent.write"),
        ),
    ),
    Group(
        _("Evaluation"),
        (
            Entry(
                "evaluation:enterprises",
                _("Enterprises evaluated"),
                "building-store",
                "evaluation.evaluation.view",
                covers=("/evaluation/evaluations/", "/evaluation/batches/"),
            ),
            Entry(
                "evaluation:scorecards",
                _("Scorecards"),
                "adjustments-horizontal",
                "evaluation.scorecard.view",
            ),
        ),
    ),
    Group(
        _("Lending"),
        (
            Entry(
                "lending:applications",
                _("Applications"),
                "file-text",
                "lending.application.view",
            ),
            Entry("lending:loans", _("Loans"), "cash", "lending.loan.view"),
            Entry(
                "lending:products",
                _("Products"),
                "package",
                "lending.product.view",
                covers=("/lending/limits/",),
            ),
            Entry("lending:calculator", _("Schedule calculator"), "calculator"),
        ),
    ),
    Group(
        _("Risk"),
        (
            Entry("risk:signals", _("Signals"), "alert-triangle", "risk.signal.view"),
            Entry("risk:cases", _("Cases"), "briefcase", "risk.case.view"),
            Entry("risk:rules", _("Warning rules"), "list-check", "risk.signal.view"),
            Entry("risk:floor", _("Classification floor"), "calculator", "risk.signal.view"),
        ),
    ),
    Group(
        _("Administration"),
        (
            Entry("jobs", _("Background work"), "progress", "jobs.job.view"),
            Entry("audit-events", _("Audit trail"), "history", "audit.event.view"),
            Entry("members", _("Users and roles"), "users", "tenancy.member.manage"),
            Entry("clients", _("API clients"), "plug-connected", "tenancy.member.manage"),
        ),
    ),
)
