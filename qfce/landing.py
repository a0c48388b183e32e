"""
What the page "Today" shows, on one page: which app says what needs doing, and to whom.

A panel names a selector by its dotted path, called as `selector(actor=actor, at=at)` inside
the reader's transaction. It returns a sequence of `qfce.kernel.web.landing.Todo`; what has
a count of nought is not shown. The path is resolved when the page is asked for.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Panel:
    """One card of the page: its title, its selector, and the permission to see it."""

    title: str | Promise
    icon: str
    selector: str
    permission: str | None = None


PANELS: tuple[Panel, ...] = (
    Panel(_("Factor lists"), "list-details", "factors.web.panels.waiting", "factors.list.view"),
    Panel(_("Imports"), "file-import", "sharing.web.import_panels.waiting", "sharing.import.view"),
    Panel(
        _("Collection rounds"), "calendar-due", "sharing.web.panels.rounds", "sharing.import.view"
    ),
    Panel(
        _("Declarations"),
        "clipboard-text",
        "sharing.web.panels.declared",
        "sharing.declaration.view",
    ),
    Panel(
        _("To look at again"), "hourglass", "sharing.web.panels.due_items", "sharing.record.write"
    ),
    Panel(_("Doubts about codes"), "copy", "sharing.web.panels.codes", "sharing.import.view"),
    Panel(_("Corrections"), "pencil", "sharing.web.panels.corrections", "sharing.record.release"),
    Panel(
        _("Questions to bureaus"),
        "message-question",
        "sharing.web.panels.refresh_requests",
        "sharing.refresh.view",
    ),
    Panel(
        _("Disputes"),
        "message-exclamation",
        "sharing.web.panels.disputes",
        "sharing.dispute.view",
    ),
    Panel(
        _("Consents"),
        "circle-check",
        "sharing.web.panels.consent_requests",
        "sharing.consent.write",
    ),
    Panel(
        _("Agreements"),
        "file-certificate",
        "sharing.web.panels.agreement_drafts",
        "sharing.agreement.write",
    ),
    Panel(
        _("Background work"), "progress", "qfce.kernel.web.landing.unfinished_jobs", "jobs.job.view"
    ),
    Panel(
        _("Signals and cases"), "alert-triangle", "risk.web.panels.waiting", "risk.signal.handle"
    ),
    Panel(_("Evaluations"), "gauge", "evaluation.web.panels.fallen", "evaluation.evaluation.view"),
    Panel(
        _("Scorecards"),
        "adjustments-horizontal",
        "evaluation.web.panels.versions",
        "evaluation.scorecard.view",
    ),
    Panel(
        _("Applications and loans"),
        "cash",
        "lending.web.panels.waiting",
        "lending.application.view",
    ),
)
