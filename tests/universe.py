"""
The world that tests happen in: the cast of the demo, small enough to keep in mind.

Things get into a state only the way users get them there, by calling services; so no test
ever meets a state that production cannot.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from qfce.demo import cast
from qfce.kernel.tenancy.actors import Actor, actor_of
from qfce.kernel.tenancy.models import Membership, Organization

if TYPE_CHECKING:
    from collections.abc import Mapping

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # noon in Shanghai, the day of the story
# What the database dates by its own clock goes on from here, so that no test runs out.
NOW = max(NOON, timezone.now())
USCC = "91330113ALN0KXMQ6E"


@dataclass(frozen=True, slots=True)
class Universe:
    """`universe.hangzhou` is an organisation, `universe.shen` an actor."""

    organizations: "Mapping[str, Organization]"
    actors: "Mapping[str, Actor]"

    def __getattr__(self, name: str) -> "Organization | Actor":
        if name in self.actors:
            return self.actors[name]
        if name in self.organizations:
            return self.organizations[name]
        raise AttributeError(f"There is nobody called {name} in the universe.")


def build() -> None:
    """Write the cast into an empty, migrated database."""
    cast.build()


def load() -> Universe:
    """Return the cast as it stands in the database that is connected."""
    organizations = {o.short_name: o for o in Organization.objects.all()}
    memberships = Membership.objects.select_related("user", "organization")
    actors = {}
    for membership in memberships:
        name = membership.user.username
        if name.startswith("client-"):
            client = name.removeprefix("client-")
            _, _, scopes = cast.CLIENTS[client]
            actors[name.replace("-", "_")] = actor_of(
                membership, scopes, channel="api", client_id=client
            )
        else:
            actors[name] = actor_of(membership)
    return Universe(organizations, actors)
