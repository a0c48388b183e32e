"""Publishing rows and concluding agreements, for tests of what is disclosed."""

from datetime import date
from typing import Any

from django.utils import timezone

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing.domain.import_lifecycle import Cause
from sharing.models import Agreement
from sharing.selectors import disclosures
from sharing.services import agreements, publication_rows, publications
from sharing.services.publications import ChangeIn
from sharing.services.staged_rows import batch_of
from tests.universe import NOON, USCC

LIST = "ZJ-QFCE"
A = USCC  # Linping, in Hangzhou
B = "91330110MA2B0C8X3K"  # Yuhang, in Hangzhou
N = "91330206MA282K9Q7P"  # Beilun, in Ningbo
ALL = (
    "quality_credit",
    "quality_management",
    "quality_brand",
    "quality_foundation",
    "quality_innovation",
)
STARTED = date(2026, 1, 1)


def row(uscc: str = A, region: str = "330113", name: str = "", **further: Any) -> dict[str, Any]:
    return {"uscc": uscc, "name": name or f"企业{uscc[-4:]}", "region": region, **further}


def publish(actor: Actor, *rows: dict[str, Any], at: Any = None) -> Any:
    """Publish rows as an import does, without the file; now, as `change` does."""
    at = at or max(NOON, timezone.now())
    with acting_as(actor.organization_id):
        publication = publications.begin(
            cause=Cause.IMPORT,
            factor_list=LIST,
            list_version=1,
            owner=actor,
            prepared_by=None,
            released_by=actor.user_id,
        )
        publication_rows.load([batch_of(rows)])
        publication_rows.apply(publication, today=business_day(at), source="city", source_ranks={})
        return publications.finish(publication)


def change(
    actor: Actor,
    kind: str,
    changes: dict[str, Any],
    *,
    uscc: str = A,
    details: Any = None,
    cause: str = "correction",
    at: Any = None,
) -> Any:
    """
    Publish one changed row of one enterprise: now, since what stands there was recorded by
    the database's clock, and holds from that day on.
    """
    at = at or max(NOON, timezone.now())
    with acting_as(actor.organization_id):
        return publications.publish_changes(
            [ChangeIn(uscc, kind, changes, details)],
            cause=cause,
            factor_list=LIST,
            actor_prepared=None,
            actor_released=actor,
            at=at,
        )


def agree(universe: Any, recipient: str, owner: str = "zhou", **terms: Any) -> Agreement:
    """Conclude and activate an agreement; all categories for pre- and post-loan unless said."""
    actor = getattr(universe, owner)
    given = {
        "factor_list": LIST,
        "categories": ALL,
        "purposes": ["pre_loan", "post_loan"],
        "starts_on": STARTED,
        **terms,
    }
    with acting_as(actor.organization_id):
        drafted = agreements.draft(
            recipient_id=universe.organizations[recipient].pk, actor=actor, at=NOON, **given
        )
        return agreements.activate(drafted.pk, actor=actor, at=NOON)


def see(actor: Actor, *usccs: str, purpose: str = "pre_loan", at: Any = NOON, **when: Any) -> Any:
    """Read profiles as an actor would."""
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return disclosures.profiles(list(usccs or [A]), purpose=purpose, actor=actor, at=at, **when)


def answers(profile: Any, *codes: str) -> dict[str, Any]:
    """Return value or answer of some items, for reading in one line."""
    items = profile.items
    return {c: items[c].value if items[c].answer == "ok" else items[c].answer for c in codes}
