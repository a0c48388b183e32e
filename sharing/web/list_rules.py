"""The rule of an enterprise list, its runs, and the difference before it is adopted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from sharing.selectors import enterprise_lists as list_selectors
from sharing.selectors import list_rules as selectors
from sharing.selectors import regions
from sharing.services import list_rules
from sharing.web.enterprise_tables import region_name
from sharing.web.forms_register import RUN_WORDS, RuleForm, initial_of


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("sharing.enterprise_list.write")
def rule(request: HttpRequest, actor: Actor, list_id: UUID) -> HttpResponse:
    """The rule of a list; saving it asks for its first run."""
    kept = list_selectors.get(list_id, actor=actor)
    at = timezone.now()
    saved = selectors.rule_of(list_id, actor=actor)
    in_force = [one.code for one in factor_lists.list_for(actor=actor, on=business_day(at))
                if one.in_force is not None]  # fmt: skip
    code = saved.factor_list if saved else next(iter(in_force), "")
    if not code:
        raise NoSuchRecord("No factor list is in force.", hint="Publish one first.")
    names = regions.of_province(actor.region)
    catalogue = factor_lists.in_force(code, business_day(at))
    form = RuleForm(
        request.POST or None,
        catalogue=catalogue,
        regions=[(region, formats.local(name)) for region, name in names.items()],
        initial=initial_of(saved.condition, saved.regions, catalogue) if saved else None,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            region = form.cleaned_data["region"]
            try:
                list_rules.save(
                    list_id,
                    factor_list=code,
                    condition=form.condition(),
                    regions=[region] if region else [],
                    actor=actor,
                    at=at,
                )
                asked = list_rules.run(list_id, actor=actor, at=at)
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                return go_to(request, reverse("sharing:list-run", args=[asked.pk]))
    context = {
        "form": form,
        "kept": kept,
        "title": now("Rule of the list"),
        "submit": now("Save and show the difference"),
    }
    return render(request, "sharing/enterprise_lists/rule.html", context, status=status)


@require_POST
@tenant_page("sharing.enterprise_list.write")
def run(request: HttpRequest, actor: Actor, list_id: UUID) -> HttpResponse:
    """Run the saved rule again."""
    asked = list_rules.run(list_id, actor=actor, at=timezone.now())
    return go_to(request, reverse("sharing:list-run", args=[asked.pk]))


@require_safe
@tenant_page("sharing.enterprise_list.write")
def difference(request: HttpRequest, actor: Actor, run_id: UUID) -> HttpResponse:
    """Who would come and who would go; watched while it is worked out."""
    found = selectors.run(run_id, actor=actor)
    context = {
        "run": found,
        "status_word": RUN_WORDS[found.status],
        "coming": _placed(found.coming, actor),
        "going": _placed(found.going, actor),
        "most": selectors.MOST_SHOWN,
    }
    return fragment(
        request,
        "sharing/enterprise_lists/run.html",
        "sharing/enterprise_lists/_run.html",
        context,
    )


def _placed(usccs: Sequence[str], actor: Actor) -> list[tuple[Any, str]]:
    """Return the first of some enterprises, each with the name of its region."""
    names = regions.of_province(actor.region)
    return [(row, region_name(names, row.region)) for row in selectors.named(usccs)]


@require_POST
@tenant_page("sharing.enterprise_list.write")
def adopt(request: HttpRequest, actor: Actor, run_id: UUID) -> HttpResponse:
    found = list_rules.adopt(run_id, actor=actor, at=timezone.now())
    messages.success(request, now("The difference is adopted."))
    return go_to(request, reverse("sharing:enterprise-list", args=[found.list_id]))


@require_POST
@tenant_page("sharing.enterprise_list.write")
def discard(request: HttpRequest, actor: Actor, run_id: UUID) -> HttpResponse:
    found = list_rules.discard(run_id, actor=actor, at=timezone.now())
    messages.success(request, now("The list stays as it is."))
    return go_to(request, reverse("sharing:enterprise-list", args=[found.list_id]))
