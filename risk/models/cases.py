"""Cases: what a bank does about the signals on one borrower, step by step."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from risk.domain.lifecycle import OPEN_CASES, CaseActionKind, CaseStatus


class RiskCaseQuerySet(models.QuerySet["RiskCase"]):
    def open(self) -> "RiskCaseQuerySet":
        return self.filter(status__in=[status.value for status in OPEN_CASES])


class RiskCase(TenantOwned):
    """The handling of one or several signals on one borrower, from opening to its result."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField("unified social credit code", max_length=18)
    status = models.CharField(
        max_length=20, choices=choices_of(CaseStatus), default=CaseStatus.OPEN.value
    )
    reason = models.TextField()
    loan_id = models.UUIDField(null=True, help_text="The loan it is about, if it is one.")
    answer_due_on = models.DateField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    result = models.TextField(null=True)

    objects = RiskCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "case"
        constraints = [
            one_of("status", CaseStatus),
            all_or_none("closed_at", "closed_by", "result", name="closing"),
        ]
        indexes = [
            models.Index(fields=["owner", "status", "opened_at"], name="risk_case_queue"),
            models.Index(fields=["owner", "uscc"], name="risk_case_enterprise"),
        ]

    def __str__(self) -> str:
        return f"Case on {self.uscc} ({self.status})"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_CASES


class CaseAction(TenantOwned):
    """
    One step of a case.

    What takes two people (lifting a freeze) is proposed by the first and takes effect
    when the second confirms it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(RiskCase, on_delete=models.PROTECT, related_name="actions")
    kind = models.CharField(max_length=20, choices=choices_of(CaseActionKind))
    text = models.TextField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, help_text="Yuan.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=120, default="")
    awaits_second = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "case action"
        constraints = [
            one_of("kind", CaseActionKind),
            all_or_none("confirmed_at", "confirmed_by", name="confirmation"),
            models.CheckConstraint(
                name="risk_caseaction_four_eyes",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("by")),
            ),
        ]
        indexes = [models.Index(fields=["case", "at"], name="risk_caseaction_of_case")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"
