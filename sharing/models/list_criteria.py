"""What puts an enterprise on a list by rule, and what a run of the rule would change."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from sharing.domain.list_criteria import RunStatus
from sharing.models.enterprise_lists import EnterpriseList


def nobody() -> "list[str]":
    return []


class ListCriteria(TenantOwned):
    """The rule of a list: a condition over profiles, in the regions it looks at."""

    list = models.OneToOneField(
        EnterpriseList, on_delete=models.CASCADE, primary_key=True, related_name="criteria"
    )
    factor_list = models.CharField(max_length=40)
    condition = models.JSONField()
    regions = ArrayField(models.CharField(max_length=6), default=nobody)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"the rule of {self.list_id}"


class ListRun(TenantOwned):
    """One run of a list's rule: who would come and who would go, until somebody adopts it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    list = models.ForeignKey(EnterpriseList, on_delete=models.CASCADE, related_name="runs")
    factor_list = models.CharField(max_length=40)
    condition = models.JSONField(help_text="As it was when the run was asked for.")
    regions = ArrayField(models.CharField(max_length=6), default=nobody)
    status = models.CharField(
        max_length=20, choices=choices_of(RunStatus), default=RunStatus.RUNNING.value
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    matched = models.IntegerField(null=True)
    coming = ArrayField(models.CharField(max_length=18), default=nobody)
    going = ArrayField(models.CharField(max_length=18), default=nobody)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    adopted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [one_of("status", RunStatus)]
        indexes = [models.Index(fields=["list", "asked_at"], name="sharing_listrun_list")]

    def __str__(self) -> str:
        return f"run of {self.list_id} ({self.status})"
