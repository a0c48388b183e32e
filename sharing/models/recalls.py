"""Corrections that reach what was already delivered."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from qfce.kernel.fields import all_or_none
from qfce.kernel.tenancy.models import Organization, TenantOwned


class Recall(TenantOwned):
    """
    A withdrawn record, called back from one organisation that may have received it.

    It names the enterprise and the items, never the value that vanished. The recipient
    acknowledges that its own copies are gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    recipient = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    uscc = models.CharField("unified social credit code", max_length=18)
    items = ArrayField(models.CharField(max_length=20))
    publication_number = models.BigIntegerField()
    issued_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, editable=False)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            all_or_none("acknowledged_at", "acknowledged_by", name="acknowledgement"),
            models.UniqueConstraint(
                fields=["publication_number", "uscc", "recipient"], name="sharing_recall_once"
            ),
        ]
        indexes = [models.Index(fields=["recipient", "issued_at"], name="sharing_recall_recipient")]

    def __str__(self) -> str:
        return f"{', '.join(self.items)} of {self.uscc} from {self.recipient_id}"
