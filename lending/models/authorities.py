from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from qfce.kernel.tenancy.models import TenantOwned


class AuthorityLimit(TenantOwned):
    """
    What one role of a bank may approve from a day on.

    The limits of one day replace all earlier ones, so that the set in force is always one
    that somebody decided on as a whole.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    role = models.CharField(max_length=40)
    up_to = models.DecimalField(max_digits=18, decimal_places=2, help_text="Yuan, inclusive.")
    grades = ArrayField(models.CharField(max_length=8))
    conditions = models.TextField(default="", blank=True)
    votes_required = models.PositiveSmallIntegerField(default=1)
    votes_of = models.PositiveSmallIntegerField(default=1)
    effective_from = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "authority limit"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "effective_from", "role"],
                name="lending_authoritylimit_once_a_role_and_day",
            ),
            models.CheckConstraint(
                name="lending_authoritylimit_amount_and_votes",
                condition=Q(up_to__gt=0, votes_required__gte=1, votes_of__gte=F("votes_required")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} up to {self.up_to} from {self.effective_from}"
