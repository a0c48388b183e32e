"""Questions of readers to the bureaus: do these items of this enterprise still hold?"""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.fields import DayField
from qfce.kernel.api.schema import PAGING, page_of
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day
from sharing.domain.refresh_requests import AnswerKind, ItemAnswer, RefreshStatus, is_late
from sharing.models import RefreshRequest
from sharing.selectors import refresh_requests as selectors
from sharing.services import refresh_requests

STATUSES = [status.value for status in RefreshStatus]
KINDS = [kind.value for kind in AnswerKind]


class RefreshRequestIn(serializers.Serializer[Any]):
    """What to ask about."""

    uscc = serializers.CharField(min_length=18, max_length=18)
    items = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1)
    question = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class ItemAnswerIn(serializers.Serializer[Any]):
    """What holds of one item. `value` and days with `value`, `reason` with `unknown`."""

    answer = serializers.ChoiceField(choices=KINDS)
    value = serializers.JSONField(required=False)
    valid_from = DayField(required=False)
    valid_to = DayField(required=False)
    evidence = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class RefreshAnswerIn(serializers.Serializer[Any]):
    """An answer for each item that was asked about, by its code."""

    answers = serializers.DictField(child=ItemAnswerIn(), allow_empty=False)

    def given(self) -> dict[str, ItemAnswer]:
        return {
            code: ItemAnswer(
                kind=AnswerKind(each["answer"]),
                value=each.get("value"),
                details={
                    name: each[name].isoformat() if name.startswith("valid") else each[name]
                    for name in ("valid_from", "valid_to", "evidence")
                    if name in each
                },
                reason=each.get("reason", ""),
            )
            for code, each in self.validated_data["answers"].items()
        }


class ForwardIn(serializers.Serializer[Any]):
    to = serializers.UUIDField(help_text="Id of a bureau that answers for the region.")


class DeclineIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000, help_text="For whoever asked.")


class ItemAnsweredOut(serializers.Serializer[Any]):
    """What became of one item. The value itself is read at /enterprises/."""

    item = serializers.CharField()
    answer = serializers.ChoiceField(choices=KINDS)
    reason = serializers.CharField(allow_blank=True)


class RefreshRequestOut(serializers.Serializer[RefreshRequest]):
    """A question and where it stands. It holds no value."""

    id = serializers.UUIDField()
    uscc = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()
    factor_list = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField())
    question = serializers.CharField(allow_blank=True)
    asked_by = serializers.CharField(source="owner.short_name")
    addressee = serializers.CharField(source="addressee.short_name")
    status = serializers.ChoiceField(choices=STATUSES)
    is_late = serializers.SerializerMethodField()
    asked_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    forwarded_at = serializers.DateTimeField(allow_null=True)
    answers = serializers.SerializerMethodField()
    reason = serializers.CharField(allow_blank=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    publication = serializers.IntegerField(
        source="publication_number",
        allow_null=True,
        help_text="Number of the feed's publication that brought the answer.",
    )

    def get_is_late(self, asked: RefreshRequest) -> bool:
        closed = business_day(asked.closed_at) if asked.closed_at else None
        today = business_day(timezone.now())
        return is_late(asked.status, asked.due_on, on=today, answered_on=closed)

    @extend_schema_field(ItemAnsweredOut(many=True))
    def get_answers(self, asked: RefreshRequest) -> list[dict[str, Any]]:
        if asked.status != RefreshStatus.ANSWERED:
            return []
        said = [(code, asked.answers[code]) for code in asked.items]
        return [{"item": c, "answer": a["answer"], "reason": a["reason"]} for c, a in said]


class RefreshFilterIn(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    uscc = serializers.CharField(required=False, max_length=18)
    late = serializers.BooleanField(required=False, help_text="Only those without an answer.")


class RefreshRequestViewSet(TenantViewSet):
    """What the caller's organisation asked, or what was asked in its region."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.refresh.view",
        "retrieve": "sharing.refresh.view",
        "create": "sharing.refresh.ask",
        "cancel": "sharing.refresh.ask",
        "answer": "sharing.refresh.answer",
        "decline": "sharing.refresh.answer",
        "forward": "sharing.refresh.answer",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="refresh_requests_list",
        parameters=[RefreshFilterIn, *PAGING],
        responses=page_of(RefreshRequestOut),
    )
    def list(self, request: Request) -> Response:
        """List the questions, newest first."""
        asked = RefreshFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        late_on = business_day(timezone.now()) if given.pop("late", False) else None
        found = selectors.list_for(actor=self.actor, late_on=late_on, **given)
        return self.paginate(found, RefreshRequestOut, ordering=("-asked_at", "pk"))

    @extend_schema(operation_id="refresh_requests_retrieve", responses=RefreshRequestOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return one question."""
        return self._show(pk)

    @extend_schema(
        operation_id="refresh_requests_create",
        request=RefreshRequestIn,
        responses={201: RefreshRequestOut},
    )
    def create(self, request: Request) -> Response:
        """Ask the bureau nearest to an enterprise whether items of it still hold."""
        asked = RefreshRequestIn(data=request.data)
        asked.is_valid(raise_exception=True)
        made = refresh_requests.ask(**asked.validated_data, actor=self.actor, at=timezone.now())
        return self._show(made.pk, status=201)

    @extend_schema(
        operation_id="refresh_requests_answer", request=RefreshAnswerIn, responses=RefreshRequestOut
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: UUID) -> Response:
        """
        Answer each item. What replaces a stored value waits for a second person.
        """
        asked = RefreshAnswerIn(data=request.data)
        asked.is_valid(raise_exception=True)
        refresh_requests.answer(pk, answers=asked.given(), actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(
        operation_id="refresh_requests_forward", request=ForwardIn, responses=RefreshRequestOut
    )
    @action(detail=True, methods=["post"])
    def forward(self, request: Request, pk: UUID) -> Response:
        """Hand the question to another bureau of the region; its clock runs on."""
        asked = ForwardIn(data=request.data)
        asked.is_valid(raise_exception=True)
        refresh_requests.forward(pk, **asked.validated_data, actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(
        operation_id="refresh_requests_decline", request=DeclineIn, responses=RefreshRequestOut
    )
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: UUID) -> Response:
        """Say that nothing can be said, and why."""
        asked = DeclineIn(data=request.data)
        asked.is_valid(raise_exception=True)
        refresh_requests.decline(pk, **asked.validated_data, actor=self.actor, at=timezone.now())
        return self._show(pk)

    @extend_schema(
        operation_id="refresh_requests_cancel", request=None, responses=RefreshRequestOut
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Take a question back."""
        refresh_requests.cancel(pk, actor=self.actor, at=timezone.now())
        return self._show(pk)

    def _show(self, pk: UUID, *, status: int = 200) -> Response:
        found = selectors.get(pk, actor=self.actor)
        return Response(RefreshRequestOut(found).data, status=status)
