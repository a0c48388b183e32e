"""
The page behind the one-time link of a consent: nobody signs in, the link is the enterprise's.

The token stands behind the # of the address, so that it reaches no server's log; the page
puts it into its form, or the reader copies it there.
"""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.web.refusals import words_of
from sharing.selectors import consents as selectors
from sharing.services import consents
from sharing.web import vocabulary
from sharing.web.consents import items_in_words
from sharing.web.forms_sharing import GrantForm, LinkForm

PAGE = "sharing/consents/by_link.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the link; then show what is asked, and by whom."""
    form = LinkForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, PAGE, {"form": form}, status=status)
    token = form.cleaned_data["token"].strip().lstrip("#")
    asked = selectors.by_token(token)
    if asked is None:
        return _used_up(request)
    context = {
        "asked": asked,
        "token": token,
        "items": items_in_words(asked.items),
        "purposes": vocabulary.purposes_in_words(asked.purposes),
        "grant_form": GrantForm(),
    }
    return render(request, PAGE, context)


@never_cache
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Give or refuse the consent; the link is used up by it."""
    link, form = LinkForm(request.POST), GrantForm(request.POST)
    grants = request.POST.get("decision") == "grant"
    if not link.is_valid() or not form.is_valid():
        return _used_up(request)
    try:
        with transaction.atomic():
            consents.decide_by_token(
                link.cleaned_data["token"],
                grants=grants,
                allows_feedback=grants and form.cleaned_data["allows_feedback"],
                at=timezone.now(),
            )
    except Refusal as refusal:
        return _used_up(request, refusal)
    return render(request, PAGE, {"decided": "granted" if grants else "refused"})


def _used_up(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    refusal = refusal or consents.LinkUsedUp(
        "This link was used already, is too old, or was never ours.",
        hint="Sign in, or ask the bank to ask for the consent again.",
    )
    context = {"form": LinkForm(), "words": words_of(refusal)}
    return render(request, PAGE, context, status=status_of(refusal))
