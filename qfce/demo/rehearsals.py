"""
Events on demand, for whoever tests a client: the sandbox's alone, and never production's.

The people of the cast make them happen through the same services as ever, so what a client
receives is what it will receive one day.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from qfce.kernel.errors import NotFound
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor, actor_of, service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership, Organization, OrganizationKind
from sharing.selectors import consents as consents_of
from sharing.selectors import records as recorded
from sharing.services import consents, records

WHY = "Rehearsed in the sandbox."


class NobodyAnswersFor(NotFound):
    code = "sandbox.enterprise.nobody"
    title = "No bureau of the sandbox answers for this enterprise."


class NothingStored(NotFound):
    code = "sandbox.record.nothing"
    title = "The enterprise has no such record."


def revoke(uscc: str, *, item: str, value: str, at: datetime) -> int:
    """
    Record a new value as the enterprise's bureau, released by a second person.

    :returns: the number of the publication.
    :raises NobodyAnswersFor: if no bureau of the cast has the enterprise on its register.
    :raises Invalid: if the item does not take the value.
    """
    factor_list, preparer, releaser = _bureau(uscc)
    with _as(preparer):
        how = {"factor_list": factor_list, "reason": WHY, "actor": preparer, "at": at}
        change = records.revoke(uscc, item, value=value, **how)
    return _release(change.pk, releaser, at=at)


def recall(uscc: str, *, items: Sequence[str], at: datetime) -> int:
    """
    Withdraw records as mistaken: they vanish, and whoever received them is told to drop them.

    :returns: the number of the publication.
    :raises NobodyAnswersFor: if no bureau of the cast has the enterprise on its register.
    :raises NothingStored: if the enterprise has no value of an item.
    """
    factor_list, preparer, releaser = _bureau(uscc)
    with _as(preparer):
        held = recorded.profile(uscc, factor_list, actor=preparer).values
        missing = [item for item in items if item not in held]
        if missing:
            raise NothingStored(
                f"{uscc} has no value of {', '.join(missing)}.",
                hint="Recall what a profile shows.",
                errors=[{"pointer": "/items", "detail": f"{code}: no value."} for code in missing],
            )
        how = {"factor_list": factor_list, "reason": WHY, "actor": preparer, "at": at}
        change = records.withdraw(uscc, dict.fromkeys(items), **how)
    return _release(change.pk, releaser, at=at)


def decide_consent(consent_id: UUID, *, decision: str, actor: Actor, at: datetime) -> str:
    """
    Decide a consent that the caller asked for, in place of the enterprise.

    :param decision: grant, refuse or withdraw.
    :returns: the consent's state.
    :raises NoSuchRecord: if it is no consent of the caller's.
    :raises IllegalTransition: if it is in another state.
    """
    with _as(actor):
        uscc = consents_of.get(consent_id, actor=actor).uscc
    act = {
        "grant": consents.grant,
        "refuse": consents.refuse,
        "withdraw": consents.withdraw,
    }[decision]
    enterprise = service_actor(_organization_of(uscc), "sandbox")
    with acting_as(enterprise.organization_id):
        return str(act(consent_id, actor=enterprise, at=at).status)


def _organization_of(uscc: str) -> UUID:
    """Return the enterprise as an organisation, registered here if nobody signed it up."""
    organization, _ = Organization.objects.get_or_create(
        uscc=uscc,
        defaults={
            "kind": OrganizationKind.ENTERPRISE.value,
            "name_zh": uscc,
            "name_en": uscc,
            "short_name": f"sandbox-{uscc}",
        },
    )
    return organization.pk


def _bureau(uscc: str) -> tuple[str, Actor, Actor]:
    """Return the list and the two people of the nearest bureau that has the enterprise."""
    releasers = {actor.organization_id: actor for actor in _members("releaser")}
    for preparer in _members("uploader"):
        releaser = releasers.get(preparer.organization_id)
        if releaser is None or releaser.user_id == preparer.user_id:
            continue
        with _as(preparer):
            lists = recorded.lists_of(uscc, actor=preparer)
        if lists:
            return lists[0], preparer, releaser
    raise NobodyAnswersFor(
        f"{uscc} is on the register of no bureau here.",
        hint="Import the enterprise first, as county_uploader and county_releaser.",
        uscc=uscc,
    )


def _members(role: str) -> list[Actor]:
    """Return the regulators' people with a role, the smallest jurisdictions first."""
    found = Membership.objects.select_related("user", "organization").filter(
        roles__contains=[role],
        user__kind="person",
        is_active=True,
        organization__kind=OrganizationKind.MARKET_REGULATOR.value,
    )
    actors = [actor_of(membership, channel="task") for membership in found]
    return sorted(actors, key=lambda actor: str(actor.region).rstrip("0"), reverse=True)


def _release(change_id: UUID, releaser: Actor, *, at: datetime) -> int:
    with _as(releaser):
        publication = records.release(change_id, actor=releaser, at=at).publication
        if publication is None:
            raise NoSuchRecord("The change was not published.")
        publication.refresh_from_db()
        return int(publication.number or 0)


@contextmanager
def _as(actor: Actor) -> Iterator[None]:
    with acting_as(actor.organization_id, user_id=actor.user_id):
        yield
