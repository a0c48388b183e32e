"""The form of what the bank itself established: a field for each item that its cards look at."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from evaluation.models import ScorecardVersion
from evaluation.selectors import scorecards
from factors.domain.catalogue import Item
from factors.domain.item_types import ItemType
from qfce.kernel.errors import Refusal
from qfce.kernel.web import formats
from qfce.kernel.web.refusals import words_of

LONGEST = 500


class OwnFactsForm(forms.Form):
    """Facts by item code, all of them optional; they fill gaps and overrule nothing."""

    prefix = "own"

    def __init__(self, *args: Any, items: Mapping[str, Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for code, item in items.items():
            self.fields[code] = _field(item)

    def facts(self) -> dict[str, Any]:
        """Return what was stated, in canonical form and base units."""
        given = {code: str(text).strip() for code, text in self.cleaned_data.items()}
        return {code: _canonical(self.items[code], text) for code, text in given.items() if text}

    def put(self, refusal: Refusal) -> bool:
        """Put a refusal at the fields that it names; test whether it names any."""
        named = [str(error["pointer"]).rpartition("/")[2] for error in refusal.errors]
        for code in named:
            if code in self.fields:
                self.add_error(code, str(words_of(refusal)))
        return any(code in self.fields for code in named)

    @property
    def is_used(self) -> bool:
        return self.is_bound and any(self[code].value() for code in self.fields)


def items_of(versions: Sequence[ScorecardVersion]) -> dict[str, Item]:
    """Return the items that any of these versions looks at, in the order of their list."""
    found: dict[str, Item] = {}
    for version in versions:
        looked_at = {name.code for name in scorecards.card(version).looked_at()}
        for code, item in scorecards.catalogue(version).items.items():
            if code in looked_at:
                found.setdefault(code, item)
    return found


def _field(item: Item) -> forms.Field:
    shared: dict[str, Any] = {"label": formats.coded(item.code, item), "required": False}
    unknown = ("", _("Not established"))
    if item.values:
        pairs = [(value.code, formats.local(value, "label")) for value in item.values]
        return forms.ChoiceField(choices=[unknown, *pairs], **shared)
    if item.type == ItemType.BOOLEAN:
        return forms.ChoiceField(
            choices=[unknown, ("true", _("Yes")), ("false", _("No"))], **shared
        )
    if item.type == ItemType.DATE:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **shared)
    unit = formats.local(item, "unit") if item.type.is_numeric else ""
    hint = _("In %(unit)s.") % {"unit": unit} if unit else ""
    return forms.CharField(max_length=LONGEST, help_text=hint, **shared)


def _canonical(item: Item, text: str) -> Any:
    """Return a value as the list has it; a number that is none stays, and is refused as such."""
    if item.type == ItemType.BOOLEAN:
        return text == "true"
    if not item.type.is_numeric:
        return text
    try:
        number = Decimal(text.replace(",", "")) * item.unit_factor
    except InvalidOperation:
        return text
    return format(number.normalize(), "f")
