from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lending.domain.lifecycle import LoanStatus
from lending.domain.schedule_terms import RowKind
from lending.models.contracts import Contract
from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned


class LoanQuerySet(models.QuerySet["Loan"]):
    def with_exposure(self) -> "LoanQuerySet":
        """Loans of which something is outstanding or may still be drawn."""
        return self.filter(status__in=[LoanStatus.AGREED.value, LoanStatus.ACTIVE.value])

    def with_balances(self) -> "LoanQuerySet":
        """Each loan with `undrawn` and `outstanding`, in yuan, to sort and show."""
        return self.annotate(
            undrawn=F("principal") - F("disbursed"),
            outstanding=F("disbursed") - F("repaid_principal"),
        )

    def frozen(self) -> "LoanQuerySet":
        return self.filter(frozen_at__isnull=False)

    def drawable(self) -> "LoanQuerySet":
        """Of which more may be paid out: something is undrawn, and it is not frozen."""
        return self.with_exposure().filter(frozen_at__isnull=True, disbursed__lt=F("principal"))


class Loan(TenantOwned):
    """
    What was agreed, how much of it is paid out, and whether more may be.

    A freeze stops further payments, and nothing else: what is outstanding is owed as before.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, related_name="loan")
    uscc = models.CharField("unified social credit code", max_length=18)
    principal = models.DecimalField(max_digits=18, decimal_places=2, help_text="Agreed, in yuan.")
    disbursed = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    repaid_principal = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    status = models.CharField(
        max_length=12,
        choices=choices_of(LoanStatus),
        default=LoanStatus.AGREED.value,
        editable=False,
    )
    drawdowns_allowed = models.PositiveSmallIntegerField(default=1)
    conditions = models.JSONField(default=list)
    created_at = models.DateTimeField()

    frozen_at = models.DateTimeField(null=True, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    freeze_reason = models.TextField(null=True, editable=False)
    freeze_signal_id = models.UUIDField(null=True, editable=False)

    objects = LoanQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("status", LoanStatus),
            all_or_none("frozen_at", "freeze_reason", name="freeze"),
            models.CheckConstraint(
                name="lending_loan_pays_out_what_was_agreed",
                condition=Q(principal__gt=0, disbursed__gte=0, disbursed__lte=F("principal")),
            ),
            models.CheckConstraint(
                name="lending_loan_repays_what_was_paid_out",
                condition=Q(repaid_principal__gte=0, repaid_principal__lte=F("disbursed")),
            ),
        ]
        indexes = [models.Index(fields=["owner", "uscc"])]

    def __str__(self) -> str:
        return f"{self.uscc}: {self.disbursed} of {self.principal} ({self.status})"


class Disbursement(TenantOwned):
    """One payment of a loan to a supplier whom the application named."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="disbursements")
    number = models.PositiveSmallIntegerField()
    paid_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="Yuan.")
    payee_name = models.CharField(max_length=200)
    payee_account = models.CharField(max_length=60)
    payee_uscc = models.CharField(max_length=18, null=True)
    matched_payee = models.JSONField(help_text="The supplier it was checked against.")
    conditions_met = models.JSONField(default=list)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "number"], name="lending_disbursement_number_once"
            ),
            models.CheckConstraint(
                name="lending_disbursement_pays_something", condition=Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} to {self.payee_name} on {self.paid_on}"


class LoanSchedule(TenantOwned):
    """The schedule of a loan after one of its disbursements; the newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="schedules")
    version = models.PositiveSmallIntegerField()
    request = models.JSONField(help_text="What the quote was asked with.")
    instalment = models.DecimalField(max_digits=18, decimal_places=2)
    total_interest = models.DecimalField(max_digits=18, decimal_places=2)
    effective_annual_rate = models.DecimalField(max_digits=12, decimal_places=6)
    convention = models.TextField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "version"], name="lending_loanschedule_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"schedule {self.version} of {self.loan_id}"


class ScheduleRow(TenantOwned):
    """What falls due on one day, as the quote had it."""

    schedule = models.ForeignKey(LoanSchedule, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=choices_of(RowKind))
    due_date = models.DateField()
    days = models.PositiveIntegerField()
    opening_balance = models.DecimalField(max_digits=18, decimal_places=2)
    principal = models.DecimalField(max_digits=18, decimal_places=2)
    interest = models.DecimalField(max_digits=18, decimal_places=2)
    fee = models.DecimalField(max_digits=18, decimal_places=2)
    total = models.DecimalField(max_digits=18, decimal_places=2)
    balance = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            one_of("kind", RowKind),
            models.UniqueConstraint(
                fields=["schedule", "number"], name="lending_schedulerow_number_once"
            ),
            models.CheckConstraint(
                name="lending_schedulerow_adds_up",
                condition=Q(
                    total=F("principal") + F("interest") + F("fee"),
                    balance=F("opening_balance") - F("principal"),
                    balance__gte=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.total} on {self.due_date}"
