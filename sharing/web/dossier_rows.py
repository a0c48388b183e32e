"""An enterprise's dossier in the reader's words: categories of items, and what happened when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from factors.domain.catalogue import Catalogue
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization, OrganizationKind
from qfce.kernel.web import formats
from qfce.kernel.web.language import is_chinese
from sharing import permissions
from sharing.domain.disclosures import DisclosedItem
from sharing.models import Agreement, Consent
from sharing.selectors.dossiers import Dossier, Entry
from sharing.web import vocabulary
from sharing.web.vocabulary import word

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item, ready to be shown: a value with what qualifies it, or why there is none."""

    code: str
    name: str
    href: str
    text: str
    answer: str
    answer_word: str
    answer_note: str
    answer_tone: str
    status: str
    status_tone: str
    source: str
    recorded_at: datetime | None
    validity: str
    flags: tuple[str, ...]
    bases: tuple[tuple[str, str], ...]  # (words, address or nothing)

    @property
    def is_known(self) -> bool:
        return self.answer == "ok"


@dataclass(frozen=True, slots=True)
class Section:
    """The items of one category."""

    code: str
    name: str
    rows: tuple[ItemRow, ...]

    @property
    def known(self) -> int:
        return sum(row.is_known for row in self.rows)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the time line."""

    at: datetime
    title: str
    tone: str
    icon: str
    lines: tuple[str, ...] = ()
    number: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One change of one item, in words."""

    recorded_at: datetime
    number: int
    kind: str
    tone: str
    cause: str
    source: str
    old: str
    new: str
    validity: str


def sections(dossier: Dossier, *, query: str, actor: Actor) -> list[Section]:
    """Return every item of the list by category, in the order of the list."""
    catalogue, items = dossier.catalogue, dossier.profile.items
    if catalogue is None or not items:
        return []
    found = []
    bureaus = _bureaus()
    for category in catalogue.categories:
        rows = tuple(
            _item_row(dossier.profile.uscc, catalogue, code, items[code], query, actor, bureaus)
            for code, item in catalogue.items.items()
            if item.category == category.code and code in items
        )
        if rows:
            found.append(Section(category.code, formats.local(category), rows))
    return found


def counts(dossier: Dossier) -> list[tuple[str, str, int]]:
    """Return how many items there are for each answer, as (label, tone, number)."""
    answers = [item.answer for item in dossier.profile.items.values()]
    tones = vocabulary.ANSWER_TONES
    return [(word(vocabulary.ANSWERS, a), a, answers.count(a)) for a in tones if answers.count(a)]


def steps(dossier: Dossier, code: str) -> list[StepRow]:
    """Return what happened to one item, newest first."""
    catalogue = dossier.catalogue
    bureaus, rows = _bureaus(), []
    for step in dossier.steps(code):
        flags = formats.listed(vocabulary.flags_text(_flag_words(step.new))) if step.is_flag else ""
        old = "" if step.is_flag else vocabulary.member_text(catalogue, code, step.old)
        new = flags if step.is_flag else vocabulary.member_text(catalogue, code, step.new)
        rows.append(
            StepRow(
                recorded_at=step.entry.recorded_at,
                number=step.entry.number,
                kind=word(vocabulary.CHANGE_KINDS, step.entry.kind),
                tone=vocabulary.CHANGE_TONES.get(step.entry.kind, "muted"),
                cause=word(vocabulary.CAUSES, step.entry.cause),
                source=bureaus.get(step.entry.source, step.entry.source),
                old=old or formats.NOTHING,
                new=new or formats.NOTHING,
                validity=vocabulary.validity_text(step.valid_from, step.valid_to),
            )
        )
    return rows


def time_line(
    dossier: Dossier,
    *,
    consents: Iterable[Consent],
    agreements: Iterable[Agreement],
    purpose: str,
) -> list[Event]:
    """Return publications, consents and agreements about the enterprise, newest first."""
    bureaus = _bureaus()
    events = [_published(dossier, entry, purpose, bureaus) for entry in dossier.entries]
    for consent in consents:
        events += _of_consent(consent, dossier.catalogue)
    for agreement in agreements:
        events += _of_agreement(agreement, dossier.catalogue)
    return sorted(events, key=lambda event: (event.at, event.number), reverse=True)


def _bureaus() -> dict[str, str]:
    """Return what bureaus are called in the reader's language; the ledger names them in Chinese."""
    if is_chinese():
        return {}
    known = Organization.objects.filter(kind=OrganizationKind.MARKET_REGULATOR.value)
    return dict(known.values_list("name_zh", "name_en"))


def _item_row(
    uscc: str,
    catalogue: Catalogue,
    code: str,
    item: DisclosedItem,
    query: str,
    actor: Actor,
    bureaus: Mapping[str, str],
) -> ItemRow:
    known = item.answer == "ok"
    described = catalogue.items[code]
    return ItemRow(
        code=code,
        name=formats.local(described),
        href=f"{reverse('sharing:enterprise-item', args=[uscc, code])}?{query}",
        text=vocabulary.value_text(described, item.value) if known else "",
        answer=item.answer,
        answer_word=word(vocabulary.ANSWERS, item.answer),
        answer_note=str(vocabulary.ANSWER_NOTES.get(item.answer, "")),
        answer_tone=vocabulary.ANSWER_TONES.get(item.answer, "muted"),
        status=word(vocabulary.ITEM_STATUSES, item.status) if item.status else "",
        status_tone=vocabulary.ITEM_TONES.get(item.status or "", "muted"),
        source=bureaus.get(item.source or "", item.source or ""),
        recorded_at=item.recorded_at,
        validity=vocabulary.validity_text(item.valid_from, item.valid_to),
        flags=tuple(vocabulary.flags_text(item.flags)),
        bases=tuple(_basis(part, actor) for part in (item.basis or "").split(", ") if part),
    )


