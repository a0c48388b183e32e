"""What a sandbox lets a client make happen, so that its handlers can be tried."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.demo import planned_answers, rehearsals
from qfce.demo.planned_answers import KINDS, Planned
from qfce.kernel.api.views import TenantViewSet

USCC_LENGTH = 18
LONGEST_WAIT_SECONDS = 60


class RevokeIn(serializers.Serializer[Any]):
    """A certificate that falls: a new value, which stays visible."""

    uscc = serializers.CharField(max_length=USCC_LENGTH)
    item = serializers.CharField(max_length=20, default="QF-17")
    value = serializers.CharField(max_length=40, default="REVOKED")


class RecallIn(serializers.Serializer[Any]):
    """Records that were mistaken: they vanish, and a recall goes out."""

    uscc = serializers.CharField(max_length=USCC_LENGTH)
    items = serializers.ListField(
        child=serializers.CharField(max_length=20), min_length=1, max_length=90
    )


class PublishedOut(serializers.Serializer[Any]):
    """What was published; the feed brings it at once."""

    number = serializers.IntegerField(help_text="Of the publication, as cursors begin.")


class ConsentDecisionIn(serializers.Serializer[Any]):
    """What the enterprise is to say to a consent that the caller asked for."""

    consent = serializers.UUIDField()
    decision = serializers.ChoiceField(choices=["grant", "refuse", "withdraw"])


class ConsentDecisionOut(serializers.Serializer[Any]):
    """The consent's state."""

    status = serializers.CharField()


class PlannedIn(serializers.Serializer[Any]):
    """How the caller's next calls are to be answered, in place of what was planned before."""

    kind = serializers.ChoiceField(choices=KINDS)
    path = serializers.CharField(
        max_length=200, default="/api/v1/", help_text="Only calls whose path begins so."
    )
    times = serializers.IntegerField(min_value=1, max_value=100, default=1)
    seconds = serializers.IntegerField(
        min_value=1,
        max_value=LONGEST_WAIT_SECONDS,
        default=5,
        help_text="How late, or what Retry-After says.",
    )


class RehearsalViewSet(TenantViewSet):
    """Events of the sandbox. Nothing of this exists in production."""

    required: ClassVar[dict[str, str | None]] = {
        "revoke": None,
        "recall": None,
        "decide": None,
        "answers": None,
    }
    # Each acts as other people than the caller, in transactions of theirs.
    unbound_actions: ClassVar[frozenset[str]] = frozenset({"revoke", "recall", "decide", "answers"})

    @extend_schema(operation_id="sandbox_revoke", request=RevokeIn, responses={201: PublishedOut})
    @action(detail=False, methods=["post"])
    def revoke(self, request: Request) -> Response:
        asked = RevokeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        number = rehearsals.revoke(**asked.validated_data, at=timezone.now())
        return Response({"number": number}, status=201)

    @extend_schema(operation_id="sandbox_recall", request=RecallIn, responses={201: PublishedOut})
    @action(detail=False, methods=["post"])
    def recall(self, request: Request) -> Response:
        asked = RecallIn(data=request.data)
        asked.is_valid(raise_exception=True)
        number = rehearsals.recall(**asked.validated_data, at=timezone.now())
        return Response({"number": number}, status=201)

    @extend_schema(
        operation_id="sandbox_decide_consent",
        request=ConsentDecisionIn,
        responses=ConsentDecisionOut,
    )
    @action(detail=False, methods=["post"], url_path="consents")
    def decide(self, request: Request) -> Response:
        asked = ConsentDecisionIn(data=request.data)
        asked.is_valid(raise_exception=True)
        status = rehearsals.decide_consent(
            asked.validated_data["consent"],
            decision=asked.validated_data["decision"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response({"status": status})

    @extend_schema(operation_id="sandbox_plan_answers", request=PlannedIn, responses=PlannedIn)
    @action(detail=False, methods=["post"])
    def answers(self, request: Request) -> Response:
        asked = PlannedIn(data=request.data)
        asked.is_valid(raise_exception=True)
        planned_answers.plan(
            Planned(**asked.validated_data),
            credentials=planned_answers.credentials_of(request._request),
        )
        return Response(asked.validated_data)
