"""Loans: the list, and the page of one with its payments, its schedule and its freeze."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lending import permissions
from lending.domain.lifecycle import LOAN
from lending.models import Loan
from lending.selectors import enterprises
from lending.selectors import loans as selectors
from lending.services import loans
from lending.web import schedules, words
from lending.web.application_tables import named
from lending.web.fields import ReasonForm
from lending.web.forms import DisbursementForm, FreezeForm
from lending.web.prices import rate_sentence
from lending.web.refusals import put_into
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.table_exports import KINDS
from qfce.kernel.web.tables import Choice, Column, Kind, Table

PURPOSE = "post_loan"
PAGE = "lending/loans/detail.html"
PARTS = {"freeze": "lending/loans/_freeze.html", "payments": "lending/loans/_payments.html"}


def _state(loan: Loan) -> str:
    """Return a loan's state; one of which nothing may be drawn is no good one."""
    return "frozen" if loan.frozen_at and LOAN.actions_from(loan.status) else loan.status


def _freeze(loan: Loan) -> str:
    return formats.own_half(loan.freeze_reason) if loan.frozen_at else ""


LOANS = Table(
    name="lending.loans",
    caption=gettext_lazy("Loans"),
    columns=(
        Column(
            "enterprise",
            gettext_lazy("Enterprise"),
            value=lambda row: row.enterprise_name or row.uscc,
            href=lambda row: reverse("lending:loan", args=[row.pk]),
            note=lambda row: row.uscc if row.enterprise_name else "",
            note_label=gettext_lazy("Credit code"),
        ),
        Column(
            "contract__number",
            gettext_lazy("Contract"),
            Kind.CODE,
            sort="contract__number",
            note=lambda row: formats.day(row.contract.signed_on),
            note_label=gettext_lazy("Signed on"),
        ),
        Column("principal", gettext_lazy("Agreed"), Kind.YUAN, sort="principal"),
        Column("undrawn", gettext_lazy("Undrawn"), Kind.YUAN, sort="undrawn"),
        Column("outstanding", gettext_lazy("Outstanding"), Kind.YUAN, sort="outstanding"),
        Column(
            "contract__annual_rate",
            gettext_lazy("Rate"),
            Kind.PERCENT,
            sort="contract__annual_rate",
        ),
        Column(
            "status",
            gettext_lazy("State"),
            Kind.STATUS,
            sort="status",
            value=_state,
            label_of=words.loan,
            tone_of=words.tone,
            note=_freeze,
        ),
    ),
    search=("uscc", "contract__number", "contract__application__purpose"),
    filters=(
        Choice("status", gettext_lazy("State"), words.options(words.LOAN)),
        Choice(
            "freeze",
            gettext_lazy("Freeze"),
            [("frozen", gettext_lazy("Frozen")), ("open", gettext_lazy("May be drawn"))],
            lambda rows, value: rows.frozen() if value == "frozen" else rows.drawable(),
        ),
    ),
    ordering=("-created_at",),
    empty=gettext_lazy("No loan yet"),
)


@require_safe
@tenant_page("lending.loan.view")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    rows = selectors.list_for(actor=actor).with_balances()
    source = named(rows, LOANS, purpose=PURPOSE, actor=actor, at=at)
    return LOANS.respond(request, source, "lending/loans/list.html")


@require_safe
@tenant_page("lending.loan.view")
def detail(request: HttpRequest, actor: Actor, loan_id: UUID) -> HttpResponse:
    loan = selectors.get(loan_id, actor=actor)
    if (kind := request.GET.get("export", "")) in KINDS:
        stored = _schedule(loan, actor)
        if stored is not None:
            return schedules.export(stored, kind, name=f"schedule-{loan.contract.number}")
    return _show(request, loan, actor)


