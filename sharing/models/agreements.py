"""What a regulator shares with whom, and for which purposes."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models import Organization, TenantOwned
from sharing.domain.agreements import AgreementStatus


class Agreement(TenantOwned):
    """
    A regulator's agreement to share one factor list with one organisation.

    The terms are compiled from the list version in force when it is activated, and never
    change afterwards: `items` are shown, `consent_items` with the enterprise's consent,
    `withheld_items` never. Empty `regions` mean the owner's whole jurisdiction, empty
    `enterprise_list_ids` all published enterprises.

    PostgreSQL keeps one more column, `in_force`: the spans of time in which the agreement
    was active, which answer what could be read on a day gone by. A trigger writes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    recipient = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    factor_list = models.CharField(max_length=40)
    categories = ArrayField(models.CharField(max_length=40))
    purposes = ArrayField(models.CharField(max_length=20))
    regions = ArrayField(models.CharField(max_length=6), default=list)
    enterprise_list_ids = ArrayField(models.UUIDField(), default=list)
    items = ArrayField(models.CharField(max_length=20), default=list, editable=False)
    consent_items = ArrayField(models.CharField(max_length=20), default=list, editable=False)
    withheld_items = ArrayField(models.CharField(max_length=20), default=list, editable=False)
    list_version = models.PositiveIntegerField(null=True, editable=False)
    status = models.CharField(
        max_length=10,
        choices=choices_of(AgreementStatus),
        default=AgreementStatus.DRAFT.value,
        editable=False,
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, help_text="The last day; none means until ended.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    activated_at = models.DateTimeField(null=True, editable=False)
    suspended_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            one_of("status", AgreementStatus),
            models.CheckConstraint(
                name="sharing_agreement_two_parties", condition=~Q(owner=F("recipient"))
            ),
            models.CheckConstraint(
                name="sharing_agreement_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="sharing_agreement_covers_something",
                condition=~Q(categories=[]) & ~Q(purposes=[]),
            ),
            models.CheckConstraint(
                name="sharing_agreement_compiled_when_activated",
                condition=Q(status=AgreementStatus.DRAFT.value)
                | Q(activated_at__isnull=False, list_version__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "status"], name="sharing_agreement_recipient"),
            models.Index(fields=["owner", "created_at"], name="sharing_agreement_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.factor_list} to {self.recipient_id} ({self.status})"
