from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evaluation.domain.lifecycle import IMMUTABLE, IN_FORCE, ScorecardStatus
from evaluation.domain.scorecards import Pattern
from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned

_IMMUTABLE = sorted(status.value for status in IMMUTABLE)
_IN_FORCE = sorted(status.value for status in IN_FORCE)


class Scorecard(TenantOwned):
    """A bank's own model, in as many versions as it has had."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    code = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "code"], name="evaluation_scorecard_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class ScorecardVersionQuerySet(models.QuerySet["ScorecardVersion"]):
    def in_force(self) -> "ScorecardVersionQuerySet":
        """Those that count from their first day on, until a newer one does."""
        return self.filter(status__in=_IN_FORCE)


class ScorecardVersion(TenantOwned):
    """
    One version of a scorecard: the whole model as one document, bound to one list version.

    From its publication on the document cannot change, and the row stays: a trigger sees to
    it. Whoever prepared or submitted a version is not the one who approves it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=20,
        choices=choices_of(ScorecardStatus),
        default=ScorecardStatus.DRAFT.value,
        editable=False,
    )
    name_zh = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300)
    pattern = models.CharField(max_length=20, choices=choices_of(Pattern))
    factor_list = models.CharField(max_length=40)
    list_version = models.PositiveIntegerField()
    document = models.JSONField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical document.")
    effective_from = models.DateField(null=True)

    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    return_reason = models.TextField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.TextField(null=True)

    objects = ScorecardVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version of a scorecard"
        constraints = [
            one_of("status", ScorecardStatus),
            one_of("pattern", Pattern),
            all_or_none("submitted_at", "submitted_by", name="submission"),
            all_or_none("approved_at", "approved_by", "effective_from", name="approval"),
            all_or_none("withdrawn_at", "withdrawal_reason", name="withdrawal"),
            models.UniqueConstraint(
                fields=["scorecard", "number"], name="evaluation_scorecardversion_number_once"
            ),
            models.UniqueConstraint(
                fields=["scorecard"],
                condition=Q(status=ScorecardStatus.PUBLISHED.value),
                name="evaluation_scorecardversion_one_published",
            ),
            models.CheckConstraint(
                name="evaluation_scorecardversion_four_eyes",
                condition=Q(approved_by__isnull=True)
                | (
                    Q(prepared_by__isnull=False)
                    & ~Q(approved_by=F("prepared_by"))
                    & ~Q(approved_by=F("submitted_by"))
                ),
            ),
            models.CheckConstraint(
                name="evaluation_scorecardversion_published_is_approved",
                condition=~Q(status__in=_IMMUTABLE) | Q(approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard} version {self.number} ({self.status})"
