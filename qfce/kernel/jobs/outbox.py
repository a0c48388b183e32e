"""Queueing work once a transaction commits, if it does."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from qfce.kernel.jobs.celery import app


def after_commit(task: str, *, organization_id: UUID | str, **kwargs: Any) -> None:
    """
    Queue a task by name once the current transaction commits.

    By name, because calls go down: services must not import tasks, which import them. A
    test checks that every name handed in here is a registered task.
    """
    arguments = {"organization_id": str(organization_id), **kwargs}
    transaction.on_commit(partial(send, task, arguments))


def send(task: str, arguments: dict[str, Any]) -> None:
    """Queue a task now, on the queue that the routes give it."""
    app.send_task(task, kwargs=arguments)
