"""
The door of the API: one class that every viewset inherits, so that none can forget.

It resolves the actor, counts the request, reads the body, and only then opens a transaction
and binds the tenant. A refusal rolls back; it and its answer are written down in a second
transaction.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any, ClassVar

from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSet

from qfce.kernel.api import idempotency, throttling
from qfce.kernel.api.authentication import actor_from
from qfce.kernel.api.pagination import StablePages
from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import CONTENT_TYPE, BodyMismatch, problem, status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import bind_actor

RECORDED = frozenset({403, 409})


class TenantViewSet(ViewSet):
    """A viewset whose handlers find the caller in `self.actor`, inside a bound transaction."""

    actor: Actor
    # Actions that open their own transactions with `self.bound()`, because they wait between.
    unbound_actions: ClassVar[frozenset[str]] = frozenset()
    # Action, or "METHOD action" -> the permission without which nothing more is looked at;
    # None: every actor. The access matrix test fails on an action that is not named here.
    required: ClassVar[dict[str, str | None]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.args, self.kwargs = args, kwargs
        asked = self.initialize_request(request, *args, **kwargs)
        self.request, self.headers = asked, self.default_response_headers
        response: HttpResponseBase
        # Instants are written in UTC on the wire; on pages they are Shanghai's.
        with timezone.override(UTC):
            try:
                self.initial(asked, *args, **kwargs)
                response = self._answer(asked, self._handler(asked), *args, **kwargs)
            except Exception as exc:
                response = self.handle_exception(exc)
        self.response = self.finalize_response(asked, response, *args, **kwargs)  # type: ignore[arg-type]  # it takes any
        return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Resolve the caller and count the request; nothing here touches a tenant's row."""
        self.format_kwarg = None
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        self._refuse_nul(request)
        self.perform_authentication(request)
        self.actor = actor_from(request)
        action = self.action or ""
        permission = self.required.get(f"{request.method} {action}", self.required.get(action))
        if permission is not None:
            self.actor.require(permission)
        quota = throttling.take(self.actor)
        if quota:
            self.headers |= {"RateLimit": quota.header(), "RateLimit-Policy": quota.policy()}

    def _refuse_nul(self, request: Request) -> None:
        """
        Refuse the one character that no column takes, before it reaches a query.

        :raises Http404: if it stands in the path: nothing has such a name.
        :raises ValidationError: if it stands in a parameter.
        """
        if any("\0" in part for part in self.kwargs.values() if isinstance(part, str)):
            raise Http404
        wrong = {
            name: [gettext("Null characters are not allowed.")]
            for name, values in request.query_params.lists()
            if any("\0" in text for text in (name, *values))
        }
        if wrong:
            raise ValidationError(wrong)

    @contextmanager
    def bound(self) -> Iterator[None]:
        """Open a transaction in which PostgreSQL shows the actor's rows."""
        with transaction.atomic():
            bind_actor(self.actor)
            yield

    def paginate(
        self,
        rows: models.QuerySet[Any] | Sequence[Any],
        serializer: type[BaseSerializer[Any]],
        *,
        ordering: str | tuple[str, ...] = "-pk",
        context: dict[str, Any] | None = None,
    ) -> Response:
        """
        Answer one page as `{next, previous, results}`.

        A queryset pages by a cursor over `ordering`, which must be unique in its last part; a
        sequence, already in order, by position.
        """
        pages = StablePages(ordering)
        page = pages.paginate(rows, self.request)
        return pages.response(serializer(page, many=True, context=context or {}).data)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, throttling.OverQuota):
            quota = exc.quota
            self.headers |= {"RateLimit": quota.header(), "RateLimit-Policy": quota.policy()}
        if isinstance(exc, Refusal):
            response = problem(exc, {})
            assert response is not None
            if hasattr(self, "actor"):
                self._write_down(exc, response)
            return response
        response = super().handle_exception(exc)
        ticket = getattr(self, "_ticket", None)
        if ticket and response.status_code < 500:
            # What the framework refuses is an answer like any other: kept under its key.
            with self.bound():
                idempotency.keep(ticket, response, at=timezone.now())
        return response

    def _handler(self, request: Request) -> Callable[..., HttpResponse]:
        handler: Callable[..., HttpResponse] = self.http_method_not_allowed
        if request.method and request.method.lower() in self.http_method_names:
            handler = getattr(self, request.method.lower(), self.http_method_not_allowed)
        return handler

    def _answer(
        self, request: Request, handler: Callable[..., HttpResponse], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        self._ticket: idempotency.Ticket | None = None
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            _ = request.data  # parsed before the transaction opens
            self._ticket = idempotency.ticket_of(request, self.actor)
        if self.action in self.unbound_actions:
            if self._ticket is None:
                return handler(request, *args, **kwargs)
            with idempotency.held(self._ticket):
                with self.bound():
                    answered = self._answered()
                if answered is not None:
                    return answered
                response = handler(request, *args, **kwargs)
                with self.bound():
                    self._keep(response)
                return response
        with self.bound():
            if (answered := self._answered()) is not None:
                return answered
            response = handler(request, *args, **kwargs)
            self._keep(response)
            return response

    def _answered(self) -> HttpResponse | None:
        """Return the stored answer, if the request came with its key before."""
        stored = idempotency.begin(self._ticket, at=timezone.now()) if self._ticket else None
        if stored is None:
            return None
        self._ticket = None
        return HttpResponse(
            bytes(stored.body),
            status=stored.status,
            content_type=stored.content_type,
            headers={**stored.headers, "Idempotency-Replayed": "true"},
        )

    def _keep(self, response: HttpResponse) -> None:
        if self._ticket and isinstance(response, Response):
            idempotency.keep(self._ticket, response, at=timezone.now())

    def _write_down(self, refusal: Refusal, response: Response) -> None:
        """Record a refusal, and keep its answer, after its transaction was rolled back."""
        at = timezone.now()
        ticket = getattr(self, "_ticket", None)
        own = isinstance(refusal, idempotency.StillRunning | BodyMismatch)
        keeps = ticket is not None and not own
        if not keeps and status_of(refusal) not in RECORDED:
            return
        response.content_type = CONTENT_TYPE
        with self.bound():
            if keeps:
                assert ticket is not None
                idempotency.keep(ticket, response, at=at)
            if status_of(refusal) in RECORDED:
                audit.record(
                    "api.request.refused",
                    ("route", f"{self.request.method} {self.request.path}"[:80]),
                    actor=self.actor,
                    at=at,
                    code=refusal.code,
                )
