"""The audit log: what was done, by whom, to what. Rows are added and never changed."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from qfce.kernel.tenancy.models import TenantOwned


class AuditEvent(TenantOwned):
    """
    One use case performed, or refused, for one organisation.

    Who and what are kept as text, so that an event outlives its subject. A seal covers the
    hash of the whole row, which `qfce_audit_leaves` computes from what is stored.
    """

    id = models.BigAutoField(primary_key=True)
    action = models.CharField(max_length=80)
    target_type = models.CharField(max_length=80)
    target_id = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=120, blank=True)
    client_id = models.CharField(max_length=100, null=True)
    channel = models.CharField(max_length=8)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    detail = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "-occurred_at"]),
            models.Index(fields=["target_type", "target_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"


class AuditSeal(models.Model):
    """
    A Merkle root over a batch of events, chained to the root before it.

    It covers the events with ids in (`after_id`, `upto_id`] of every organisation, and
    shows nothing of them, so it belongs to nobody.
    """

    id = models.BigAutoField(primary_key=True)
    after_id = models.BigIntegerField()
    upto_id = models.BigIntegerField(unique=True)
    events = models.PositiveIntegerField()
    algorithm = models.CharField(max_length=10)
    root = models.CharField(max_length=64)
    previous_root = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.events} events up to {self.upto_id}: {self.root}"
