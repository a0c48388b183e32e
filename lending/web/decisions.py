"""What people do with an application, each step by the right person."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lending.selectors import applications as selectors
from lending.services import applications, contracts
from lending.web import rights
from lending.web.applications import new_approval_form, show
from lending.web.fields import ReasonForm
from lending.web.forms import ContractForm, DeclineForm, ReturnForm, WithdrawForm, amount_of
from lending.web.prices import rate_sentence
from lending.web.refusals import put_into
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import go_to, tenant_page


@require_POST
@tenant_page("lending.application.submit")
def submit(request: HttpRequest, actor: Actor, application_id: UUID) -> HttpResponse:
    applications.submit(application_id, actor=actor, at=timezone.now())
    return _done(
        request, application_id, _("The application was submitted; its evaluation is frozen.")
    )


@require_POST
@tenant_page("lending.application.review")
def start_review(request: HttpRequest, actor: Actor, application_id: UUID) -> HttpResponse:
    applications.start_review(application_id, actor=actor, at=timezone.now())
    return _done(request, application_id, _("You hold this application now."))


@require_POST
@tenant_page("lending.application.review")
def return_(request: HttpRequest, actor: Actor, application_id: UUID) -> HttpResponse:
    form = ReturnForm(request.POST)
    said = _("The application was returned.")
    return _with_reason(
        request, actor, application_id, applications.return_, form, "return_form", said
    )


@require_POST
@tenant_page("lending.application.view")
def decline(request: HttpRequest, actor: Actor, application_id: UUID) -> HttpResponse:
    form = DeclineForm(request.POST)
    said = _("The application was declined.")
    return _with_reason(
        request, actor, application_id, applications.decline, form, "decline_form", said
    )


@require_POST
@tenant_page("lending.application.submit")
def withdraw(request: HttpRequest, actor: Actor, application_id: UUID) -> HttpResponse:
    form = WithdrawForm(request.POST)
    said = _("The application was taken back.")
    return _with_reason(
        request, actor, application_id, applications.withdraw, form, "withdraw_form", said
    )


@require_POST
@tenant_page("lending.application.decide")
def approve(request: HttpRequest, actor: Actor, application_id: UUID) -> HttpResponse:
    application = selectors.get(application_id, actor=actor)
    at = timezone.now()
    # Whose authority is used, and so whether votes are asked for, depends on the offer.
    offered = amount_of(request.POST.get("principal", ""))
    rule = rights.rule(application, actor=actor, on=business_day(at), amount=offered)
    form, status = new_approval_form(application, rule, request.POST), 422
    if form.is_valid():
        data = form.cleaned_data
        try:
            applications.approve(
                application_id,
                form.offer(),
                reason=data["reason"],
                gate_exception=data.get("gate_exception", ""),
                votes_for=data.get("votes_for"),
                actor=actor,
                at=at,
            )
            return _done(request, application_id, _("The application was approved."))
        except Refusal as refusal:
            status = put_into(form, refusal)
    return show(request, application, actor, status=status, approval=form, rule=rule)


@require_POST
@tenant_page("lending.contract.sign")
def sign(request: HttpRequest, actor: Actor, application_id: UUID) -> HttpResponse:
    """Record the signed contract; or, asked to, only compute its rate."""
    application = selectors.get(application_id, actor=actor)
    form, status, price = ContractForm(request.POST), 422, None
    if form.is_valid():
        data = form.cleaned_data
        try:
            if "compute" in request.POST:
                spread = application.offered_spread_bp or 0
                price = rate_sentence(data["base_rate"], spread)
                status = 200
            else:
                contract = contracts.sign(application_id, **data, actor=actor, at=timezone.now())
                messages.success(request, _("The contract was recorded; the loan is open."))
                return go_to(request, reverse("lending:loan", args=[contract.loan.pk]))
        except Refusal as refusal:
            status = put_into(form, refusal)
    return show(request, application, actor, status=status, contract_form=form, price=price)


def _with_reason(
    request: HttpRequest,
    actor: Actor,
    application_id: UUID,
    service: Callable[..., Any],
    form: ReasonForm,
    name: str,
    said: str,
) -> HttpResponse:
    status = 422
    if form.is_valid():
        try:
            service(
                application_id, reason=form.cleaned_data["reason"], actor=actor, at=timezone.now()
            )
            return _done(request, application_id, said)
        except Refusal as refusal:
            status = put_into(form, refusal)
    application = selectors.get(application_id, actor=actor)
    return show(request, application, actor, status=status, **{name: form})


def _done(request: HttpRequest, application_id: UUID, said: str) -> HttpResponse:
    messages.success(request, said)
    return go_to(request, reverse("lending:application", args=[application_id]))
