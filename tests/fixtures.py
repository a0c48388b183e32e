"""Fixtures that every test may use."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from qfce.kernel.tenancy.actors import Actor
from tests import universe as world_of_tests
from tests import world


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Nothing: conftest.py has migrated the template before Django was configured."""


@pytest.fixture
def _django_db_helper(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Give a test a clone of the world, for `db`, `transactional_db` and the mark alike."""
    superuser = os.environ["QFCE_TEST_SUPERUSER_URL"]
    name = world.clone(superuser)
    before = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    try:
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
            settings.DATABASES[alias]["NAME"] = name
        with django_db_blocker.unblock():
            yield
    finally:
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = before[alias]
            settings.DATABASES[alias]["NAME"] = before[alias]
        world.drop(superuser, name)


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    """Begin with an empty Redis, so that no queue or counter outlives a test."""
    if "_django_db_helper" in request.fixturenames:
        from qfce.kernel.jobs.progress import client

        client().flushdb()


@pytest.fixture
def universe(db: None) -> world_of_tests.Universe:
    return world_of_tests.load()


@pytest.fixture
def zj_list(universe: world_of_tests.Universe) -> Any:
    """The published version 1 of ZJ-QFCE."""
    from factors.selectors import factor_lists

    return factor_lists.catalogue("ZJ-QFCE", 1)


@pytest.fixture
def api(db: None) -> Callable[[Actor], "ApiClient"]:
    """`api(universe.shen).post("/api/v1/imports/", {...})`: JSON in, JSON out, as that actor."""
    return ApiClient


class ApiClient:
    """A test client whose requests carry a real token or session of one actor."""

    def __init__(self, actor: Actor) -> None:
        from django.test import Client as TestClient

        from qfce.kernel.tenancy.models import User

        self.actor = actor
        self.client = TestClient()
        user = User.objects.get(pk=actor.user_id)
        self.headers: dict[str, str] = {"Qfce-Organization": str(actor.organization_id)}
        if actor.client_id is None:
            self.client.force_login(user)
        else:
            self.headers["Authorization"] = f"Bearer {_token(user, actor)}"

    def get(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.client.get(path, data, headers={**self.headers, **headers})

    def post(self, path: str, data: Any = None, *, multipart: bool = False, **headers: str) -> Any:
        if multipart:
            return self.client.post(path, data, headers={**self.headers, **headers})
        return self.client.post(
            path, data or {}, content_type="application/json", headers={**self.headers, **headers}
        )

    def request(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        return self.client.generic(
            method,
            path,
            data or b"",
            content_type="application/json",
            headers={**self.headers, **headers},
        )


def _token(user: Any, actor: Actor) -> str:
    from datetime import timedelta

    from django.utils import timezone
    from oauth2_provider.models import get_access_token_model

    from qfce.demo.cast import CLIENTS
    from qfce.kernel.tenancy.models import Client

    assert actor.client_id is not None
    client = Client.objects.get(name=actor.client_id, organization_id=actor.organization_id)
    token = f"test-{os.urandom(16).hex()}"
    get_access_token_model().objects.create(
        application=client,
        token=token,
        scope=" ".join(CLIENTS[actor.client_id][2]),
        expires=timezone.now() + timedelta(hours=1),
    )
    return token


@pytest.fixture
def run_tasks(db: None) -> Callable[[], int]:
    """
    Take what is queued from the real broker and run it here, until nothing is left.

    For tests of outcomes. Tests of delivery and death use a worker process.
    """
    from qfce.kernel.jobs.celery import app

    def drain() -> int:
        app.loader.import_default_modules()
        done = 0
        with app.connection_for_read() as connection:
            channel = connection.default_channel
            while True:
                messages = [
                    message
                    for queue in settings.CELERY_QUEUES
                    if (message := channel.basic_get(queue, no_ack=True)) is not None
                ]
                if not messages:
                    return done
                for message in messages:
                    payload = channel.message_to_python(message)
                    _, kwargs, _ = payload.decode()
                    app.tasks[payload.headers["task"]](**kwargs)
                    done += 1

    return drain


@pytest.fixture
def browser(db: None) -> Callable[..., Any]:
    """`browser(universe.shen)`: a browser signed in as somebody; `roles=` gives them these."""

    def sign_in(actor: Actor, *, roles: tuple[str, ...] = (), language: str = "en") -> Any:
        from django.test import Client

        from qfce.kernel.tenancy.models import Membership, User

        client = Client()
        user = User.objects.get(pk=actor.user_id)
        user.language = language
        user.save(update_fields=["language"])
        if roles:
            Membership.objects.filter(user=user).update(roles=list(roles))
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def htmx() -> Callable[..., Any]:
    """Headers of a request by htmx, for the element with an id."""

    def headers(target: str = "") -> dict[str, str]:
        return {"HX-Request": "true", **({"HX-Target": target} if target else {})}

    return headers
