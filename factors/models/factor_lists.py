"""Factor lists and their versions; a version holds its whole content as one document."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from factors.domain.list_versions import IN_FORCE, PUBLIC, VersionStatus
from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned

_PUBLIC = sorted(status.value for status in PUBLIC)
_IN_FORCE = sorted(status.value for status in IN_FORCE)


class FactorList(TenantOwned):
    """
    A province's list of factors, in as many versions as it has had.

    `signer_ids` are the organizations that have to sign a version before it is published:
    a setting, since places differ in who issues a list together.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    region = models.CharField(max_length=6, help_text="The region whose enterprises it describes.")
    signer_ids = ArrayField(models.UUIDField(), default=list)
    signing_days = models.PositiveSmallIntegerField(
        default=10, help_text="Working days that the signers have."
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class FactorListVersionQuerySet(models.QuerySet["FactorListVersion"]):
    def public(self) -> "FactorListVersionQuerySet":
        """Those that were published once, whatever became of them."""
        return self.filter(status__in=_PUBLIC)

    def in_force(self) -> "FactorListVersionQuerySet":
        """Those that count from their first day on, until a newer one does."""
        return self.filter(status__in=_IN_FORCE)


class FactorListVersion(TenantOwned):
    """
    One version of a factor list: what is collected, from which day.

    From its publication on neither document, digest, number nor first day can change, and
    the row stays: a trigger sees to it. `signer_ids` are those of the list at submission.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    factor_list = models.ForeignKey(FactorList, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=20,
        choices=choices_of(VersionStatus),
        default=VersionStatus.DRAFT.value,
        editable=False,
    )
    document = models.JSONField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical document.")
    effective_from = models.DateField(null=True)
    signer_ids = ArrayField(models.UUIDField(), default=list)

    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    sign_by = models.DateField(null=True, help_text="Last day for the signers, included.")
    reminded_on = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.TextField(null=True)

    objects = FactorListVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version of a factor list"
        constraints = [
            one_of("status", VersionStatus),
            all_or_none("withdrawn_at", "withdrawal_reason", name="withdrawal"),
            models.UniqueConstraint(
                fields=["factor_list", "number"], name="factors_factorlistversion_number_once"
            ),
            models.CheckConstraint(
                name="factors_factorlistversion_counts_from_one", condition=Q(number__gte=1)
            ),
            models.CheckConstraint(
                name="factors_factorlistversion_public_is_dated",
                condition=~Q(status__in=_PUBLIC)
                | Q(published_at__isnull=False, effective_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} ({self.status})"
