"""The register's page of an enterprise, and the forms that change what it says."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from sharing import permissions
from sharing.domain.enterprise_sizes import Figures
from sharing.selectors import regions
from sharing.selectors import register as selectors
from sharing.services import register
from sharing.web import vocabulary
from sharing.web.enterprise_tables import region_name
from sharing.web.forms_register import (
    STATE_TONES,
    STATE_WORDS,
    TAGS,
    IdentityForm,
    SizeForm,
    StateForm,
    TagForm,
)


@require_safe
@tenant_page("sharing.enterprise.view")
def show(request: HttpRequest, actor: Actor, uscc: str) -> HttpResponse:
    """Who an enterprise is: codes, names and places with their past, state, size, tags."""
    entry = selectors.entry(uscc.strip().upper(), actor=actor)
    names = regions.of_province(entry.enterprise.region)
    past = {
        field: [
            (_said(field, one.value, names), one.since, one.number, one.recorded_at)
            for one in reversed(said)
        ]
        for field, said in entry.past.items()
    }
    section = entry.section
    context = {
        "entry": entry,
        "past": past,
        "may_write": actor.may(permissions.WRITE_RECORD),
        "region_name": region_name(names, entry.enterprise.region),
        "code_region_name": formats.local(entry.code_region_known)
        if entry.code_region_known
        else entry.code_region,
        "section_name": (section[1] if is_chinese() else section[2]) if section else None,
        "size_word": vocabulary.word(vocabulary.SIZES, entry.enterprise.size),
        "state_word": STATE_WORDS[entry.state.value],
        "state_tone": STATE_TONES.get(entry.state.value, "muted"),
        "tags": [
            (tag, TAGS[tag.kind], tag.owner_id == actor.organization_id) for tag in entry.tags
        ],
        "sizings": [
            (one, vocabulary.word(vocabulary.SIZES, one.size),
             vocabulary.word(vocabulary.RECORD_STATUSES, one.change.status))
            for one in entry.sizings
        ],
    }  # fmt: skip
    return render(request, "sharing/register/show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("sharing.record.write")
def change(request: HttpRequest, actor: Actor, uscc: str, what: str) -> HttpResponse:
    """One form a kind of change; all but tags wait for a second person."""
    entry = selectors.entry(uscc.strip().upper(), actor=actor)
    if what not in FORMS:
        raise Http404(what)
    title, make, carry_out = FORMS[what]
    form, status = make(request.POST or None, entry, actor), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                carry_out(form, entry.enterprise.uscc, actor)
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                done = now("The tag is set.") if what == "tag" else now("It waits for release.")
                messages.success(request, done)
                return go_to(request, _page(entry.enterprise.uscc))
    context = {"form": form, "entry": entry, "title": title(), "submit": title()}
    return render(request, "sharing/register/form.html", context, status=status)


@require_POST
@tenant_page("sharing.record.write")
def untag(request: HttpRequest, actor: Actor, uscc: str, tag_id: UUID) -> HttpResponse:
    register.untag(uscc, tag_id, actor=actor, at=timezone.now())
    messages.success(request, now("The tag is taken away."))
    return go_to(request, _page(uscc))


def _state_form(data: Any, entry: selectors.Entry, actor: Actor) -> forms.Form:
    return StateForm(data, actions=entry.state.actions)


def _state(form: forms.Form, uscc: str, actor: Actor) -> None:
    register.change_state(uscc, **form.cleaned_data, actor=actor, at=timezone.now())


def _size_form(data: Any, entry: selectors.Entry, actor: Actor) -> forms.Form:
    return SizeForm(data, initial={"industry": entry.enterprise.industry})


def _size(form: forms.Form, uscc: str, actor: Actor) -> None:
    given = form.cleaned_data
    register.measure(
        uscc,
        industry=given["industry"].strip().upper(),
        day=given["day"],
        figures=Figures(given["employees"], given["revenue"], given["assets"]),
        reason=given["reason"],
        actor=actor,
        at=timezone.now(),
    )


def _identity_form(data: Any, entry: selectors.Entry, actor: Actor) -> forms.Form:
    names = regions.of_province(actor.region)
    pairs = [(code, formats.local(region)) for code, region in names.items()]
    return IdentityForm(data, regions=pairs)


def _identity(form: forms.Form, uscc: str, actor: Actor) -> None:
    assert isinstance(form, IdentityForm)
    register.prepare_identity(
        uscc,
        changes=form.changes(),
        since=form.cleaned_data["since"],
        reason=form.cleaned_data["reason"],
        actor=actor,
        at=timezone.now(),
    )


def _tag_form(data: Any, entry: selectors.Entry, actor: Actor) -> forms.Form:
    return TagForm(data)


def _tag(form: forms.Form, uscc: str, actor: Actor) -> None:
    register.tag(uscc, **form.cleaned_data, actor=actor, at=timezone.now())


Make = Callable[[Any, selectors.Entry, Actor], forms.Form]
CarryOut = Callable[[forms.Form, str, Actor], None]
FORMS: dict[str, tuple[Callable[[], str], Make, CarryOut]] = {
    "state": (lambda: now("Prepare the next state"), _state_form, _state),
    "size": (lambda: now("Work out the size"), _size_form, _size),
    "identity": (lambda: now("Prepare another name or place"), _identity_form, _identity),
    "tag": (lambda: now("Set a tag"), _tag_form, _tag),
}


def _said(field: str, value: str, names: Any) -> str:
    if field == "region":
        return region_name(names, value)
    return str(vocabulary.word(vocabulary.SIZES, value)) if field == "size" else value


def _page(uscc: str) -> str:
    return reverse("sharing:register-entry", args=[uscc])
