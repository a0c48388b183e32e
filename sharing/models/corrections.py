"""Cells of a waiting import as people corrected them, and files that arrive in pieces."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qfce.kernel.tenancy.models import TenantOwned
from sharing.models.imports import ImportBatch


class ImportCorrection(TenantOwned):
    """
    One cell of an import that somebody corrected; the last one of a cell is what counts.

    Never changed and never removed: who made what of which text stays beside the import.
    `place` is the column's place in the file from 0, or -1 for a whole row that is left out
    (`became` is then `left_out`) or taken in again.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.PROTECT, related_name="corrections", db_index=False
    )
    row = models.IntegerField()
    place = models.IntegerField()
    column = models.TextField()
    was = models.TextField()
    became = models.TextField()
    way = models.CharField(max_length=12, help_text="typed, suggestion, alike, workbook, row")
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["batch", "row", "place", "id"], name="sharing_importcorrection_cell"
            )
        ]

    def __str__(self) -> str:
        return f"{self.column} of row {self.row}"


class FileUpload(TenantOwned):
    """
    A file that arrives in pieces, each with its digest, until it is whole.

    Its bytes lie under DATA by the upload's id. What nobody finished within a day goes.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    file_name = models.CharField(max_length=255)
    file_size = models.BigIntegerField(help_text="Bytes.")
    received = models.BigIntegerField(default=0, help_text="Bytes that have arrived.")
    sha256 = models.CharField(max_length=64, default="", help_text="Of the whole file.")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sharing_fileupload_within",
                condition=Q(received__gte=0) & Q(received__lte=F("file_size")),
            )
        ]
        indexes = [models.Index(fields=["begun_at"], name="sharing_fileupload_begun")]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.received} of {self.file_size} bytes"
