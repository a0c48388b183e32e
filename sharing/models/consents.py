"""What enterprises have agreed to beyond the agreements."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models import Organization
from sharing.domain.consents import ConsentStatus


class Consent(models.Model):
    """
    An enterprise's consent that one organisation sees some items for some purposes.

    The organisation asks, the enterprise alone says yes and takes it back. The enterprise
    is held by its credit code, because most have never signed in. `token_hash` is the
    digest of the one-time token that went to the enterprise, empty once it is used. Consent
    runs both ways: what the recipient reports back needs `allows_feedback`, a separate tick.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField("unified social credit code", max_length=18)
    recipient = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    items = ArrayField(models.CharField(max_length=20))
    purposes = ArrayField(models.CharField(max_length=20))
    status = models.CharField(
        max_length=10,
        choices=choices_of(ConsentStatus),
        default=ConsentStatus.REQUESTED.value,
        editable=False,
    )
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day.")
    text_version = models.CharField(max_length=40, help_text="Of the letter that is agreed to.")
    evidence_sha256 = models.CharField(max_length=64, default="", editable=False)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    allows_feedback = models.BooleanField(
        default=False,
        editable=False,
        help_text="The recipient may report its lending to the enterprise to the regulator.",
    )
    token_hash = models.CharField(max_length=64, default="", editable=False)
    token_expires_at = models.DateTimeField(null=True, editable=False)
    granted_at = models.DateTimeField(null=True, editable=False)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    refused_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            one_of("status", ConsentStatus),
            models.CheckConstraint(
                name="sharing_consent_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="sharing_consent_covers_something",
                condition=~Q(items=[]) & ~Q(purposes=[]),
            ),
            models.CheckConstraint(
                name="sharing_consent_granted_before_used",
                condition=Q(status__in=["requested", "refused"]) | Q(granted_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["uscc", "recipient"], name="sharing_consent_uscc"),
            models.Index(fields=["recipient", "requested_at"], name="sharing_consent_recipient"),
            models.Index(
                fields=["token_hash"],
                name="sharing_consent_token",
                condition=~Q(token_hash=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uscc} to {self.recipient_id} ({self.status})"
