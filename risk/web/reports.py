"""Reporting by hand what no record tells, as a misuse of funds that was found on a visit."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import local
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from risk import permissions
from risk.domain.signal_rules import Rule
from risk.selectors.rules import rules_on
from risk.services import handling
from risk.web import words
from risk.web.forms import LONGEST
from sharing.domain import uscc as codes

PAGE, PART = "risk/signals/report.html", "risk/signals/_report.html"


class ReportForm(forms.Form):
    """Which rule is met, by whom, and what tells this fact from others."""

    uscc = forms.CharField(
        label=gettext_lazy("Unified social credit code"),
        min_length=18,
        max_length=18,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    rule = forms.ChoiceField(label=gettext_lazy("Rule"))
    fact = forms.CharField(
        label=gettext_lazy("What tells it from others"),
        max_length=200,
        help_text=gettext_lazy("As a case number or a day: the same fact raises one signal."),
    )
    text = forms.CharField(
        label=gettext_lazy("What was found"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, rules: list[Rule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(r.code, f"{r.code} {local(r)} · {words.level(r.level)}") for r in rules]
        self.fields["rule"].choices = [("", _("Choose a rule")), *named]  # type: ignore[attr-defined]  # a field of choices

    def clean_uscc(self) -> str:
        code = "".join(str(self.cleaned_data["uscc"]).split()).upper()
        if not codes.is_valid(code):
            raise forms.ValidationError(
                _("The check character does not fit: compare with the licence.")
            )
        return code


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.HANDLE_SIGNAL)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    book = rules_on(business_day(at))
    rules = [rule for rule in book.rules.values() if not rule.is_automatic]
    form, status = ReportForm(initial={"uscc": request.GET.get("uscc", "")}, rules=rules), 200
    if request.method == "POST":
        form, status = ReportForm(request.POST, rules=rules), 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                signal = handling.report(
                    data["rule"],
                    data["uscc"],
                    fact=data["fact"],
                    text=data["text"],
                    actor=actor,
                    at=at,
                )
                return go_to(request, reverse("risk:signal", args=[signal.pk]))
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
    return fragment(request, PAGE, PART, {"form": form}, status=status)
