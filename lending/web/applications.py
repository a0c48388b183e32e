"""Applications: the list by state, and the page of one with the rule and the decision."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lending import permissions, policies
from lending.domain.lifecycle import APPLICATION, ApplicationStatus
from lending.domain.pricing import spread_of
from lending.models import Loan, LoanApplication
from lending.selectors import applications as selectors
from lending.selectors import enterprises, loans
from lending.web import application_tables, rights, snapshots, timelines, words
from lending.web.forms import (
    ApprovalForm,
    ContractForm,
    DeclineForm,
    ReturnForm,
    WithdrawForm,
    amount_of,
)
from lending.web.prices import rate_sentence
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import fragment, tenant_page

PAGE = "lending/applications/detail.html"
PART = "lending/applications/_decision.html"
PURPOSE = "pre_loan"
TABS = ("submitted", "under_review", "returned", "draft", "approved", "declined", "withdrawn")


@require_safe
@tenant_page("lending.application.view")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    table = application_tables.table(actor, at)
    rows = application_tables.named(
        selectors.list_for(actor=actor), table, purpose=PURPOSE, actor=actor, at=at
    )
    context = {
        "tabs": _tabs(request, actor),
        "may_apply": actor.may(permissions.SUBMIT),
    }
    return table.respond(request, rows, "lending/applications/list.html", context)


@require_safe
@tenant_page("lending.application.view")
def detail(request: HttpRequest, actor: Actor, application_id: UUID) -> HttpResponse:
    application = selectors.get(application_id, actor=actor)
    return show(request, application, actor)


def show(
    request: HttpRequest,
    application: LoanApplication,
    actor: Actor,
    *,
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    """Return the page of an application; a form given stands there as it was sent."""
    at = timezone.now()
    context = {**_about(application, actor, at), **_decision(request, application, actor, at)}
    return fragment(request, PAGE, PART, {**context, **forms}, status=status)


def new_approval_form(
    application: LoanApplication, rule: rights.Rule, data: Any = None
) -> ApprovalForm:
    """Return the form of an offer, to begin with the most that may be lent."""
    snapshot = application.snapshot or {}
    spreads = application.product.spreads_bp
    usual = spread_of(snapshot.get("grade"), spreads) if spreads else snapshot.get("spread_bp")
    initial = {
        "principal": rule.rights.largest_amount,
        "months": application.requested_months,
        "drawdowns": 1,
    }
    return ApprovalForm(
        data,
        initial=initial,
        application=application,
        needs_votes=rule.needs_votes,
        usual_spread=usual,
    )


def _about(application: LoanApplication, actor: Actor, at: datetime) -> dict[str, Any]:
    found = enterprises.names([application.uscc], purpose=PURPOSE, actor=actor, at=at)
    loan = _loan(application, actor)
    exposure = None
    if actor.may(permissions.VIEW_LOAN):
        exposure = loans.exposure([application.uscc], actor=actor)[application.uscc]
    return {
        "application": application,
        "name": found.get(application.uscc, ""),
        "seen": snapshots.of_application(application, actor=actor),
        "documents": [words.document(phrase) for phrase in application.documents],
        "events": timelines.of_application(application, loan),
        "loan": loan,
        "exposure": exposure,
        "offered_rate": _offered_rate(application),
        "most_days": int(policies.EVALUATION_AGE.on(business_day(at))["max_age_days"]),
        "waiting": application_tables.days_waiting(application, at),
        "status_word": words.application(application.status),
        "status_tone": words.tone(application.status),
    }


def _decision(
    request: HttpRequest, application: LoanApplication, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Return the rule, what the reader may do, and the forms to do it with."""
    amount = amount_of(request.GET.get("amount", ""))
    rule = rights.rule(application, actor=actor, on=business_day(at), amount=amount)
    steps = _steps(application, actor)
    today = business_day(at)
    return {
        "rule": rule,
        "steps": steps,
        "approval": new_approval_form(application, rule),
        "return_form": ReturnForm(),
        "decline_form": DeclineForm(),
        "withdraw_form": WithdrawForm(),
        "contract_form": ContractForm(
            initial={
                "base_rate": application.offered_base_rate,
                "base_rate_on": None,
                "signed_on": today,
            }
        ),
    }


def _steps(application: LoanApplication, actor: Actor) -> dict[str, bool]:
    """Return what this reader may do to the application in its state."""
    legal = APPLICATION.actions_from(application.status)
    submits, reviews = actor.may(permissions.SUBMIT), actor.may(permissions.REVIEW)
    holds = "return" in legal and reviews and permissions.holds(actor, application)
    second = actor.may(permissions.DECIDE) and not permissions.not_second_person(actor, application)
    own = application.submitted_by_id == actor.user_id
    return {
        "submit": "submit" in legal and submits,
        "review": "start_review" in legal and reviews,
        "return": holds,
        "approve": "approve" in legal and second,
        "decline": "decline" in legal and (second or (holds and not own)),
        "withdraw": "withdraw" in legal and submits,
        "sign": application.status == ApplicationStatus.APPROVED
        and not hasattr(application, "contract")
        and actor.may(permissions.SIGN),
    }


def _loan(application: LoanApplication, actor: Actor) -> Loan | None:
    if not hasattr(application, "contract") or not actor.may(permissions.VIEW_LOAN):
        return None
    return loans.of_contract(application.contract.pk, actor=actor)


def _offered_rate(application: LoanApplication) -> str:
    if application.offered_base_rate is None:
        return ""
    return rate_sentence(application.offered_base_rate, application.offered_spread_bp or 0)


def _tabs(request: HttpRequest, actor: Actor) -> list[tuple[str, str, bool, int | None]]:
    counts = selectors.counts(actor=actor)
    chosen = request.GET.get("status", "")
    base = reverse("lending:applications")
    every = (_("All"), f"{base}?status=", not chosen, sum(counts.values()))
    return [
        every,
        *(
            (words.application(status), f"{base}?status={status}", chosen == status, counts[status])
            for status in TABS
            if counts.get(status) or chosen == status
        ),
    ]
