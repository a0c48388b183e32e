"""The forms of enterprises, enterprise lists, agreements, consents and changes of records."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from factors.domain.catalogue import Catalogue, Item
from factors.domain.values import canonical_decimal, sizable, to_base
from qfce.kernel.web import formats
from sharing.web import vocabulary

TICKS = forms.CheckboxSelectMultiple
CODE = re.compile(r"[0-9A-Z]{18}")
MOST_CODES = 20_000
Pairs = list[tuple[str, str]]


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ReadForm(forms.Form):
    """Why an enterprise is read, of which day, and as known when."""

    purpose = forms.ChoiceField(label=_("Purpose"))
    as_of = forms.DateField(label=_("As of the day"), required=False, widget=_day_input())
    known_at = forms.DateTimeField(
        label=_("As known at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "any"}),
    )

    def __init__(self, *args: Any, purposes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = vocabulary.options(vocabulary.PURPOSES, purposes)
        blank = [] if len(purposes) == 1 else [("", now("Say what for"))]
        self.fields["purpose"].choices = blank + known  # type: ignore[attr-defined]  # a field of choices

    def clean_known_at(self) -> datetime | None:
        known_at: datetime | None = self.cleaned_data["known_at"]
        if known_at is not None and known_at > timezone.now():
            raise forms.ValidationError(_("Nobody knows yet what will be known then."))
        return known_at


class CodesField(forms.CharField):
    """Credit codes, written or pasted with anything between them."""

    def __init__(self, **kwargs: Any) -> None:
        rows = forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})
        super().__init__(**{"widget": rows, "max_length": MOST_CODES * 20, **kwargs})

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        codes = list(
            dict.fromkeys(part for part in re.split(r"[\s,;，；、]+", text.upper()) if part)
        )
        wrong = [code for code in codes if not CODE.fullmatch(code)]
        if wrong:
            sentence = now("%(code)s is no credit code: it has 18 digits and capital letters.")
            raise forms.ValidationError(sentence % {"code": wrong[0][:30]})
        return codes


class NewListForm(forms.Form):
    """A new list with its first members."""

    name = forms.CharField(label=_("Name of the list"), max_length=120)
    usccs = CodesField(
        label=_("Credit codes"),
        required=False,
        help_text=_("One a line, or with commas between them. More can be added later."),
    )


class MembersForm(forms.Form):
    usccs = CodesField(label=_("Credit codes"), help_text=_("One a line, or with commas."))


class RecipientForm(forms.Form):
    """Whom to show a list to."""

    recipient = forms.TypedChoiceField(label=_("Organization"), coerce=UUID)

    def __init__(self, *args: Any, recipients: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipient"].choices = [("", now("Choose")), *recipients]  # type: ignore[attr-defined]  # a field of choices


class AgreementForm(RecipientForm):
    """The terms of an agreement to be drawn up."""

    factor_list = forms.ChoiceField(label=_("Factor list"))
    categories = forms.MultipleChoiceField(label=_("Categories"), widget=TICKS)
    purposes = forms.MultipleChoiceField(label=_("Purposes"), widget=TICKS)
    regions = forms.MultipleChoiceField(
        label=_("Regions"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("None chosen: the whole jurisdiction."),
    )
    enterprise_list_ids = forms.TypedMultipleChoiceField(
        label=_("Only enterprises on these lists"), required=False, coerce=UUID, widget=TICKS
    )
    starts_on = forms.DateField(label=_("First day"), required=False, widget=_day_input())
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=_day_input(),
        help_text=_("Left empty: until it is ended."),
    )

    field_order = ("recipient", "factor_list", "categories", "purposes")

    def __init__(self, *args: Any, choices: dict[str, Pairs], **kwargs: Any) -> None:
        super().__init__(*args, recipients=choices["recipient"], **kwargs)
        for name in ("factor_list", "categories", "purposes", "regions", "enterprise_list_ids"):
            self.fields[name].choices = choices[name]  # type: ignore[attr-defined]  # a field of choices
        if not choices["enterprise_list_ids"]:
            del self.fields["enterprise_list_ids"]

    def terms(self) -> dict[str, Any]:
        """Return what `agreements.draft` takes."""
        given = dict(self.cleaned_data)
        given["recipient_id"] = given.pop("recipient")
        return given


class ConsentForm(forms.Form):
    """What a reader asks an enterprise to open to it."""

    uscc = forms.CharField(label=_("Credit code"), min_length=18, max_length=18)
    items = forms.MultipleChoiceField(
        label=_("Items"),
        widget=TICKS,
        help_text=_("Items that an agreement of yours opens with the enterprise's consent."),
    )
    purposes = forms.MultipleChoiceField(label=_("Purposes"), widget=TICKS)
    starts_on = forms.DateField(label=_("First day"), required=False, widget=_day_input())
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=_day_input(),
        help_text=_("Left empty: the longest term that is allowed."),
    )

    def __init__(self, *args: Any, items: Pairs, purposes: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = items  # type: ignore[attr-defined]  # a field of choices
        known = vocabulary.options(vocabulary.PURPOSES, purposes)
        self.fields["purposes"].choices = known  # type: ignore[attr-defined]  # a field of choices

    def clean_uscc(self) -> str:
        return str(self.cleaned_data["uscc"]).strip().upper()


class GrantForm(forms.Form):
    """A yes, with a tick of its own for what flows the other way."""

    allows_feedback = forms.BooleanField(
        label=_("The reader may report its lending to us back to the regulator"), required=False
    )


class LinkForm(forms.Form):
    """The code of a one-time link."""

    token = forms.CharField(
        label=_("Code of the link"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("What stands behind the # in the address that was sent to you."),
    )


class RecordPickForm(forms.Form):
    """Which item of which enterprise to change."""

    uscc = forms.CharField(label=_("Credit code"), min_length=18, max_length=18)
    item = forms.ChoiceField(label=_("Item"))

    def __init__(self, *args: Any, items: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", now("Choose")), *items]  # type: ignore[attr-defined]  # a field of choices


class RecordChangeForm(forms.Form):
    """A change of one item, for another person to release."""

    CORRECT, OBSERVE, WITHDRAW, VERIFY = "correct", "observe", "withdraw", "verify"
    ACTIONS = (
        (CORRECT, _("Correct: the value was wrong from the beginning")),
        (OBSERVE, _("New fact: such as a certificate that was revoked")),
        (WITHDRAW, _("Withdraw: repaired or mistaken, it vanishes for every reader")),
        (VERIFY, _("Verify: the value still holds")),
    )

    action = forms.ChoiceField(
        label=_("Kind of correction"), choices=ACTIONS, widget=forms.RadioSelect
    )
    value = forms.CharField(label=_("Value"), required=False, max_length=500)
    valid_from = forms.DateField(label=_("Holds from"), required=False, widget=_day_input())
    valid_to = forms.DateField(label=_("Holds until"), required=False, widget=_day_input())
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the audit trail; readers of the data never see it."),
    )

    def __init__(self, *args: Any, catalogue: Catalogue, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = catalogue.items[code]
        field = self.fields["value"]
        if self.item.values:
            pairs = [(v.code, formats.local(v, "label")) for v in self.item.values]
            self.fields["value"] = forms.ChoiceField(
                label=field.label, required=False, choices=[("", now("Choose")), *pairs]
            )
        elif self.item.type == "boolean":
            pairs = [("", now("Choose")), ("true", now("Yes")), ("false", now("No"))]
            self.fields["value"] = forms.ChoiceField(
                label=field.label, required=False, choices=pairs
            )
        elif self.item.type == "date":
            field.widget = _day_input()
        elif self.item.type.is_numeric:
            field.help_text = _in_unit(self.item)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("action") in {self.CORRECT, self.OBSERVE} and not given.get("value"):
            self.add_error("value", forms.ValidationError(_("Say the value that holds.")))
        return given

    def canonical(self) -> Any:
        """Return the value in canonical form; None where there is none."""
        text = str(self.cleaned_data.get("value") or "").strip()
        if not text:
            return None
        if self.item.type == "boolean":
            return text == "true"
        return self._number(text) if self.item.type.is_numeric else text

    def _number(self, text: str) -> Any:
        """Read a number in the unit that people state it in; what is none stays as it is."""
        stated = sizable(text.replace(",", ""))
        if stated is None:
            return text
        base = canonical_decimal(to_base(self.item, stated))
        return int(base) if self.item.type == "count" and base.isdigit() else base

    def details(self) -> dict[str, str]:
        """Return the days of validity that were given."""
        days = {name: self.cleaned_data.get(name) for name in ("valid_from", "valid_to")}
        return {name: day.isoformat() for name, day in days.items() if day}


def _in_unit(item: Item) -> str:
    unit = vocabulary.unit(item)
    return now("In %(unit)s.") % {"unit": unit} if unit else ""
