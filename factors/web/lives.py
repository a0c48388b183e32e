"""Where a version stands and where it can go next: new lists, drafts, review, publication."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from factors.domain.list_versions import VERSION
from factors.models import FactorListVersion
from factors.permissions import EDIT, PUBLISH, VIEW
from factors.selectors import drafts, factor_lists, migrations, sign_offs
from factors.selectors import lives as selectors
from factors.services import factor_lists as services
from factors.services import list_starts
from factors.services import sign_offs as signing
from factors.web import migration_forms as forms_migration
from factors.web.factor_lists import frame
from factors.web.forms_lists import (
    DeadlineForm,
    FirstDayForm,
    NewListForm,
    ReasonForm,
    SignersForm,
    SubmitForm,
)
from factors.web.migrations import PREPARE
from factors.web.problem_words import problem_text
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import local
from qfce.kernel.web.formats import version as version_of
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of

Step = Callable[[FactorListVersion, dict[str, Any], Actor], Any]


@require_safe
@tenant_page(VIEW)
def state(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    return _show(request, actor, code, number)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(EDIT)
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A new list, begun empty or from a list that is there."""
    sources = [("", _("An empty list"))]
    sources += [
        (f"{row.code}/{row.number}", version_of(local(row), row.number))
        for row in selectors.sources(actor=actor, on=business_day(timezone.now()))
    ]
    initial = {"region": actor.region}
    form, status = NewListForm(request.POST or None, sources=sources, initial=initial), 200
    form.fields["source"].required = False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                version = list_starts.start(**form.cleaned_data, actor=actor, at=timezone.now())
                return go_to(request, _edit(version.factor_list.code, version.number))
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
    context = {"form": form}
    return fragment(
        request, "factors/lists/new.html", "factors/lists/_new.html", context, status=status
    )


