"""Lists begun, who signs them, and where a version goes: submitted, returned, published."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from factors.api.factor_lists import PLACE, FactorListVersionEntryOut, FactorListViewSet
from factors.models import FactorListVersion
from factors.permissions import EDIT, PUBLISH
from factors.selectors import factor_lists
from factors.services import factor_lists as lives
from factors.services import list_starts, sign_offs
from qfce.kernel.api.views import TenantViewSet

CODE_ONLY = PLACE[:1]


class NewListIn(serializers.Serializer[Any]):
    code = serializers.RegexField(r"^[A-Z][A-Z0-9-]{2,38}$")
    name_zh = serializers.CharField(max_length=120)
    name_en = serializers.CharField(max_length=160)
    region = serializers.RegexField(r"^[0-9]{6}$")
    effective_from = serializers.DateField()
    source = serializers.RegexField(
        r"^[A-Z0-9-]+/[0-9]+$", required=False, default="", help_text="Such as ZJ-QFCE/1."
    )


class SignersIn(serializers.Serializer[Any]):
    signer_ids = serializers.ListField(child=serializers.UUIDField(), max_length=50)
    signing_days = serializers.IntegerField(min_value=1, max_value=250, required=False)


class SignersOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    signer_ids = serializers.ListField(child=serializers.UUIDField())
    signing_days = serializers.IntegerField(help_text="Working days.")


class SubmitIn(serializers.Serializer[Any]):
    sign_by = serializers.DateField(required=False, allow_null=True, default=None)


class ListReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000)


class SignByIn(serializers.Serializer[Any]):
    sign_by = serializers.DateField()


class ListStartViewSet(FactorListViewSet):
    """Lists, those begun, their next versions, and who signs them."""

    required: ClassVar[dict[str, str | None]] = {
        **FactorListViewSet.required,
        "create": EDIT,
        "next_version": EDIT,
        "signers": EDIT,
    }

    @extend_schema(
        operation_id="factor_lists_create",
        request=NewListIn,
        responses={201: FactorListVersionEntryOut},
    )
    def create(self, request: Request) -> Response:
        given = _read(NewListIn, request)
        version = list_starts.start(**given, actor=self.actor, at=timezone.now())
        return Response(_entry(version), status=201)

    @extend_schema(
        operation_id="factor_lists_start_next",
        parameters=CODE_ONLY,
        request=None,
        responses={201: FactorListVersionEntryOut},
    )
    def next_version(self, request: Request, code: str) -> Response:
        version = list_starts.start_next(code, actor=self.actor, at=timezone.now())
        return Response(_entry(version), status=201)

    @extend_schema(
        operation_id="factor_lists_set_signers",
        parameters=CODE_ONLY,
        request=SignersIn,
        responses=SignersOut,
    )
    def signers(self, request: Request, code: str) -> Response:
        given = _read(SignersIn, request)
        found = lives.set_signers(code, **given, actor=self.actor, at=timezone.now())
        return Response(SignersOut(found).data)


class VersionLifeViewSet(TenantViewSet):
    """Where a version goes: submitted, returned, published, withdrawn."""

    required: ClassVar[dict[str, str | None]] = {
        "submit": EDIT,
        "give_back": EDIT,
        "deadline": EDIT,
        "publish": PUBLISH,
        "withdraw": PUBLISH,
    }

    @extend_schema(
        operation_id="factor_list_versions_submit",
        parameters=PLACE,
        request=SubmitIn,
        responses=FactorListVersionEntryOut,
    )
    def submit(self, request: Request, code: str, number: int) -> Response:
        return self._go(lives.submit_for_review, code, number, _read(SubmitIn, request))

    @extend_schema(
        operation_id="factor_list_versions_return",
        parameters=PLACE,
        request=ListReasonIn,
        responses=FactorListVersionEntryOut,
    )
    def give_back(self, request: Request, code: str, number: int) -> Response:
        return self._go(lives.return_to_draft, code, number, _read(ListReasonIn, request))

    @extend_schema(
        operation_id="factor_list_versions_set_deadline",
        parameters=PLACE,
        request=SignByIn,
        responses=FactorListVersionEntryOut,
    )
    def deadline(self, request: Request, code: str, number: int) -> Response:
        return self._go(sign_offs.set_deadline, code, number, _read(SignByIn, request))

    @extend_schema(
        operation_id="factor_list_versions_publish",
        parameters=PLACE,
        request=None,
        responses=FactorListVersionEntryOut,
    )
    def publish(self, request: Request, code: str, number: int) -> Response:
        return self._go(lives.publish, code, number, {})

    @extend_schema(
        operation_id="factor_list_versions_withdraw",
        parameters=PLACE,
        request=ListReasonIn,
        responses=FactorListVersionEntryOut,
    )
    def withdraw(self, request: Request, code: str, number: int) -> Response:
        return self._go(lives.withdraw, code, number, _read(ListReasonIn, request))

    def _go(self, service: Any, code: str, number: int, given: dict[str, Any]) -> Response:
        version = factor_lists.version(code, number, actor=self.actor)
        moved: FactorListVersion = service(version.pk, **given, actor=self.actor, at=timezone.now())
        return Response(_entry(moved))


def _entry(version: FactorListVersion) -> Any:
    return FactorListVersionEntryOut(factor_lists.entry(version)).data


def _read(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
