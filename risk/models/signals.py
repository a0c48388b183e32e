"""Warning signals, their history, and what was last known of the enterprises they watch."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from risk.domain.lifecycle import (
    OPEN_SIGNALS,
    Level,
    LineKind,
    ReleaseCause,
    SignalSource,
    SignalStatus,
)
from risk.models.cases import RiskCase


class SignalQuerySet(models.QuerySet["Signal"]):
    def open(self) -> "SignalQuerySet":
        return self.filter(status__in=[status.value for status in OPEN_SIGNALS])


class Signal(TenantOwned):
    """
    One fact about one borrower that a rule says somebody should look at.

    The same fact is one signal however often it arrives (`fact_key`); each further arrival
    is a line of its history. Who did what is kept by user id; where it is empty, the
    platform did it on a rule's condition.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField("unified social credit code", max_length=18)
    rule = models.CharField(max_length=10)
    level = models.CharField(max_length=10, choices=choices_of(Level))
    source = models.CharField(max_length=20, choices=choices_of(SignalSource))
    status = models.CharField(
        max_length=20, choices=choices_of(SignalStatus), default=SignalStatus.RAISED.value
    )
    item = models.CharField(max_length=10, default="", help_text="The item that raised it.")
    fact_key = models.CharField(max_length=400)
    facts = models.JSONField(default=dict, help_text="Before and after, as they were delivered.")
    flagged = models.BooleanField(default=False, help_text="The value was or is disputed.")
    built_from = ArrayField(models.UUIDField(), default=list, help_text="Signals it combines.")
    cursor = models.CharField(max_length=60, default="")
    position_number = models.BigIntegerField(default=0)
    position_row = models.IntegerField(default=0)
    recorded_at = models.DateTimeField(null=True)

    raised_at = models.DateTimeField()
    raised_on = models.DateField(help_text="The business day.")
    claim_due_on = models.DateField()
    answer_due_on = models.DateField()
    due_by_holiday_table = models.BooleanField(
        default=True, help_text="False: counted Monday to Friday in a year without a table."
    )
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    condition_met_at = models.DateTimeField(null=True, help_text="Red: people may release now.")
    release_proposed_at = models.DateTimeField(null=True)
    release_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    release_cause = models.CharField(max_length=20, null=True, choices=choices_of(ReleaseCause))
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    false_alarm = models.BooleanField(default=False)
    upgraded_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    case = models.ForeignKey(RiskCase, null=True, on_delete=models.PROTECT, related_name="signals")

    objects = SignalQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("status", SignalStatus),
            one_of("level", Level),
            one_of("source", SignalSource),
            all_or_none("claimed_at", "claimed_by", name="claim"),
            all_or_none("checked_at", "checked_by", name="check"),
            all_or_none("answered_at", "answered_by", name="answer"),
            all_or_none("release_proposed_at", "release_proposed_by", name="proposal"),
            all_or_none("released_at", "release_cause", name="release"),
            all_or_none("closed_at", "closed_by", name="closing"),
            models.CheckConstraint(
                name="risk_signal_red_by_two_people",
                condition=~Q(status=SignalStatus.RELEASED.value, level=Level.RED.value)
                | Q(
                    Q(release_proposed_by__isnull=False, released_by__isnull=False)
                    & ~Q(released_by=F("release_proposed_by"))
                ),
            ),
            models.UniqueConstraint(
                fields=["owner", "rule", "uscc", "fact_key"], name="risk_signal_one_per_fact"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "status", "claim_due_on"], name="risk_signal_queue"),
            models.Index(fields=["owner", "uscc", "status"], name="risk_signal_enterprise"),
            models.Index(fields=["owner", "raised_at", "id"], name="risk_signal_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.level} on {self.uscc} ({self.status})"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_SIGNALS

    @property
    def is_withdrawn(self) -> bool:
        return self.status == SignalStatus.WITHDRAWN


class SignalOccurrence(TenantOwned):
    """One line of a signal's history: the fact, its repetitions, and what people did."""

    id = models.BigAutoField(primary_key=True)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="occurrences")
    kind = models.CharField(max_length=20, choices=choices_of(LineKind))
    text = models.TextField(default="", blank=True)
    cursor = models.CharField(max_length=60, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    by_name = models.CharField(max_length=120, default="")

    class Meta:
        constraints = [one_of("kind", LineKind)]
        indexes = [models.Index(fields=["signal", "id"], name="risk_occurrence_of_signal")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


class WatchedState(TenantOwned):
    """
    What a bank last knew of one borrower, so that a change has a "before".

    Kept only for enterprises with exposure, folded from the feed up to a position; the
    ledger stays the authority.
    """

    id = models.BigAutoField(primary_key=True)
    uscc = models.CharField("unified social credit code", max_length=18)
    items = models.JSONField(default=dict, help_text="Item code to what is known of it.")
    list_code = models.CharField(max_length=40, default="")
    position_number = models.BigIntegerField()
    position_row = models.IntegerField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "uscc"], name="risk_watchedstate_once")
        ]

    def __str__(self) -> str:
        return f"{self.uscc} at {self.position_number}.{self.position_row}"
