"""The forms of imports: the file, its release, its undoing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sharing.domain.import_lifecycle import ImportMode
from sharing.domain.reading import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from sharing.models import ImportBatch
from sharing.policies import needs_confirmation

ACCEPTED = sorted(TEXT_SUFFIXES | WORKBOOK_SUFFIXES)
MODES = (
    (ImportMode.DELTA.value, _("Additions and changes: enterprises that it does not name stay")),
    (ImportMode.FULL.value, _("The whole list: enterprises that it does not name leave the list")),
)


class UploadForm(forms.Form):
    """A file of enterprises, and how it is meant."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        max_length=255,
        widget=forms.ClearableFileInput(
            attrs={"accept": ",".join(f".{suffix}" for suffix in ACCEPTED)}
        ),
    )
    pasted = forms.CharField(
        label=_("Or paste rows from a spreadsheet, with their header"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "code-area"}),
    )
    upload = forms.UUIDField(required=False, widget=forms.HiddenInput)
    factor_list = forms.ChoiceField(label=_("Factor list"))
    mode = forms.ChoiceField(
        label=_("What the file is"), choices=MODES, initial="delta", widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, lists: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["factor_list"].choices = lists  # type: ignore[attr-defined]  # a field of choices

    def clean(self) -> dict[str, Any]:
        """Ask for a file, for pasted rows, or for an upload that is whole."""
        given = super().clean() or self.cleaned_data
        pasted = (given.get("pasted") or "").strip()
        if not (given.get("file") or given.get("upload") or pasted) and "file" not in self.errors:
            self.add_error("file", _("Choose a file, or paste rows."))
        return given


class ReleaseForm(forms.Form):
    """What a releaser agrees to beside the file itself."""

    leave_out_errors = forms.BooleanField(
        label=_("Leave the rows with errors out, and publish the others"), required=False
    )
    confirm_removals = forms.IntegerField(
        label=_("How many enterprises leave the list?"),
        min_value=0,
        required=False,
        help_text=_("Type the number, to confirm it: it is more than 5% of the list."),
    )

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not batch.error_count:
            del self.fields["leave_out_errors"]
        if not needs_confirmation(batch.removals, batch.listed_before):
            del self.fields["confirm_removals"]

    def agreed(self) -> dict[str, Any]:
        """Return what the service is told."""
        given = self.cleaned_data
        return {
            "leave_out_errors": bool(given.get("leave_out_errors")),
            "confirm_removals": given.get("confirm_removals"),
        }


class UndoForm(forms.Form):
    """Why a published import is taken back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands in the audit trail."),
    )
