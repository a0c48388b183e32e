"""The calculator of the best class that the rules allow a loan. The bank classifies."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import fragment, tenant_page
from risk import permissions
from risk.domain.classification import Floor
from risk.selectors import classifications
from risk.selectors.rules import citation
from risk.web import words
from risk.web.forms import FloorForm


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.VIEW_SIGNAL)
def calculate(request: HttpRequest, actor: Actor) -> HttpResponse:
    on = business_day(timezone.now())
    found: Floor | None = None
    status = 200
    if request.method == "POST":
        form, status = FloorForm(request.POST), 422
        if form.is_valid():
            try:
                found = classifications.floor_of(
                    form.facts(), on=form.cleaned_data["on"], actor=actor
                )
                status = 200
            except LookupError:
                form.add_error("on", _("There are no rules for this day yet."))
    else:
        form = FloorForm(initial={"on": on.isoformat()})
    context = {"form": form, "floor": found, "citation": gettext(citation()), **_words(found)}
    page, part = "risk/floor.html", "risk/_floor.html"
    return fragment(request, page, part, context, status=status)


def _words(found: Floor | None) -> dict[str, object]:
    if found is None:
        return {}
    best = found.best_class.value
    return {
        "best": (words.CLASSES[best], words.CLASS_TONES[best]),
        "met": [
            (rule, words.CLASSES[rule.floor], words.CLASS_TONES[rule.floor], gettext(rule.article))
            for rule in found.rules
        ],
    }
