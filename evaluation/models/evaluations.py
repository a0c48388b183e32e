from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evaluation.domain.lifecycle import Cause
from evaluation.domain.scoring import Outcome
from evaluation.models.scorecards import ScorecardVersion
from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from sharing.domain.agreements import Purpose


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def newest_first(self) -> "EvaluationQuerySet":
        return self.order_by(*Evaluation.NEWEST_FIRST)

    def live(self) -> "EvaluationQuerySet":
        """
        The newest of each enterprise and scorecard: those that no newer one stands beside.

        Asked this way the database holds all against all at once, by their hashes; to look
        for the newest of each row by itself took ten times as long for 20,000 enterprises.
        """
        same = ("owner", "uscc", "scorecard_version__scorecard")
        beside = Evaluation.objects.filter(**{name: models.OuterRef(name) for name in same})
        return self.filter(~models.Exists(beside.filter(_newer_than_outer())))

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


def _newer_than_outer() -> Q:
    """Compare by all columns of the order, each deciding where those before it are equal."""
    found, equal = Q(), Q()
    for name in (column.lstrip("-") for column in Evaluation.NEWEST_FIRST):
        found |= equal & Q(**{f"{name}__gt": models.OuterRef(name)})
        equal &= Q(**{name: models.OuterRef(name)})
    return found


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
