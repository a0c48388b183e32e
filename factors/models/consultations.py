"""A draft opened to others for comments, what they said, and what was answered."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from factors.domain.consultations import Outcome
from factors.models.factor_lists import FactorListVersion
from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned


class Consultation(TenantOwned):
    """
    A draft's text on a day, laid before invited organizations until a deadline.

    They comment on `document`, which stays as it was while the draft goes on. It ends with
    `closes_on`, that day included, or when its owner closes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(
        FactorListVersion, on_delete=models.PROTECT, related_name="consultations"
    )
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    invited_ids = ArrayField(models.UUIDField())
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closes_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        verbose_name = "consultation on a factor list"
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(closed_at__isnull=True),
                name="factors_consultation_one_open",
            ),
            models.CheckConstraint(
                name="factors_consultation_somebody_invited",
                condition=Q(invited_ids__len__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"until {self.closes_on}"


class ConsultationComment(TenantOwned):
    """What an invited organization (`owner`) says about one item, or about the whole list."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="comments"
    )
    item = models.CharField(max_length=40, blank=True, help_text="Empty: the whole list.")
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_by_name = models.CharField(max_length=150)

    class Meta:
        verbose_name = "comment on a factor list"

    def __str__(self) -> str:
        return f"on {self.item or 'the list'}"


class ConsultationAnswer(TenantOwned):
    """What the list's owner answers to one comment. `owner` is the list's."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    comment = models.OneToOneField(
        ConsultationComment, on_delete=models.PROTECT, related_name="answer"
    )
    outcome = models.CharField(max_length=20, choices=choices_of(Outcome))
    text = models.TextField()
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "answer to a comment"
        constraints = [one_of("outcome", Outcome)]

    def __str__(self) -> str:
        return self.outcome
