"""The forms of applications, contracts and loans: yuan and per cents on the screen."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lending.domain.payees import Payee
from lending.domain.terms import Offer
from lending.models import Loan, LoanApplication, LoanProduct
from lending.web import words
from lending.web.fields import DayField, PercentField, ReasonForm, YuanField, whole_number
from qfce.kernel.web import formats

TICKS = forms.CheckboxSelectMultiple
MOST_PAYEES = 50


class EnterpriseForm(forms.Form):
    """Which enterprise an application is for."""

    uscc = forms.CharField(
        label=gettext_lazy("Unified social credit code"),
        max_length=18,
        min_length=18,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        help_text=gettext_lazy("18 characters, as the business licence has them."),
    )

    def clean_uscc(self) -> str:
        return str(self.cleaned_data["uscc"]).upper()


class ApplicationForm(forms.Form):
    """What the enterprise asks for; its suppliers stand in a form set of their own."""

    product = forms.ChoiceField(label=gettext_lazy("Product"))
    requested_principal = YuanField(label=gettext_lazy("Amount (yuan)"))
    requested_months = whole_number(pgettext_lazy("loan", "Months"), 1, 360)
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What the money is for: goods, orders, season."),
    )
    documents = forms.MultipleChoiceField(
        label=gettext_lazy("Documents handed in"),
        choices=[(phrase, phrase) for phrase in words.DOCUMENTS],
        widget=TICKS,
        required=False,
    )
    further_documents = forms.CharField(
        label=gettext_lazy("Further documents"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One a line."),
    )

    def __init__(self, *args: Any, products: Sequence[LoanProduct], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (str(product.pk), _range(product)) for product in products
        ]
        self.fields["documents"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (phrase, words.document(phrase)) for phrase in words.DOCUMENTS
        ]

    def all_documents(self) -> list[str]:
        further = str(self.cleaned_data["further_documents"]).splitlines()
        typed = [line.strip()[:200] for line in further if line.strip()]
        return [*self.cleaned_data["documents"], *typed]


def _range(product: LoanProduct) -> str:
    least, most = formats.yuan(product.min_principal), formats.yuan(product.max_principal)
    words_of_range = _("{least} to {most}, at most {n} months").format(
        least=least, most=most, n=product.max_months
    )
    return f"{product.code} {formats.local(product)} · {words_of_range}"


class PayeeForm(forms.Form):
    """A supplier who is to be paid; an empty row is nobody."""

    name = forms.CharField(
        label=gettext_lazy("Name of the supplier"), max_length=200, required=False
    )
    account = forms.CharField(label=gettext_lazy("Account"), max_length=60, required=False)
    uscc = forms.CharField(label=gettext_lazy("Credit code"), max_length=18, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("name") and (data.get("account") or data.get("uscc")):
            self.add_error("name", _("Whose account is it?"))
        return data

    def payee(self) -> Payee:
        data = self.cleaned_data
        return Payee(data["name"].strip(), data["uscc"].upper() or None, data["account"] or None)


class Payees(forms.BaseFormSet):  # type: ignore[type-arg]  # no generic at run time
    """Rows of suppliers; any of them may be left empty, also one that had a name before."""

    def initial_form_count(self) -> int:
        return 0


PayeeForms = forms.formset_factory(
    PayeeForm,
    formset=Payees,
    extra=2,
    max_num=MOST_PAYEES,
    validate_max=True,
    absolute_max=MOST_PAYEES,
)


class ApprovalForm(forms.Form):
    """The offer, and why it is made."""

    principal = YuanField(label=gettext_lazy("Amount approved (yuan)"))
    months = whole_number(pgettext_lazy("loan", "Months"), 1, 360)
    base_rate = PercentField(
        label=gettext_lazy("Loan prime rate (%)"),
        help_text=gettext_lazy("As last published; the contract takes that of its own day."),
    )
    spread_bp = whole_number(gettext_lazy("Spread (basis points)"), -1000, 3000, required=False)
    drawdowns = whole_number(gettext_lazy("Drawdowns at most"), 1, 60)
    gate_exception = forms.CharField(
        label=gettext_lazy("Why the gate may be passed"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    votes_for = whole_number(
        gettext_lazy("Votes for"), 0, 99, required=False, help_text=gettext_lazy("As minuted.")
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self,
        *args: Any,
        application: LoanApplication,
        needs_votes: bool = False,
        usual_spread: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if (application.snapshot or {}).get("outcome") != "referred":
            del self.fields["gate_exception"]
        if not needs_votes:
            del self.fields["votes_for"]
        if usual_spread is not None:
            self.fields["spread_bp"].help_text = _(
                "Empty: {n} basis points, the usual spread of the grade."
            ).format(n=usual_spread)

    def offer(self) -> Offer:
        data = self.cleaned_data
        return Offer(
            principal=data["principal"],
            months=data["months"],
            base_rate=data["base_rate"],
            spread_bp=data["spread_bp"],
            drawdowns=data["drawdowns"],
        )


class ReturnForm(ReasonForm):
    """The questions that an application is sent back with."""

    prefix = "return"


class DeclineForm(ReasonForm):
    """Why an application is declined."""

    prefix = "decline"


class WithdrawForm(ReasonForm):
    """Why the enterprise takes its application back."""

    prefix = "withdraw"


class ContractForm(forms.Form):
    """What is settled on the day of the contract; the rest stands in the approval."""

    number = forms.CharField(label=gettext_lazy("Contract number"), max_length=60)
    base_rate = PercentField(label=gettext_lazy("Loan prime rate (%)"))
    base_rate_on = DayField(label=gettext_lazy("Published on"))
    signed_on = DayField(label=gettext_lazy("Signed on"))
    signed_for_enterprise_by = forms.CharField(
        label=gettext_lazy("Signed for the enterprise by"), max_length=80
    )
    repayment_day = whole_number(
        gettext_lazy("Day of the month for payments"),
        1,
        31,
        required=False,
        help_text=gettext_lazy("Empty: the day on which it was paid out."),
    )


class DisbursementForm(forms.Form):
    """A payment to a supplier whom the application names."""

    amount = YuanField(label=gettext_lazy("Amount (yuan)"))
    paid_on = DayField(label=gettext_lazy("Value date"))
    payee_name = forms.CharField(
        label=gettext_lazy("Payee"),
        max_length=200,
        widget=forms.TextInput(attrs={"list": "payees", "autocomplete": "off"}),
        help_text=gettext_lazy("It is checked against the suppliers that the application names."),
    )
    payee_account = forms.CharField(
        label=gettext_lazy("Account"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    payee_uscc = forms.CharField(
        label=gettext_lazy("Credit code of the payee"), max_length=18, required=False
    )
    conditions_met = forms.MultipleChoiceField(
        label=gettext_lazy("Conditions met"), widget=TICKS, required=False
    )

    def __init__(self, *args: Any, loan: Loan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["conditions_met"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (phrase, words.condition(phrase)) for phrase in loan.conditions
        ]
        if not loan.conditions:
            del self.fields["conditions_met"]

    def payment(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["payee_uscc"] = data["payee_uscc"].upper() or None
        data.setdefault("conditions_met", [])
        return data


class FreezeForm(ReasonForm):
    """Why what is undrawn is frozen, or may be drawn again."""

    prefix = "freeze"


def amount_of(text: str) -> Decimal | None:
    """Return an amount that stands in an address, or None where it is none."""
    field = YuanField(required=False)
    try:
        amount: Decimal | None = field.clean(text)
    except forms.ValidationError:
        return None
    return amount
