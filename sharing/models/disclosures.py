"""
The record of every read: who read about whom, when, why and on what basis.

Only the database's own functions write it, in the statement that discloses.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from qfce.kernel.tenancy.models import Organization, TenantOwned


class ReadLog(TenantOwned):
    """
    One call that read enterprises' data, of whatever number of enterprises.

    `number` is the newest publication that the call could see: together with the rights
    of that instant it is what makes a read repeatable to the byte. Partitioned by month.
    """

    pk = models.CompositePrimaryKey("id", "at")
    id = models.BigIntegerField()
    at = models.DateTimeField()
    owner = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    kind = models.CharField(max_length=20, help_text="profiles, feed, search, members, …")
    purpose = models.CharField(max_length=20)
    basis = ArrayField(models.TextField())
    user_id = models.UUIDField(null=True)
    client_id = models.CharField(max_length=120, null=True)
    channel = models.CharField(max_length=10)
    as_of = models.DateField(null=True)
    known_at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    asked_at = models.DateTimeField(null=True, help_text="By the clock of whoever asked.")
    number = models.BigIntegerField()
    subjects = models.IntegerField()
    detail = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} of {self.subjects} for {self.purpose or 'no purpose'}"


class ReadLogSubject(TenantOwned):
    """One enterprise that a call read about, for calls of up to 1,000; shown to it as well."""

    pk = models.CompositePrimaryKey("uscc", "at", "log_id")
    log_id = models.BigIntegerField()
    at = models.DateTimeField()
    uscc = models.CharField("unified social credit code", max_length=18)
    owner = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    purpose = models.CharField(max_length=20)
    answer = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"{self.uscc}: {self.answer}"
