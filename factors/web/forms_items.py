"""The form of one item, laid out from what its members can hold."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factors.domain.item_fields import (
    FieldFault,
    Form,
    choices_of,
    form_of,
    hints,
    parts_of,
    text_of,
    value_of,
)
from factors.web import words
from factors.web.field_words import field_name
from factors.web.item_words import as_codes, as_words
from qfce.kernel.web.formats import listed

LABELS: dict[str, words.Words] = {
    "extension": words.EXTENSIONS,
    "kind": words.KINDS,
    "type": words.TYPES,
    "validity_kind": words.VALIDITIES,
    "empty_means": words.EMPTY,
    "polarity": words.POLARITIES,
    "update_frequency": words.FREQUENCIES,
    "collected_by_level": words.SOURCES,
    "sensitivity": words.SENSITIVITIES,
    "bank_default": words.BANKS,
    "source_order": words.SOURCES,
}
# The members of an item as groups of its form; what stands in none comes last.
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("What it is"),
        ("category", "kind", "extension", "core_item", "former_names", "name_zh", "name_en",
         "description_zh", "description_en"),
    ),
    (
        _("Values"),
        ("type", "unit_factor", "minimum", "maximum", "no_future", "decimals", "max_length",
         "allows_not_applicable", "empty_means", "implausible_jump", "unit_zh", "unit_en",
         "values"),
    ),
    (
        _("Validity and sources"),
        ("validity_kind", "validity_months", "max_age_days", "update_frequency",
         "collected_by_level", "source_order", "owners", "issuing_authority_zh",
         "issuing_authority_en", "source_system_zh", "source_system_en", "evidences"),
    ),
    (
        _("Sharing"),
        ("sensitivity", "consent_required", "in_workbook", "polarity", "bank_default",
         "suggested_gate", "consent_when_zh", "consent_when", "publication_zh",
         "publication_en", "repair_zh", "repair_en"),
    ),
    (_("Explanations"), ("fill_zh", "fill_en", "bank_zh", "bank_en", "citations")),
)  # fmt: skip
WIDE = (Form.WORDS, Form.PARTS, Form.GATE)
# What the table of the editor shows, in its order.
COLUMNS = (
    "name_zh", "name_en", "category", "kind", "type", "unit_zh", "unit_en", "minimum", "maximum",
    "decimals", "validity_kind", "validity_months", "max_age_days", "sensitivity", "bank_default",
    "consent_required", "in_workbook",
)  # fmt: skip


def options(field: str, categories: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the choices of a member with their words; empty where it is typed freely."""
    if field == "category":
        return categories
    if form_of(field) == Form.FLAG:
        return [("true", str(_("Yes"))), ("false", str(_("No")))]
    known = LABELS.get(field, {})
    return [(word, str(known.get(word, word))) for word in choices_of(field)]


class MemberField(forms.CharField):
    """A member of an item as text; what it cannot hold is refused at the field."""

    def __init__(self, member: str, **kwargs: Any) -> None:
        self.member = member
        super().__init__(required=False, strip=True, label=field_name(member), **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            return value_of(self.member, as_codes(self.member, super().clean(value) or ""))
        except FieldFault as fault:
            raise forms.ValidationError(
                _("This cannot stand here: %(reason)s."), params={"reason": fault.reason}
            ) from None


class ItemForm(forms.Form):
    """All members of one item; `steps` says which state of the draft it shows."""

    steps = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, item: Mapping[str, Any], categories: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        kwargs["initial"] = {
            **{name: as_words(name, text_of(name, item.get(name))) for name in hints()},
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        for name in hints():
            if name != "code":
                self.fields[name] = _field(name, categories)

    def groups(self) -> list[tuple[str, list[list[forms.BoundField]]]]:
        """
        Return the fields group by group, as the page lays them out.

        Within a group: first those that share a line, then both languages side by side, and
        what takes a line of its own.
        """
        placed = {name for _label, names in GROUPS for name in names}
        rest = tuple(name for name in hints() if name not in placed and name != "code")
        groups = [*GROUPS, (_("Further"), rest)] if rest else list(GROUPS)
        return [
            (str(label), self._lines([name for name in names if name in self.fields]))
            for label, names in groups
        ]

    def _lines(self, names: list[str]) -> list[list[forms.BoundField]]:
        pairs = [[name, _twin(name)] for name in names if _twin(name) in names]
        apart = {name for pair in pairs for name in pair}
        alone = [[name] for name in names if form_of(name) in WIDE or name == "bank_default"]
        apart |= {name for [name] in alone}
        short = [name for name in names if name not in apart]
        return [[self[name] for name in line] for line in (short, *pairs, *alone) if line]

    def given(self) -> dict[str, Any]:
        """Return the members as the document holds them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "steps"}


def _field(name: str, categories: list[tuple[str, str]]) -> MemberField:
    form, choices = form_of(name), options(name, categories)
    if form == Form.PARTS:
        parts = " | ".join(field_name(part) for part in parts_of(name))
        help_text = _("One a line: %(parts)s") % {"parts": parts}
        widget: forms.Widget = forms.Textarea(attrs={"rows": 4})
        return MemberField(name, widget=widget, help_text=help_text)
    if choices and form != Form.WORDS:
        return MemberField(name, widget=forms.Select(choices=choices))
    if form in (Form.TEXT, Form.GATE):
        return MemberField(name, widget=forms.Textarea(attrs={"rows": 2}))
    return MemberField(name, help_text=_said_of_words(choices) if form == Form.WORDS else "")


def _twin(name: str) -> str:
    """Return the English member of a Chinese one; empty for every other."""
    if not name.endswith("_zh"):
        return ""
    stem = name.removesuffix("_zh")
    return stem if stem == "consent_when" else f"{stem}_en"


def _said_of_words(choices: list[tuple[str, str]]) -> str:
    """Return how several words are written, and which may be."""
    said = str(_("Several are set apart by semicolons."))
    if not choices:
        return said
    return said + _(" To choose from: %(words)s.") % {"words": listed(w for _code, w in choices)}


class NewItemForm(forms.Form):
    """An item that is not in the list yet; what else it says is filled in afterwards."""

    steps = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    code = forms.RegexField(
        r"^[A-Z]{1,6}-[A-Z0-9-]{1,12}$",
        label=pgettext_lazy("of a list", "Code"),
        help_text=_("Such as QC-21."),
    )
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200)
    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    category = forms.ChoiceField(label=_("Category"))
    type = forms.ChoiceField(label=_("Type of value"))

    def __init__(self, *args: Any, categories: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = categories  # type: ignore[attr-defined]  # of a choice field
        self.fields["type"].choices = options("type", categories)  # type: ignore[attr-defined]  # of a choice field


class CopyForm(forms.Form):
    """Items to copy, out of one version."""

    steps = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    source = forms.CharField(widget=forms.HiddenInput)
    codes = forms.MultipleChoiceField(label=_("Items"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = items  # type: ignore[attr-defined]  # of a choice field