@require_POST
@tenant_page("lending.loan.disburse")
def disburse(request: HttpRequest, actor: Actor, loan_id: UUID) -> HttpResponse:
    loan = selectors.get(loan_id, actor=actor)
    form, status = DisbursementForm(request.POST, loan=loan), 422
    if form.is_valid():
        try:
            loans.disburse(loan_id, **form.payment(), actor=actor, at=timezone.now())
        except Refusal as refusal:
            status = put_into(form, refusal)
        else:
            messages.success(request, _("The payment was recorded, and the schedule computed."))
            return go_to(request, reverse("lending:loan", args=[loan_id]))
    return _show(request, loan, actor, status=status, disbursement=form)


@require_POST
@tenant_page("risk.exposure.freeze")
def freeze(request: HttpRequest, actor: Actor, loan_id: UUID) -> HttpResponse:
    said = _("What is undrawn is frozen.")
    return _with_reason(request, actor, loan_id, loans.freeze_undrawn, said)


@require_POST
@tenant_page("risk.exposure.freeze")
def unfreeze(request: HttpRequest, actor: Actor, loan_id: UUID) -> HttpResponse:
    said = _("The rest may be drawn again.")
    return _with_reason(request, actor, loan_id, loans.unfreeze, said)


def _with_reason(
    request: HttpRequest, actor: Actor, loan_id: UUID, service: Callable[..., Any], said: str
) -> HttpResponse:
    form: ReasonForm = FreezeForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            service(loan_id, form.cleaned_data["reason"], actor=actor, at=timezone.now())
        except Refusal as refusal:
            status = put_into(form, refusal)
        else:
            messages.success(request, said)
            return go_to(request, reverse("lending:loan", args=[loan_id]))
    loan = selectors.get(loan_id, actor=actor)
    return _show(request, loan, actor, status=status, freeze_form=form)


def _show(
    request: HttpRequest, loan: Loan, actor: Actor, *, status: int = 200, **forms: Any
) -> HttpResponse:
    part = PARTS.get(request.headers.get("HX-Target", ""), PARTS["payments"])
    context = {**_context(loan, actor, timezone.now()), **forms}
    return fragment(request, PAGE, part, context, status=status)


def _context(loan: Loan, actor: Actor, at: datetime) -> dict[str, Any]:
    contract, application = loan.contract, loan.contract.application
    stored = _schedule(loan, actor)
    undrawn = loan.principal - loan.disbursed
    payments = list(loan.disbursements.select_related("recorded_by").order_by("number"))
    is_open = "disburse" in LOAN.actions_from(loan.status) and undrawn > 0
    left = loan.drawdowns_allowed - len(payments)
    address = reverse("lending:loan", args=[loan.pk])
    return {
        "loan": loan,
        "contract": contract,
        "application": application,
        "name": enterprises.names([loan.uscc], purpose=PURPOSE, actor=actor, at=at).get(
            loan.uscc, ""
        ),
        "undrawn": undrawn,
        "outstanding": loan.disbursed - loan.repaid_principal,
        "payments": payments,
        "drawdowns_left": left,
        "schedule": stored,
        "chart": schedules.chart(stored) if stored else None,
        "files": [("CSV", f"{address}?export=csv"), ("Excel", f"{address}?export=xlsx")],
        "rate": rate_sentence(contract.base_rate, contract.spread_bp),
        "method": words.word(words.METHODS, contract.terms["repayment"]["method"]),
        "conditions": [words.condition(phrase) for phrase in loan.conditions],
        "status_word": words.loan(loan.status),
        "status_tone": words.tone(loan.status),
        "may_disburse": is_open and left > 0 and actor.may(permissions.DISBURSE),
        "may_freeze": undrawn > 0 and actor.may(permissions.FREEZE),
        "freeze_form": FreezeForm(),
        "disbursement": DisbursementForm(
            loan=loan, initial={"paid_on": business_day(at), "amount": undrawn}
        ),
    }


def _schedule(loan: Loan, actor: Actor) -> schedules.Shown | None:
    if not loan.disbursed:
        return None
    newest, rows = selectors.schedule(loan.pk, actor=actor)
    return schedules.shown(
        schedules.request_of(newest.request),
        rows,
        instalment=newest.instalment,
        effective_annual_rate=newest.effective_annual_rate,
        digest=newest.digest,
    )
