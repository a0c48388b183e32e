"""The form of a new application: the enterprise first, then what it asks for."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lending.models import LoanApplication
from lending.selectors import enterprises, products
from lending.services import applications
from lending.web import snapshots
from lending.web.applications import PURPOSE
from lending.web.forms import MOST_PAYEES, ApplicationForm, EnterpriseForm, PayeeForms
from lending.web.refusals import put_into
from qfce.kernel.errors import Refusal
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from sharing.domain import uscc as codes

PAGE = "lending/applications/new.html"
PART = "lending/applications/_new.html"


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("lending.application.submit")
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    chosen = EnterpriseForm(asked) if "uscc" in asked else EnterpriseForm()
    if not chosen.is_bound:
        return render(request, "lending/applications/choose.html", {"form": chosen})
    if not chosen.is_valid() or not codes.is_valid(chosen.cleaned_data["uscc"]):
        if chosen.is_valid():
            chosen.add_error(
                "uscc", _("The check character does not fit: compare with the licence.")
            )
        return render(request, "lending/applications/choose.html", {"form": chosen}, status=422)
    uscc = str(chosen.cleaned_data["uscc"])
    if request.method == "POST":
        return _sent(request, actor, uscc)
    known = {name: asked[name] for name in ("product", "requested_principal") if name in asked}
    form = ApplicationForm(products=_products(actor), initial={"requested_months": 12, **known})
    return _show(request, actor, uscc, form, PayeeForms(prefix="payees"))


def _sent(request: HttpRequest, actor: Actor, uscc: str) -> HttpResponse:
    """Answer the form: another row for a supplier, a draft, or a submission."""
    form = ApplicationForm(request.POST, products=_products(actor))
    if "more" in request.POST:
        # Whoever works without JavaScript asks for rows; nothing is checked or kept yet.
        payees = PayeeForms(_with_rows(request.POST, 2), prefix="payees")
        unchecked = ApplicationForm(products=_products(actor), initial=_typed(request.POST))
        return _show(request, actor, uscc, unchecked, _unchecked(payees))
    payees = PayeeForms(request.POST, prefix="payees")
    status = 422
    if form.is_valid() and payees.is_valid():
        try:
            application = _apply(request, form, payees, uscc, actor)
        except Refusal as refusal:
            status = put_into(form, refusal)
        else:
            return go_to(request, reverse("lending:application", args=[application.pk]))
    return _show(request, actor, uscc, form, payees, status)


def _apply(
    request: HttpRequest, form: ApplicationForm, payees: Any, uscc: str, actor: Actor
) -> LoanApplication:
    data, at = form.cleaned_data, timezone.now()
    with transaction.atomic():  # a draft that cannot be submitted is not left behind
        application = applications.create(
            uscc,
            product_id=UUID(data["product"]),
            principal=data["requested_principal"],
            months=data["requested_months"],
            purpose=data["purpose"],
            payees=[each.payee() for each in payees if each.cleaned_data.get("name")],
            documents=form.all_documents(),
            evaluation_id=_evaluation(request.POST),
            actor=actor,
            at=at,
        )
        if "submit" in request.POST:
            applications.submit(application.pk, actor=actor, at=at)
            said = _("The application was submitted; its evaluation is frozen.")
        else:
            said = _("The draft was kept. Submit it when it is complete.")
    messages.success(request, said)
    return application


def _show(
    request: HttpRequest,
    actor: Actor,
    uscc: str,
    form: ApplicationForm,
    payees: Any,
    status: int = 200,
) -> HttpResponse:
    newest = snapshots.of_newest(uscc, actor=actor)
    names = enterprises.names([uscc], purpose=PURPOSE, actor=actor, at=timezone.now())
    context = {
        "uscc": uscc,
        "name": names.get(uscc, ""),
        "form": form,
        "payees": payees,
        "seen": newest[0] if newest else None,
        "evaluation_id": newest[1] if newest else None,
    }
    return fragment(request, PAGE, PART, context, status=status)


def _products(actor: Actor) -> list[Any]:
    return list(products.on_sale(actor=actor))


def _evaluation(sent: QueryDict) -> UUID | None:
    """Return the evaluation that stood on the page: what was seen is what is frozen."""
    try:
        return UUID(sent.get("evaluation", ""))
    except ValueError:
        return None


def _with_rows(sent: QueryDict, more: int) -> QueryDict:
    changed = sent.copy()
    try:
        rows = int(sent.get("payees-TOTAL_FORMS", "0"))
    except ValueError:
        rows = 0
    changed["payees-TOTAL_FORMS"] = str(min(max(rows, 0) + more, MOST_PAYEES))
    return changed


def _typed(sent: QueryDict) -> dict[str, Any]:
    typed: dict[str, Any] = {name: sent.get(name, "") for name in ApplicationForm.base_fields}
    return {**typed, "documents": sent.getlist("documents")}


def _unchecked(payees: Any) -> Any:
    """Return the rows with what was typed and without errors."""
    rows = [{name: form[name].value() or "" for name in form.fields} for form in payees.forms]
    fresh = PayeeForms(prefix="payees", initial=rows)
    fresh.extra = len(rows)
    return fresh
