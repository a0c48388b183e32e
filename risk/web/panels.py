"""What waits for a risk manager today."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.landing import Todo
from risk.selectors import cases, signals


def waiting(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return the signals and cases that want somebody today, the most urgent first."""
    on = business_day(at)
    found, opened = signals.counts(actor=actor, on=on), cases.counts(actor=actor, on=on)
    queue, files = reverse("risk:signals"), reverse("risk:cases")
    return [
        Todo(_("Signals past a deadline"), found["overdue"], f"{queue}?deadline=overdue", "bad"),
        Todo(_("Red signals open"), found["red"], f"{queue}?status=all_open&level=red", "bad"),
        Todo(_("Signals due today"), found["today"], f"{queue}?deadline=today", "warn"),
        Todo(
            _("Signals that nobody has claimed"),
            found["unclaimed"],
            f"{queue}?status=raised",
            "warn",
        ),
        Todo(_("Signals that you hold"), found["mine"], f"{queue}?status=all_open&holder=mine"),
        Todo(
            _("Red signals to release as second person"),
            found["to_agree"],
            f"{queue}?status=all_open&level=red",
            "warn",
        ),
        Todo(_("Answers to review"), found["to_review"], f"{queue}?status=answered"),
        Todo(
            _("Steps to confirm as second person"),
            opened["to_confirm"],
            f"{files}?waiting=yes",
            "warn",
        ),
        Todo(_("Cases past their deadline"), opened["overdue"], f"{files}?deadline=overdue", "bad"),
        Todo(_("Cases open"), opened["open"], f"{files}?status=all_open"),
    ]
