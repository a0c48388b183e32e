"""
Lists by rule: the rule saved, run as a job, its difference shown, and only then adopted.

A run looks at the enterprises of the bureau's own region that are on the factor list. What it
finds changes nothing; whoever adopts it adopts the difference that was shown, and where the
list has changed since, the run is overtaken and another is asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.jobs.outbox import after_commit
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions, policies
from sharing.domain import list_criteria
from sharing.domain.agreements import prefix_of
from sharing.domain.list_criteria import RUN, RunStatus
from sharing.models import EnterpriseList, EnterpriseListMember, ListCriteria, ListRun
from sharing.services import enterprise_lists

MATCHING = """
SELECT e.uscc FROM sharing_factorprofile p JOIN sharing_enterprise e ON e.uscc = p.uscc
WHERE p.factor_list = %s AND p.listed AND e.successor_uscc IS NULL
  AND (%s OR e.region LIKE ANY (%s)) AND
"""


class RuleUnfit(Invalid):
    code = "sharing.enterprise_list.rule"
    title = "This is no rule for a list."


class NoRule(Conflict):
    code = "sharing.enterprise_list.no_rule"
    title = "The list has no rule; it is kept by hand."


class RunOvertaken(Conflict):
    code = "sharing.enterprise_list.run_overtaken"
    title = "The list has changed since the difference was worked out."


@transaction.atomic
def save(
    list_id: UUID,
    *,
    factor_list: str,
    condition: Mapping[str, Any],
    regions: Sequence[str] = (),
    actor: Actor,
    at: datetime,
) -> ListCriteria:
    """
    Save the rule of a list; nobody comes or goes by that.

    :raises RuleUnfit: if the condition asks what the factor list has not.
    :raises RegionOutside: if a region lies outside the jurisdiction.
    """
    kept = _kept(list_id, actor)
    policies.check_regions(regions, actor.region)
    catalogue = factor_lists.in_force(factor_list, business_day(at))
    if faults := list_criteria.faults(condition, catalogue):
        raise RuleUnfit(
            " ".join(faults[:3]),
            hint="Each part names one item of the list and one test.",
            errors=[{"pointer": "/condition", "detail": fault} for fault in faults],
        )
    saved, _ = ListCriteria.objects.update_or_create(
        list=kept,
        defaults={
            "owner_id": actor.organization_id,
            "factor_list": factor_list,
            "condition": dict(condition),
            "regions": list(regions),
            "saved_at": at,
            "saved_by_id": actor.account_id,
        },
    )
    audit.record("sharing.enterprise_list.rule_saved", kept, actor=actor, at=at)
    return saved


@transaction.atomic
def run(list_id: UUID, *, actor: Actor, at: datetime) -> ListRun:
    """
    Have the rule run after the commit.

    :raises NoRule: if the list has none.
    """
    kept = _kept(list_id, actor)
    rule = ListCriteria.objects.filter(list=kept).first()
    if rule is None:
        raise NoRule("Save a rule first.", hint="PUT …/rule/")
    asked = ListRun.objects.create(
        owner_id=actor.organization_id,
        list=kept,
        factor_list=rule.factor_list,
        condition=rule.condition,
        regions=rule.regions,
        asked_at=at,
        asked_by_id=actor.account_id,
    )
    after_commit(
        "sharing.run_list_rule", organization_id=actor.organization_id, run_id=str(asked.pk)
    )
    return asked


@transaction.atomic
def work_out(run_id: UUID) -> None:
    """Find who fits a run's rule, and what that would change; for the task, bound to the bureau."""
    found = one(ListRun.objects.select_for_update(of=("self",)), pk=run_id)
    if found.status != RunStatus.RUNNING:
        return
    catalogue = factor_lists.newest(found.factor_list)
    condition, values = list_criteria.sql_of(found.condition, catalogue)
    prefixes = [prefix_of(region) + "%" for region in found.regions]
    with connection.cursor() as cursor:
        cursor.execute(MATCHING + condition, [found.factor_list, not prefixes, prefixes, *values])
        matched = {row[0] for row in cursor.fetchall()}
    present = _present(found.list_id)
    found.matched = len(matched)
    found.coming, found.going = sorted(matched - present), sorted(present - matched)
    found.status = RUN.target("finish", state=found.status).value
    found.save()


@transaction.atomic
def adopt(run_id: UUID, *, actor: Actor, at: datetime) -> ListRun:
    """
    Adopt the difference that a run has shown.

    :raises IllegalTransition: if it is not worked out, or was adopted or dropped.
    :raises RunOvertaken: if somebody has come or gone since whom the difference names.
    """
    found = one(ListRun.objects.select_for_update(of=("self",)), pk=run_id)
    _kept(found.list_id, actor)
    state = RUN.target("adopt", state=found.status)
    present = _present(found.list_id)
    if present & set(found.coming) or set(found.going) - present:
        raise RunOvertaken(
            "Somebody was added or taken off by hand since.", hint="Run the rule again."
        )
    if found.coming:
        enterprise_lists.add(found.list_id, found.coming, actor=actor, at=at)
    if found.going:
        enterprise_lists.remove(found.list_id, found.going, actor=actor, at=at)
    found.status, found.adopted_at, found.adopted_by_id = state.value, at, actor.account_id
    found.save()
    audit.record(
        "sharing.enterprise_list.rule_adopted",
        found.list,
        actor=actor,
        at=at,
        coming=len(found.coming),
        going=len(found.going),
    )
    return found


@transaction.atomic
def discard(run_id: UUID, *, actor: Actor, at: datetime) -> ListRun:
    """Drop a run; the list stays as it is."""
    found = one(ListRun.objects.select_for_update(of=("self",)), pk=run_id)
    kept = _kept(found.list_id, actor)
    found.status = RUN.target("discard", state=found.status).value
    found.save(update_fields=["status"])
    audit.record("sharing.enterprise_list.rule_discarded", kept, actor=actor, at=at)
    return found


def _kept(list_id: UUID, actor: Actor) -> EnterpriseList:
    kept = one(EnterpriseList.objects.all(), pk=list_id)
    permissions.check_keeps(actor, kept)
    return kept


def _present(list_id: UUID) -> set[str]:
    members = EnterpriseListMember.objects.filter(list_id=list_id, removed_at__isnull=True)
    return set(members.values_list("uscc", flat=True))
