"""What the signing organizations answered about a version of a factor list."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from factors.domain.list_versions import Decision
from factors.models.factor_lists import FactorListVersion
from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned


class SignOff(TenantOwned):
    """
    One organization's answer to one document, by its digest. `owner` is that organization.

    Rows are only ever added. After a change to the draft the digest is another one, so that
    earlier answers stay on record and count for nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(
        FactorListVersion, on_delete=models.PROTECT, related_name="sign_offs"
    )
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=150)
    digest = models.CharField(max_length=64)
    decision = models.CharField(max_length=20, choices=choices_of(Decision))
    reason = models.TextField(blank=True)
    signed_at = models.DateTimeField()

    class Meta:
        verbose_name = "signature"
        constraints = [
            one_of("decision", Decision),
            models.CheckConstraint(
                name="factors_signoff_refusal_has_a_reason",
                condition=Q(decision=Decision.SIGNED.value) | ~Q(reason=""),
            ),
            models.UniqueConstraint(
                fields=["version", "owner", "digest"],
                condition=Q(decision=Decision.SIGNED.value),
                name="factors_signoff_signed_once_per_organization",
            ),
            models.UniqueConstraint(
                fields=["version", "signer", "digest"],
                condition=Q(decision=Decision.SIGNED.value),
                name="factors_signoff_signed_once_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} by {self.signer_name}"
