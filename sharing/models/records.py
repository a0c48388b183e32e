"""The ledger of quality factors, its projection, and the changes that wait for a second person."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import Organization, TenantOwned
from sharing.domain.import_lifecycle import Cause, RecordChangeStatus


class Publication(TenantOwned):
    """
    One committed set of changes: its cause, its people, and its place in the feed.

    `number` and `recorded_at` are given last of all, while the feed's counter is locked to
    the commit, so that numbers appear in the order of the commits. A publication without
    a number is being written and is nobody's to read.
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    region = models.CharField(max_length=6, help_text="Of the publishing organization.")
    factor_list = models.CharField(max_length=40)
    list_version = models.PositiveIntegerField()
    cause = models.CharField(max_length=20, choices=choices_of(Cause))
    import_id = models.UUIDField(null=True)
    self_declared = models.BooleanField(
        default=False,
        help_text="Stated by the enterprises themselves: the source that stands lowest.",
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    recipient = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    number = models.BigIntegerField(null=True, unique=True)
    recorded_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            one_of("cause", Cause),
            all_or_none("number", "recorded_at", name="position"),
        ]
        indexes = [
            models.Index(fields=["import_id"], name="sharing_publication_import"),
            models.Index(fields=["factor_list", "number"], name="sharing_publication_list"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.number or 'unnumbered'} of {self.factor_list}"


class FactorChange(models.Model):
    """
    One row of the ledger: what one publication changed about one enterprise.

    Append-only, partitioned by province. It carries the publication's id, never its
    number, which is not known when the row is written. `changes` holds only what changed,
    identity fields among it; null says that there is no value any more.
    """

    pk = models.CompositePrimaryKey("publication_id", "row", "province")
    publication_id = models.BigIntegerField()
    row = models.IntegerField()
    uscc = models.CharField(max_length=18)
    region = models.CharField(max_length=6)
    province = models.CharField(max_length=2)
    kind = models.CharField(max_length=14)
    changes = models.JSONField()
    details = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["uscc"], name="sharing_factorchange_uscc")]

    def __str__(self) -> str:
        return f"{self.uscc} {self.kind} in publication {self.publication_id}"


class FactorProfile(models.Model):
    """
    The current fold of the ledger: one row per enterprise and factor list.

    `origins` names the publication of an item only where it is not `base_publication_id`.
    `publication_id` and `row` are the position folded so far. `row_digest` is that of the
    last accepted regular row with its list version and mapping: the same digest means
    that the row says nothing new.
    """

    pk = models.CompositePrimaryKey("uscc", "factor_list")
    uscc = models.CharField(max_length=18)
    factor_list = models.CharField(max_length=40)
    region = models.CharField(max_length=6)
    list_version = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    details = models.JSONField(default=dict)
    base_publication_id = models.BigIntegerField()
    origins = models.JSONField(default=dict)
    publication_id = models.BigIntegerField()
    row = models.IntegerField()
    row_digest = models.BinaryField(null=True)
    flags = models.JSONField(default=dict)
    listed = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["region"], name="sharing_factorprofile_region")]

    def __str__(self) -> str:
        return f"{self.uscc} on {self.factor_list}"


class FeedCounter(models.Model):
    """The one row that numbers publications; locked from the number to the commit."""

    id = models.SmallIntegerField(primary_key=True)
    n = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="sharing_feedcounter_one_row", condition=Q(id=1))
        ]

    def __str__(self) -> str:
        return str(self.n)


class RecordChange(TenantOwned):
    """
    A change of one enterprise's record that one person prepares and another releases.

    `kind` is the kind of the ledger's row that it will become; `changes` and `details` are
    in canonical form. Nothing is visible to anybody outside before the release.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField(max_length=18)
    factor_list = models.CharField(max_length=40)
    cause = models.CharField(max_length=20, choices=choices_of(Cause))
    kind = models.CharField(max_length=14)
    changes = models.JSONField()
    details = models.JSONField(default=dict)
    reason = models.TextField()
    status = models.CharField(
        max_length=20,
        choices=choices_of(RecordChangeStatus),
        default=RecordChangeStatus.PREPARED.value,
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField()
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    publication = models.ForeignKey(
        Publication, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            one_of("status", RecordChangeStatus),
            all_or_none("released_by", "released_at", "publication", name="release"),
            models.CheckConstraint(
                name="sharing_recordchange_four_eyes",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("prepared_by")),
            ),
        ]
        indexes = [models.Index(fields=["owner", "status"], name="sharing_recordchange_queue")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uscc} ({self.status})"
