from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evaluation.domain.lifecycle import Cause
from evaluation.domain.scoring import Outcome
from evaluation.models.scorecards import Scorecard, ScorecardVersion
from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from sharing.domain.agreements import Purpose


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def newest_first(self) -> "EvaluationQuerySet":
        return self.order_by(*Evaluation.NEWEST_FIRST)

    def live(self) -> "EvaluationQuerySet":
        """The newest of each enterprise and scorecard, as `LiveEvaluation` has them."""
        return self.filter(live_as__isnull=False)

    def worse(self) -> "EvaluationQuerySet":
        """Those with fewer points, or another outcome, than what they replace."""
        fewer = Q(score__lt=F("replaces__score"))
        declined = Q(outcome=Outcome.DECLINED.value)
        return self.filter(replaces__isnull=False).filter(
            fewer | (declined & ~Q(replaces__outcome=Outcome.DECLINED.value))
        )

    def better(self) -> "EvaluationQuerySet":
        """Those with more points than what they replace, or no longer declined."""
        more = Q(score__gt=F("replaces__score"))
        declined = Q(replaces__outcome=Outcome.DECLINED.value)
        return self.filter(replaces__isnull=False).filter(
            more | (declined & ~Q(outcome=Outcome.DECLINED.value))
        )


class Evaluation(TenantOwned):
    """
    One scoring of one enterprise by one version of a scorecard, on what was known then.

    Small, because it can be computed again: the profile's position, `as_of` and `known_at`
    name the facts, the version names the model. It never changes; a later one `replaces` it.
    """

    # Of two at the same instant the one on the later position is the newer.
    NEWEST_FIRST = ("-created_at", "-position_number", "-position_row", "-id")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField("unified social credit code", max_length=18)
    scorecard_version = models.ForeignKey(
        ScorecardVersion, on_delete=models.PROTECT, related_name="+"
    )
    purpose = models.CharField(max_length=20, choices=choices_of(Purpose))
    as_of = models.DateField(help_text="The business day that ages and validity were seen on.")
    known_at = models.DateTimeField(help_text="The instant of the read, as the log has it.")
    position_number = models.BigIntegerField()
    position_row = models.IntegerField()

    score = models.PositiveSmallIntegerField(null=True, help_text="0 to 100; none by cap table.")
    grade = models.CharField(max_length=8, null=True)
    cap = models.DecimalField(max_digits=18, decimal_places=2, null=True, help_text="Yuan.")
    outcome = models.CharField(max_length=10, choices=choices_of(Outcome))
    gates = models.JSONField(default=list, help_text="Codes and outcomes of the gates that hold.")
    reasons = models.JSONField(default=list, help_text="Reason codes, most telling first.")
    category_points = models.JSONField(default=dict, help_text="After the caps.")
    own_facts = models.JSONField(default=dict, help_text="What the bank itself established.")

    cause = models.CharField(max_length=10, choices=choices_of(Cause))
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    job_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("purpose", Purpose),
            one_of("outcome", Outcome),
            one_of("cause", Cause),
            models.CheckConstraint(
                name="evaluation_evaluation_score_to_a_hundred",
                condition=Q(score__isnull=True) | Q(score__lte=100),
            ),
            models.CheckConstraint(
                name="evaluation_evaluation_declined_has_no_grade",
                condition=~Q(outcome=Outcome.DECLINED.value)
                | Q(grade__isnull=True, cap__isnull=True),
            ),
            models.CheckConstraint(
                name="evaluation_evaluation_replaces_another",
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("id")),
            ),
            models.UniqueConstraint(
                fields=["job_id", "uscc"],
                condition=Q(job_id__isnull=False),
                name="evaluation_evaluation_once_a_job",
            ),
        ]
        indexes = [models.Index(fields=["owner", "uscc", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.uscc}: {self.grade or self.outcome}"


class LiveEvaluation(TenantOwned):
    """
    Which evaluation of an enterprise by a scorecard is the newest, with what lists count by.

    PostgreSQL keeps it: whatever writes evaluations, one statement's rows are brought in set
    by set, and of two writers the newer evaluation stays. So a list of 20,000 enterprises
    need not compare all evaluations with all.
    """

    evaluation = models.OneToOneField(
        Evaluation,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="live_as",
    )
    scorecard = models.ForeignKey(
        Scorecard,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    uscc = models.CharField("unified social credit code", max_length=18)
    grade = models.CharField(max_length=8, null=True)
    outcome = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    position_number = models.BigIntegerField()
    position_row = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "scorecard", "uscc"], name="evaluation_liveevaluation_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.uscc}: {self.grade or self.outcome}"
