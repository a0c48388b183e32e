"""The signatures under a version, and the signer's two answers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from factors.domain.list_versions import VersionStatus
from factors.permissions import SIGN, VIEW, can_sign
from factors.selectors import factor_lists
from factors.selectors import sign_offs as selectors
from factors.services import sign_offs as services
from factors.web import words
from factors.web.factor_lists import frame
from factors.web.forms import RefuseForm, SignForm
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of


@require_safe
@tenant_page(VIEW)
def index(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    return _show(request, actor, code, number)


@require_POST
@tenant_page(SIGN)
def sign(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    form, status = SignForm(request.POST), 422
    if form.is_valid():
        version = factor_lists.version(code, number, actor=actor)
        digest = form.cleaned_data["digest"]
        try:
            services.sign(version.pk, digest=digest, actor=actor, at=timezone.now())
            messages.success(request, _("Your organization has signed this version."))
            return go_to(request, reverse("factors:signatures", args=[code, number]))
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, actor, code, number, sign_form=form, status=status)


@require_POST
@tenant_page(SIGN)
def refuse(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    form, status = RefuseForm(request.POST), 422
    if form.is_valid():
        version = factor_lists.version(code, number, actor=actor)
        given = form.cleaned_data
        try:
            services.refuse(version.pk, **given, actor=actor, at=timezone.now())
            messages.success(request, _("Your refusal and its reason stand under this version."))
            return go_to(request, reverse("factors:signatures", args=[code, number]))
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, actor, code, number, refuse_form=form, status=status)


def _show(
    request: HttpRequest,
    actor: Actor,
    code: str,
    number: int,
    *,
    sign_form: forms.Form | None = None,
    refuse_form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    version = factor_lists.version(code, number, actor=actor)
    answers = selectors.signatures(code, number, actor=actor)
    looked_at = {"digest": version.digest}
    context: dict[str, Any] = {
        **frame(version, factor_lists.content(version), "signatures"),
        "answers": [
            (answer, words.decision(answer.decision), words.decision_tone(answer.decision))
            for answer in answers
        ],
        "signed": sum(answer.is_current and answer.decision == "signed" for answer in answers),
        "may_answer": _awaits(actor, answers)
        and version.status == VersionStatus.IN_REVIEW
        and can_sign(actor, version),
        "sign_form": sign_form or SignForm(initial=looked_at, auto_id="sign_%s"),
        "refuse_form": refuse_form or RefuseForm(initial=looked_at, auto_id="refuse_%s"),
    }
    page, part = "factors/signatures/detail.html", "factors/signatures/_answer.html"
    return fragment(request, page, part, context, status=status)


def _awaits(actor: Actor, answers: list[selectors.Signature]) -> bool:
    return any(
        answer.organization_id == actor.organization_id and answer.decision == selectors.AWAITED
        for answer in answers
    )
