"""What enterprises are called, for pages that list many of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from evaluation import permissions
from evaluation.models import Evaluation
from evaluation.selectors.readings import LONGEST
from qfce.kernel.tenancy.actors import Actor
from sharing.selectors import disclosures

READ = "sharing.enterprise.view"
MOST_MATCHES = 1000


def of(evaluations: Iterable[Evaluation], *, actor: Actor, at: datetime) -> dict[str, str]:
    """
    Return the names of evaluated enterprises, by code, of those that are disclosed today.

    One statement for each purpose among the evaluations, however many there are; each read is
    logged for the purpose that the enterprise was evaluated for. An actor who reads no
    enterprises gets no names.
    """
    actor.require(permissions.VIEW)
    if not actor.may(READ):
        return {}
    by_purpose: dict[str, set[str]] = defaultdict(set)
    for evaluation in evaluations:
        by_purpose[evaluation.purpose].add(evaluation.uscc)
    found: dict[str, str] = {}
    for purpose, usccs in by_purpose.items():
        codes = sorted(usccs)
        for start in range(0, len(codes), LONGEST):
            part = codes[start : start + LONGEST]
            profiles = disclosures.profiles(part, purpose=purpose, actor=actor, at=at)
            found.update((uscc, each.name) for uscc, each in profiles.items() if each.name)
    return found


def matching(words: str, *, actor: Actor) -> list[str]:
    """
    Return the codes of enterprises whose name or code holds these words.

    Among those that the actor's organization may see, read through the database's own door,
    which logs the search. At most a thousand.
    """
    actor.require(permissions.VIEW)
    if len(words) < 2 or not actor.may(READ):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT uscc FROM qfce_search_enterprises(%s, %s)", [words, MOST_MATCHES])
        return [row[0] for row in cursor.fetchall()]
