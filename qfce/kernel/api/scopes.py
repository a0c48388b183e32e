"""Which scopes a program has: its own, and never more."""

from typing import Any

from oauth2_provider.scopes import BaseScopes

from qfce import roles


class ClientScopes(BaseScopes):
    """No `scope` asked means all of the client's own; a request may narrow, never widen."""

    def get_all_scopes(self) -> dict[str, str]:
        return dict(roles.SCOPES)

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return list(application.scopes) if application else []

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return self.get_available_scopes(application)
