"""The change feed over HTTP: pages, waiting at its end, and proof that nothing was missed."""

import threading
from datetime import date
from typing import Any, ClassVar

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.views import TenantViewSet
from sharing.domain.feed import START, FeedPage, Position
from sharing.domain.import_lifecycle import ChangeKind
from sharing.selectors import feed, feed_bell

LONGEST_WAIT_SECONDS = 25
MOST_HELD = 10_000
RETRY_AFTER_SECONDS = 5
# Whoever waits holds a thread: at most half of them, or nobody else is served.
WAITING = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))


class FeedIn(serializers.Serializer[Any]):
    after = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=30,
        help_text="The `next` of the page before; empty to begin.",
    )
    limit = serializers.IntegerField(min_value=1, max_value=feed.LARGEST_PAGE, default=1000)
    wait = serializers.IntegerField(
        min_value=0,
        max_value=LONGEST_WAIT_SECONDS,
        default=0,
        help_text="Seconds to wait where there is nothing new.",
    )

    def validate_after(self, after: str) -> Position:
        try:
            return Position.parse(after)
        except ValueError:
            raise serializers.ValidationError(_("This is no cursor of the feed.")) from None


class ChangeOut(serializers.Serializer[Any]):
    """One change, holding what the reader may see of it."""

    cursor = serializers.CharField()
    uscc = serializers.CharField(allow_null=True, help_text="Null: about an agreement.")
    kind = serializers.ChoiceField(choices=[kind.value for kind in ChangeKind])
    changes = serializers.DictField(help_text="Item code to canonical value; null for none.")
    details = serializers.DictField(help_text="Item code to validity and evidence.")
    recorded_at = serializers.DateTimeField()


class FeedOut(serializers.Serializer[Any]):
    """A page of the feed. An empty one with a new `next` is normal."""

    items = ChangeOut(many=True)
    next = serializers.CharField()


class GroupIn(serializers.Serializer[Any]):
    """What a reader holds of the items of one region and one day of recording."""

    region = serializers.RegexField(r"^\d{6}$")
    day = serializers.DateField()
    count = serializers.IntegerField(min_value=0)
    digest = serializers.RegexField(
        r"^[0-9a-f]{64}$", help_text="SHA-256 of the cursors in feed order, joined by line feeds."
    )


class ReconcileIn(serializers.Serializer[Any]):
    """Either the last cursor held for each enterprise, or groups of items."""

    held = serializers.DictField(required=False, help_text="At most 10,000 enterprises.")
    groups = GroupIn(many=True, required=False)

    def validate_held(self, held: dict[str, Any]) -> dict[str, str]:
        if len(held) > MOST_HELD:
            raise serializers.ValidationError(
                gettext("At most {most} enterprises; say groups for more.").format(
                    most=f"{MOST_HELD:,}"
                )
            )
        for uscc, cursor in held.items():
            try:
                Position.parse(cursor if isinstance(cursor, str) and cursor else "?")
            except ValueError:
                raise serializers.ValidationError(
                    {uscc: [_("This is no cursor of the feed.")]}
                ) from None
        return held

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("held" in attrs) == ("groups" in attrs):
            raise serializers.ValidationError(_("Say either held or groups."))
        return attrs


class ReconcileOut(serializers.Serializer[Any]):
    """What the reader should hold against what it says it holds."""

    position = serializers.CharField(help_text="Up to where this was compared.")
    expected = serializers.IntegerField()
    held = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.DictField())
    unexpected = serializers.ListField(child=serializers.DictField())
    complete = serializers.BooleanField()


class ChangeViewSet(TenantViewSet):
    """Everything that the caller's organisation may know, in the order in which we knew it."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.feed.read",
        "reconcile": "sharing.feed.read",
    }

    unbound_actions: ClassVar[frozenset[str]] = frozenset({"list"})

    @extend_schema(
        operation_id="changes_list",
        parameters=[FeedIn],
        responses=FeedOut,
    )
    def list(self, request: Request) -> Response:
        asked = FeedIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        after = asked.validated_data.get("after", START)
        limit = asked.validated_data["limit"]
        wait = asked.validated_data["wait"]
        with self.bound():
            feed.check_is_kept(after, at=timezone.now())
        try:
            heard = feed_bell.rung() if wait else 0
        except redis.RedisError:
            wait = heard = 0
        page = self._page(after, limit)
        if page.items or not wait or page.next != after:
            return _answer(page)
        if not WAITING.acquire(blocking=False):
            self.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return _answer(page)
        try:
            # The connection goes back while nothing happens.
            connection.close()
            feed_bell.wait_beyond(heard, seconds=wait)
        except redis.RedisError:
            self.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        finally:
            WAITING.release()
        return _answer(self._page(after, limit))

    @extend_schema(operation_id="changes_reconcile", request=ReconcileIn, responses=ReconcileOut)
    @action(detail=False, methods=["post"])
    def reconcile(self, request: Request) -> Response:
        asked = ReconcileIn(data=request.data)
        asked.is_valid(raise_exception=True)
        groups = asked.validated_data.get("groups")
        answer = feed.reconcile(
            held=asked.validated_data.get("held"),
            groups=None if groups is None else [_plain(group) for group in groups],
            actor=self.actor,
        )
        return Response(answer)

    def _page(self, after: Position, limit: int) -> FeedPage:
        with self.bound():
            return feed.page(after, limit=limit, actor=self.actor)


def _answer(page: FeedPage) -> Response:
    return Response(
        {
            "items": [
                {
                    "cursor": item.cursor,
                    "uscc": item.uscc or None,
                    "kind": item.kind,
                    "changes": item.changes,
                    "details": item.details,
                    "recorded_at": item.recorded_at,
                }
                for item in page.items
            ],
            "next": str(page.next),
        }
    )


def _plain(group: dict[str, Any]) -> dict[str, Any]:
    day: date = group["day"]
    return {**group, "day": day.isoformat()}
