"""Consultations on drafts: opened, commented on and answered."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from factors.api.factor_lists import PLACE
from factors.domain.consultations import Outcome
from factors.models import Consultation
from factors.permissions import COMMENT, EDIT, VIEW
from factors.selectors import consultations as selectors
from factors.selectors import factor_lists
from factors.services import consultations as services
from qfce.kernel.api.views import TenantViewSet

OUTCOMES = [outcome.value for outcome in Outcome]
ID = [OpenApiParameter("id", UUID, OpenApiParameter.PATH)]
COMMENT_ID = [*ID, OpenApiParameter("comment_id", UUID, OpenApiParameter.PATH)]


class ConsultationIn(serializers.Serializer[Any]):
    invited_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=500)
    closes_on = serializers.DateField()
    note = serializers.CharField(required=False, default="", max_length=2000, allow_blank=True)


class ConsultationEntryOut(serializers.Serializer[Any]):
    """One consultation, without its text."""

    id = serializers.UUIDField()
    list_code = serializers.CharField()
    list_version = serializers.IntegerField()
    digest = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    opened_at = serializers.DateTimeField()
    closes_on = serializers.DateField()
    closed_at = serializers.DateTimeField(allow_null=True)


class ConsultationPageOut(serializers.Serializer[Any]):
    """One page of consultations."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ConsultationEntryOut(many=True)


class ConsultationOut(ConsultationEntryOut):
    """One consultation with the text that is consulted on."""

    document = serializers.JSONField()


class ConsultationCommentIn(serializers.Serializer[Any]):
    item = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    text = serializers.CharField(max_length=4000)


class ConsultationCommentOut(serializers.Serializer[selectors.CommentRow]):
    """One comment with its answer; empty where there is none yet."""

    id = serializers.UUIDField()
    item = serializers.CharField(allow_blank=True)
    organization_zh = serializers.CharField()
    organization_en = serializers.CharField()
    text = serializers.CharField()
    made_at = serializers.DateTimeField()
    made_by_name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["", *OUTCOMES])
    answer = serializers.CharField(allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class ConsultationCommentPageOut(serializers.Serializer[Any]):
    """One page of comments."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ConsultationCommentOut(many=True)


class CommentAnswerIn(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    text = serializers.CharField(max_length=4000)


class ClosesOnIn(serializers.Serializer[Any]):
    closes_on = serializers.DateField()


class VersionConsultationViewSet(TenantViewSet):
    """Laying a draft before others."""

    required: ClassVar[dict[str, str | None]] = {"create": EDIT}

    @extend_schema(
        operation_id="factor_consultations_open",
        parameters=PLACE,
        request=ConsultationIn,
        responses={201: ConsultationOut},
    )
    def create(self, request: Request, code: str, number: int) -> Response:
        given = ConsultationIn(data=request.data)
        given.is_valid(raise_exception=True)
        version = factor_lists.version(code, number, actor=self.actor)
        opened = services.open_(
            version.pk, **given.validated_data, actor=self.actor, at=timezone.now()
        )
        return Response(_whole(opened), status=201)


class ConsultationViewSet(TenantViewSet):
    """Consultations that the caller's organization keeps or is invited to."""

    required: ClassVar[dict[str, str | None]] = {
        "list": VIEW,
        "retrieve": VIEW,
        "comments": VIEW,
        "comment": COMMENT,
        "answer": EDIT,
        "extend": EDIT,
        "close": EDIT,
    }

    @extend_schema(operation_id="factor_consultations_list", responses=ConsultationPageOut)
    def list(self, request: Request) -> Response:
        return self.paginate(selectors.list_for(actor=self.actor), ConsultationEntryOut)

    @extend_schema(
        operation_id="factor_consultations_retrieve", parameters=ID, responses=ConsultationOut
    )
    def retrieve(self, request: Request, id: UUID) -> Response:
        return Response(_whole(selectors.get(id, actor=self.actor)))

    @extend_schema(
        operation_id="factor_consultations_comments",
        parameters=ID,
        responses=ConsultationCommentPageOut,
    )
    def comments(self, request: Request, id: UUID) -> Response:
        consultation = selectors.get(id, actor=self.actor)
        found = selectors.comments(consultation, actor=self.actor)
        return self.paginate(found, ConsultationCommentOut)

    @extend_schema(
        operation_id="factor_consultations_comment",
        parameters=ID,
        request=ConsultationCommentIn,
        responses={201: ConsultationCommentOut},
    )
    def comment(self, request: Request, id: UUID) -> Response:
        given = ConsultationCommentIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = services.comment(id, **given.validated_data, actor=self.actor, at=timezone.now())
        return Response(self._comment(id, said.pk), status=201)

    @extend_schema(
        operation_id="factor_consultations_answer",
        parameters=COMMENT_ID,
        request=CommentAnswerIn,
        responses={201: ConsultationCommentOut},
    )
    def answer(self, request: Request, id: UUID, comment_id: UUID) -> Response:
        given = CommentAnswerIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.answer(
            comment_id,
            outcome=Outcome(given.validated_data["outcome"]),
            text=given.validated_data["text"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._comment(id, comment_id), status=201)

    @extend_schema(
        operation_id="factor_consultations_extend",
        parameters=ID,
        request=ClosesOnIn,
        responses=ConsultationOut,
    )
    def extend(self, request: Request, id: UUID) -> Response:
        given = ClosesOnIn(data=request.data)
        given.is_valid(raise_exception=True)
        moved = services.extend(id, **given.validated_data, actor=self.actor, at=timezone.now())
        return Response(_whole(moved))

    @extend_schema(
        operation_id="factor_consultations_close",
        parameters=ID,
        request=None,
        responses=ConsultationOut,
    )
    def close(self, request: Request, id: UUID) -> Response:
        return Response(_whole(services.close(id, actor=self.actor, at=timezone.now())))

    def _comment(self, consultation_id: UUID, comment_id: UUID) -> Any:
        consultation = selectors.get(consultation_id, actor=self.actor)
        rows = selectors.comments(consultation, actor=self.actor)
        return ConsultationCommentOut(next(row for row in rows if row.id == comment_id)).data


def _whole(consultation: Consultation) -> Any:
    document = consultation.document
    names = ("digest", "note", "opened_at", "closes_on", "closed_at", "document")
    told = {name: getattr(consultation, name) for name in names}
    told |= {
        "id": consultation.pk,
        "list_code": document["code"],
        "list_version": document["version"],
    }
    return ConsultationOut(told).data
