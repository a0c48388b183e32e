"""What tests of pages share."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Membership, User


@pytest.fixture
def browser(db: None) -> Callable[..., Client]:
    """`browser(universe.shen)`: a browser signed in as somebody; `roles=` gives them these."""

    def sign_in(actor: Actor, *, roles: tuple[str, ...] = (), language: str = "en") -> Client:
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
