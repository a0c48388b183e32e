"""Files on their way in, what the checks found in them, and the mappings people settled on."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import Organization, TenantOwned
from sharing.domain.import_lifecycle import ImportMode, ImportStatus
from sharing.models.records import Publication


class ImportBatch(TenantOwned):
    """
    One file, from upload to publication.

    The file lies under DATA by its SHA-256; what the checks let through lies staged beside
    it and can be made again from it. `refusal_code` and `refusal` hold the senders'
    mistake; our own is an exception on the job, never both in one field.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    factor_list = models.CharField(max_length=40)
    list_version = models.PositiveIntegerField()
    mode = models.CharField(max_length=10, choices=choices_of(ImportMode))
    status = models.CharField(
        max_length=20, choices=choices_of(ImportStatus), default=ImportStatus.RECEIVED.value
    )
    file_sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=255)
    file_size = models.BigIntegerField(help_text="Bytes.")
    self_declared = models.BooleanField(
        default=False, help_text="Made of what enterprises have declared of themselves."
    )
    mapping = models.JSONField(default=dict, help_text="Header text to field or item code.")

    rows_total = models.PositiveIntegerField(default=0)
    rows_valid = models.PositiveIntegerField(default=0)
    rows_invalid = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    removals = models.PositiveIntegerField(
        default=0, help_text="Enterprises that a full file leaves out."
    )
    listed_before = models.PositiveIntegerField(
        default=0, help_text="Enterprises on the list in the jurisdiction when it was checked."
    )
    finding_counts = models.JSONField(default=dict, help_text="Code to exact number.")
    regularized = models.JSONField(default=dict, help_text="What was made regular, and how often.")
    error_count = models.PositiveIntegerField(default=0)
    warning_count = models.PositiveIntegerField(default=0)
    refusal_code = models.CharField(max_length=40, default="")
    refusal = models.JSONField(default=dict, help_text="The facts of the refusal's sentence.")
    staged_digest = models.CharField(max_length=64, default="")

    received_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    leave_out_errors = models.BooleanField(default=False)
    confirmed_removals = models.PositiveIntegerField(null=True)
    published_at = models.DateTimeField(null=True)
    publication = models.ForeignKey(
        Publication, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undo_publication = models.ForeignKey(
        Publication, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)

    cells_corrected = models.PositiveIntegerField(default=0)
    corrected_to = models.BigIntegerField(default=0, help_text="The newest correction.")
    checked_to = models.BigIntegerField(
        default=0, help_text="The newest correction that the last check of the whole file had."
    )

    class Meta:
        constraints = [
            one_of("status", ImportStatus),
            one_of("mode", ImportMode),
            all_or_none("released_at", "released_by", name="release"),
            all_or_none("undone_at", "undo_publication", name="undoing"),
            models.CheckConstraint(
                name="sharing_importbatch_four_eyes",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("uploaded_by")),
            ),
            models.CheckConstraint(
                name="sharing_importbatch_rows_add_up",
                condition=Q(rows_total=F("rows_valid") + F("rows_invalid"))
                & Q(rows_valid=F("rows_new") + F("rows_changed") + F("rows_unchanged")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "status", "received_at"], name="sharing_importbatch_queue"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.status})"

    @property
    def is_settled(self) -> bool:
        """Whether the last check of the whole file had every correction."""
        return self.corrected_to == self.checked_to


class ImportFinding(TenantOwned):
    """
    What a check found at one place of a file.

    Written in the order of (row, column, code), so the id is that order. `params` are the
    values that the message of the code is put together from, in whatever language.
    """

    id = models.BigAutoField(primary_key=True)
    # A million findings would mean two million look-ups of the same two rows.
    owner = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    batch = models.ForeignKey(
        ImportBatch,
        on_delete=models.CASCADE,
        related_name="findings",
        db_constraint=False,
        db_index=False,
    )
    row = models.IntegerField(null=True)
    column = models.TextField(null=True)
    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=10)
    value = models.TextField(null=True)
    suggestion = models.TextField(null=True)
    params = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["batch", "id"], name="sharing_importfinding_batch")]

    def __str__(self) -> str:
        return f"{self.code} at row {self.row}"


class ImportKeys(TenantOwned):
    """
    A part of the credit codes that an import not yet released names.

    Another bureau learns from it that a code is pending elsewhere: yes or no, through one
    function, never whose. Arrays of some thousands, because a row a code would cost a
    million index entries for a question that is asked once. They go with the release.
    """

    pk = models.CompositePrimaryKey("batch_id", "part")
    batch_id = models.UUIDField()
    part = models.IntegerField()
    factor_list = models.CharField(max_length=40)
    usccs = ArrayField(models.CharField(max_length=18))

    class Meta:
        verbose_name_plural = "import keys"

    def __str__(self) -> str:
        return f"{len(self.usccs)} codes of {self.batch_id}"


class ColumnMapping(TenantOwned):
    """What a person said a header means, remembered for the organization's next file."""

    id = models.BigAutoField(primary_key=True)
    factor_list = models.CharField(max_length=40)
    header = models.TextField()
    field = models.CharField(max_length=60)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "factor_list", "header"], name="sharing_columnmapping_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.header} is {self.field}"
