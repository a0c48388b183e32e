"""Warning signals: the list, one with its history, and what officers do about it."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.fields import DayField
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day
from risk.domain.arrears import Arrears
from risk.domain.lifecycle import SIGNAL, Level, LineKind, ReleaseCause, SignalSource, SignalStatus
from risk.models import Signal, SignalOccurrence
from risk.selectors import signals as selectors
from risk.selectors.rules import rules_on
from risk.selectors.signals import SignalFilter
from risk.services import arrears, handling

MOST_LOANS = 1_000
PEOPLES = frozenset({"claim", "check", "answer", "release", "dismiss", "close"})
WITHDRAWN = {"name_zh": "已撤回", "name_en": "Withdrawn"}


class RuleOut(serializers.Serializer[Any]):
    """The rule behind a signal, in both languages."""

    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    condition_zh = serializers.CharField()
    condition_en = serializers.CharField()
    released_zh = serializers.CharField()
    released_en = serializers.CharField()
    first_action_zh = serializers.CharField()
    first_action_en = serializers.CharField()


class SignalOut(serializers.ModelSerializer[Signal]):
    """
    One signal. Once withdrawn it says so and nothing else: neither rule, item nor fact.

    `due_by_holiday_table` is false where a deadline runs into a year whose holidays are not
    published yet, and was counted Monday to Friday.
    """

    rule = serializers.SerializerMethodField()
    name_zh = serializers.SerializerMethodField()
    name_en = serializers.SerializerMethodField()
    level = serializers.ChoiceField(choices=[level.value for level in Level])
    source = serializers.SerializerMethodField()  # type: ignore[assignment,unused-ignore]  # the name that clients read
    status = serializers.ChoiceField(choices=[status.value for status in SignalStatus])
    item = serializers.SerializerMethodField()
    facts = serializers.JSONField()
    release_cause = serializers.ChoiceField(
        choices=[cause.value for cause in ReleaseCause], allow_null=True
    )
    actions = serializers.SerializerMethodField()

    class Meta:
        model = Signal
        fields = (
            *("id", "uscc", "rule", "name_zh", "name_en", "level", "source", "status"),
            *("item", "facts", "flagged", "built_from", "cursor", "recorded_at"),
            *("raised_at", "claim_due_on", "answer_due_on", "due_by_holiday_table"),
            *("claimed_at", "claimed_by", "checked_at", "answered_at", "condition_met_at"),
            *("release_proposed_at", "release_proposed_by", "released_at", "released_by"),
            *("release_cause", "closed_at", "closed_by", "false_alarm", "upgraded_to"),
            *("withdrawn_at", "case", "actions"),
        )
        read_only_fields = fields

    def get_rule(self, signal: Signal) -> str | None:
        return None if signal.is_withdrawn else signal.rule

    def get_name_zh(self, signal: Signal) -> str:
        return _name(signal, "name_zh")

    def get_name_en(self, signal: Signal) -> str:
        return _name(signal, "name_en")

    @extend_schema_field(
        serializers.ChoiceField(choices=[source.value for source in SignalSource], allow_null=True)
    )
    def get_source(self, signal: Signal) -> str | None:
        return None if signal.is_withdrawn else signal.source

    def get_item(self, signal: Signal) -> str | None:
        return None if signal.is_withdrawn or not signal.item else signal.item

    def get_actions(self, signal: Signal) -> list[str]:
        return sorted(SIGNAL.actions_from(signal.status) & PEOPLES)


class OccurrenceOut(serializers.ModelSerializer[SignalOccurrence]):
    """One line of a signal's history."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in LineKind])

    class Meta:
        model = SignalOccurrence
        fields = ("kind", "text", "cursor", "at", "by", "by_name")
        read_only_fields = fields


