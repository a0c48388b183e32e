"""Consultations on drafts: laying one before others, commenting item by item, answering."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from factors.domain.consultations import Outcome
from factors.models import Consultation
from factors.permissions import COMMENT, EDIT, VIEW
from factors.selectors import consultations as selectors
from factors.services import consultations as services
from factors.web.forms_lists import DAY, LINES
from factors.web.words import Words
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import local
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Column, Kind, Table

OUTCOMES: Words = {
    Outcome.ACCEPTED: pgettext_lazy("comment", "Accepted"),
    Outcome.PARTLY: pgettext_lazy("comment", "Accepted in part"),
    Outcome.DECLINED: pgettext_lazy("comment", "Not accepted"),
    Outcome.NOTED: pgettext_lazy("comment", "Noted"),
}
OUTCOME_TONES = {"accepted": "good", "partly": "info", "declined": "bad", "noted": "muted"}


class CommentForm(forms.Form):
    item = forms.ChoiceField(label=gettext_lazy("Item"), required=False)
    text = forms.CharField(label=gettext_lazy("Comment"), widget=LINES, max_length=4000)

    def __init__(self, *args: Any, items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = items  # type: ignore[attr-defined]  # of a choice field


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[(outcome.value, OUTCOMES[outcome]) for outcome in Outcome],
    )
    text = forms.CharField(
        label=pgettext_lazy("of a signer or a comment", "Answer"), widget=LINES, max_length=4000
    )


class ExtendForm(forms.Form):
    closes_on = forms.DateField(label=gettext_lazy("Comments until"), widget=DAY)


CONSULTATIONS = Table(
    name="factors.consultations",
    caption=gettext_lazy("Consultations"),
    columns=(
        Column(
            "name",
            gettext_lazy("Factor list"),
            value=lambda row: local(row, "list_name"),
            href=lambda row: reverse("factors:consultation", args=[row.pk]),
            note=lambda row: row.list_code,
        ),
        Column("version", gettext_lazy("Version"), Kind.NUMBER, value=lambda row: row.list_version),
        Column("opened_at", pgettext_lazy("consultation", "Opened"), Kind.MOMENT, sort="opened_at"),
        Column("closes_on", gettext_lazy("Comments until"), Kind.DAY, sort="closes_on"),
        Column("closed_at", pgettext_lazy("consultation", "Closed"), Kind.MOMENT, sort="closed_at"),
    ),
    search=("list_code", "list_name_zh", "list_name_en"),
    empty=gettext_lazy("Nobody has asked for comments yet"),
)


@require_safe
@tenant_page(VIEW)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = selectors.list_for(actor=actor)
    return CONSULTATIONS.respond(request, rows, "factors/consultations/list.html")


@require_safe
@tenant_page(VIEW)
def detail(request: HttpRequest, actor: Actor, consultation_id: UUID) -> HttpResponse:
    return _show(request, actor, consultation_id)


@require_POST
@tenant_page(COMMENT)
def comment(request: HttpRequest, actor: Actor, consultation_id: UUID) -> HttpResponse:
    consultation = selectors.get(consultation_id, actor=actor)
    form, status = CommentForm(request.POST, items=_items(consultation)), 422
    if form.is_valid():
        try:
            services.comment(consultation_id, **form.cleaned_data, actor=actor, at=timezone.now())
            return go_to(request, reverse("factors:consultation", args=[consultation_id]))
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, actor, consultation_id, comment_form=form, status=status)


@require_POST
@tenant_page(EDIT)
def answer(
    request: HttpRequest, actor: Actor, consultation_id: UUID, comment_id: UUID
) -> HttpResponse:
    form, status = AnswerForm(request.POST), 422
    if form.is_valid():
        try:
            services.answer(
                comment_id,
                outcome=Outcome(form.cleaned_data["outcome"]),
                text=form.cleaned_data["text"],
                actor=actor,
                at=timezone.now(),
            )
            return go_to(request, reverse("factors:consultation", args=[consultation_id]))
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, actor, consultation_id, answered=(comment_id, form), status=status)


@require_POST
@tenant_page(EDIT)
def extend(request: HttpRequest, actor: Actor, consultation_id: UUID) -> HttpResponse:
    form, status = ExtendForm(request.POST), 422
    if form.is_valid():
        try:
            services.extend(consultation_id, **form.cleaned_data, actor=actor, at=timezone.now())
            messages.success(request, _("The deadline is moved."))
            return go_to(request, reverse("factors:consultation", args=[consultation_id]))
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, actor, consultation_id, extend_form=form, status=status)


@require_POST
@tenant_page(EDIT)
def close(request: HttpRequest, actor: Actor, consultation_id: UUID) -> HttpResponse:
    services.close(consultation_id, actor=actor, at=timezone.now())
    return go_to(request, reverse("factors:consultation", args=[consultation_id]))


def _show(
    request: HttpRequest,
    actor: Actor,
    consultation_id: UUID,
    *,
    comment_form: CommentForm | None = None,
    extend_form: ExtendForm | None = None,
    answered: tuple[UUID, AnswerForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    consultation = selectors.get(consultation_id, actor=actor)
    mine = consultation.owner_id == actor.organization_id
    is_open = selectors.takes_comments(consultation, on=business_day(timezone.now()))
    asked = request.GET.get("item", "")
    items = _items(consultation)
    rows = [
        (row, str(OUTCOMES.get(row.outcome, "")), OUTCOME_TONES.get(row.outcome, ""),
         answered[1] if answered and answered[0] == row.id
         else AnswerForm(auto_id=f"answer_{row.id}_%s"))
        for row in selectors.comments(consultation, actor=actor)
    ]  # fmt: skip
    context = {
        "consultation": consultation,
        "catalogue": selectors.content(consultation),
        "mine": mine,
        "is_open": is_open,
        "invited": selectors.invited(consultation, actor=actor),
        "comments": rows,
        "may_comment": is_open and not mine and actor.may(COMMENT),
        "may_answer": mine and actor.may(EDIT),
        "comment_form": comment_form or CommentForm(items=items, initial={"item": asked}),
        "extend_form": extend_form or ExtendForm(initial={"closes_on": consultation.closes_on}),
    }
    page, part = "factors/consultations/detail.html", "factors/consultations/_comments.html"
    return fragment(request, page, part, context, status=status)


def _items(consultation: Consultation) -> list[tuple[str, str]]:
    items = selectors.content(consultation).items.values()
    whole = pgettext("comment", "The whole list")
    return [("", whole), *((i.code, f"{i.code} {local(i)}") for i in items)]
