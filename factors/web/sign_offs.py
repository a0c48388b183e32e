"""The signatures under a version, and the signer's two answers."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from factors import policies
from factors.domain.list_versions import VersionStatus
from factors.models import FactorListVersion
from factors.permissions import SIGN, VIEW, can_sign
from factors.selectors import factor_lists
from factors.selectors import sign_offs as selectors
from factors.services import sign_offs as services
from factors.web import words
from factors.web.comparisons import KINDS, TONES, shown
from factors.web.factor_lists import frame
from factors.web.field_words import field_name
from factors.web.forms import RefuseForm, SignForm
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import local
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of

FORMS: dict[str, type[forms.Form]] = {
    "sign": SignForm,
    "refuse": RefuseForm,
    "changes": RefuseForm,
    "remark": RefuseForm,
}


@require_safe
@tenant_page(VIEW)
def index(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    return _show(request, actor, code, number)


@require_POST
@tenant_page(SIGN)
def sign(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    said = _("Your organization has signed this version.")
    return _answer(request, actor, code, number, "sign", services.sign, said)


@require_POST
@tenant_page(SIGN)
def refuse(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    said = _("Your refusal and its reason stand under this version.")
    return _answer(request, actor, code, number, "refuse", services.refuse, said)


@require_POST
@tenant_page(SIGN)
def ask_for_changes(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    said = _("What you ask to be changed stands under this version.")
    return _answer(request, actor, code, number, "changes", services.ask_for_changes, said)


@require_POST
@tenant_page(SIGN)
def remark(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    said = _("Your remark stands under this version; your answer is still awaited.")
    return _answer(request, actor, code, number, "remark", services.comment, said)


def _answer(
    request: HttpRequest,
    actor: Actor,
    code: str,
    number: int,
    what: str,
    give: Callable[..., Any],
    said: str,
) -> HttpResponse:
    """Give an answer to the text that was looked at; show what changed if it is another one."""
    form, status, since = FORMS[what](request.POST), 422, ""
    if form.is_valid():
        version = factor_lists.version(code, number, actor=actor)
        given = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "read"}
        try:
            give(version.pk, **given, actor=actor, at=timezone.now())
            messages.success(request, said)
            return go_to(request, reverse("factors:signatures", args=[code, number]))
        except policies.DigestChanged as refusal:
            since = given["digest"]
            status = status_of(refusal)
            form = FORMS[what](initial={**given, "digest": version.digest}, auto_id=f"{what}_%s")
            form.refused = str(words_of(refusal))  # type: ignore[attr-defined]  # shown above it
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, actor, code, number, answered=(what, form), since=since, status=status)


def _show(
    request: HttpRequest,
    actor: Actor,
    code: str,
    number: int,
    *,
    answered: tuple[str, forms.Form] | None = None,
    since: str = "",
    status: int = 200,
) -> HttpResponse:
    version = factor_lists.version(code, number, actor=actor)
    today = business_day(timezone.now())
    answers = selectors.signatures(code, number, actor=actor, on=today)
    given = {
        what: form_type(initial={"digest": version.digest}, auto_id=f"{what}_%s")
        for what, form_type in FORMS.items()
    }
    if answered is not None:
        given[answered[0]] = answered[1]
    since = since or selectors.reviewed_before(version, organization_id=actor.organization_id)
    context: dict[str, Any] = {
        **frame(version, factor_lists.content(version), "signatures", actor=actor),
        "answers": [
            (answer, words.decision(answer.decision), words.decision_tone(answer.decision))
            for answer in answers
        ],
        "signed": sum(answer.is_current and answer.decision == "signed" for answer in answers),
        "may_answer": _awaits(actor, version),
        "is_late": version.sign_by is not None and today > version.sign_by,
        "given": given,
        "refused": getattr(answered[1], "refused", "") if answered else "",
        "changes": _changes(version, since) if since else None,
    }
    page, part = "factors/signatures/detail.html", "factors/signatures/_answer.html"
    return fragment(request, page, part, context, status=status)


def _changes(version: FactorListVersion, since: str) -> list[tuple[str, str, str, str, str, str]]:
    """Return kind, tone, what, member, before and after of what changed since a text."""
    found = selectors.changed_since(version, digest=since) or []
    return [
        (
            str(KINDS[change.kind]),
            TONES[change.kind],
            f"{change.code} {local(change)}",
            field_name(change.field) if change.field else "",
            shown(change.before, change.field),
            shown(change.after, change.field),
        )
        for change in found
    ]


def _awaits(actor: Actor, version: FactorListVersion) -> bool:
    """Whether the actor's organization has this very text before it and has not signed it."""
    return (
        version.status == VersionStatus.IN_REVIEW
        and can_sign(actor, version)
        and not selectors.has_signed(version, organization_id=actor.organization_id)
    )
