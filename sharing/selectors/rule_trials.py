"""How many stored profiles of a jurisdiction a cross rule would have found, and which."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from factors.domain.catalogue import Catalogue, CrossRule
from factors.domain.conditions import IDENTITY_FIELDS
from qfce.kernel.tenancy.actors import Actor
from sharing.domain import rule_trials
from sharing.domain.columns import VALID_TO

BATCH = 50_000
EXAMINED_AT_MOST = 500_000
SHOWN = 100
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
    """
    What a rule would have found among the profiles of the actor's jurisdiction.

    `is_complete` is False where there were more profiles than a trial examines.
    """

    examined: int
    found: int
    is_complete: bool
    rows: tuple[Caught, ...]


def trial(rule: CrossRule, catalogue: Catalogue, *, actor: Actor, on: date) -> Trial:
    """
    Try a rule of a list, adopted or not, on the profiles stored of that list.

    Whole columns of the items that the rule names, some thousands of profiles at a time.

    :raises MissingPermission: if the actor's role sees no imports.
    """
    actor.require(VIEW)
    fields = [field for field in rule_trials.fields_of(rule) if field != "uscc"]
    examined, number, after = 0, 0, ""
    caught: list[Caught] = []
    while examined < EXAMINED_AT_MOST:
        frame = _batch(catalogue.code, fields, after)
        if frame.empty:
            break
        where = rule_trials.found(rule, frame, catalogue, today=on)
        examined, number = examined + len(frame), number + int(where.sum())
        places = np.flatnonzero(where)[: SHOWN - len(caught)]
        caught += [_caught(row, fields) for row in frame.iloc[places].to_dict("records")]
        after = str(frame["uscc"].iloc[-1])
        if len(frame) < BATCH:
            break
    return Trial(examined, number, examined < EXAMINED_AT_MOST, tuple(caught))


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
