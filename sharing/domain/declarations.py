"""A declaration: what an enterprise says of itself, from the asking to the import it becomes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from factors.domain import entry_form
from factors.domain.catalogue import Catalogue
from factors.domain.entry_form import EVIDENCE, EntryField
from factors.domain.item_types import Source
from qfce.kernel.lifecycle import Lifecycle


class DeclarationStatus(StrEnum):
    """Where a declaration stands. That it is late is a matter of the day, and no state."""

    ASKED = "asked"  # the enterprise has it before it
    SENT = "sent"  # the enterprise has declared; the bureau looks at it
    RETURNED = "returned"  # the bureau asks the enterprise to amend it
    TAKEN = "taken"  # it went into an import, which is checked and released like any other
    CANCELLED = "cancelled"  # the bureau asks no longer


class Reached(StrEnum):
    """How the present link came to the enterprise."""

    NOBODY = "nobody"  # no address is known, and nobody has been shown the link
    MAILED = "mailed"
    SHOWN = "shown"  # to the officer, who hands it over


D = DeclarationStatus
WITH_ENTERPRISE = frozenset({D.ASKED, D.RETURNED})
OPEN = WITH_ENTERPRISE | {D.SENT}

DECLARATION = Lifecycle(
    initial=D.ASKED,
    transitions={
        "submit": (WITH_ENTERPRISE, D.SENT),
        "return": (frozenset({D.SENT}), D.RETURNED),
        "take": (frozenset({D.SENT}), D.TAKEN),
        # The import came to nothing, so the declaration waits again.
        "give_back": (frozenset({D.TAKEN}), D.SENT),
        "cancel": (OPEN, D.CANCELLED),
    },
)

MARK = "企业自报"
"""How the evidence of a value says that the enterprise itself stated it."""


def declarable(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the items that an enterprise may send: those whose order of sources names it."""
    return tuple(
        item.code
        for item in catalogue.items.values()
        if item.in_workbook and Source.ENTERPRISE in item.source_order
    )


def fields_of(catalogue: Catalogue, items: Iterable[str]) -> tuple[EntryField, ...]:
    """Return the fields of some items, in the order of the list."""
    asked = frozenset(items)
    return tuple(each for each in entry_form.fields_of(catalogue) if each.item.code in asked)


def answers(catalogue: Catalogue, items: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed into the fields that were asked for; the empty ones are left out."""
    keys = [each.key for each in fields_of(catalogue, items)]
    # PostgreSQL takes no NUL in a text.
    texts = {key: given.get(key, "").replace("\x00", "").strip() for key in keys}
    return {key: text for key, text in texts.items() if text}


def row_of(uscc: str, typed: Mapping[str, str], *, declared_on: date) -> dict[str, str]:
    """
    Return a declaration as a row of a file, by the keys of its columns.

    Each value carries beside its own evidence that the enterprise itself has stated it.

    >>> row_of("X", {"QI-11": "4"}, declared_on=date(2026, 11, 28))
    {'uscc': 'X', 'QI-11': '4', 'QI-11|evidence': '企业自报 2026-11-28'}
    """
    row = {"uscc": uscc, **typed}
    for code in [key for key in typed if "|" not in key]:
        key = f"{code}|{EVIDENCE}"
        own = [typed[key]] if typed.get(key) else []
        row[key] = "; ".join([*own, f"{MARK} {declared_on.isoformat()}"])
    return row


def columns_of(catalogue: Catalogue, rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the columns that some rows fill, the credit code first and then as in the list."""
    filled = {key for row in rows for key in row}
    order = ["uscc"]
    for item in catalogue.items:
        order += [item, *(f"{item}|{part}" for part in entry_form.DETAILS)]
    return [key for key in order if key in filled]


def is_to_be_reminded(due_on: date, *, on: date, days_before: int) -> bool:
    """
    Test whether the day is near enough, or over, for the one reminder that there is.

    >>> [is_to_be_reminded(date(2026, 11, 20), on=date(2026, 11, d), days_before=3)
    ...  for d in (16, 17, 21)]
    [False, True, True]
    """
    return (due_on - on).days <= days_before
