"""Asking for declarations and answering them, for the tests of both."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing.models import CollectionRound, Declaration, ImportBatch
from sharing.services import (
    collection_rounds,
    declaration_answers,
    declaration_links,
    declarations,
)
from sharing.services.declaration_answers import Declarer
from tests.sharing.shared import LIST, A, B, N, publish, row

ITEMS = ("QM-13", "QI-11")
TYPED = {"QM-13": "98.5", "QI-11": "4.2"}
SAID = Declarer("安然", "0571-00000000", agrees=True)
FORM = {"declarer_name": SAID.name, "declarer_phone": SAID.phone, "agrees": "on"}
BASE = "/sharing/declarations/"
LINK = f"{BASE}by-link/"


def registered(universe: Any) -> Any:
    """Put one enterprise of each bureau on the register."""
    publish(universe.shen, row(name="临平安和精工", vals={"QC-05": 0}))
    publish(universe.shen, row(B, "330110", vals={"QC-05": 1}))
    publish(universe.lu, row(N, "330206", vals={"QC-05": 1}))
    return universe


def in_days(days: int) -> Any:
    return business_day(timezone.now()) + timedelta(days=days)


def act(actor: Actor, service: Any, *args: Any, **given: Any) -> Any:
    """Do it now, as the actor."""
    given.setdefault("at", timezone.now())
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return service(*args, actor=actor, **given)


def ask(actor: Actor, uscc: str = A, **terms: Any) -> Declaration:
    given = {"factor_list": LIST, "items": ITEMS, "due_on": in_days(10), **terms}
    made: Declaration = act(actor, declarations.ask, uscc, **given)
    return made


def link_to(actor: Actor, asked: Declaration) -> str:
    """Have a link shown, and return its token."""
    address: str = act(actor, declaration_links.show_link, asked.pk)
    found = re.search(r"#(\S+)", address)
    assert found
    return found[1]


def declare(token: str, typed: Any = None, declarer: Declarer = SAID) -> Any:
    """Declare with a link, with nobody signed in."""
    with transaction.atomic():
        return declaration_answers.submit_by_token(
            token, typed=TYPED if typed is None else typed, declarer=declarer, at=timezone.now()
        )


def declared(actor: Actor, uscc: str = A, typed: Any = None, **terms: Any) -> Declaration:
    """Ask, and have it declared."""
    asked = ask(actor, uscc, **terms)
    declare(link_to(actor, asked), typed)
    return seen(actor, asked)


def seen(actor: Actor, asked: Declaration) -> Declaration:
    with acting_as(actor.organization_id):
        return Declaration.objects.get(pk=asked.pk)


def take(actor: Actor, *asked: Declaration) -> ImportBatch:
    """Take some, or all that wait."""
    ids = [each.pk for each in asked] if asked else None
    made: ImportBatch = act(actor, declarations.take, ids, factor_list="" if asked else LIST)
    return made


def round_of(universe: Any, *items: str, **terms: Any) -> CollectionRound:
    given = {"name": "十二月归集", "factor_list": LIST, "due_on": in_days(20), **terms}
    codes = items or ("QC-05", *ITEMS)
    made: CollectionRound = act(universe.zhou, collection_rounds.open_, items=codes, **given)
    return made


def ask_round(actor: Actor, asked: CollectionRound, **given: Any) -> declarations.Asked:
    return act(actor, declarations.ask_for_round, asked.pk, due_on=in_days(10), **given)


def race(*works: Callable[[], Any]) -> list[Any]:
    """Do several things at once; return what came of each, or the kind of its refusal."""
    outcomes: list[Any] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            outcomes.append(work())
        except Refusal as refusal:
            outcomes.append(type(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes
