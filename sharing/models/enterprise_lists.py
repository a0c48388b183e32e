"""Lists of enterprises that a regulator keeps, and whom it shows them to."""

from uuid import uuid4

from django.db import models

from qfce.kernel.tenancy.models import Organization, TenantOwned


class EnterpriseList(TenantOwned):
    """
    A named list of enterprises: a key-enterprise list, a cultivation list, an import's rows.

    It says who is on it and nothing about their quality. Agreements may be limited to
    lists, and a list may be shared so that its members can be looked through.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    import_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["owner", "created_at"], name="sharing_enterpriselist_own")]

    def __str__(self) -> str:
        return self.name


class EnterpriseListMember(models.Model):
    """
    An enterprise on a list, from one instant to another.

    Whoever leaves keeps the row, because what could be read on a day gone by depends on it.
    """

    id = models.BigAutoField(primary_key=True)
    list = models.ForeignKey(EnterpriseList, on_delete=models.CASCADE, related_name="members")
    uscc = models.CharField("unified social credit code", max_length=18)
    region = models.CharField(max_length=6)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["list", "uscc"],
                condition=models.Q(removed_at__isnull=True),
                name="sharing_enterpriselistmember_once",
            )
        ]
        indexes = [models.Index(fields=["uscc", "list"], name="sharing_listmember_uscc")]

    def __str__(self) -> str:
        return f"{self.uscc} on {self.list_id}"


class EnterpriseListShare(TenantOwned):
    """A list shown to an organisation: it may read the members' identities, nothing more."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    list = models.ForeignKey(EnterpriseList, on_delete=models.CASCADE, related_name="shares")
    recipient = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    shared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["list", "recipient"], name="sharing_enterpriselistshare_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.list_id} to {self.recipient_id}"
