"""What readers ask the bureaus to confirm or renew."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import Organization, TenantOwned
from sharing.domain.refresh_requests import OPEN, RefreshStatus


class RefreshRequest(TenantOwned):
    """
    A reader's question to a bureau: do these items of this enterprise still hold?

    The owner asks; the regulators of the enterprise's region see it and answer. The row holds
    what kind of answer each item got, never a value: values are read through the disclosure
    alone. `name` and `region` are those of the day it was asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField("unified social credit code", max_length=18)
    name = models.CharField(max_length=200, default="")
    region = models.CharField(max_length=6)
    factor_list = models.CharField(max_length=40)
    items = ArrayField(models.CharField(max_length=20))
    question = models.TextField(default="")
    addressee = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=10,
        choices=choices_of(RefreshStatus),
        default=RefreshStatus.REQUESTED.value,
        editable=False,
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(help_text="The last day for an answer.")
    forwarded_at = models.DateTimeField(null=True, editable=False)
    forwarded_from = models.ForeignKey(
        Organization, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    answers = models.JSONField(
        default=dict, editable=False, help_text="Item to {answer, reason, replaces}; no values."
    )
    reason = models.TextField(default="", editable=False, help_text="Why nothing can be said.")
    prepared_change = models.UUIDField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    publication_number = models.BigIntegerField(
        null=True, editable=False, help_text="The feed's publication that brought the answer."
    )

    class Meta:
        constraints = [
            one_of("status", RefreshStatus),
            all_or_none("forwarded_at", "forwarded_from", name="forwarding"),
            all_or_none("closed_at", "closed_by", name="closing"),
            models.CheckConstraint(
                name="sharing_refreshrequest_asks_something", condition=~Q(items=[])
            ),
            models.CheckConstraint(
                name="sharing_refreshrequest_closed_when_over",
                condition=Q(
                    status__in=sorted(status.value for status in OPEN), closed_at__isnull=True
                )
                | (
                    ~Q(status__in=sorted(status.value for status in OPEN))
                    & Q(closed_at__isnull=False)
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "asked_at"], name="sharing_refresh_owner"),
            models.Index(fields=["region", "status", "due_on"], name="sharing_refresh_queue"),
            models.Index(fields=["uscc"], name="sharing_refresh_uscc"),
            models.Index(
                fields=["prepared_change"],
                name="sharing_refresh_change",
                condition=Q(prepared_change__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uscc} {', '.join(self.items)} ({self.status})"
