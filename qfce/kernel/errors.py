"""
The five ways this platform says no.

Raise one of these when the caller can put the situation right. Anything else is a fault
of ours: let it crash, so that it is logged once, with its traceback, and fixed.

Nothing below the interface layer knows HTTP. `qfce.kernel.problems` alone decides what
status a kind of refusal has, and how it reads in the API or on a page.
"""

from typing import Any, ClassVar


class Refusal(Exception):
    """
    An anticipated "no".

    `message` says what is wrong and why, with the values; `hint` says what to do next;
    `facts` are the values behind it, for the log, never secrets; `errors` point at the
    members of the request that are wrong, each `{"pointer": "/field", "detail": "…"}`.

    Subclass one of the five kinds next to the function that raises it, with a `code`
    that never changes (clients and translations key on it) and a constant `title`.
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "The request was refused."

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        errors: list[dict[str, str]] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.errors = errors or []
        self.facts = facts


class Invalid(Refusal):
    """The request can never succeed as written."""

    code = "invalid"
    title = "The request is not valid."


class NotPermitted(Refusal):
    """This actor may not do this, whatever the state of things."""

    code = "not_permitted"
    title = "This is not permitted."


class NotFound(Refusal):
    """There is no such thing, or it is not this actor's to know about."""

    code = "not_found"
    title = "There is no such thing."


class Conflict(Refusal):
    """Well-formed and permitted, but not in the state that things are in now."""

    code = "conflict"
    title = "The request does not fit the present state."


class Gone(Conflict):
    """What was asked for is no longer kept; the hint says what takes its place."""

    code = "gone"
    title = "This is no longer kept."


class Unavailable(Refusal):
    """Something we depend on is not answering. Trying again later may work."""

    code = "unavailable"
    title = "The service cannot answer now."
    retry_seconds: ClassVar[int] = 0
    """After how many seconds to try again, where that can be said."""
