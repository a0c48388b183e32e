"""What officers write about signals and cases."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qfce.kernel.web import formats
from risk.domain.classification import LoanFacts
from risk.web import words

LONGEST = 2_000
ROWS = {"rows": 4}
CHOOSE = _("Choose a step")


class StepForm(forms.Form):
    """One step about a signal, with its words."""

    step = forms.ChoiceField(label=_("Step"), choices=words.pairs(words.STEPS))
    text = forms.CharField(
        label=_("Words"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs=ROWS),
        help_text=_("What was found, what came of it, or the reason. It stays in the history."),
    )

    def __init__(self, *args: Any, steps: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A step that the state no longer allows is refused by the service, with its reason.
        if not self.is_bound:
            shown = [("", CHOOSE), *((step, words.STEPS[step]) for step in steps)]
            self.fields["step"].choices = shown  # type: ignore[attr-defined]  # a field of choices


class CaseForm(forms.Form):
    """Why a case is opened, and on which loan."""

    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )
    loan = forms.ChoiceField(
        label=_("Loan"), required=False, help_text=_("Where none is chosen, all of the enterprise.")
    )

    def __init__(self, *args: Any, loans: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [
            (str(loan.pk), f"{loan.contract.number} · {formats.yuan(loan.principal)}")
            for loan in loans
        ]
        self.fields["loan"].choices = [("", _("All loans")), *named]  # type: ignore[attr-defined]  # a field of choices


class CaseStepForm(forms.Form):
    """One step of a case; an amount where the step has one."""

    kind = forms.ChoiceField(
        label=_("Step"), choices=(("", CHOOSE), *words.pairs(words.CASE_STEPS))
    )
    text = forms.CharField(
        label=_("Words"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )
    amount = forms.DecimalField(
        label=_("Amount in yuan"),
        required=False,
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=2,
        help_text=_("Only where the step has one, as a cut of the limit."),
    )

    def __init__(self, *args: Any, may_freeze: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_freeze:
            held_back = {"freeze_undrawn", "lift_freeze"}
            possible = [(k, label) for k, label in words.CASE_STEPS.items() if k not in held_back]
            shown = [("", CHOOSE), *possible]
            self.fields["kind"].choices = shown  # type: ignore[attr-defined]  # a field of choices


class ClosingForm(forms.Form):
    """What came of a case."""

    result = forms.CharField(
        label=_("Result"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )


def _flag(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _whole(label: Any, most: int, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=most, initial=0, help_text=hint)


def _per_cent(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_value=100, decimal_places=4, max_digits=7, initial=0
    )


SHARES = ("non_performing_share", "elsewhere_overdue_share", "expected_loss")


class FloorForm(forms.Form):
    """The facts of a loan that the rules look at."""

    days_past_due = _whole(
        _("Days past due"), 36_500, _("Since the oldest unpaid instalment fell due.")
    )
    on = forms.DateField(
        label=_("Rules of the day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    non_performing_share = _per_cent(_("Non-performing share of all its debts with us, %"))
    elsewhere_overdue_share = _per_cent(_("Share of its debts that is overdue elsewhere, %"))
    expected_loss = _per_cent(_("Expected loss, %"))
    months_observed = _whole(_("Months observed since the restructuring"), 1_200)
    instalments_paid = _whole(_("Instalments paid since the restructuring"), 1_200)
    technical_slip = _flag(_("Paid late for a technical reason"))
    use_changed = _flag(_("The money was used for another purpose"))
    refinanced = _flag(_("Refinanced in order to repay"))
    eligible_renewal = _flag(_("The refinancing is an eligible renewal of a small firm"))
    other_debts_bad = _flag(_("Other debts of the same debtor are bad"))
    restructured = _flag(_("Restructured"))
    credit_impaired = _flag(_("Credit-impaired"))
    rating_fell_sharply = _flag(_("The rating fell sharply"))
    debt_evasion = _flag(_("Evades its debts"))
    in_liquidation = _flag(_("In liquidation"))
    retail = _flag(_("The debtor is a retail customer"))

    def facts(self) -> LoanFacts:
        given = {name: value for name, value in self.cleaned_data.items() if name != "on"}
        return LoanFacts(**{n: v / 100 if n in SHARES else v for n, v in given.items()})

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [field for field in self if not isinstance(field.field, forms.BooleanField)]

    @property
    def flags(self) -> list[forms.BoundField]:
        return [field for field in self if isinstance(field.field, forms.BooleanField)]
