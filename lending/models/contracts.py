from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from lending.models.applications import LoanApplication
from qfce.kernel.tenancy.models import TenantOwned


class Contract(TenantOwned):
    """
    What bank and enterprise signed: one document and its digest; it never changes.

    The columns repeat what is computed with, and the document is what counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    application = models.OneToOneField(
        LoanApplication, on_delete=models.PROTECT, related_name="contract"
    )
    number = models.CharField(max_length=60)
    uscc = models.CharField("unified social credit code", max_length=18)
    principal = models.DecimalField(max_digits=18, decimal_places=2, help_text="Yuan.")
    months = models.PositiveSmallIntegerField()
    base_rate = models.DecimalField(max_digits=7, decimal_places=6, help_text="As a fraction.")
    base_rate_on = models.DateField(help_text="The day on which the base rate was published.")
    spread_bp = models.SmallIntegerField()
    annual_rate = models.DecimalField(
        max_digits=7, decimal_places=6, help_text="Nominal, as a fraction."
    )
    terms = models.JSONField(help_text="The whole contract as a document.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical document.")
    signed_on = models.DateField()
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    signed_for_enterprise_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "number"], name="lending_contract_number_once"
            ),
            models.CheckConstraint(
                name="lending_contract_lends_something",
                condition=Q(principal__gt=0, months__gte=1, annual_rate__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} over {self.principal}"
