"""Laying a draft before others: who is invited is searched for and chosen, a few at a time."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from factors.permissions import EDIT
from factors.selectors import consultations as selectors
from factors.selectors import drafts
from factors.selectors.drafts import Draft
from factors.services import consultations as services
from factors.web.factor_lists import frame
from factors.web.forms_lists import DAY, LINES
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.labels import KINDS
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of

CHOOSING = frozenset({"search", "choose"})


class OpenForm(forms.Form):
    """Until when, and what is asked; the invited stand beside it."""

    closes_on = forms.DateField(label=gettext_lazy("Comments until"), widget=DAY)
    note = forms.CharField(
        label=gettext_lazy("What you ask of them"), widget=LINES, required=False, max_length=2000
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(EDIT)
def open_(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    """Search and choose as often as it takes, then open; what was typed stays meanwhile."""
    draft = drafts.draft(code, number, actor=actor)
    chosen = _chosen(request)
    if request.method != "POST":
        return _page(request, actor, draft, OpenForm(), chosen)
    if request.POST.get("action") in CHOOSING:
        return _page(request, actor, draft, OpenForm(initial=request.POST.dict()), chosen)
    form, status = OpenForm(request.POST), 422
    if form.is_valid():
        try:
            opened = services.open_(
                draft.version.pk,
                invited_ids=chosen,
                **form.cleaned_data,
                actor=actor,
                at=timezone.now(),
            )
            return go_to(request, reverse("factors:consultation", args=[opened.pk]))
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _page(request, actor, draft, form, chosen, status=status)


def _chosen(request: HttpRequest) -> list[UUID]:
    """Return who was chosen so far and who was ticked now; what is no id names nobody."""
    found = []
    for given in (*request.POST.getlist("invited"), *request.POST.getlist("add")):
        try:
            found.append(UUID(given))
        except ValueError:  # sent by hand: the page offers ids alone
            continue
    return list(dict.fromkeys(found))


def _page(
    request: HttpRequest,
    actor: Actor,
    draft: Draft,
    form: OpenForm,
    chosen: list[UUID],
    *,
    status: int = 200,
) -> HttpResponse:
    code, number = draft.version.factor_list.code, draft.version.number
    words, kind = request.POST.get("q", "").strip()[:100], request.POST.get("kind", "")
    offered, count = selectors.find_to_invite(words, kind, leave_out=chosen, actor=actor)
    context: dict[str, Any] = {
        **frame(draft.version, draft.catalogue, "state", actor=actor),
        "form": form,
        "held": selectors.of_version(code, number, actor=actor),
        "chosen": selectors.may_be_invited(actor=actor).filter(pk__in=chosen),
        "offered": offered,
        "count": count,
        "words": words,
        "kind": kind,
        "kinds": [("", _("Every kind")), *_kinds()],
    }
    page, part = "factors/consultations/open.html", "factors/consultations/_open.html"
    return fragment(request, page, part, context, status=status)


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, str(KINDS[kind])) for kind in selectors.INVITED_KINDS]