class SignalDetailOut(SignalOut):
    """One signal with its rule and its history, the oldest line first."""

    explanation = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    class Meta:
        model = Signal
        fields = (*SignalOut.Meta.fields, "explanation", "history")
        read_only_fields = fields

    @extend_schema_field(RuleOut(allow_null=True))
    def get_explanation(self, signal: Signal) -> dict[str, Any] | None:
        if signal.is_withdrawn:
            return None
        return RuleOut(rules_on(signal.raised_on)[signal.rule]).data

    @extend_schema_field(OccurrenceOut(many=True))
    def get_history(self, signal: Signal) -> list[dict[str, Any]]:
        lines = sorted(signal.occurrences.all(), key=lambda line: line.pk)
        return list(OccurrenceOut(lines, many=True).data)


class SignalPageOut(serializers.Serializer[Any]):
    """One page of signals."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SignalOut(many=True)


class SignalFilterIn(serializers.Serializer[Any]):
    """How the list is narrowed."""

    uscc = serializers.CharField(required=False, max_length=18)
    level = serializers.ChoiceField(required=False, choices=[level.value for level in Level])
    status = serializers.ChoiceField(
        required=False, choices=[status.value for status in SignalStatus]
    )
    rule = serializers.CharField(required=False, max_length=10)
    open = serializers.BooleanField(required=False, allow_null=True, default=None)
    overdue = serializers.BooleanField(required=False, allow_null=True, default=None)
    mine = serializers.BooleanField(required=False, allow_null=True, default=None)


class ReportIn(serializers.Serializer[Any]):
    """A fact that no record tells, as an officer reports it."""

    rule = serializers.CharField(max_length=10)
    uscc = serializers.CharField(max_length=18)
    fact = serializers.CharField(max_length=200, help_text="What tells it from others.")
    text = serializers.CharField(max_length=2000)


class TextIn(serializers.Serializer[Any]):
    """What was found, answered or noted."""

    text = serializers.CharField(max_length=2000)


class ReasonIn(serializers.Serializer[Any]):
    """Why a person decides so."""

    reason = serializers.CharField(max_length=2000)


class ArrearsIn(serializers.Serializer[Any]):
    """What is unpaid on one loan; 0 days where nothing is."""

    loan_id = serializers.CharField(max_length=60)
    uscc = serializers.CharField(max_length=18)
    days_past_due = serializers.IntegerField(min_value=0, max_value=36_500)
    first_unpaid_due_on = DayField(allow_null=True, default=None)
    interest_unpaid = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        owes = attrs["days_past_due"] > 0 or attrs["interest_unpaid"]
        if owes and attrs["first_unpaid_due_on"] is None:
            raise serializers.ValidationError(
                {"first_unpaid_due_on": [_("Say which due date was missed first.")]}
            )
        return attrs


class ArrearsOfDayIn(serializers.Serializer[Any]):
    """The arrears of a bank's loans on a business day, as its servicing has them."""

    on = DayField()
    loans = serializers.ListField(child=ArrearsIn(), min_length=1, max_length=MOST_LOANS)


class RaisedOut(serializers.Serializer[Any]):
    """The signals that a report has raised."""

    raised = serializers.ListField(child=serializers.UUIDField())


FILTERS = [
    OpenApiParameter("uscc", str),
    OpenApiParameter("level", str, enum=[level.value for level in Level]),
    OpenApiParameter("status", str, enum=[status.value for status in SignalStatus]),
    OpenApiParameter("rule", str, description="W01 to W36, C01, C02."),
    OpenApiParameter("open", bool, description="Only open, or only finished ones."),
    OpenApiParameter("overdue", bool, description="Only those past a deadline today."),
    OpenApiParameter("mine", bool, description="Only those that the caller has claimed."),
    OpenApiParameter("limit", int, description="Rows a page, 1 to 1,000; 50 unless said."),
    OpenApiParameter("cursor", str, description="From the links of a page."),
]


