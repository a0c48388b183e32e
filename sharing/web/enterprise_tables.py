"""The tables of enterprises: the register, a search, and who has read one of them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qfce.kernel.tenancy.models import Region
from qfce.kernel.web import formats
from qfce.kernel.web.tables import Choice, Column, Day, Kind, Table
from sharing.domain.agreements import prefix_of
from sharing.web import vocabulary


def enterprise_columns(names: dict[str, Region]) -> tuple[Column, ...]:
    """Return the columns that say who an enterprise is."""
    return (
        Column("name", _("Enterprise"), sort="name", href=_page_of),
        Column("uscc", _("Credit code"), Kind.CODE, sort="uscc"),
        Column(
            "region", _("Region"), sort="region", label_of=lambda code: region_name(names, code)
        ),
        Column("industry", _("Industry"), Kind.CODE, sort="industry"),
        Column(
            "size",
            pgettext_lazy("enterprise", "Size"),
            sort="size",
            label_of=lambda size: vocabulary.word(vocabulary.SIZES, size),
        ),
        Column("established_on", _("Established"), Kind.DAY, sort="established_on"),
    )


def register_table(names: dict[str, Region], jurisdiction: str | None) -> Table:
    """Return the table of a bureau's register; the database pages it."""
    below = [
        (code, formats.local(region))
        for code, region in names.items()
        if code != jurisdiction and code.startswith(prefix_of(jurisdiction or ""))
    ]
    capital = Column(
        "registered_capital", _("Registered capital"), Kind.YUAN, sort="registered_capital"
    )
    return Table(
        name="sharing.enterprises",
        caption=_("Enterprises"),
        columns=(*enterprise_columns(names), capital),
        search=("name", "uscc"),
        filters=(
            Choice("region", _("Region"), below, _inside),
            Choice(
                "size",
                pgettext_lazy("enterprise", "Size"),
                lambda: vocabulary.options(vocabulary.SIZES),
            ),
        ),
        ordering=("uscc",),
        empty=_("No enterprise was published here yet"),
    )


READERS = Table(
    name="sharing.readers",
    caption=_("Reads"),
    columns=(
        Column("at", _("When"), Kind.MOMENT, sort="at"),
        Column("owner", pgettext_lazy("reader", "Who"), sort="owner__short_name",
               label_of=formats.local),
        Column("purpose", _("Purpose"), value=lambda row: row.purpose or None,
               label_of=lambda code: vocabulary.word(vocabulary.PURPOSES, code)),
        Column("answer", pgettext_lazy("reader", "Answer"), Kind.STATUS,
               label_of=lambda code: vocabulary.word(vocabulary.ANSWERS, code),
               tone_of=lambda code: vocabulary.ANSWER_TONES.get(code, "muted")),
    ),
    filters=(
        Choice("purpose", _("Purpose"), lambda: vocabulary.options(vocabulary.PURPOSES)),
        Day("since", pgettext_lazy("reader", "From"), "at__date__gte"),
    ),
    ordering=("-at", "-log_id"),
    empty=_("Nobody has read anything yet"),
)  # fmt: skip


def region_name(names: dict[str, Region], code: str | None) -> str:
    region = names.get(code or "")
    return formats.local(region) if region else (code or formats.NOTHING)


def _page_of(row: Any) -> str:
    return reverse("sharing:enterprise", args=[row.uscc])


def search_table(names: dict[str, Region]) -> Table:
    return Table(
        name="sharing.enterprise-search",
        caption=_("Enterprises"),
        columns=enterprise_columns(names),
        search=("name", "uscc"),
        empty=_("Search by name or credit code: two characters at least"),
    )


def _inside(rows: Any, code: str) -> Any:
    return rows.filter(region__startswith=prefix_of(code))
