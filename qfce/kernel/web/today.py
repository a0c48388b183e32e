"""The first page: what needs doing today; and to a visitor, what this is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.landing import cards
from qfce.kernel.web.pages import tenant_page


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return _today(request)
    return render(request, "start.html")


@tenant_page
def _today(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    context = {"cards": cards(actor=actor, at=at), "today": business_day(at)}
    return render(request, "today.html", context)
