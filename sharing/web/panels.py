"""What waits for somebody in sharing, for the page "Today"."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.landing import Todo
from sharing.permissions import RELEASE_RECORD, UPLOAD_IMPORT, WRITE_RECORD
from sharing.selectors import (
    agreements,
    collection_rounds,
    consents,
    declarations,
    duplicates,
    records,
    reverification,
)
from sharing.selectors import disputes as objections
from sharing.selectors import refresh_requests as questions

NEWS_DAYS = 7


def corrections(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many corrections wait for the actor to release them."""
    waiting = records.awaiting_release(actor=actor).count()
    address = reverse("sharing:record-changes") + "?status=prepared"
    return [Todo(_("Corrections to release"), waiting, address)]


def consent_requests(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many requests for a consent are not decided: the enterprise's, or the reader's."""
    waiting = consents.list_for(actor=actor, status="requested").count()
    address = reverse("sharing:consents") + "?status=requested"
    if actor.organization_kind == "enterprise":
        return [Todo(_("Requests for your consent"), waiting, address, tone="warn")]
    return [Todo(_("Consents not decided yet"), waiting, address)]


def agreement_drafts(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many agreements are drawn up and not in force."""
    drafts = agreements.list_for(actor=actor, status="draft").filter(owner_id=actor.organization_id)
    return [
        Todo(
            _("Agreements drawn up, not in force"),
            drafts.count(),
            reverse("sharing:agreements") + "?status=draft",
        )
    ]


def disputes(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return which disputes wait for the actor's bureau, or for the bureaus it objected to."""
    here, today = reverse("sharing:disputes"), business_day(at)
    if actor.organization_kind == "market_regulator":
        waiting, own = objections.awaiting_decision(actor=actor), f"{here}?decides=own"
        late = waiting.filter(objections.late(today)).count()
        in_time = waiting.filter(objections.in_time(today)).count()
        return [
            Todo(_("Disputes, decision late"), late, f"{own}&status=late", tone="bad"),
            Todo(_("Disputes to decide"), in_time, f"{own}&status=in_time", tone="warn"),
        ]
    late = objections.list_for(actor=actor).filter(objections.late(today)).count()
    return [Todo(_("Your disputes, decision late"), late, f"{here}?status=late", tone="warn")]


def declared(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return what enterprises have declared and wait with, or what is asked of the actor's own."""
    here, today = reverse("sharing:declarations"), business_day(at)
    if actor.organization_kind == "enterprise":
        asked = declarations.asked_of(actor=actor).order_by("due_on")
        note = formats.day(asked[0].due_on) if asked else ""
        return [Todo(_("Declarations asked of you"), len(asked), here, tone="warn", note=note)]
    if not actor.may(UPLOAD_IMPORT):
        return []
    own = declarations.asked_of(actor=actor).filter(owner_id=actor.organization_id)
    late = own.filter(declarations.late(today)).count()
    waiting = declarations.waiting(actor=actor).count()
    return [
        Todo(_("Declarations to be taken"), waiting, f"{here}?status=sent", tone="warn"),
        Todo(_("Declarations that are late"), late, f"{here}?status=late", tone="bad"),
    ]


def refresh_requests(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return which questions wait for the actor's bureau, or what became of the actor's own."""
    here, today = reverse("sharing:refresh-requests"), business_day(at)
    if actor.organization_kind == "market_regulator":
        waiting = questions.awaiting_answer(actor=actor)
        late = waiting.filter(due_on__lt=today).count()
        in_time = waiting.count() - late
        return [
            Todo(_("Banks' questions, answer late"), late, f"{here}?status=late", tone="bad"),
            Todo(_("Banks' questions, answer due"), in_time, f"{here}?status=open", tone="warn"),
        ]
    asked = questions.list_for(actor=actor)
    late = asked.filter(questions.late(today)).count()
    news = asked.filter(status="answered", closed_at__gte=at - timedelta(days=NEWS_DAYS)).count()
    return [
        Todo(_("Bureaus that are late with an answer"), late, f"{here}?status=late", tone="bad"),
        Todo(_("Answered within a week"), news, f"{here}?status=answered", tone="good"),
    ]


def rounds(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many collection rounds ask something of the actor's bureau, and are late."""
    if not actor.may(UPLOAD_IMPORT):
        return []
    today, here = business_day(at), reverse("sharing:collection-rounds") + "?status=open"
    due = [
        asked.due_on
        for asked in collection_rounds.asked_of(actor=actor)
        if collection_rounds.lacking_of(asked, actor=actor, on=today)
    ]
    late = sum(day < today for day in due)
    note = formats.day(min(due)) if due else ""
    return [
        Todo(_("Collection rounds, late"), late, here, tone="bad"),
        Todo(_("Collection rounds to deliver to"), len(due) - late, here, tone="warn", note=note),
    ]


def codes(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many pairs of codes wait for a look, and how many mergers for a release."""
    found = []
    if actor.may(WRITE_RECORD):
        doubts = duplicates.candidates_for(actor=actor, status="open").count()
        here = reverse("sharing:duplicates") + "?status=open"
        found.append(Todo(_("Pairs of codes that may be one enterprise"), doubts, here))
    if actor.may(RELEASE_RECORD):
        mergers = duplicates.merges_for(actor=actor)
        for label, status in (
            (_("Mergers to release"), "prepared"),
            (_("Mergers to undo"), "undo_prepared"),
        ):
            here = f"{reverse('sharing:merges')}?status={status}"
            found.append(Todo(label, mergers.filter(status=status).count(), here, tone="warn"))
    return found


def due_items(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many facts of the jurisdiction end soon, or nobody confirmed for too long."""
    here = reverse("sharing:due-items")
    ending = reverification.due(actor=actor, kinds=["ending"]).count()
    old = reverification.due(actor=actor, kinds=["old"]).count()
    return [
        Todo(_("Facts older than their promise"), old, f"{here}?kind=old", tone="warn"),
        Todo(_("Facts that end within 90 days"), ending, f"{here}?kind=ending"),
    ]
