"""What enterprises are asked to declare of themselves, and what they have declared."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from qfce.kernel.fields import all_or_none, choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned
from sharing.domain.declarations import OPEN, WITH_ENTERPRISE, DeclarationStatus, Reached

_OPEN = sorted(status.value for status in OPEN)
_WITH_ENTERPRISE = sorted(status.value for status in WITH_ENTERPRISE)


class Declaration(TenantOwned):
    """
    What a bureau asks one enterprise to declare, and what the enterprise has answered.

    The bureau owns it; the enterprise is held by its credit code, because most have never
    signed in. `name` and `region` are those of the day on which it was asked. `answers` are
    what was typed, by the keys of the entry form: never a fact, until an import of theirs is
    released. `token_hash` is the digest of the newest link; it stays when the link is used, so
    that whoever opens it again is told what became of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    uscc = models.CharField("unified social credit code", max_length=18)
    name = models.CharField(max_length=200, default="")
    region = models.CharField(max_length=6)
    factor_list = models.CharField(max_length=40)
    items = ArrayField(models.CharField(max_length=20))
    note = models.TextField(default="", help_text="What it is for, in the bureau's words.")
    round_id = models.UUIDField(null=True, help_text="The collection round that it is for.")
    due_on = models.DateField(help_text="The last day; later is late, and still accepted.")
    status = models.CharField(
        max_length=10,
        choices=choices_of(DeclarationStatus),
        default=DeclarationStatus.ASKED.value,
        editable=False,
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    address = models.EmailField(default="", help_text="Where the officer has it sent to.")
    mail_due = models.BooleanField(default=False, editable=False)
    reached = models.CharField(
        max_length=8, choices=choices_of(Reached), default=Reached.NOBODY.value, editable=False
    )
    reached_at = models.DateTimeField(null=True, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    token_hash = models.CharField(max_length=64, default="", editable=False)
    token_expires_at = models.DateTimeField(null=True, editable=False)

    answers = models.JSONField(default=dict, editable=False)
    text_version = models.CharField(
        max_length=40, default="", editable=False, help_text="Of the statement that was ticked."
    )
    declared_at = models.DateTimeField(null=True, editable=False)
    declared_by_name = models.CharField(max_length=60, default="", editable=False)
    declared_by_phone = models.CharField(max_length=30, default="", editable=False)
    declared_by_link = models.BooleanField(default=False, editable=False)

    return_reason = models.TextField(default="", editable=False)
    returned_at = models.DateTimeField(null=True, editable=False)
    import_id = models.UUIDField(null=True, editable=False)
    taken_at = models.DateTimeField(null=True, editable=False)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    cancelled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            one_of("status", DeclarationStatus),
            one_of("reached", Reached),
            all_or_none("taken_at", "taken_by", "import_id", name="taking"),
            models.CheckConstraint(name="sharing_declaration_asks", condition=~Q(items=[])),
            models.CheckConstraint(
                name="sharing_declaration_declared_before_used",
                condition=~Q(status__in=["sent", "returned", "taken"])
                | (Q(declared_at__isnull=False) & ~Q(answers={}) & ~Q(declared_by_name="")),
            ),
            models.CheckConstraint(
                name="sharing_declaration_taken_into_import",
                condition=~Q(status="taken") | Q(import_id__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["owner", "uscc", "factor_list"],
                condition=Q(status__in=_OPEN),
                name="sharing_declaration_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "status", "due_on"], name="sharing_declaration_queue"),
            models.Index(fields=["uscc", "status"], name="sharing_declaration_uscc"),
            models.Index(
                fields=["token_hash"],
                name="sharing_declaration_token",
                condition=~Q(token_hash=""),
            ),
            models.Index(
                fields=["import_id"],
                name="sharing_declaration_import",
                condition=Q(import_id__isnull=False),
            ),
            models.Index(
                fields=["owner"], name="sharing_declaration_mail", condition=Q(mail_due=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uscc} ({self.status})"

    @property
    def is_with_enterprise(self) -> bool:
        return self.status in _WITH_ENTERPRISE
