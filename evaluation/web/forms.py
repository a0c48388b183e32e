"""The forms of evaluation."""

import json
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from evaluation.models import ScorecardVersion
from evaluation.selectors.populations import SharedList
from evaluation.web import words
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats

LARGEST = 1_000_000
USCC = RegexValidator(r"^[0-9A-Z]{18}\Z", _("A credit code has 18 digits and capital letters."))
FIRST_PURPOSE = {"credit_agency": "recommendation"}


class _AskForm(forms.Form):
    """By which scorecard, and why the enterprise is read."""

    scorecard = forms.ChoiceField(label=_("Scorecard"))
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=tuple(words.PURPOSES.items()),
        help_text=_("An agreement must cover it; every read is logged with it."),
    )

    def __init__(
        self, *args: Any, versions: list[ScorecardVersion], actor: Actor, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scorecard"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (
                each.scorecard.code,
                formats.local(each)
                + formats.bracketed(formats.version(each.scorecard.code, each.number)),
            )
            for each in versions
        ]
        self.fields["purpose"].initial = FIRST_PURPOSE.get(actor.organization_kind, "pre_loan")


class EvaluateForm(_AskForm):
    """One enterprise by its code."""

    uscc = forms.CharField(
        label=_("Unified social credit code"),
        min_length=18,
        max_length=18,
        validators=[USCC],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("uscc", "scorecard", "purpose")


class BatchForm(_AskForm):
    """All enterprises of one list that was shown to the organization."""

    enterprise_list = forms.ChoiceField(label=_("Enterprise list"))
    field_order = ("enterprise_list", "scorecard", "purpose")

    def __init__(self, *args: Any, lists: list[SharedList], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["enterprise_list"].choices = list_choices(lists)  # type: ignore[attr-defined]  # a field of choices


class SimulationForm(forms.Form):
    """What to try a scorecard on."""

    enterprise_list = forms.ChoiceField(label=_("Enterprise list"))
    purpose = forms.ChoiceField(label=_("Purpose"), choices=tuple(words.PURPOSES.items()))

    def __init__(self, *args: Any, lists: list[SharedList], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["enterprise_list"].choices = list_choices(lists)  # type: ignore[attr-defined]  # a field of choices


class DocumentForm(forms.Form):
    """A scorecard as a JSON document, typed or as a file."""

    file = forms.FileField(
        label=_("JSON file"),
        required=False,
        help_text=_("Drop a file here or choose one; it goes before the text below."),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    document = forms.CharField(
        label=_("Document"),
        required=False,
        strip=False,
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "false", "class": "code-area"}),
    )

    def clean_file(self) -> str:
        """Return the text of the file, empty where there is none."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is None:
            return ""
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(_g("The file is larger than 1 MB."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(_g("The file is not text in UTF-8.")) from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        text = cleaned.get("file") or cleaned.get("document", "")
        if self.errors:
            return cleaned
        if not text.strip():
            raise forms.ValidationError(_g("Give a file or a text."))
        try:
            cleaned["parsed"] = json.loads(text, parse_constant=_refuse)
        except ValueError as fault:
            line, column = getattr(fault, "lineno", 1), getattr(fault, "colno", 1)
            raise forms.ValidationError(
                _g("This is not JSON: line %(line)s, column %(column)s.")
                % {"line": line, "column": column}
            ) from None
        return cleaned


class ApprovalForm(forms.Form):
    """From which day a scorecard counts."""

    effective_from = forms.DateField(
        label=_("First day"),
        required=False,
        help_text=_("Today unless you say another day."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class ReasonForm(forms.Form):
    """Why a version is given back or taken out of use."""

    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


def list_choices(lists: list[SharedList]) -> list[tuple[str, str]]:
    """Return the lists with who keeps them and how many are on them."""
    return [
        (
            str(each.id),
            _g("%(name)s (%(keeper)s, %(number)s enterprises)")
            % {
                "name": each.name,
                "keeper": words.both(each, "keeper_zh", "keeper_en"),
                "number": formats.number(each.enterprises),
            },
        )
        for each in lists
    ]


def _refuse(constant: str) -> None:
    raise ValueError(constant)
