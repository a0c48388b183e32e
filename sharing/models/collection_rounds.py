"""Collection rounds: what is asked of the bureaus, and what they sent for it."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from sharing.domain.collection_rounds import RoundStatus


class CollectionRound(TenantOwned):
    """
    What a province or a city asks its bureaus to collect by a day.

    Empty `regions` mean the owner's whole jurisdiction. With `since`, a value counts only if
    it was recorded on that day or later; without, any value does. Where an enterprise list
    was named, its members of that day are the round's own (`RoundMember`).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=120)
    factor_list = models.CharField(max_length=40)
    items = ArrayField(models.CharField(max_length=20))
    regions = ArrayField(models.CharField(max_length=6), default=list)
    enterprise_list_id = models.UUIDField(null=True)
    since = models.DateField(null=True)
    due_on = models.DateField(help_text="The last day.")
    note = models.TextField(default="")
    status = models.CharField(
        max_length=10, choices=choices_of(RoundStatus), default=RoundStatus.OPEN.value
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            one_of("status", RoundStatus),
            all_or_none("closed_at", "closed_by", name="closing"),
            models.CheckConstraint(
                name="sharing_collectionround_asks_something", condition=~Q(items=[])
            ),
        ]
        indexes = [models.Index(fields=["owner", "opened_at"], name="sharing_round_owner")]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"


class RoundMember(models.Model):
    """One enterprise that a round asks about, where it asks about certain ones only."""

    pk = models.CompositePrimaryKey("round_id", "uscc")
    round = models.ForeignKey(CollectionRound, on_delete=models.CASCADE, related_name="+")
    uscc = models.CharField("unified social credit code", max_length=18)
    region = models.CharField(max_length=6)

    def __str__(self) -> str:
        return f"{self.uscc} in {self.round_id}"


class RoundDelivery(TenantOwned):
    """An import that a bureau sent for a round."""

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(CollectionRound, on_delete=models.CASCADE, related_name="+")
    import_id = models.UUIDField()
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "import_id"], name="sharing_rounddelivery_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.import_id} for {self.round_id}"


class RoundReminder(TenantOwned):
    """A reminder that went to a bureau, so that none goes twice."""

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(CollectionRound, on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=12)
    lacking = models.PositiveIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "owner", "stage"], name="sharing_roundreminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.round_id} to {self.owner_id}"
