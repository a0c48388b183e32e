"""The schedule calculator: a quote for whoever is signed in; nothing is stored."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lending.domain.schedules import quote
from lending.web import schedules
from lending.web.calculator_form import CALLED, CalculatorForm
from lending.web.refusals import put_into
from lending.web.schedules import Shown
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.table_exports import KINDS


@require_safe
@tenant_page
def calculator(request: HttpRequest, actor: Actor) -> HttpResponse:
    asked = "principal" in request.GET
    form = CalculatorForm(request.GET) if asked else CalculatorForm(initial=_example(request.GET))
    found, status = _quote(form) if asked else (None, 200)
    kind = request.GET.get("export", "")
    if found is not None and kind in KINDS:
        return schedules.export(found, kind, name="schedule")
    context = {
        "form": form,
        "schedule": found,
        "chart": schedules.chart(found) if found else None,
        "files": _files(request) if found else (),
    }
    return render(request, "lending/schedules/calculator.html", context, status=status)


def _quote(form: CalculatorForm) -> tuple[Shown | None, int]:
    if not form.is_valid():
        return None, 422
    request = form.request()
    try:
        answer = quote(request)
    except Refusal as refusal:
        return None, put_into(form, refusal, called=CALLED)
    return (
        schedules.shown(
            request,
            answer.rows,
            instalment=answer.instalment,
            effective_annual_rate=answer.effective_annual_rate,
        ),
        200,
    )


def _example(asked: QueryDict) -> dict[str, Any]:
    """Return terms to begin with; a page that links here may have given some in per cents."""
    return {
        "principal": Decimal(1_000_000),
        "annual_rate": Decimal("0.031"),
        "method": "equal_instalment",
        "start_date": business_day(timezone.now()),
        "periods": 12,
        "period_unit": "month",
        "period_every": 1,
        "rounding": "half_up",
        "rounding_unit": Decimal("0.01"),
        **{name: asked[name] for name in CalculatorForm.base_fields if name in asked},
    }


def _files(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the addresses of this quote as files."""
    found = []
    for kind, label in (("csv", "CSV"), ("xlsx", "Excel")):
        query = request.GET.copy()
        query["export"] = kind
        found.append((label, f"{request.path}?{query.urlencode()}"))
    return found
