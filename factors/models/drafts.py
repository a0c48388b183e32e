"""What was done to a draft, step by step, and the texts that were put before the signers."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from factors.models.factor_lists import FactorListVersion
from qfce.kernel.tenancy.models import TenantOwned


class DraftRevision(TenantOwned):
    """
    One step of work on a draft: what it changed, both sides, and who took it.

    The draft's own document is the newest step's result. A step that was taken back names the
    step that did so; `number` counts from 1 for each version.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(
        FactorListVersion, on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveIntegerField()
    edits = models.JSONField()
    digest = models.CharField(max_length=64, help_text="Of the document after this step.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by_name = models.CharField(max_length=150)
    undoes = models.PositiveIntegerField(null=True, help_text="Number of the step taken back.")
    undone_by = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = "step of a draft"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "number"], name="factors_draftrevision_number_once"
            ),
            models.CheckConstraint(
                name="factors_draftrevision_counts_from_one", condition=Q(number__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.number}"


class SubmittedText(TenantOwned):
    """
    A document as it was put before the signers, kept whatever becomes of the draft.

    What somebody signed, refused or looked at is found here by its digest.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(FactorListVersion, on_delete=models.PROTECT, related_name="texts")
    digest = models.CharField(max_length=64)
    document = models.JSONField()
    submitted_at = models.DateTimeField()

    class Meta:
        verbose_name = "text before its signers"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "digest"], name="factors_submittedtext_once"
            ),
        ]

    def __str__(self) -> str:
        return self.digest[:12]
