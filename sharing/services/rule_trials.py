"""
Cross rules tried on many stored profiles: asked for by a person, done by a worker, kept.

The only place that knows how a trial is written down in the job that did it. A trial changes
nothing but its own job, so that a second delivery finds the same and writes it again.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from factors.domain.catalogue import read_rule
from factors.domain.documents import plain
from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.canonical import digest
from qfce.kernel.jobs import work
from qfce.kernel.jobs.models import Job
from qfce.kernel.jobs.work import Work
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from sharing.selectors import rule_trials as selectors
from sharing.selectors.rule_trials import KIND


@transaction.atomic
def order(code: str, number: int, rule_code: str, *, actor: Actor, at: datetime) -> Job:
    """
    Have a rule of a version tried on every stored profile of the actor's jurisdiction.

    The rule is tried as it stands now, whatever becomes of the draft meanwhile.

    :raises MissingPermission: if the actor's role sees no imports.
    :raises NoSuchRecord: if the actor sees no such version, or it has no such rule.
    """
    actor.require(selectors.VIEW)
    catalogue = factor_lists.content(factor_lists.version(code, number, actor=actor))
    said = plain(selectors.rule_of(catalogue, rule_code))
    job = work.create(
        KIND,
        task="sharing.try_rule",
        kwargs={
            "factor_list": code,
            "list_version": number,
            "rule_code": rule_code,
            "rule": said,
            "rule_digest": digest(said),
        },
        actor=actor,
        at=at,
    )
    audit.record(
        "sharing.rule_trial.ordered",
        job,
        actor=actor,
        at=at,
        factor_list=code,
        list_version=number,
        rule=rule_code,
        digest=digest(said),
    )
    return job


def carry_out(job: Work, *, at: datetime) -> None:
    """Try the rule, telling how far it is, and keep what was found on the job."""
    asked = job.arguments
    owner: UUID = job.organization_id
    job.phase("trying")
    with acting_as(owner):
        actor = service_actor(owner, "rule trial")
        version = factor_lists.version(asked["factor_list"], asked["list_version"], actor=actor)
        found = selectors.trial(
            read_rule(asked["rule"]),
            factor_lists.content(version),
            actor=actor,
            on=business_day(at),
            progress=_progress(job),
        )
    job.result.update(asdict(found))


def _progress(job: Work) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        job.check_cancelled()
        job.rows(total)
        job.progress(done, total)

    return report
