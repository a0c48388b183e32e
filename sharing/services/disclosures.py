"""How far our own consumers have acted on the feed."""

from datetime import datetime

from qfce.kernel.tenancy.actors import Actor
from sharing.domain.feed import FeedItem
from sharing.models import FeedCursor


def advance(consumer: str, item: FeedItem, *, actor: Actor, at: datetime | None = None) -> None:
    """
    Note, in the caller's transaction, that a consumer has acted on everything up to an item.

    What it did and how far it came commit together, so that nothing is done twice or
    skipped. A cursor never goes back.
    """
    stored, _ = FeedCursor.objects.select_for_update().get_or_create(
        owner_id=actor.organization_id, consumer=consumer
    )
    if (item.number, item.row) > (stored.number, stored.row):
        stored.number, stored.row, stored.advanced_at = item.number, item.row, at
        stored.save(update_fields=["number", "row", "advanced_at"])
