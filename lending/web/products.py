"""Products, and who may approve what."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lending import permissions
from lending.domain.lifecycle import PRODUCT
from lending.models import LoanProduct
from lending.selectors import products as selectors
from lending.services import products
from lending.web import words
from lending.web.product_forms import USUAL, LimitForms, LimitsDayForm, ProductForm, rows_of
from lending.web.refusals import put_into
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats, labels
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table

PRODUCTS = Table(
    name="lending.products",
    caption=gettext_lazy("Products"),
    columns=(
        Column(
            "code",
            gettext_lazy("Product"),
            sort="code",
            value=formats.local,
            href=lambda row: reverse("lending:product", args=[row.pk]),
            note=lambda row: row.code,
        ),
        Column("max_principal", gettext_lazy("Largest amount"), Kind.YUAN, sort="max_principal"),
        Column("max_months", gettext_lazy("Months at most"), Kind.NUMBER, sort="max_months"),
        Column(
            "method",
            gettext_lazy("Repayment"),
            sort="method",
            label_of=lambda code: words.word(words.METHODS, code),
        ),
        Column(
            "status",
            gettext_lazy("State"),
            Kind.STATUS,
            sort="status",
            label_of=words.product,
            tone_of=words.tone,
        ),
        Column("published_at", gettext_lazy("On sale since"), Kind.DAY, sort="published_at"),
    ),
    search=("code", "name_zh", "name_en"),
    filters=(Choice("status", gettext_lazy("State"), words.options(words.PRODUCT)),),
    ordering=("code",),
    empty=gettext_lazy("No product yet"),
)


@require_safe
@tenant_page("lending.product.view")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {"may_write": actor.may(permissions.WRITE_PRODUCT)}
    rows = selectors.list_for(actor=actor)
    return PRODUCTS.respond(request, rows, "lending/products/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("lending.product.write")
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    form, status = ProductForm(initial=USUAL), 200
    if request.method == "POST":
        form, status = ProductForm(request.POST), 422
        if form.is_valid():
            try:
                product = products.create(form.terms(), actor=actor, at=timezone.now())
            except Refusal as refusal:
                status = put_into(form, refusal)
            else:
                messages.success(request, _("The draft was kept. Publish it to take applications."))
                return go_to(request, reverse("lending:product", args=[product.pk]))
    page, part = "lending/products/new.html", "lending/products/_form.html"
    return fragment(request, page, part, {"form": form}, status=status)


@require_safe
@tenant_page("lending.product.view")
def detail(request: HttpRequest, actor: Actor, product_id: UUID) -> HttpResponse:
    product = selectors.get(product_id, actor=actor)
    may_write = actor.may(permissions.WRITE_PRODUCT)
    legal = PRODUCT.actions_from(product.status) if may_write else frozenset()
    context = {
        "product": product,
        "may_publish": "publish" in legal,
        "may_retire": "retire" in legal,
        "may_apply": product.status == "published" and actor.may(permissions.SUBMIT),
        **_words(product),
    }
    return render(request, "lending/products/detail.html", context)


@require_POST
@tenant_page("lending.product.write")
def publish(request: HttpRequest, actor: Actor, product_id: UUID) -> HttpResponse:
    products.publish(product_id, actor=actor, at=timezone.now())
    messages.success(request, _("The product takes applications now."))
    return go_to(request, reverse("lending:product", args=[product_id]))


@require_POST
@tenant_page("lending.product.write")
def retire(request: HttpRequest, actor: Actor, product_id: UUID) -> HttpResponse:
    products.retire(product_id, actor=actor, at=timezone.now())
    messages.success(request, _("The product takes no new applications; those in progress go on."))
    return go_to(request, reverse("lending:product", args=[product_id]))


@require_safe
@tenant_page("lending.product.view")
def limits(request: HttpRequest, actor: Actor) -> HttpResponse:
    today = business_day(timezone.now())
    context = {
        "limits": [_limit(each) for each in selectors.limits(actor=actor, on=today)],
        "to_come": [_limit(each) for each in selectors.limits_to_come(actor=actor, on=today)],
        "may_write": actor.may(permissions.WRITE_PRODUCT),
    }
    return render(request, "lending/products/limits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("lending.product.write")
def set_limits(request: HttpRequest, actor: Actor) -> HttpResponse:
    today = business_day(timezone.now())
    status = 200
    if request.method == "POST":
        day, rows, status = LimitsDayForm(request.POST), LimitForms(request.POST), 422
        if day.is_valid() and rows.is_valid():
            try:
                _set(rows, day, actor)
            except Refusal as refusal:
                status = put_into(day, refusal)
            else:
                messages.success(request, _("The limits were set."))
                return go_to(request, reverse("lending:limits"))
    else:
        day = LimitsDayForm(initial={"effective_from": today + timedelta(days=1)})
        rows = LimitForms(initial=rows_of(selectors.limits(actor=actor, on=today)))
    page, part = "lending/products/set_limits.html", "lending/products/_limits_form.html"
    return fragment(request, page, part, {"day": day, "rows": rows}, status=status)


def _set(rows: Any, day: LimitsDayForm, actor: Actor) -> None:
    given = [row.authority() for row in rows if row.cleaned_data.get("up_to")]
    effective_from = day.cleaned_data["effective_from"]
    products.set_limits(given, effective_from=effective_from, actor=actor, at=timezone.now())


def _limit(limit: Any) -> dict[str, Any]:
    votes = ""
    if limit.votes_required > 1:
        votes = _("{n} of {of} votes").format(n=limit.votes_required, of=limit.votes_of)
    return {
        "limit": limit,
        "role": labels.role(limit.role),
        "votes": votes,
        "conditions": words.condition(limit.conditions),
    }


def _words(product: LoanProduct) -> dict[str, Any]:
    spreads = [
        (
            grade,
            _("{n} basis points").format(n=f"{spread:+d}")
            if spread is not None
            else _("not offered"),
        )
        for grade, spread in sorted(product.spreads_bp.items())
    ]
    return {
        "status_word": words.product(product.status),
        "status_tone": words.tone(product.status),
        "method": words.word(words.METHODS, product.method),
        "day_count": words.word(words.DAY_COUNTS, product.day_count),
        "rounding": words.word(words.ROUNDINGS, product.rounding),
        "regime": words.word(words.REGIMES, product.regime),
        "spreads": spreads,
        "conditions": [words.condition(phrase) for phrase in product.conditions],
    }
