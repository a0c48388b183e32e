"""What happened to an application, and when: by whom, with which reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lending.models import Loan, LoanApplication
from qfce.kernel.web import formats


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the time line, ready for `<c-event>`."""

    at: datetime
    title: str
    text: str = ""
    tone: str = "muted"
    icon: str = "point"
    href: str = ""

    @property
    def when(self) -> str:
        return formats.moment(self.at)


def of_application(application: LoanApplication, loan: Loan | None) -> list[Event]:
    """Return an application's steps, newest first."""
    events = [
        Event(application.created_at, _("Drafted"), _by(application.created_by), icon="pencil")
    ]
    if application.submitted_at:
        events.append(
            Event(
                application.submitted_at,
                _("Submitted, the evaluation frozen"),
                _by(application.submitted_by),
                "info",
                "send",
            )
        )
    if application.review_started_at:
        events.append(
            Event(
                application.review_started_at,
                _("Review begun"),
                _by(application.reviewed_by),
                "info",
                "eye",
            )
        )
    events += _answers(application)
    if loan is not None:
        events += _loan(application, loan)
    # Of two at one instant the later step is the newer.
    return sorted(events, key=lambda event: event.at)[::-1]


def _answers(application: LoanApplication) -> list[Event]:
    found = []
    if application.withdrawn_at:
        reason = application.withdrawal_reason or ""
        found.append(
            Event(
                application.withdrawn_at,
                pgettext("application", "Taken back"),
                reason,
                "muted",
                "arrow-back-up",
            )
        )
    if application.decided_at:
        approved = application.offered_principal is not None
        who = _by(application.decided_by)
        found.append(
            Event(
                application.decided_at,
                _("Approved") if approved else _("Declined"),
                f"{who} · {application.decision_reason}",
                "good" if approved else "bad",
                "circle-check" if approved else "circle-x",
            )
        )
    return found


def _loan(application: LoanApplication, loan: Loan) -> list[Event]:
    address = reverse("lending:loan", args=[loan.pk])
    contract = loan.contract
    found = [
        Event(
            contract.signed_at,
            _("Contract {number} signed").format(number=contract.number),
            _by(contract.signed_by),
            "good",
            "signature",
            address,
        )
    ]
    for payment in loan.disbursements.select_related("recorded_by").order_by("number"):
        found.append(
            Event(
                payment.recorded_at,
                _("{amount} paid out").format(amount=formats.yuan(payment.amount)),
                f"{payment.payee_name} · {_by(payment.recorded_by)}",
                "good",
                "cash",
                address,
            )
        )
    if loan.frozen_at:
        found.append(
            Event(
                loan.frozen_at,
                _("Undrawn {amount} frozen").format(
                    amount=formats.yuan(loan.principal - loan.disbursed)
                ),
                formats.own_half(loan.freeze_reason),
                "bad",
                "snowflake",
                address,
            )
        )
    return found


def _by(person: Any) -> str:
    return str(person) if person is not None else _("The platform")
