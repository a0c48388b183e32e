"""What is due to be verified again, and what registers said when they were asked."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from sharing.domain.reverification import DueKind, RunStatus


class DueItem(models.Model):
    """
    One fact that a bureau should look at again; written anew each day from the profiles.

    `due_on` is the last day that it holds, or on which it is as old as the list allows.
    `origin` is the publication that it was computed from: a later one settles it.
    """

    pk = models.CompositePrimaryKey("uscc", "factor_list", "code")
    uscc = models.CharField("unified social credit code", max_length=18)
    factor_list = models.CharField(max_length=40)
    code = models.CharField(max_length=20)
    region = models.CharField(max_length=6)
    kind = models.CharField(max_length=8, choices=choices_of(DueKind))
    valid_to = models.DateField(null=True)
    recorded_on = models.DateField()
    due_on = models.DateField()
    origin = models.BigIntegerField()

    class Meta:
        constraints = [one_of("kind", DueKind)]
        indexes = [
            models.Index(fields=["region", "due_on"], name="sharing_dueitem_region"),
            models.Index(fields=["factor_list", "kind", "code"], name="sharing_dueitem_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.uscc} by {self.due_on}"


class SourceRun(TenantOwned):
    """
    One check of facts against a register, from the order to what came of it.

    What it found is written in one transaction with its end, so a run that was killed has
    changed nothing and is done again.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    source = models.CharField(max_length=40)
    factor_list = models.CharField(max_length=40)
    status = models.CharField(
        max_length=10, choices=choices_of(RunStatus), default=RunStatus.RUNNING.value
    )
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)
    asked = models.PositiveIntegerField(default=0, help_text="Facts.")
    agreed = models.PositiveIntegerField(default=0)
    disagreed = models.PositiveIntegerField(default=0)
    publication_number = models.BigIntegerField(null=True)
    failure = models.CharField(max_length=20, default="")
    detail = models.TextField(default="")

    class Meta:
        constraints = [
            one_of("status", RunStatus),
            models.CheckConstraint(
                name="sharing_sourcerun_adds_up",
                condition=Q(asked__gte=F("agreed") + F("disagreed")),
            ),
            models.CheckConstraint(
                name="sharing_sourcerun_ended_when_over",
                condition=Q(status=RunStatus.RUNNING.value, ended_at__isnull=True)
                | ~Q(status=RunStatus.RUNNING.value) & Q(ended_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["owner", "started_at"], name="sharing_sourcerun_owner")]

    def __str__(self) -> str:
        return f"{self.source} ({self.status})"


class SourceCount(TenantOwned):
    """How many facts of one item in one region a register confirmed in a run, and how many not."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(SourceRun, on_delete=models.CASCADE, related_name="counts")
    factor_list = models.CharField(max_length=40)
    region = models.CharField(max_length=6)
    code = models.CharField(max_length=20)
    day = models.DateField()
    agreed = models.PositiveIntegerField()
    disagreed = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["factor_list", "day"], name="sharing_sourcecount_day")]

    def __str__(self) -> str:
        return f"{self.code} in {self.region}: {self.agreed} of {self.agreed + self.disagreed}"
