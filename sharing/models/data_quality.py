"""The report on the quality of data, month by month, and each bureau's score."""

from django.db import models

from qfce.kernel.tenancy.models import TenantOwned


class QualityCell(models.Model):
    """
    One item in one county in one month: how many enterprises have it, in time, and upheld.

    Written by the nightly report for the month that runs; a month that is over stays as it
    was on its last night.
    """

    id = models.BigAutoField(primary_key=True)
    month = models.DateField(help_text="Its first day.")
    factor_list = models.CharField(max_length=40)
    region = models.CharField(max_length=6)
    code = models.CharField(max_length=20)
    enterprises = models.PositiveIntegerField()
    filled = models.PositiveIntegerField()
    timely = models.PositiveIntegerField()
    checked = models.PositiveIntegerField()
    upheld = models.PositiveIntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["factor_list", "month", "region", "code"], name="sharing_qualitycell_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} in {self.region}, {self.month}"


class BureauScore(TenantOwned):
    """
    What one uploading bureau's month comes to; null where nothing can be said.

    `worst_checks` are the checks that its files failed most, as [code, number].
    """

    id = models.BigAutoField(primary_key=True)
    month = models.DateField(help_text="Its first day.")
    imports = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    rows_invalid = models.PositiveIntegerField(default=0)
    worst_checks = models.JSONField(default=list)
    questions = models.PositiveIntegerField(default=0, help_text="Answered in the month.")
    questions_in_time = models.PositiveIntegerField(default=0)
    disputes = models.PositiveIntegerField(default=0, help_text="Opened in the month.")
    disputes_decided = models.PositiveIntegerField(default=0)
    disputes_upheld = models.PositiveIntegerField(default=0)
    reads = models.PositiveIntegerField(default=0, help_text="Of enterprises that it sent.")
    enterprises_read = models.PositiveIntegerField(default=0)
    readers = models.PositiveIntegerField(default=0, help_text="Organisations that read them.")
    reads_for_loans = models.PositiveIntegerField(default=0)
    completeness = models.FloatField(null=True)
    timeliness = models.FloatField(null=True)
    accuracy = models.FloatField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "month"], name="sharing_bureauscore_once")
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} in {self.month}: {self.score}"
