"""The register of enterprises: who they are, apart from what is known of their quality."""

from django.db import models


class Enterprise(models.Model):
    """
    One enterprise, by its unified social credit code.

    The register holds what the newest publication says. Earlier names and places are in
    the ledger, as changes of the identity fields.
    """

    uscc = models.CharField("unified social credit code", max_length=18, primary_key=True)
    name = models.TextField()
    region = models.CharField(max_length=6, help_text="Administrative division code, GB/T 2260.")
    industry = models.CharField(max_length=10, null=True)
    size = models.CharField(max_length=10, null=True)
    established_on = models.DateField(null=True)
    registered_capital = models.DecimalField(
        max_digits=20, decimal_places=2, null=True, help_text="Yuan."
    )
    successor_uscc = models.CharField(max_length=18, null=True)
    first_publication_id = models.BigIntegerField()
    last_publication_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["region"], name="sharing_enterprise_region")]

    def __str__(self) -> str:
        return f"{self.name} ({self.uscc})"


class EnterpriseName(models.Model):
    """
    A name that an enterprise has or had, written for searching; filled from the ledger.

    Beside the register, so that a file's publication waits for no index of names. `sought`
    is the name's form and its initials (`sharing.domain.enterprise_names`).
    """

    pk = models.CompositePrimaryKey("uscc", "name")
    uscc = models.CharField("unified social credit code", max_length=18)
    name = models.TextField()
    region = models.CharField(max_length=6)
    sought = models.TextField()
    is_current = models.BooleanField()
    publication_id = models.BigIntegerField(help_text="The first that says it.")

    class Meta:
        indexes = [models.Index(fields=["region", "uscc"], name="sharing_enterprisename_region")]

    def __str__(self) -> str:
        return f"{self.name} ({self.uscc})"
