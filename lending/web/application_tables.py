"""The list of applications: what each column says, and where its rows come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lending.domain.lifecycle import ApplicationStatus
from lending.models import LoanApplication
from lending.selectors import enterprises
from lending.web import words
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.table_sources import Narrowing, QuerySetSource, Wanted
from qfce.kernel.web.tables import Choice, Column, Day, Kind, Table

WAITING = frozenset({ApplicationStatus.SUBMITTED.value, ApplicationStatus.UNDER_REVIEW.value})
GRADES = [(grade, grade) for grade in "ABCDE"]
SEARCH = ("uscc", "purpose", "product__name_zh", "product__name_en", "reviewed_by__display_name")


@dataclass(frozen=True, slots=True)
class Named:
    """A page of rows that have a credit code, each with the name of its enterprise."""

    source: QuerySetSource
    purpose: str
    actor: Actor
    at: datetime

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[Sequence[Any], int]:
        rows, total = self.source.page(wanted, offset, limit)
        names = enterprises.names(
            (row.uscc for row in rows), purpose=self.purpose, actor=self.actor, at=self.at
        )
        for row in rows:
            row.enterprise_name = names.get(row.uscc, "")
        return rows, total


def named(rows: QuerySet[Any], table: Table, *, purpose: str, actor: Actor, at: datetime) -> Named:
    """Return rows for a table, with the names of their enterprises page by page."""
    lookups = {entry.key: entry.lookup or entry.key for entry in table.filters}
    source = QuerySetSource(rows, Narrowing(table.search, lookups, table.ordering))
    return Named(source, purpose, actor, at)


def days_waiting(application: LoanApplication, at: datetime) -> int | None:
    """Return for how many days an application has waited for its answer; None if it does not."""
    if application.status not in WAITING or application.submitted_at is None:
        return None
    return (business_day(at) - business_day(application.submitted_at)).days


def _bank(rows: QuerySet[LoanApplication], value: str) -> QuerySet[LoanApplication]:
    if value == "open":
        return rows.filter(status__in=WAITING)
    if value == "unsigned":
        approved = ApplicationStatus.APPROVED.value
        return rows.filter(status=approved, contract__isnull=True)
    return rows.filter(status=value)


def table(actor: Actor, at: datetime) -> Table:
    """Return the table; how long something waits depends on the instant."""
    return Table(
        name="lending.applications",
        caption=gettext_lazy("Applications"),
        columns=_columns(at),
        search=SEARCH,
        filters=_filters(actor),
        ordering=("-created_at",),
        empty=gettext_lazy("No application yet"),
    )


PRODUCT = Column(
    "product__code",
    gettext_lazy("Product"),
    sort="product__code",
    value=lambda row: formats.local(row.product),
)


def _columns(at: datetime) -> tuple[Column, ...]:
    return (
        Column(
            "enterprise",
            gettext_lazy("Enterprise"),
            value=lambda row: row.enterprise_name or row.uscc,
            href=lambda row: reverse("lending:application", args=[row.pk]),
            note=lambda row: row.uscc if row.enterprise_name else "",
            note_label=gettext_lazy("Credit code"),
        ),
        Column(
            "requested_principal", gettext_lazy("Amount"), Kind.YUAN, sort="requested_principal"
        ),
        Column(
            "requested_months",
            pgettext_lazy("loan", "Months"),
            Kind.NUMBER,
            sort="requested_months",
        ),
        PRODUCT,
        Column("snapshot__grade", gettext_lazy("Grade"), sort="snapshot__grade"),
        Column(
            "status",
            gettext_lazy("State"),
            Kind.STATUS,
            sort="status",
            label_of=words.application,
            tone_of=words.tone,
            note=_holder,
        ),
        Column(
            "waiting",
            gettext_lazy("Days waiting"),
            Kind.NUMBER,
            sort="submitted_at",
            value=lambda row: days_waiting(row, at),
        ),
        Column("created_at", gettext_lazy("Made"), Kind.DAY, sort="created_at"),
    )


def _filters(actor: Actor) -> tuple[Choice | Day, ...]:
    return (
        Choice("status", gettext_lazy("State"), _states, _bank),
        Choice("grade", gettext_lazy("Grade"), GRADES, "snapshot__grade"),
        Choice(
            "held",
            gettext_lazy("Reviewer"),
            [("me", gettext_lazy("Me"))],
            lambda rows, _value: rows.filter(reviewed_by=actor.user_id),
        ),
        Day("since", gettext_lazy("Made from"), "created_at__date__gte"),
    )


def _states() -> list[tuple[str, Any]]:
    return [
        ("open", _("Waiting for a decision")),
        ("unsigned", _("Approved, without a contract")),
        *words.options(words.APPLICATION),
    ]


def _holder(application: LoanApplication) -> str:
    held = application.status == ApplicationStatus.UNDER_REVIEW.value
    return str(application.reviewed_by or "") if held else ""
