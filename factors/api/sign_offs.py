"""The signatures under a version of a factor list."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from factors.api.factor_lists import PLACE
from factors.domain.comparison import ChangeKind, Subject
from factors.domain.list_versions import Decision
from factors.permissions import SIGN, VIEW
from factors.selectors import factor_lists
from factors.selectors import sign_offs as selectors
from factors.services import sign_offs as services
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import NoSuchRecord

DECISIONS = [*(decision.value for decision in Decision), selectors.AWAITED]


class SignatureOut(serializers.Serializer[selectors.Signature]):
    """One organization's answer, or that it is awaited."""

    organization_id = serializers.UUIDField()
    organization_zh = serializers.CharField()
    organization_en = serializers.CharField()
    decision = serializers.ChoiceField(choices=DECISIONS)
    is_current = serializers.BooleanField(
        help_text="Whether the answer is for the document as it is now."
    )
    is_required = serializers.BooleanField()
    is_late = serializers.BooleanField(help_text="Whether the last day had passed, or has.")
    signer_name = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    digest = serializers.CharField(allow_blank=True, help_text="Of the document answered for.")
    signed_at = serializers.DateTimeField(allow_null=True)


class SignatureIn(serializers.Serializer[Any]):
    """A person's answer for their organization, to the text of a digest."""

    decision = serializers.ChoiceField(choices=[decision.value for decision in Decision])
    digest = serializers.CharField(max_length=64, help_text="Of the text that was looked at.")
    reason = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=1000,
        help_text="Needed for everything but a signature.",
    )


class TextChangeOut(serializers.Serializer[Any]):
    """One difference between the text looked at and the text as it is now."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in ChangeKind])
    subject = serializers.ChoiceField(choices=[subject.value for subject in Subject])
    code = serializers.CharField()
    field = serializers.CharField(allow_blank=True)
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class TextChangesOut(serializers.Serializer[Any]):
    digest = serializers.CharField(help_text="Of the text as it is now.")
    changes = TextChangeOut(many=True)


class SignaturePageOut(serializers.Serializer[Any]):
    """One page of signatures."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SignatureOut(many=True)


class SignatureViewSet(TenantViewSet):
    """Who has signed a version, who has refused, and who is still to answer."""

    required: ClassVar[dict[str, str | None]] = {
        "list": VIEW,
        "create": SIGN,
        "changes": VIEW,
    }

    @extend_schema(
        operation_id="factor_list_versions_signatures", parameters=PLACE, responses=SignaturePageOut
    )
    def list(self, request: Request, code: str, number: int) -> Response:
        today = business_day(timezone.now())
        found = selectors.signatures(code, number, actor=self.actor, on=today)
        return self.paginate(found, SignatureOut)

    @extend_schema(
        operation_id="factor_list_versions_answer",
        parameters=PLACE,
        request=SignatureIn,
        responses={201: SignatureOut},
    )
    def create(self, request: Request, code: str, number: int) -> Response:
        given = SignatureIn(data=request.data)
        given.is_valid(raise_exception=True)
        told = dict(given.validated_data)
        give = ANSWERS[told.pop("decision")]
        version = factor_lists.version(code, number, actor=self.actor)
        at = timezone.now()
        give(version.pk, **told, actor=self.actor, at=at)
        rows = selectors.signatures(code, number, actor=self.actor, on=business_day(at))
        own = [row for row in rows if row.organization_id == self.actor.organization_id]
        answered = [row for row in own if row.signed_at is not None]
        return Response(SignatureOut(answered[-1]).data, status=201)

    @extend_schema(
        operation_id="factor_list_versions_changed_since",
        parameters=[
            *PLACE,
            OpenApiParameter("digest", str, required=True, description="Of the text looked at."),
        ],
        responses=TextChangesOut,
    )
    def changes(self, request: Request, code: str, number: int) -> Response:
        version = factor_lists.version(code, number, actor=self.actor)
        digest = request.query_params.get("digest", "")
        found = selectors.changed_since(version, digest=digest)
        if found is None:
            raise NoSuchRecord(
                "No text of this version that was before its signers has this digest."
            )
        return Response(TextChangesOut({"digest": version.digest, "changes": found}).data)


ANSWERS: dict[str, Any] = {
    Decision.SIGNED.value: services.sign,
    Decision.REFUSED.value: services.refuse,
    Decision.CHANGES_ASKED.value: services.ask_for_changes,
    Decision.COMMENTED.value: services.comment,
}
