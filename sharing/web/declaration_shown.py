"""A declaration in its reader's words: each answer beside what is stored, and its course."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as now
from django.utils.translation import pgettext

from factors.domain import entry_form
from factors.selectors import factor_lists
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.language import is_chinese
from sharing.domain import declarations as domain
from sharing.models import Declaration
from sharing.selectors import declarations as selectors
from sharing.web import vocabulary


@dataclass(frozen=True, slots=True)
class Answer:
    """One item: what was declared, in words, and what is stored."""

    code: str
    name: str
    declared: str
    details: tuple[tuple[str, str], ...]
    stored: str
    differs: bool


def answers(asked: Declaration, *, actor: Actor, on: date) -> Iterator[Answer]:
    """Return each item that was asked: what was declared, and what is stored."""
    catalogue = factor_lists.in_force(asked.factor_list, on)
    entry = entry_form.read(catalogue, asked.answers, today=on)
    profile = selectors.held(asked, actor=actor)
    held = profile.values if profile else {}
    for code in asked.items:
        stored, declared = held.get(code), entry.values.get(code)
        yield Answer(
            code=code,
            name=vocabulary.item_name(catalogue, code),
            declared=vocabulary.member_text(catalogue, code, declared),
            details=tuple(
                (each.label_zh if is_chinese() else each.label_en, given)
                for each in domain.fields_of(catalogue, [code])
                if each.part != "value" and (given := asked.answers.get(each.key))
            ),
            stored=vocabulary.member_text(catalogue, code, stored),
            differs=stored is not None and declared is not None and stored != declared,
        )


def events(asked: Declaration) -> list[tuple[Any, str, str, str, str]]:
    """Return what happened, newest first, as (moment, title, tone, icon, words)."""
    by = now("by the link") if asked.declared_by_link else now("signed in")
    moments = (
        (asked.cancelled_at, pgettext("declaration", "Cancelled"), "muted", "circle-minus", ""),
        (asked.taken_at, pgettext("declaration", "Taken"), "good", "file-import",
         str(asked.taken_by or "")),
        (asked.returned_at, pgettext("declaration", "Sent back"), "warn", "arrow-back-up",
         asked.return_reason),
        (asked.declared_at, pgettext("declaration", "Declared"), "info", "clipboard-check",
         f"{asked.declared_by_name} · {by}"),
        (asked.reminded_at, pgettext("declaration", "Reminded"), "muted", "bell", ""),
        (asked.asked_at, pgettext("declaration", "Asked"), "info", "send", str(asked.asked_by)),
    )  # fmt: skip
    known = [moment for moment in moments if moment[0] is not None]
    return sorted(known, key=lambda moment: moment[0], reverse=True)
