"""Objections to facts: by the enterprise itself, or by a bank that sees the fact."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import Organization, TenantOwned
from sharing.domain.disputes import OPEN, DisputeStatus

_OPEN = sorted(status.value for status in OPEN)


class Dispute(TenantOwned):
    """
    One organisation's objection to one fact, and what the owning bureau made of it.

    The owner objects; the regulators of the enterprise's region see it and decide. No value is
    kept here: values are read through the disclosure alone. `name` and `region` are those of
    the day on which it was opened; the bureau that answers now decides, and sees it too.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField("unified social credit code", max_length=18)
    name = models.CharField(max_length=200, default="")
    region = models.CharField(max_length=6)
    factor_list = models.CharField(max_length=40)
    item = models.CharField(max_length=20)
    statement = models.TextField(help_text="What is wrong, in the words of whoever objects.")
    addressee = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=10,
        choices=choices_of(DisputeStatus),
        default=DisputeStatus.OPENED.value,
        editable=False,
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(help_text="The last day for a decision.")
    reason = models.TextField(default="", editable=False, help_text="Why it was decided so.")
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
        null=True, editable=False, help_text="The feed's publication that put it right."
    )

    class Meta:
        constraints = [
            one_of("status", DisputeStatus),
            all_or_none("closed_at", "closed_by", name="closing"),
            models.CheckConstraint(
                name="sharing_dispute_closed_when_over",
                condition=Q(status__in=_OPEN, closed_at__isnull=True)
                | (~Q(status__in=_OPEN) & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="sharing_dispute_published_when_upheld",
                condition=Q(publication_number__isnull=True) | Q(status="upheld"),
            ),
            models.UniqueConstraint(
                fields=["owner", "uscc", "factor_list", "item"],
                condition=Q(status__in=_OPEN),
                name="sharing_dispute_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "opened_at"], name="sharing_dispute_owner"),
            models.Index(fields=["region", "status", "due_on"], name="sharing_dispute_queue"),
            models.Index(fields=["uscc", "item"], name="sharing_dispute_fact"),
            models.Index(
                fields=["prepared_change"],
                name="sharing_dispute_change",
                condition=Q(prepared_change__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.uscc} ({self.status})"
