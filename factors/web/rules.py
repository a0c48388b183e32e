"""Cross rules built in the browser: rows of item, operator and value, or written as they are."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from factors.domain.catalogue import Catalogue
from factors.domain.conditions import DERIVED, IDENTITY_FIELDS
from factors.domain.item_types import Severity
from factors.domain.rule_rows import ALL, ANY, OPERATORS, Row, RowFault, condition_of, rows_of
from factors.permissions import EDIT
from factors.selectors import drafts
from factors.selectors.drafts import Draft
from factors.services import draft_edits
from factors.web import words
from factors.web.factor_lists import frame, yields_of
from factors.web.problem_words import problem_text
from factors.web.rule_values import Options, by_code, by_name, options_of
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import coded
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of

BLANK_ROWS = 3
SENTENCE = forms.Textarea(attrs={"rows": 2})
NEW = "new"
OPERATOR_WORDS: words.Words = {
    "missing": gettext_lazy("is not there"),
    "given": gettext_lazy("is there"),
    "equals": gettext_lazy("is"),
    "in": gettext_lazy("is one of"),
    "at_least": gettext_lazy("is at least"),
    "below": gettext_lazy("is below"),
    "above_item": gettext_lazy("is above the item"),
    "before_item": gettext_lazy("is before the item"),
    "above_derived": gettext_lazy("is above what is derived"),
    "starts_with": gettext_lazy("begins with"),
    "starts_with_any": gettext_lazy("begins with one of"),
    "days_ahead_above": gettext_lazy("lies more days ahead than"),
}
SUBJECT_WORDS: words.Words = {
    "uscc": gettext_lazy("Unified social credit code"),
    "name": gettext_lazy("Enterprise name"),
    "region": gettext_lazy("Region"),
    "industry": gettext_lazy("Industry"),
    "size": gettext_lazy("Size"),
    "established_on": gettext_lazy("Day of founding"),
    "registered_capital": gettext_lazy("Registered capital"),
    "age_years": gettext_lazy("Age in years"),
    "annual_reports_due": gettext_lazy("Annual reports due"),
}


class RuleForm(forms.Form):
    """A cross rule; its rows stand beside it."""

    steps = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    code = forms.RegexField(r"^[A-Z][A-Z0-9-]{1,18}$", label=gettext_lazy("Rule"))
    severity = forms.ChoiceField(
        label=gettext_lazy("Gravity"),
        choices=[(severity.value, words.SEVERITIES[severity]) for severity in Severity],
    )
    yields = forms.ChoiceField(label=gettext_lazy("Item that gives way"))
    message_zh = forms.CharField(
        label=gettext_lazy("What it says (Chinese)"), max_length=500, widget=SENTENCE
    )
    message_en = forms.CharField(
        label=gettext_lazy("What it says (English)"), max_length=500, widget=SENTENCE
    )
    for_each = forms.CharField(
        label=gettext_lazy("For each of these items"),
        required=False,
        help_text=gettext_lazy("Several are set apart by semicolons; {i} stands for each."),
    )
    only_if_column = forms.CharField(
        label=gettext_lazy("Only where the file has the column"), required=False
    )
    join = forms.ChoiceField(
        label=gettext_lazy("It finds a record where"),
        choices=[(ALL, gettext_lazy("All rows hold")), (ANY, gettext_lazy("Any row holds"))],
    )
    written = forms.CharField(
        label=gettext_lazy("Condition as it is written"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For what rows cannot say. If it is given, the rows do not count."),
    )

    def __init__(self, *args: Any, items: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = str(self["yields"].value() or "")
        each = [("{item}", _("Each of them")), ("{item} valid_to", _("End of validity of each"))]
        known = [("", ""), *items, *each]
        extra = [] if held in dict(known) else [(held, held)]
        self.fields["yields"].choices = [*known, *extra]  # type: ignore[attr-defined]  # of a choice field


@require_safe
@tenant_page(EDIT)
def index(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    draft = drafts.draft(code, number, actor=actor)
    rules = [("rules", rule) for rule in draft.catalogue.rules]
    rules += [("report_rules", rule) for rule in draft.catalogue.report_rules]
    context = {
        **frame(draft.version, draft.catalogue, "edit", actor=actor),
        "rules": [
            (
                rule,
                words.severity(rule.severity),
                words.severity_tone(rule.severity),
                yields_of(rule),
            )
            for _kind, rule in rules
        ],
    }
    return render(request, "factors/editor/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(EDIT)
def detail(
    request: HttpRequest, actor: Actor, code: str, number: int, rule_code: str
) -> HttpResponse:
    """One rule: laid out, checked against the list as it is typed, saved as a step."""
    draft = drafts.draft(code, number, actor=actor)
    kind, entry = _entry(draft, rule_code)
    items = [(item.code, coded(item.code, item)) for item in draft.catalogue.items.values()]
    if request.method != "POST":
        laid_out = rows_of(entry["when"]) if entry else (ALL, [])
        form = RuleForm(initial=_initial(entry, draft, laid_out), items=items)
        return _page(request, draft, actor, rule_code, form, (laid_out or (ALL, []))[1])
    rows, form = _rows(request, draft.catalogue), RuleForm(request.POST, items=items)
    if request.POST.get("action") == "more":
        return _page(request, draft, actor, rule_code, form, rows)
    try:
        if request.POST.get("action") == "remove":
            _save(draft, kind, rule_code, None, int(request.POST["steps"]), actor)
            return go_to(request, reverse("factors:edit-rules", args=[code, number]))
        if form.is_valid():
            rule = _rule(form.cleaned_data, rows)
            severe = rule["severity"] == Severity.REPORT
            kind = "report_rules" if severe else "rules"
            _save(draft, kind, rule["code"], rule, form.cleaned_data["steps"], actor)
            messages.success(request, _("%(code)s is saved.") % {"code": rule["code"]})
            return go_to(request, reverse("factors:edit-rule", args=[code, number, rule["code"]]))
        status = 422
    except RowFault as fault:
        form.add_error(None, _("This cannot stand here: %(reason)s.") % {"reason": fault})
        status = 422
    except Refusal as refusal:
        form.add_error(None, str(words_of(refusal)))
        status = status_of(refusal)
    return _page(request, draft, actor, rule_code, form, rows, status=status)


def _save(draft: Draft, kind: str, code: str, rule: Any, steps: int, actor: Actor) -> None:
    draft_edits.set_rule(
        draft.version.pk, code, rule, kind=kind, steps=steps, actor=actor, at=timezone.now()
    )


def _rule(given: dict[str, Any], rows: list[Row]) -> dict[str, Any]:
    if given["written"].strip():
        try:
            when = json.loads(given["written"])
        except ValueError as fault:
            raise RowFault(str(fault)) from None
    else:
        if not all(row.operator for row in rows):
            raise RowFault(_("each row needs an operator"))
        when = condition_of(given["join"], rows)
    names = ("code", "severity", "yields", "message_zh", "message_en", "only_if_column")
    each = given["for_each"].replace("；", ";").split(";")
    return {
        **{name: given[name] for name in names},
        "for_each": [part.strip() for part in each if part.strip()],
        "when": when,
    }


def _rows(request: HttpRequest, catalogue: Catalogue) -> list[Row]:
    """Return the rows that were typed, their values as codes, those without an item left out."""
    columns = [request.POST.getlist(name) for name in ("row_item", "row_operator", "row_value")]
    negated = request.POST.getlist("row_negated")
    rows = [
        Row(item, operator, value.strip(), place < len(negated) and negated[place] == "not")
        for place, (item, operator, value) in enumerate(zip(*columns, strict=False))
        if item
    ]
    subjects = _subjects(catalogue)
    return [by_code(row, options_of(row, catalogue, subjects)) for row in rows]


def _initial(entry: Any, draft: Draft, laid_out: Any) -> dict[str, Any]:
    if entry is None:
        return {"steps": draft.steps, "severity": Severity.WARNING.value}
    return {
        **entry,
        "for_each": "; ".join(entry["for_each"]),
        "steps": draft.steps,
        "join": laid_out[0] if laid_out else ALL,
        "written": "" if laid_out else json.dumps(entry["when"], ensure_ascii=False),
    }


def _entry(draft: Draft, code: str) -> tuple[str, Any]:
    """Return where a rule stands and what it says; a new one stands nowhere yet."""
    for kind in ("rules", "report_rules"):
        for entry in draft.document[kind]:
            if entry["code"] == code:
                return kind, entry
    if code == NEW:
        return "rules", None
    raise NoSuchRecord(f"The draft has no rule {code}.", hint="Somebody has taken it out.")


def _subjects(catalogue: Catalogue) -> list[tuple[str, str]]:
    items = [(item.code, coded(item.code, item)) for item in catalogue.items.values()]
    until = _("end of validity")
    ends = [
        (f"{item.code}>", f"{item.code} {until}")
        for item in catalogue.items.values()
        if item.is_term
    ]
    known = [(name, str(SUBJECT_WORDS[name])) for name in IDENTITY_FIELDS]
    derived = [(f"@{name}", str(SUBJECT_WORDS[name])) for name in DERIVED]
    return [*items, *ends, *known, *derived, ("{i}", "{i}"), ("{i}>", "{i} " + until)]


def _page(
    request: HttpRequest,
    draft: Draft,
    actor: Actor,
    rule_code: str,
    form: RuleForm,
    rows: list[Row],
    *,
    status: int = 200,
) -> HttpResponse:
    subjects = _subjects(draft.catalogue)
    shown = [
        (by_name(row, options), options)
        for row in (*rows, *[Row("", "")] * BLANK_ROWS)
        for options in [options_of(row, draft.catalogue, subjects)]
    ]
    pointed = [p for p in draft.problems if "rules/" in p.pointer]
    context = {
        **frame(draft.version, draft.catalogue, "edit", actor=actor),
        "form": form,
        "rule_code": "" if rule_code == NEW else rule_code,
        "rows": shown,
        "subjects": subjects,
        "operators": [("", ""), *[(name, str(OPERATOR_WORDS[name])) for name in OPERATORS]],
        "problems": [problem_text(p) for p in pointed if p.message.startswith(rule_code)],
    }
    return render(request, "factors/editor/rule.html", context, status=status)
