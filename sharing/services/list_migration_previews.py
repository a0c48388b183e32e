"""What a migration would do to real profiles, in numbers and in a few examples."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from factors.domain.migration_plans import Moved, moved
from sharing.services.list_migration_sql import Statements

LOOKED_AT = 400
SAMPLES = 6

SOME = """
SELECT p.uscc, e.name, p."values", p.origins, p.base_publication_id
FROM sharing_factorprofile p JOIN sharing_enterprise e ON e.uscc = p.uscc
WHERE p.factor_list = %(list)s AND p."values" ?| %(sources)s
ORDER BY p.uscc LIMIT 400
"""


def preview(
    statements: Statements, *, factor_list: str, report: Callable[[float, float], None]
) -> dict[str, Any]:
    """
    Return the preview of a plan as JSON, reading the profiles of the bound jurisdiction.

    `profiles`, `concerned` and `without_target` are exact; `steps` holds for each old item
    its values, how many become nothing and which, and what becomes of them; `samples` are
    enterprises before and after, chosen so that every step that can be shown is.

    :param report: called with how much is done, and of how much, as it goes on.
    """
    facts = statements.parameters | {"list": factor_list}
    with connection.cursor() as cursor:
        cursor.execute(statements.counts(), facts)
        profiles, concerned, *counts = cursor.fetchone()
    size = len(statements.plan.sources)
    present, lost = counts[:size], counts[size:]
    parts = size + 2
    report(1, parts)
    steps = []
    for place, code in enumerate(statements.plan.sources):
        steps.append(_step(statements, code, present[place], lost[place], facts))
        report(place + 2, parts)
    return {
        "profiles": profiles,
        "concerned": concerned,
        "without_target": sum(lost),
        "steps": steps,
        "samples": _samples(statements, facts),
    }


def _step(
    statements: Statements, code: str, present: int, lost: int, facts: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "item": code,
        "targets": [move.target for move in statements.plan.moves if move.source == code],
        "values": present,
        "without_target": lost,
        "lost_values": _lost(statements, code, facts) if lost else [],
        "flows": _flows(statements, code, facts),
    }


def _lost(statements: Statements, code: str, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statements.values_without_target(code), facts)
        return [{"value": value, "count": count} for value, count in cursor.fetchall()]


def _flows(statements: Statements, code: str, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return which values become which, for moves that change values."""
    found = []
    with connection.cursor() as cursor:
        for place, move in enumerate(statements.plan.moves):
            if move.source == code and not move.as_it_is:
                cursor.execute(statements.flow(place), facts)
                found += [
                    {"from": old, "item": move.target, "to": new, "count": count}
                    for old, new, count in cursor.fetchall()
                ]
    return found


def _samples(statements: Statements, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a few enterprises that together show as many steps as they can."""
    with connection.cursor() as cursor:
        cursor.execute(SOME, facts)
        rows = cursor.fetchall()
    unseen = set(statements.plan.sources)
    samples: list[dict[str, Any]] = []
    for uscc, name, values, origins, base in sorted(rows, key=lambda row: -_shown(row[2], unseen)):
        known = _parsed(values)
        done = moved(statements.plan, known, new_already=_late(statements, origins, base))
        told = {*done.moved, *done.ended} & {*known, *done.values}
        if len(samples) < SAMPLES and told and (unseen & set(known) or len(samples) < 2):
            unseen -= set(known)
            samples.append(_sample(uscc, name, known, done))
    return samples


def _shown(values: Any, unseen: set[str]) -> int:
    return len(unseen & set(_parsed(values)))


def _late(statements: Statements, origins: Any, base: int) -> list[str]:
    known = _parsed(origins)
    return [c for c in statements.staying if known.get(c, base) in statements.late]


def _sample(uscc: str, name: str, known: Mapping[str, Any], done: Moved) -> dict[str, Any]:
    before = {code: known[code] for code in known if code in {*done.ended, *done.moved}}
    return {
        "uscc": uscc,
        "name": name,
        "before": before,
        "after": dict(done.moved),
        "without_target": sorted(done.without_target),
    }


def _parsed(stored: Any) -> dict[str, Any]:
    parsed = json.loads(stored) if isinstance(stored, str) else stored
    return dict(parsed)
