"""
What an enterprise fills in: by the one-time link with nobody signed in, or by its account.

The form is made from the list for just those items that are asked. It needs no script: the
token stands behind the # of the address, and the reader copies it where none runs.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from sharing import permissions
from sharing.domain import declarations as domain
from sharing.models import Declaration
from sharing.selectors import declarations as selectors
from sharing.selectors.declarations import Linked
from sharing.services import declaration_answers as service
from sharing.web.forms_declarations import DeclarerForm
from sharing.web.forms_sharing import LinkForm
from sharing.web.single_entry import shown_field

PAGE = "sharing/declarations/by_link.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the link; then show what is asked, by whom, for what, until when."""
    form = LinkForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, PAGE, {"form": form}, status=status)
    token = form.cleaned_data["token"].strip().lstrip("#")
    try:
        asked = service.opened(token)
    except Refusal as refusal:
        return _closed(request, refusal)
    return render(request, PAGE, {**context_of(asked), "token": token})


@never_cache
@require_POST
def declare_by_link(request: HttpRequest) -> HttpResponse:
    """Take the answers; a fault is said at its field, and nothing that was typed is lost."""
    link, form = LinkForm(request.POST), DeclarerForm(request.POST)
    token = link.cleaned_data["token"] if link.is_valid() else ""
    typed = typed_in(request)
    try:
        asked = service.opened(token)
        at = timezone.now()
        faults = service.faults_of(asked.factor_list, asked.items, typed, at=at)
        if form.is_valid() and not faults:
            service.submit_by_token(token, typed=typed, declarer=form.declarer(), at=at)
            return render(request, PAGE, {"declared": asked})
    except service.AnswersUnfit as unfit:
        form.add_error(None, str(words_of(unfit)))
        faults = {}
    except Refusal as refusal:
        return _closed(request, refusal)
    again = context_of(asked, typed=typed, faults=faults, form=form)
    return render(request, PAGE, {**again, "token": token}, status=422)


@require_POST
@tenant_page(permissions.SUBMIT_DECLARATION)
def declare(request: HttpRequest, actor: Actor, declaration_id: UUID) -> HttpResponse:
    """Take the answers of the enterprise's signed-in person."""
    asked = selectors.get(declaration_id, actor=actor)
    form, typed, at = DeclarerForm(request.POST), typed_in(request), timezone.now()
    faults = service.faults_of(asked.factor_list, asked.items, typed, at=at)
    status = 422
    if form.is_valid() and not faults:
        try:
            service.submit(asked.pk, typed=typed, declarer=form.declarer(), actor=actor, at=at)
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
        else:
            messages.success(request, now("It was sent. The bureau looks at it now."))
            return go_to(request, reverse("sharing:declaration", args=[asked.pk]))
    return show(request, asked, typed=typed, faults=faults, form=form, status=status)


def show(request: HttpRequest, asked: Declaration, **given: Any) -> HttpResponse:
    """Show the enterprise's own page of a declaration."""
    status = given.pop("status", 200)
    page = "sharing/declarations/own.html"
    return render(request, page, context_of(asked, **given), status=status)


def context_of(
    asked: Declaration | Linked,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    form: DeclarerForm | None = None,
) -> dict[str, Any]:
    """Return what the form shows: what was typed, else what was declared before it came back."""
    catalogue = factor_lists.in_force(asked.factor_list, business_day(timezone.now()))
    texts = asked.answers if typed is None else typed
    before = {
        "declarer_name": asked.declared_by_name,
        "declarer_phone": asked.declared_by_phone,
    }
    return {
        "asked": asked,
        "fields": [
            shown_field(each, texts, {}, faults or {})
            for each in domain.fields_of(catalogue, asked.items)
        ],
        "declarer_form": form or DeclarerForm(initial=before),
        "is_late": asked.due_on < business_day(timezone.now()),
        "has_faults": bool(faults),
    }


def typed_in(request: HttpRequest) -> dict[str, str]:
    return {key: str(text) for key, text in request.POST.items()}


def _closed(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    context = {"form": LinkForm(), "words": words_of(refusal)}
    return render(request, PAGE, context, status=status_of(refusal))
