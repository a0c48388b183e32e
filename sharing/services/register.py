"""
What a bureau says of an enterprise as such: its state, its size, its name and place, its tags.

State, size, name and place go to banks, so one person prepares and another releases. Tags
are the bureaus' own words and go nowhere.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from qfce.kernel import parameters
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Region
from sharing import permissions
from sharing.domain import enterprise_sizes
from sharing.domain.enterprise_sizes import Figures
from sharing.domain.enterprise_states import ENTERPRISE, ITEM
from sharing.domain.import_lifecycle import RECORD_CHANGE, Cause, ChangeKind
from sharing.domain.industries import sector_of
from sharing.models import (
    Enterprise,
    EnterpriseSizing,
    EnterpriseTag,
    FactorProfile,
    Publication,
    RecordChange,
)
from sharing.services import records, register_rules

PARAMETERS = Path(__file__).parent.parent / "parameters"


@transaction.atomic
def change_state(
    uscc: str,
    *,
    action: str,
    since: date,
    until: date | None = None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> RecordChange:
    """
    Prepare the next state of an enterprise at its registrar, as a fact from a day on.

    :param action: of `enterprise_states.ENTERPRISE`: suspend, resume, revoke and so on.
    :param until: the last day of a lawful suspension; of nothing else.
    :raises NoSuchRecord: if the register of the jurisdiction has no such enterprise.
    :raises IllegalTransition: if the present state leads not there.
    :raises SuspensionUnfit: if a suspension has no end, or lasts longer than the law allows.
    """
    permissions.check_can_prepare_record(actor)
    one(Enterprise.objects.all(), pk=uscc)
    profile = _profile(uscc)
    state = ENTERPRISE.target(action, state=profile.values.get(ITEM) or ENTERPRISE.initial.value)
    longest = parameters.load(PARAMETERS / "lawful_suspension.toml").on(business_day(at))
    register_rules.check_suspension(
        state, since=since, until=until, longest_years=longest["longest_years"]
    )
    details: dict[str, Any] = {"valid_from": since.isoformat()}
    if until:
        details["valid_to"] = until.isoformat()
    # A state that is said to hold since before the one on record replaces it: the record was
    # behind. Otherwise both are facts, one after the other.
    say = records.correct if since < _held_since(profile, at=at) else records.observe
    return say(
        uscc,
        factor_list=profile.factor_list,
        changes={ITEM: state.value},
        details={ITEM: details},
        reason=reason,
        actor=actor,
        at=at,
    )


@transaction.atomic
def measure(
    uscc: str,
    *,
    industry: str,
    day: date,
    figures: Figures,
    reason: str,
    actor: Actor,
    at: datetime,
) -> EnterpriseSizing:
    """
    Work out an enterprise's size from its figures, and prepare the class for release.

    :param day: of the figures; the table in force then counts.
    :raises SizeNotMeasured: if the table measures no such industry, or a figure is missing.
    """
    permissions.check_can_prepare_record(actor)
    one(Enterprise.objects.all(), pk=uscc)
    sector = sector_of(industry)
    table = parameters.load(PARAMETERS / "enterprise_sizes.toml").on(day)
    register_rules.check_measurable(industry, sector, figures, table)
    size = enterprise_sizes.size_of(figures, table[str(sector)])
    change = prepare_identity(
        uscc,
        changes={"size": size.value, "industry": industry},
        since=day,
        reason=reason,
        actor=actor,
        at=at,
    )
    return EnterpriseSizing.objects.create(
        owner_id=actor.organization_id,
        uscc=uscc,
        day=day,
        industry=industry,
        sector=str(sector),
        employees=figures.employees,
        revenue=figures.revenue,
        assets=figures.assets,
        size=size.value,
        change=change,
    )


@transaction.atomic
def prepare_identity(
    uscc: str,
    *,
    changes: Mapping[str, str],
    since: date | None = None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> RecordChange:
    """
    Prepare another name, region, industry or size of an enterprise, for a second person.

    :raises NoSuchRecord: if the register of the jurisdiction has no such enterprise.
    :raises IdentityUnfit: with a pointer for each value that can't be.
    """
    permissions.check_can_prepare_record(actor)
    one(Enterprise.objects.all(), pk=uscc)
    region = changes.get("region")
    is_known = region is None or Region.objects.filter(pk=region, valid_to=None).exists()
    register_rules.check_identity(changes, jurisdiction=actor.region, region_is_known=is_known)
    profile = _profile(uscc)
    change = RecordChange.objects.create(
        owner_id=actor.organization_id,
        uscc=uscc,
        factor_list=profile.factor_list,
        cause=Cause.CORRECTION.value,
        kind=ChangeKind.CORRECTED.value,
        changes=dict(changes),
        details={name: {"valid_from": since.isoformat()} for name in changes} if since else {},
        reason=reason,
        status=RECORD_CHANGE.initial.value,
        prepared_by_id=actor.account_id,
        prepared_at=at,
    )
    audit.record(
        "sharing.record.prepared",
        change,
        actor=actor,
        at=at,
        uscc=uscc,
        kind=change.kind,
        items=sorted(changes),
        reason=reason,
    )
    return change


@transaction.atomic
def tag(uscc: str, *, kind: str, name: str, actor: Actor, at: datetime) -> EnterpriseTag:
    """
    Count an enterprise among a chain, a cluster or a county's programme; twice is once.

    :raises TagUnfit: if there is no such kind, or no name.
    """
    permissions.check_can_prepare_record(actor)
    one(Enterprise.objects.all(), pk=uscc)
    register_rules.check_tag(kind, name)
    found, is_new = EnterpriseTag.objects.get_or_create(
        owner_id=actor.organization_id,
        uscc=uscc,
        kind=kind,
        name=name,
        defaults={"set_by_id": actor.account_id, "set_at": at},
    )
    if is_new:
        audit.record(
            "sharing.enterprise.tagged", found, actor=actor, at=at, uscc=uscc, kind=kind, name=name
        )
    return found


@transaction.atomic
def untag(uscc: str, tag_id: UUID, *, actor: Actor, at: datetime) -> None:
    """
    Take a tag of the actor's own bureau away.

    :raises NoSuchRecord: if it has set none such.
    """
    permissions.check_can_prepare_record(actor)
    rows = EnterpriseTag.objects.filter(owner_id=actor.organization_id, uscc=uscc)
    found = one(rows, pk=tag_id)
    audit.record(
        "sharing.enterprise.untagged", found, actor=actor, at=at, uscc=uscc, name=found.name
    )
    found.delete()


def _held_since(profile: FactorProfile, *, at: datetime) -> date:
    """Return since when the state on record holds; today where there is none."""
    if ITEM not in profile.values:
        return business_day(at)
    stated = profile.details.get(ITEM, {}).get("valid_from")
    if stated:
        return date.fromisoformat(stated)
    origin = profile.origins.get(ITEM, profile.base_publication_id)
    found = Publication.objects.filter(pk=origin).first()
    return business_day((found and found.recorded_at) or at)


def _profile(uscc: str) -> FactorProfile:
    """Return the newest profile of an enterprise: the list that a change of it is said on."""
    profiles = FactorProfile.objects.filter(uscc=uscc).order_by("-publication_id", "factor_list")
    found = profiles.first()
    if found is None:
        return one(profiles, uscc=uscc)
    return found
