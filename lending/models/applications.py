from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from guardian.models import UserObjectPermissionBase

from lending.domain.lifecycle import IN_PROGRESS, ApplicationStatus
from lending.models.products import LoanProduct
from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned


class LoanApplicationQuerySet(models.QuerySet["LoanApplication"]):
    def awaiting_decision(self) -> "LoanApplicationQuerySet":
        return self.filter(
            status__in=[ApplicationStatus.SUBMITTED.value, ApplicationStatus.UNDER_REVIEW.value]
        )

    def open_or_unsigned(self) -> "LoanApplicationQuerySet":
        """Not answered yet, or approved and without a contract so far."""
        undecided = Q(status__in=[status.value for status in IN_PROGRESS])
        unsigned = Q(status=ApplicationStatus.APPROVED.value, contract__isnull=True)
        return self.filter(undecided | unsigned)


class LoanApplication(TenantOwned):
    """
    An enterprise's request to a bank for one loan, and the bank's answer.

    The enterprise is held by its credit code, not by a foreign key: enterprises belong to the
    regulator, and nothing points across the boundary between tenants. `snapshot` is what the
    evaluation said on the day of submission; later evaluations do not change it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField("unified social credit code", max_length=18)
    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT, related_name="+")
    requested_principal = models.DecimalField(max_digits=18, decimal_places=2, help_text="Yuan.")
    requested_months = models.PositiveSmallIntegerField()
    purpose = models.TextField()
    payees = models.JSONField(
        default=list, help_text="Suppliers who are to be paid: name, uscc, account."
    )
    documents = models.JSONField(default=list, help_text="What was handed in, one phrase each.")
    status = models.CharField(
        max_length=20,
        choices=choices_of(ApplicationStatus),
        default=ApplicationStatus.DRAFT.value,
        editable=False,
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    evaluation = models.ForeignKey(
        "evaluation.Evaluation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    snapshot = models.JSONField(null=True, editable=False)
    snapshot_digest = models.CharField(max_length=64, null=True, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    review_started_at = models.DateTimeField(null=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    return_reason = models.TextField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawal_reason = models.TextField(null=True, editable=False)

    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_reason = models.TextField(null=True, editable=False)
    decision_authority = models.JSONField(
        null=True, editable=False, help_text="The authority used, as it stood then."
    )
    gate_exception = models.TextField(
        null=True, editable=False, help_text="Why a refer gate was cleared."
    )
    offered_principal = models.DecimalField(
        max_digits=18, decimal_places=2, null=True, help_text="Yuan."
    )
    offered_months = models.PositiveSmallIntegerField(null=True)
    offered_base_rate = models.DecimalField(
        max_digits=7, decimal_places=6, null=True, help_text="As a fraction, on the day."
    )
    offered_spread_bp = models.SmallIntegerField(null=True)
    offered_annual_rate = models.DecimalField(
        max_digits=7, decimal_places=6, null=True, help_text="Nominal, as a fraction."
    )
    offered_drawdowns = models.PositiveSmallIntegerField(null=True)

    objects = LoanApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "loan application"
        permissions = [("hold_loanapplication", "Holds this loan application for review")]
        constraints = [
            one_of("status", ApplicationStatus),
            all_or_none("snapshot", "snapshot_digest", name="snapshot"),
            all_or_none("submitted_at", "submitted_by", name="submission"),
            all_or_none("review_started_at", "reviewed_by", name="review"),
            all_or_none("withdrawn_at", "withdrawal_reason", name="withdrawal"),
            all_or_none("decided_at", "decided_by", "decision_reason", name="decision"),
            all_or_none(
                "offered_principal",
                "offered_months",
                "offered_base_rate",
                "offered_spread_bp",
                "offered_annual_rate",
                "offered_drawdowns",
                "decision_authority",
                name="offer",
            ),
            models.CheckConstraint(
                name="lending_loanapplication_requests_something",
                condition=Q(requested_principal__gt=0, requested_months__gte=1),
            ),
            models.CheckConstraint(
                name="lending_loanapplication_submitted_on_an_evaluation",
                condition=Q(submitted_at__isnull=True)
                | Q(evaluation__isnull=False, snapshot__isnull=False),
            ),
            models.CheckConstraint(
                name="lending_loanapplication_approved_has_offer",
                condition=~Q(status=ApplicationStatus.APPROVED.value)
                | Q(offered_principal__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="lending_loanapplication_offer_within_request",
                condition=Q(offered_principal__isnull=True)
                | Q(
                    offered_principal__lte=F("requested_principal"),
                    offered_months__lte=F("requested_months"),
                ),
            ),
            models.CheckConstraint(
                name="lending_loanapplication_four_eyes",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="lending_loanapplication_approver_did_not_review",
                condition=Q(offered_principal__isnull=True)
                | Q(reviewed_by__isnull=True)
                | ~Q(decided_by=F("reviewed_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "status", "submitted_at"]),
            models.Index(fields=["owner", "uscc"]),
        ]

    def __str__(self) -> str:
        return f"{self.uscc} asks for {self.requested_principal} ({self.status})"


class LoanApplicationUserObjectPermission(UserObjectPermissionBase, TenantOwned):
    """
    Which officer holds which application: assignment, and nothing else.

    django-guardian finds it as the object permissions of LoanApplication.
    """

    content_object = models.ForeignKey(LoanApplication, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        verbose_name = "holder of a loan application"

    def __str__(self) -> str:
        return f"{self.user} holds {self.content_object_id}"
