"""The forms of the register: states, sizes, names and places, tags, doubts, rules of lists."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factors.domain.catalogue import Catalogue
from qfce.kernel.web import formats
from sharing.services.register_rules import TAG_KINDS
from sharing.web import rule_values, vocabulary

Pairs = list[tuple[str, str]]
ROWS = 5

ACTIONS: dict[str, str | Promise] = {
    "suspend": _("Lawful suspension filed"),
    "resume": _("Business resumed"),
    "move_out": _("Moved out"),
    "return": _("Moved back"),
    "revoke": _("Licence revoked"),
    "restore": _("Revocation taken back"),
    "deregister": _("Deregistered"),
}
TAGS: dict[str, str | Promise] = {
    "chain": _("Industrial chain"),
    "cluster": _("Cluster"),
    "county": _("Programme of the county"),
}
REASONS: dict[str, str | Promise] = {
    "same_organization": _("The same organization code"),
    "near_code": _("One character of the code apart, and one fails its check"),
    "same_name": _("The same name in one city"),
    "like_name": _("The same name but for brackets and legal form, in one county"),
}
TESTS: dict[str, str | Promise] = {
    "equals": _("is"),
    "in": _("is one of"),
    "at_least": _("is at least"),
    "below": _("is below"),
    "starts_with": _("begins with"),
    "known": _("has a value"),
    "missing": _("has no value"),
}


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Reasoned(forms.Form):
    """A form whose change waits for a second person, so that it says why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    field_order: Any = None