def _basis(ground: str, actor: Actor) -> tuple[str, str]:
    """Return a ground in words, with where it can be looked at."""
    kind, _colon, identifier = ground.partition(":")
    label = word(vocabulary.BASES, kind)
    if kind == "agreement" and actor.may(permissions.VIEW_AGREEMENT):
        return label, reverse("sharing:agreement", args=[identifier])
    if kind == "consent" and actor.may(permissions.WRITE_CONSENT):
        return label, reverse("sharing:consent", args=[identifier])
    return label, ""


def _published(dossier: Dossier, entry: Entry, purpose: str, bureaus: Mapping[str, str]) -> Event:
    named = list(entry.changes.items())
    lines = tuple(_change_line(dossier.catalogue, entry, *pair) for pair in named[:MOST_NAMED])
    if len(named) > MOST_NAMED:
        lines += (_("and %(n)d more") % {"n": len(named) - MOST_NAMED},)
    then = urlencode({"purpose": purpose, "known_at": local_instant(entry.recorded_at)})
    return Event(
        at=entry.recorded_at,
        title=_title(entry),
        tone=vocabulary.CHANGE_TONES.get(entry.kind, "muted"),
        icon=vocabulary.CAUSE_ICONS.get(entry.cause, "point"),
        lines=(bureaus.get(entry.source, entry.source), *lines),
        number=entry.number,
        href=f"{reverse('sharing:enterprise', args=[dossier.profile.uscc])}?{then}",
    )


def _title(entry: Entry) -> str:
    cause = word(vocabulary.CAUSES, entry.cause)
    return f"{cause} · {word(vocabulary.CHANGE_KINDS, entry.kind)}"


def _change_line(catalogue: Catalogue | None, entry: Entry, code: str, value: Any) -> str:
    name = vocabulary.item_name(catalogue, code)
    if entry.kind in {"flagged", "unflagged"}:
        text = formats.listed(vocabulary.flags_text(_flag_words(value)))
    else:
        text = vocabulary.member_text(catalogue, code, value)
    return _("%(name)s: %(value)s") % {"name": name, "value": text or formats.NOTHING}


def _of_consent(consent: Consent, catalogue: Catalogue | None) -> list[Event]:
    reader = formats.local(consent.recipient)
    names = formats.listed(vocabulary.item_name(catalogue, c) for c in consent.items)
    address = reverse("sharing:consent", args=[consent.pk])
    moments = (
        (consent.requested_at, _("%(reader)s asked for a consent"), "info", "help-circle"),
        (consent.granted_at, _("Consent given to %(reader)s"), "good", "circle-check"),
        (consent.refused_at, _("Consent refused to %(reader)s"), "bad", "circle-x"),
        (consent.withdrawn_at, _("Consent taken back from %(reader)s"), "bad", "circle-minus"),
        (consent.ended_at, _("Consent to %(reader)s ended"), "muted", "calendar-off"),
    )
    return [
        Event(at, title % {"reader": reader}, tone, icon, (names,), href=address)
        for at, title, tone, icon in moments
        if at is not None
    ]


def _of_agreement(agreement: Agreement, catalogue: Catalogue | None) -> list[Event]:
    reader = formats.local(agreement.recipient)
    lines: tuple[str, ...] = (formats.local(agreement.owner),)
    if catalogue is not None:
        names = (vocabulary.category_name(catalogue, c) for c in agreement.categories)
        lines += (formats.listed(names),)
    address = reverse("sharing:agreement", args=[agreement.pk])
    moments = (
        (
            agreement.activated_at,
            _("Agreement with %(reader)s in force"),
            "good",
            "file-certificate",
        ),
        (agreement.suspended_at, _("Agreement with %(reader)s suspended"), "warn", "player-pause"),
        (agreement.ended_at, _("Agreement with %(reader)s ended"), "bad", "file-off"),
    )
    return [
        Event(at, title % {"reader": reader}, tone, icon, lines, href=address)
        for at, title, tone, icon in moments
        if at is not None
    ]


def local_instant(at: datetime) -> str:
    """Return an instant on Shanghai's clock as a field of date and time holds it, rounded up."""
    local = at.astimezone(formats.SHANGHAI)
    thousandths = -(-local.microsecond // 1000)
    if thousandths == 1000:
        return f"{local:%Y-%m-%dT%H:%M:%S}.999999"
    return f"{local:%Y-%m-%dT%H:%M:%S}.{thousandths:03}"


def _flag_words(stated: Any) -> tuple[str, ...]:
    if isinstance(stated, list):
        return tuple(str(flag) for flag in stated)
    return (str(stated),) if stated else ()