class SignalViewSet(TenantViewSet):
    """Signals on the borrowers of the caller's bank."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "risk.signal.view",
        "retrieve": "risk.signal.view",
        "create": "risk.signal.handle",
        "arrears": "risk.signal.handle",
        "claim": "risk.signal.handle",
        "check": "risk.signal.handle",
        "answer": "risk.signal.handle",
        "close": "risk.signal.handle",
        "release": "risk.signal.handle",
        "dismiss": "risk.signal.handle",
        "note": "risk.signal.handle",
    }

    lookup_value_converter = "uuid"

    @extend_schema(operation_id="signals_list", parameters=FILTERS, responses=SignalPageOut)
    def list(self, request: Request) -> Response:
        asked = SignalFilterIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        wanted = SignalFilter(
            **{name: given.get(name) for name in ("uscc", "level", "status", "rule")},
            is_open=given["open"],
            claimed_by=self.actor.user_id if given["mine"] else None,
            overdue_on=business_day(timezone.now()) if given["overdue"] else None,
        )
        rows = selectors.matching(wanted, actor=self.actor)
        return self.paginate(rows, SignalOut, ordering=("-raised_at", "-pk"))

    @extend_schema(operation_id="signals_retrieve", responses=SignalDetailOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return self._detail(pk)

    @extend_schema(
        operation_id="signals_report", request=ReportIn, responses={201: SignalDetailOut}
    )
    def create(self, request: Request) -> Response:
        asked = ReportIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        signal = handling.report(
            given["rule"],
            given["uscc"],
            fact=given["fact"],
            text=given["text"],
            actor=self.actor,
            at=timezone.now(),
        )
        return self._detail(signal.pk, status=201)

    @extend_schema(operation_id="signals_arrears", request=ArrearsOfDayIn, responses=RaisedOut)
    @action(detail=False, methods=["post"])
    def arrears(self, request: Request) -> Response:
        asked = ArrearsOfDayIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        raised = arrears.report(
            [Arrears(**loan) for loan in given["loans"]],
            on=given["on"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(RaisedOut({"raised": [signal.pk for signal in raised]}).data)

    @extend_schema(operation_id="signals_claim", request=None, responses=SignalDetailOut)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: UUID) -> Response:
        handling.claim(pk, actor=self.actor, at=timezone.now())
        return self._detail(pk)

    @extend_schema(operation_id="signals_check", request=TextIn, responses=SignalDetailOut)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: UUID) -> Response:
        handling.check(pk, text=_text(request), actor=self.actor, at=timezone.now())
        return self._detail(pk)

    @extend_schema(operation_id="signals_answer", request=TextIn, responses=SignalDetailOut)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: UUID) -> Response:
        handling.answer(pk, text=_text(request), actor=self.actor, at=timezone.now())
        return self._detail(pk)

    @extend_schema(operation_id="signals_close", request=TextIn, responses=SignalDetailOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: UUID) -> Response:
        handling.close(pk, text=_text(request), actor=self.actor, at=timezone.now())
        return self._detail(pk)

    @extend_schema(operation_id="signals_release", request=ReasonIn, responses=SignalDetailOut)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: UUID) -> Response:
        handling.release(pk, reason=_reason(request), actor=self.actor, at=timezone.now())
        return self._detail(pk)

    @extend_schema(operation_id="signals_dismiss", request=ReasonIn, responses=SignalDetailOut)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: UUID) -> Response:
        handling.dismiss(pk, reason=_reason(request), actor=self.actor, at=timezone.now())
        return self._detail(pk)

    @extend_schema(operation_id="signals_note", request=TextIn, responses=SignalDetailOut)
    @action(detail=True, methods=["post"])
    def note(self, request: Request, pk: UUID) -> Response:
        handling.note(pk, text=_text(request), actor=self.actor, at=timezone.now())
        return self._detail(pk)

    def _detail(self, signal_id: UUID, *, status: int = 200) -> Response:
        signal = selectors.get(signal_id, actor=self.actor)
        return Response(SignalDetailOut(signal).data, status=status)


def _name(signal: Signal, name: str) -> str:
    if signal.is_withdrawn:
        return WITHDRAWN[name]
    return str(getattr(rules_on(signal.raised_on)[signal.rule], name))


def _text(request: Request) -> str:
    asked = TextIn(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["text"])


def _reason(request: Request) -> str:
    asked = ReasonIn(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["reason"])