class StateForm(Reasoned):
    """The next state at the registrar."""

    action = forms.ChoiceField(label=_("What happened"))
    since = forms.DateField(label=pgettext_lazy("register", "Since"), widget=day_input())
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=day_input(),
        help_text=_("Of a lawful suspension: three years at most."),
    )
    field_order = ("action", "since", "until", "reason")

    def __init__(self, *args: Any, actions: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = [(name, str(ACTIONS[name])) for name in actions]
        self.fields["action"].choices = pairs  # type: ignore[attr-defined]  # a field of choices


class SizeForm(Reasoned):
    """The figures that a size is worked out from."""

    industry = forms.CharField(
        label=_("Industry"), max_length=5, help_text=_("GB/T 4754-2017, such as C3484.")
    )
    day = forms.DateField(label=_("Figures of"), widget=day_input())
    employees = forms.IntegerField(
        label=pgettext_lazy("figure", "Employees"), required=False, min_value=0
    )
    revenue = forms.DecimalField(
        label=_("Revenue (yuan)"), required=False, min_value=0, max_digits=20, decimal_places=2
    )
    assets = forms.DecimalField(
        label=_("Total assets (yuan)"),
        required=False,
        min_value=0,
        max_digits=20,
        decimal_places=2,
    )
    field_order = ("industry", "day", "employees", "revenue", "assets", "reason")


class IdentityForm(Reasoned):
    """Another name or place; what is left empty stays."""

    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    region = forms.ChoiceField(label=_("Region"), required=False)
    since = forms.DateField(
        label=pgettext_lazy("register", "Since"), required=False, widget=day_input()
    )
    field_order = ("name", "region", "since", "reason")

    def __init__(self, *args: Any, regions: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", formats.NOTHING), *regions]  # type: ignore[attr-defined]  # a field of choices

    def changes(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in ("name", "region") if self.cleaned_data[key]}


class TagForm(forms.Form):
    """A tag of the bureau's own."""

    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: [(k, TAGS[k]) for k in TAG_KINDS])
    name = forms.CharField(label=_("Name"), max_length=60)


class MergeForm(Reasoned):
    """Which of two codes goes on."""

    kept = forms.ChoiceField(label=_("Code that goes on"), widget=forms.RadioSelect)
    field_order = ("kept", "reason")

    def __init__(self, *args: Any, codes: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = codes  # type: ignore[attr-defined]  # a field of choices


class DismissForm(forms.Form):
    note = forms.CharField(
        label=_("Why they are two enterprises"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RuleForm(forms.Form):
    """The rule of a list: up to five tests that all, or any, have to hold."""

    joined = forms.ChoiceField(
        label=_("An enterprise fits if"),
        choices=[("all", _("all of these hold")), ("any", _("any of these holds"))],
    )
    region = forms.ChoiceField(label=_("Region"), required=False)

    def __init__(self, *args: Any, catalogue: Catalogue, regions: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue
        self.fields["region"].choices = [("", now("Everywhere")), *regions]  # type: ignore[attr-defined]  # a field of choices
        items = [
            ("", formats.NOTHING),
            *((name, str(vocabulary.IDENTITY[name])) for name in ("size", "industry")),
            *((code, vocabulary.item_name(catalogue, code)) for code in catalogue.items),
        ]
        for row in range(ROWS):
            number = {"n": row + 1}
            self.fields[f"item{row}"] = forms.ChoiceField(
                label=now("Item %(n)s") % number, required=False, choices=items
            )
            self.fields[f"test{row}"] = forms.ChoiceField(
                label=now("Test %(n)s") % number, required=False, choices=list(TESTS.items())
            )
            self.fields[f"value{row}"] = forms.CharField(
                label=now("Value %(n)s") % number,
                required=False,
                max_length=200,
                help_text=now("Values as the list names them; several with commas; yuan for money.")
                if row == 0
                else "",
            )

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        """Item, test and value of each line."""
        parts = ("item", "test", "value")
        return [[self[f"{part}{row}"] for part in parts] for row in range(ROWS)]

    def clean(self) -> dict[str, Any]:
        """Find a value that its item cannot have: the rule would find nobody, and not say why."""
        given = super().clean() or self.cleaned_data
        for row in range(ROWS):
            item, test = given.get(f"item{row}"), given.get(f"test{row}")
            if not item or test not in {"equals", "in"}:
                continue
            text = given.get(f"value{row}", "")
            for strange in rule_values.values_of(item, text, self.catalogue)[1]:
                fault = now("“%(text)s” is no value of this item. It has: %(values)s.")
                values = rule_values.choices(item, self.catalogue)
                self.add_error(f"value{row}", fault % {"text": strange, "values": values})
        return given

    def condition(self) -> dict[str, Any]:
        """Return what was asked as a condition; without a row it has none, and is refused."""
        given = self.cleaned_data
        leaves = [
            self._leaf(given[f"item{row}"], given[f"test{row}"], given[f"value{row}"])
            for row in range(ROWS)
            if given.get(f"item{row}")
        ]
        return {given["joined"]: leaves}

    def _leaf(self, item: str, test: str, value: str) -> dict[str, Any]:
        if test in {"missing", "known"}:
            return {"item": item, "missing": test == "missing"}
        named = test == "equals" and rule_values.has_values(item, self.catalogue)
        if test != "in" and not named:
            return {"item": item, test: value.strip()}
        values, _strange = rule_values.values_of(item, value, self.catalogue)
        if test == "in" or len(values) > 1:
            return {"item": item, "in": values}
        return {"item": item, "equals": values[0] if values else ""}


def initial_of(
    condition: dict[str, Any], regions: list[str], catalogue: Catalogue
) -> dict[str, Any]:
    """Return a saved rule as the form shows it; what it has no rows for is left out."""
    joined = "any" if "any" in condition else "all"
    initial: dict[str, Any] = {"joined": joined, "region": regions[0] if regions else ""}
    for row, leaf in enumerate(condition.get(joined, [condition])[:ROWS]):
        test = next((name for name in leaf if name != "item"), "equals")
        value = leaf.get(test)
        if test == "missing":
            test, value = ("missing" if value else "known"), ""
        item, values = leaf["item"], value if isinstance(value, list) else [value]
        shown = formats.listed(rule_values.text_of(item, one, catalogue) for one in values)
        initial |= {f"item{row}": item, f"test{row}": test, f"value{row}": shown}
    return initial


STATE_WORDS: dict[str, str | Promise] = {
    "ACTIVE": pgettext_lazy("enterprise state", "Active"),
    "SUSPENDED": pgettext_lazy("enterprise state", "Lawfully suspended"),
    "MOVED_OUT": pgettext_lazy("enterprise state", "Moved out"),
    "REVOKED": pgettext_lazy("enterprise state", "Licence revoked"),
    "DEREGISTERED": pgettext_lazy("enterprise state", "Deregistered"),
}
STATE_TONES = {"ACTIVE": "good", "SUSPENDED": "warn", "REVOKED": "bad", "DEREGISTERED": "bad"}
MERGE_WORDS: dict[str, str | Promise] = {
    "prepared": pgettext_lazy("merger", "Waiting for release"),
    "released": pgettext_lazy("merger", "Merged"),
    "cancelled": pgettext_lazy("merger", "Dropped"),
    "undo_prepared": pgettext_lazy("merger", "Undoing waits for release"),
    "undone": pgettext_lazy("merger", "Undone"),
}
MERGE_TONES = {"prepared": "info", "released": "good", "undo_prepared": "warn"}
DOUBT_WORDS: dict[str, str | Promise] = {
    "open": pgettext_lazy("doubt", "Open"),
    "dismissed": pgettext_lazy("doubt", "Two enterprises"),
    "merged": pgettext_lazy("doubt", "Merged"),
}
DOUBT_TONES = {"open": "warn", "merged": "good"}
RUN_WORDS: dict[str, str | Promise] = {
    "running": pgettext_lazy("run", "Being worked out"),
    "ready": pgettext_lazy("run", "Waits for adoption"),
    "adopted": pgettext_lazy("run", "Adopted"),
    "discarded": pgettext_lazy("run", "Dropped"),
    "overtaken": pgettext_lazy("run", "Overtaken"),
}
