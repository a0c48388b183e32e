"""What needs doing today: the panels that `qfce.landing` names, asked and put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from qfce.kernel.jobs.models import Job, JobState
from qfce.kernel.tenancy.actors import Actor
from qfce.landing import PANELS


@dataclass(frozen=True, slots=True)
class Todo:
    """
    One thing that waits: what, how many, and where it opens.

    `tone` is one of info, good, warn, bad; `note` says more, as the day that it is due.
    """

    label: str
    count: int
    address: str
    tone: str = "info"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    icon: str
    todos: tuple[Todo, ...]

    @property
    def total(self) -> int:
        return sum(todo.count for todo in self.todos)


def cards(*, actor: Actor, at: datetime) -> list[Card]:
    """Return the panels that have something for this actor, in their order."""
    found = []
    for panel in PANELS:
        if panel.permission is not None and not actor.may(panel.permission):
            continue
        todos: Sequence[Todo] = import_string(panel.selector)(actor=actor, at=at)
        waiting = tuple(todo for todo in todos if todo.count)
        if waiting:
            found.append(Card(str(panel.title), panel.icon, waiting))
    return found


def unfinished_jobs(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how much of the organization's work runs, and how much has failed."""
    jobs = Job.objects.filter(owner_id=actor.organization_id)
    open_states = (JobState.QUEUED.value, JobState.RUNNING.value)
    return [
        Todo(
            _("Work in progress"),
            jobs.filter(state__in=open_states).count(),
            reverse("jobs") + "?state=running",
        ),
        Todo(
            _("Work that failed"),
            jobs.filter(state=JobState.FAILED.value).count(),
            reverse("jobs") + "?state=failed",
            tone="bad",
        ),
    ]
