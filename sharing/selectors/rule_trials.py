"""
How many stored profiles of a jurisdiction a cross rule would have found, and which.

A few profiles are looked at while the reader waits; of many a worker looks at all, and what
it found is kept on its job (`sharing.services.rule_trials`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from django.db import connection

from factors.domain.catalogue import Catalogue, CrossRule
from factors.domain.conditions import IDENTITY_FIELDS
from factors.domain.documents import plain
from qfce.kernel.canonical import digest
from qfce.kernel.jobs.models import Job, JobState
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor
from sharing.domain import rule_trials
from sharing.domain.columns import VALID_TO
from sharing.models import FactorProfile

BATCH = 50_000
AT_ONCE = 50_000
"""Up to so many profiles are looked at while the reader waits."""
SHOWN = 100
KIND = "rule_trial"
VIEW = "sharing.import.view"
# Of a fixed set of words and columns; items are parameters.
IDENTITY = {name: f"e.{name}::text" for name in IDENTITY_FIELDS}


@dataclass(frozen=True, slots=True)
class Caught:
    """One enterprise that the rule would have found, and what it has there."""

    uscc: str
    name: str
    region: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have found among the profiles of a jurisdiction; the first are named."""

    examined: int
    found: int
    rows: tuple[Caught, ...]


def trial(
    rule: CrossRule,
    catalogue: Catalogue,
    *,
    actor: Actor,
    on: date,
    progress: Callable[[int, int], None] | None = None,
) -> Trial:
    """
    Try a rule of a list, adopted or not, on every profile stored of that list.

    Whole columns of the items that the rule names, some thousands of profiles at a time.

    :param progress: called with how many are done, and of how many, after each part.
    :raises MissingPermission: if the actor's role sees no imports.
    """
    actor.require(VIEW)
    fields = [field for field in rule_trials.fields_of(rule) if field != "uscc"]
    total = FactorProfile.objects.filter(factor_list=catalogue.code).count() if progress else 0
    examined, number, after = 0, 0, ""
    caught: list[Caught] = []
    while True:
        frame = _batch(catalogue.code, fields, after)
        if frame.empty:
            break
        where = rule_trials.found(rule, frame, catalogue, today=on)
        examined, number = examined + len(frame), number + int(where.sum())
        places = np.flatnonzero(where)[: SHOWN - len(caught)]
        caught += [_caught(row, fields) for row in frame.iloc[places].to_dict("records")]
        after = str(frame["uscc"].iloc[-1])
        if progress:
            progress(examined, total)
        if len(frame) < BATCH:
            break
    return Trial(examined, number, tuple(caught))


def is_small(factor_list: str, *, actor: Actor) -> bool:
    """Test whether so few profiles are stored that their reader may wait for a trial."""
    actor.require(VIEW)
    some = FactorProfile.objects.filter(factor_list=factor_list).values("pk")[: AT_ONCE + 1]
    return some.count() <= AT_ONCE


def rule_of(catalogue: Catalogue, code: str) -> CrossRule:
    """
    :raises NoSuchRecord: if a version has no such rule, for imports or for reports.
    """
    rules = {rule.code: rule for rule in (*catalogue.rules, *catalogue.report_rules)}
    if code not in rules:
        raise NoSuchRecord(f"Version {catalogue.version} of {catalogue.code} has no rule {code}.")
    return rules[code]


def ordered(job_id: UUID, *, actor: Actor) -> Job:
    """
    Return a trial that a worker does or has done.

    :raises NoSuchRecord: if the actor's organization ordered no such trial.
    """
    actor.require(VIEW)
    return one(Job.objects.filter(owner=actor.organization_id, kind=KIND), pk=job_id)


def newest(code: str, number: int, rule: CrossRule, *, actor: Actor) -> Job | None:
    """Return the newest trial of a rule as it stands now, None before the first."""
    actor.require(VIEW)
    asked = {"factor_list": code, "list_version": number, "rule_digest": digest(plain(rule))}
    jobs = Job.objects.filter(owner=actor.organization_id, kind=KIND, arguments__contains=asked)
    return jobs.order_by("-created_at").first()


def result_of(job: Job) -> Trial | None:
    """Return what a trial found, None while a worker is at it or where it failed."""
    if job.state != JobState.SUCCEEDED.value:
        return None
    found = job.result
    rows = tuple(Caught(**row) for row in found["rows"])
    return Trial(found["examined"], found["found"], rows)


def _batch(factor_list: str, fields: list[str], after: str) -> pd.DataFrame:
    selected, parameters = ["p.uscc", "e.name", "e.region"], []
    for field in fields:
        code, _, part = field.partition("|")
        if code in IDENTITY:
            selected.append(IDENTITY[code])
        elif part == VALID_TO:
            selected.append("p.details -> %s ->> 'valid_to'")
            parameters.append(code)
        else:
            selected.append('p."values" ->> %s')
            parameters.append(code)
    statement = (
        f"SELECT {', '.join(selected)} FROM sharing_factorprofile p"  # noqa: S608 fixed words
        " JOIN sharing_enterprise e ON e.uscc = p.uscc"
        " WHERE p.factor_list = %s AND p.uscc > %s ORDER BY p.uscc LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, factor_list, after, BATCH])
        rows = cursor.fetchall()
    names = ["uscc", "@name", "@region", *fields]
    return pd.DataFrame(rows, columns=names, dtype=object)


def _caught(row: dict[Any, Any], fields: list[str]) -> Caught:
    values = {field: str(row[field]) for field in fields if row[field] is not None}
    return Caught(row["uscc"], row["@name"], row["@region"], values)
