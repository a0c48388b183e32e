"""Migrations of stored profiles to a new version of their list, and what became of its items."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from sharing.domain.migration_lifecycle import OPEN, MigrationStatus
from sharing.models.records import Publication


class ListMigration(TenantOwned):
    """
    The migration that a list version carries, on its way from a preview to one publication.

    `digest` is that of the version's document that was previewed. `preview` holds counts and
    samples; nothing of it is in the ledger before the release, so that discarding it leaves
    no trace there. The publication's `import_id` is this row's id, as an import's is.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    factor_list = models.CharField(max_length=40)
    list_version = models.PositiveIntegerField()
    from_version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    status = models.CharField(
        max_length=12,
        choices=choices_of(MigrationStatus),
        default=MigrationStatus.PREVIEWING.value,
    )
    preview = models.JSONField(default=dict)
    position = models.BigIntegerField(
        default=0, help_text="The list's newest publication when it was previewed."
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField()
    previewed_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True)
    confirmed_without_target = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    publication = models.ForeignKey(
        Publication, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undo_publication = models.ForeignKey(
        Publication, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)
    refusal_code = models.CharField(max_length=60, default="")
    refusal = models.JSONField(default=dict, help_text="Why it went back, in words.")
    job_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            one_of("status", MigrationStatus),
            all_or_none("released_by", "released_at", name="release"),
            all_or_none("published_at", "publication", name="publishing"),
            all_or_none("undone_at", "undo_publication", name="undoing"),
            models.CheckConstraint(
                name="sharing_listmigration_four_eyes",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("prepared_by")),
            ),
            models.UniqueConstraint(
                fields=["factor_list", "list_version"],
                condition=Q(status__in=sorted(status.value for status in OPEN)),
                name="sharing_listmigration_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.factor_list} to version {self.list_version} ({self.status})"


class ItemLineage(TenantOwned):
    """
    An item of one list version that goes on as an item of the next, by a published migration.

    Whoever may read the one may read the other, no further than `terms` let: as `shown`,
    with the enterprise's `consent`, or `withheld`. Written with the migration's publication.

    PostgreSQL keeps one more column, `in_force`: the span in which the migration held.
    """

    id = models.BigAutoField(primary_key=True)
    factor_list = models.CharField(max_length=40)
    list_version = models.PositiveIntegerField()
    migration = models.ForeignKey(ListMigration, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=20)
    target = models.CharField(max_length=20)
    terms = models.CharField(max_length=10)

    class Meta:
        indexes = [models.Index(fields=["factor_list"], name="sharing_itemlineage_list")]

    def __str__(self) -> str:
        return f"{self.source} goes on as {self.target}"
