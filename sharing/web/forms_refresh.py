"""The forms of readers' questions and the bureaus' answers."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qfce.kernel.tenancy.models import Organization
from qfce.kernel.web import formats
from sharing.domain.refresh_requests import AnswerKind, ItemAnswer
from sharing.web.forms_sharing import TICKS, Pairs, RecordChangeForm


class QuestionForm(forms.Form):
    """Which items of an enterprise to ask about."""

    items = forms.MultipleChoiceField(label=_("Items"), widget=TICKS)
    question = forms.CharField(
        label=_("Your question"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the bureau. Left empty: does it still hold?"),
    )

    def __init__(self, *args: Any, items: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = items  # type: ignore[attr-defined]  # a field of choices


class ItemAnswerForm(RecordChangeForm):
    """What a bureau says of one item; its prefix is the item's code."""

    KINDS = (
        (AnswerKind.CONFIRMED.value, _("The stored value still holds")),
        (AnswerKind.VALUE.value, _("This value holds")),
        (AnswerKind.UNKNOWN.value, _("It cannot be said")),
    )

    action = forms.ChoiceField(
        label=pgettext_lazy("question", "Answer"), choices=KINDS, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Why it cannot be said"),
        required=False,
        max_length=1000,
        help_text=_("Whoever asked reads it."),
    )

    def __init__(self, *args: Any, has_value: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_value:
            self.fields["action"].choices = self.KINDS[1:]  # type: ignore[attr-defined]  # a field of choices

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("action") == AnswerKind.VALUE and not given.get("value"):
            self.add_error("value", forms.ValidationError(_("Say the value that holds.")))
        if given.get("action") == AnswerKind.UNKNOWN and not given.get("reason", "").strip():
            self.add_error("reason", forms.ValidationError(_("Say why.")))
        return given

    def answer(self) -> ItemAnswer:
        kind = AnswerKind(self.cleaned_data["action"])
        if kind is AnswerKind.VALUE:
            return ItemAnswer(kind, self.canonical(), self.details())
        reason = self.cleaned_data["reason"] if kind is AnswerKind.UNKNOWN else ""
        return ItemAnswer(kind, reason=reason.strip())


class ForwardForm(forms.Form):
    """Which bureau answers instead."""

    to = forms.TypedChoiceField(label=_("Bureau"), coerce=UUID)

    def __init__(self, *args: Any, bureaus: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = [(str(bureau.pk), formats.local(bureau)) for bureau in bureaus]
        self.fields["to"].choices = pairs if len(pairs) == 1 else [("", now("Choose")), *pairs]  # type: ignore[attr-defined]  # a field of choices


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why nothing can be said"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever asked reads it."),
    )