@require_POST
@tenant_page(EDIT)
def start_next(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """The next version of a list, begun from the one published last."""
    version = list_starts.start_next(code, actor=actor, at=timezone.now())
    return go_to(request, _edit(code, version.number))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(EDIT)
def settings(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """Who signs the versions of a list, and how long they have."""
    factor_list = selectors.own_list(code, actor=actor)
    initial = {
        "signers": [str(signer) for signer in factor_list.signer_ids],
        "signing_days": factor_list.signing_days,
    }
    organizations = selectors.may_sign(actor=actor)
    form, status = (
        SignersForm(request.POST or None, organizations=organizations, initial=initial),
        200,
    )
    if request.method == "POST":
        status = 422
        if form.is_valid():
            services.set_signers(
                code,
                [row.pk for row in organizations if str(row.pk) in form.cleaned_data["signers"]],
                signing_days=form.cleaned_data["signing_days"],
                actor=actor,
                at=timezone.now(),
            )
            messages.success(request, _("Versions submitted from now on are signed so."))
            return go_to(request, reverse("factors:settings", args=[code]))
    context = {"form": form, "list": factor_list}
    return fragment(
        request,
        "factors/lists/settings.html",
        "factors/lists/_settings.html",
        context,
        status=status,
    )


@require_POST
@tenant_page(EDIT)
def submit(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    return _step(
        request, actor, code, number, SubmitForm,
        lambda version, given, actor: services.submit_for_review(
            version.pk, **given, actor=actor, at=timezone.now()
        ),
    )  # fmt: skip


@require_POST
@tenant_page(EDIT)
def give_back(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    return _step(
        request, actor, code, number, ReasonForm,
        lambda version, given, actor: services.return_to_draft(
            version.pk, **given, actor=actor, at=timezone.now()
        ),
    )  # fmt: skip


@require_POST
@tenant_page(EDIT)
def deadline(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    return _step(
        request, actor, code, number, DeadlineForm,
        lambda version, given, actor: signing.set_deadline(
            version.pk, **given, actor=actor, at=timezone.now()
        ),
    )  # fmt: skip


@require_POST
@tenant_page(EDIT)
def first_day(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    return _step(
        request, actor, code, number, FirstDayForm,
        lambda version, given, actor: list_starts.set_first_day(
            version.pk, **given, actor=actor, at=timezone.now()
        ),
    )  # fmt: skip


@require_POST
@tenant_page(PUBLISH)
def publish(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    return _step(
        request, actor, code, number, forms.Form,
        lambda version, given, actor: services.publish(version.pk, actor=actor, at=timezone.now()),
    )  # fmt: skip


@require_POST
@tenant_page(PUBLISH)
def withdraw(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    return _step(
        request, actor, code, number, ReasonForm,
        lambda version, given, actor: services.withdraw(
            version.pk, **given, actor=actor, at=timezone.now()
        ),
    )  # fmt: skip


@require_POST
@tenant_page(EDIT)
def discard(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    version = factor_lists.version(code, number, actor=actor)
    services.discard_draft(version.pk, actor=actor, at=timezone.now())
    messages.success(request, _("The draft is deleted."))
    return go_to(request, reverse("factors:lists"))


def _step(
    request: HttpRequest,
    actor: Actor,
    code: str,
    number: int,
    form_type: type[forms.Form],
    take: Step,
) -> HttpResponse:
    """Take one step of a version's life; a refusal stands at its form."""
    form, status = form_type(request.POST), 422
    if form.is_valid():
        try:
            take(factor_lists.version(code, number, actor=actor), form.cleaned_data, actor)
            return go_to(request, reverse("factors:state", args=[code, number]))
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            for fault in refusal.errors[:20]:
                said = fault.get("detail_zh") if is_chinese() else None
                form.add_error(None, said or fault["detail"])
            status = status_of(refusal)
    return _show(request, actor, code, number, refused=form, status=status)


def _show(
    request: HttpRequest,
    actor: Actor,
    code: str,
    number: int,
    *,
    refused: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    version = factor_lists.version(code, number, actor=actor)
    catalogue = factor_lists.content(version)
    today = business_day(timezone.now())
    mine = selectors.is_mine(version, actor=actor)
    actions = VERSION.actions_from(version.status) if mine else frozenset()
    answers = sign_offs.signatures(code, number, actor=actor, on=today)
    context = {
        **frame(version, catalogue, "state", actor=actor),
        "refused": refused,
        "actions": {str(action): True for action in actions},
        "may_publish": mine and actor.may(PUBLISH),
        "is_draft": mine and "submit" in actions,
        "may_discard": mine
        and "submit" in actions
        and not selectors.was_laid_before_others(version),
        "in_review": mine and "sign_off" in actions,
        "awaited": [answer for answer in answers if answer.decision == sign_offs.AWAITED],
        "problems": _problems(code, number, actor) if mine and "submit" in actions else [],
        "forms": _forms(version),
        "migration_steps": forms_migration.lines_of(catalogue),
        "may_prepare": mine and actor.may(PREPARE),
        "may_start_next": selectors.may_start_next(version, actor=actor),
    }
    page, part = "factors/lists/state.html", "factors/lists/_state.html"
    return fragment(request, page, part, context, status=status)


def _forms(version: FactorListVersion) -> dict[str, forms.Form]:
    first = {"effective_from": version.effective_from}
    return {
        "submit": SubmitForm(auto_id="submit_%s"),
        "return": ReasonForm(auto_id="return_%s"),
        "withdraw": ReasonForm(auto_id="withdraw_%s"),
        "deadline": DeadlineForm(auto_id="deadline_%s", initial={"sign_by": version.sign_by}),
        "first_day": FirstDayForm(auto_id="first_%s", initial=first),
    }


def _problems(code: str, number: int, actor: Actor) -> list[str]:
    """Return what keeps a draft from being submitted, in the reader's words."""
    draft = drafts.draft(code, number, actor=actor)
    unsaid = [p for p in migrations.of_draft(draft, actor=actor).problems if p.code == "unsaid"]
    return [problem_text(found) for found in (*draft.problems, *unsaid)]


def _edit(code: str, number: int) -> str:
    return reverse("factors:edit", args=[code, number])
