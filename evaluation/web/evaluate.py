"""Asking for evaluations: one enterprise, one again, or a whole list with its progress."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation import permissions
from evaluation.selectors import batches as batch_selectors
from evaluation.selectors import evaluations as selectors
from evaluation.selectors import populations, scorecards
from evaluation.services import batches, evaluations
from evaluation.web import pictures, words
from evaluation.web.forms import BatchForm, EvaluateForm
from evaluation.web.own_facts import OwnFactsForm, items_of
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.jobs.models import FINAL, Job
from qfce.kernel.jobs.progress import share_of
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.CREATE)
def one(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Evaluate one enterprise by its code."""
    asked: dict[str, Any] = {"versions": _versions(actor), "actor": actor}
    items = items_of(asked["versions"])
    form = EvaluateForm(initial={"uscc": request.GET.get("uscc", "")}, **asked)
    own, status = OwnFactsForm(items=items), 200
    if request.method == "POST":
        form, own = EvaluateForm(_tidied(request), **asked), OwnFactsForm(request.POST, items=items)
        status = 422
        if form.is_valid() and own.is_valid():
            facts = {**form.cleaned_data, "own_facts": own.facts()}
            try:
                made = evaluations.evaluate(**facts, actor=actor, at=timezone.now())
                return go_to(request, reverse("evaluation:enterprise", args=[made.uscc]))
            except Refusal as refusal:
                if not own.put(refusal):
                    form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
    context = {"form": form, "own": own, "versions": asked["versions"]}
    page, part = "evaluation/requests/one.html", "evaluation/requests/_one.html"
    return fragment(request, page, part, context, status=status)


@require_POST
@tenant_page(permissions.CREATE)
def again(request: HttpRequest, actor: Actor, uscc: str) -> HttpResponse:
    """Evaluate an enterprise again, by the card and for the purpose of its newest evaluation."""
    newest = selectors.latest(uscc, actor=actor)
    if newest is None:
        return go_to(request, reverse("evaluation:new-evaluation") + f"?uscc={uscc}")
    made = evaluations.evaluate(
        uscc,
        scorecard=newest.scorecard_version.scorecard.code,
        purpose=newest.purpose,
        own_facts=newest.own_facts,
        actor=actor,
        at=timezone.now(),
    )
    same = (made.score, made.grade, made.outcome) == (newest.score, newest.grade, newest.outcome)
    messages.success(
        request, _("Evaluated again: nothing changed.") if same else _("Evaluated again.")
    )
    return go_to(request, reverse("evaluation:enterprise", args=[uscc]))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.CREATE)
def new_batch(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Evaluate all enterprises of a list that was shown to the organization."""
    lists = populations.shared_lists(actor=actor)
    asked: dict[str, Any] = {"versions": _versions(actor), "lists": lists, "actor": actor}
    form, status = BatchForm(initial=request.GET.dict(), **asked), 200
    if request.method == "POST":
        form, status = BatchForm(request.POST, **asked), 422
        if form.is_valid():
            try:
                job = _ask_for_batch(form.cleaned_data, actor)
                return go_to(request, reverse("evaluation:batch", args=[job.pk]))
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
    context = {"form": form, "versions": asked["versions"], "lists": lists}
    page, part = "evaluation/requests/new_batch.html", "evaluation/requests/_new_batch.html"
    return fragment(request, page, part, context, status=status)


@require_safe
@tenant_page(permissions.VIEW)
def batch(request: HttpRequest, actor: Actor, job_id: UUID) -> HttpResponse:
    """Show how far a batch is, and what came out of it."""
    job = batch_selectors.get(job_id, actor=actor)
    is_final = job.state in FINAL
    result = job.result
    grades = result.get("grades", {})
    ungraded = result.get("scored", 0) - sum(grades.values())
    names = [*sorted(grades), *([_("No grade")] if ungraded else [])]
    numbers = [*(grades[name] for name in sorted(grades)), *([ungraded] if ungraded else [])]
    context = {
        "job": job,
        "asked_for": batch_selectors.asked_for(job),
        "is_final": is_final,
        "percent_done": 100 if is_final else round(share_of(job.pk) * 100),
        "scored": result.get("scored"),
        "outcomes": [
            (words.outcome(code), result.get("outcomes", {}).get(code, 0), words.outcome_tone(code))
            for code in words.OUTCOMES
        ],
        "left_out": [
            (words.left_out(answer), number)
            for answer, number in result.get("left_out", {}).items()
        ],
        "chart": pictures.grouped(_("Grade"), names, {pgettext("figure", "Enterprises"): numbers})
        if names
        else None,
    }
    page, part = "evaluation/requests/batch.html", "evaluation/requests/_batch.html"
    return fragment(request, page, part, context)


def _versions(actor: Actor) -> list[Any]:
    return scorecards.all_in_force(business_day(timezone.now()), actor=actor)


def _tidied(request: HttpRequest) -> dict[str, Any]:
    """Codes are pasted with blanks and in small letters."""
    given = request.POST.dict()
    return {**given, "uscc": "".join(given.get("uscc", "").split()).upper()}


def _ask_for_batch(given: dict[str, Any], actor: Actor) -> Job:
    return batches.evaluate_batch(
        scorecard=given["scorecard"],
        purpose=given["purpose"],
        enterprise_list_id=UUID(given["enterprise_list"]),
        actor=actor,
        at=timezone.now(),
    )
