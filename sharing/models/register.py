"""What a bureau keeps of enterprises beside their factors: sizes, tags, merged codes, doubts."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from sharing.domain.duplicates import DuplicateStatus, MergeStatus
from sharing.models.records import Publication, RecordChange

USCC = "unified social credit code"


class EnterpriseSizing(TenantOwned):
    """
    How an enterprise's size was worked out: the figures, their day, and the class.

    The figures stay with the bureau; banks read the class, once a second person has released
    the change that says it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField(USCC, max_length=18)
    day = models.DateField(help_text="Of the figures: the end of their year.")
    industry = models.CharField(max_length=10, help_text="GB/T 4754-2017.")
    sector = models.CharField(max_length=30)
    employees = models.IntegerField(null=True, help_text="Persons.")
    revenue = models.DecimalField(max_digits=20, decimal_places=2, null=True, help_text="Yuan.")
    assets = models.DecimalField(max_digits=20, decimal_places=2, null=True, help_text="Yuan.")
    size = models.CharField(max_length=10)
    change = models.ForeignKey(RecordChange, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["uscc"], name="sharing_enterprisesizing_uscc")]

    def __str__(self) -> str:
        return f"{self.uscc} {self.size} on {self.day}"


class EnterpriseTag(TenantOwned):
    """What a bureau counts an enterprise among: a chain, a cluster, a county's own programme."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField(USCC, max_length=18)
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=60)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "uscc", "kind", "name"], name="sharing_enterprisetag_once"
            )
        ]
        indexes = [
            models.Index(fields=["uscc"], name="sharing_enterprisetag_uscc"),
            models.Index(fields=["kind", "name"], name="sharing_enterprisetag_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


class EnterpriseMerge(TenantOwned):
    """
    Two codes that turned out to be one enterprise: one person prepares, another releases.

    Undone the same way. `kept` goes on; `former` answers with it from the release on.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kept = models.CharField(USCC, max_length=18)
    former = models.CharField(USCC, max_length=18)
    reason = models.TextField()
    status = models.CharField(
        max_length=20, choices=choices_of(MergeStatus), default=MergeStatus.PREPARED.value
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField()
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True)
    publication = models.ForeignKey(
        Publication, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undo_prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    undo_publication = models.ForeignKey(
        Publication, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            one_of("status", MergeStatus),
            all_or_none("released_by", "released_at", "publication", name="release"),
            all_or_none("undone_by", "undone_at", "undo_publication", name="undo"),
            models.CheckConstraint(
                name="sharing_enterprisemerge_four_eyes",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="sharing_enterprisemerge_undo_four_eyes",
                condition=Q(undone_by__isnull=True) | ~Q(undone_by=F("undo_prepared_by")),
            ),
            models.CheckConstraint(
                name="sharing_enterprisemerge_two_codes", condition=~Q(kept=F("former"))
            ),
            models.UniqueConstraint(
                fields=["former"],
                condition=Q(status__in=["prepared", "released", "undo_prepared"]),
                name="sharing_enterprisemerge_once",
            ),
        ]
        indexes = [models.Index(fields=["kept"], name="sharing_enterprisemerge_kept")]

    def __str__(self) -> str:
        return f"{self.former} into {self.kept} ({self.status})"


class DuplicateCandidate(TenantOwned):
    """Two codes that may be one enterprise, and why; a person decides, never the machine."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    first = models.CharField(USCC, max_length=18, help_text="The smaller of the two codes.")
    second = models.CharField(USCC, max_length=18)
    reason = models.CharField(max_length=20)
    status = models.CharField(
        max_length=20, choices=choices_of(DuplicateStatus), default=DuplicateStatus.OPEN.value
    )
    found_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(default="")

    class Meta:
        constraints = [
            one_of("status", DuplicateStatus),
            models.UniqueConstraint(
                fields=["owner", "first", "second"], name="sharing_duplicatecandidate_once"
            ),
            models.CheckConstraint(
                name="sharing_duplicatecandidate_ordered", condition=Q(first__lt=F("second"))
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "status"], name="sharing_duplicate_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}: {self.reason}"
