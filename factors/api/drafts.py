"""Drafts of lists for programs and pages of others: started, worked on step by step, submitted."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from factors.api.factor_lists import PLACE, FactorListVersionEntryOut, FactorListViewSet
from factors.domain import draft_edits as edits
from factors.models import DraftRevision, FactorListVersion
from factors.permissions import EDIT, PUBLISH
from factors.selectors import drafts as selectors
from factors.selectors import factor_lists
from factors.services import draft_edits as services
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


class ListProblemOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    pointer = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class DraftOut(serializers.Serializer[Any]):
    """A draft's text, how many steps it has had, and what is wrong with it."""

    number = serializers.IntegerField()
    steps = serializers.IntegerField(help_text="Say this number with the next edit.")
    digest = serializers.CharField()
    problems = ListProblemOut(many=True)
    document = serializers.JSONField()


class DraftEditOut(serializers.Serializer[Any]):
    at = serializers.ListField(child=serializers.CharField())
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class DraftStepOut(serializers.Serializer[DraftRevision]):
    """One step of work on a draft."""

    number = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    made_by_name = serializers.CharField()
    digest = serializers.CharField()
    undoes = serializers.IntegerField(allow_null=True)
    undone_by = serializers.IntegerField(allow_null=True)
    edits = DraftEditOut(many=True)


class DraftStepPageOut(serializers.Serializer[Any]):
    """One page of steps."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DraftStepOut(many=True)


class _StepIn(serializers.Serializer[Any]):
    steps = serializers.IntegerField(
        min_value=0, help_text="How many steps the draft had when it was looked at."
    )


class ItemMembersIn(_StepIn):
    members = serializers.DictField(
        child=serializers.DictField(), help_text='Such as {"QC-05": {"maximum": "5"}}.'
    )


class AddItemIn(_StepIn):
    item = serializers.DictField()
    beside = serializers.CharField(required=False, default="", help_text="Code of the item before.")


class CodesIn(_StepIn):
    codes = serializers.ListField(child=serializers.CharField(), min_length=1, max_length=500)


class CopyItemsIn(CodesIn):
    source_code = serializers.CharField()
    source_number = serializers.IntegerField(min_value=1)


class MoveItemIn(_StepIn):
    code = serializers.CharField()
    beside = serializers.CharField(allow_blank=True, help_text="Empty: to the front.")


class RuleIn(_StepIn):
    code = serializers.CharField(max_length=20)
    kind = serializers.ChoiceField(choices=edits.RULE_KINDS, default=edits.RULES)
    rule = serializers.DictField(allow_null=True, help_text="Null takes the rule out.")


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


class DraftViewSet(TenantViewSet):
    """A draft, worked on step by step: what was done since it was looked at is merged."""

    required: ClassVar[dict[str, str | None]] = dict.fromkeys(
        (
            "retrieve", "destroy", "list", "set_members", "add_item", "remove_items",
            "copy_items", "move_item", "set_rule", "undo",
        ),
        EDIT,
    )  # fmt: skip

    @extend_schema(operation_id="factor_drafts_retrieve", parameters=PLACE, responses=DraftOut)
    def retrieve(self, request: Request, code: str, number: int) -> Response:
        return self._told(code, number)

    @extend_schema(operation_id="factor_drafts_discard", parameters=PLACE, responses={204: None})
    def destroy(self, request: Request, code: str, number: int) -> Response:
        version = factor_lists.version(code, number, actor=self.actor)
        lives.discard_draft(version.pk, actor=self.actor, at=timezone.now())
        return Response(status=204)

    @extend_schema(operation_id="factor_drafts_steps", parameters=PLACE, responses=DraftStepPageOut)
    def list(self, request: Request, code: str, number: int) -> Response:
        draft = selectors.draft(code, number, actor=self.actor)
        return self.paginate(selectors.history(draft), DraftStepOut)

    @extend_schema(
        operation_id="factor_drafts_set_members",
        parameters=PLACE,
        request=ItemMembersIn,
        responses=DraftOut,
    )
    def set_members(self, request: Request, code: str, number: int) -> Response:
        return self._step(services.set_members, ItemMembersIn, code, number)

    @extend_schema(
        operation_id="factor_drafts_add_item",
        parameters=PLACE,
        request=AddItemIn,
        responses=DraftOut,
    )
    def add_item(self, request: Request, code: str, number: int) -> Response:
        return self._step(services.add_item, AddItemIn, code, number)

    @extend_schema(
        operation_id="factor_drafts_remove_items",
        parameters=PLACE,
        request=CodesIn,
        responses=DraftOut,
    )
    def remove_items(self, request: Request, code: str, number: int) -> Response:
        return self._step(services.remove_items, CodesIn, code, number)

    @extend_schema(
        operation_id="factor_drafts_copy_items",
        parameters=PLACE,
        request=CopyItemsIn,
        responses=DraftOut,
    )
    def copy_items(self, request: Request, code: str, number: int) -> Response:
        given = _read(CopyItemsIn, request)
        given["source"] = (given.pop("source_code"), given.pop("source_number"))
        version = factor_lists.version(code, number, actor=self.actor)
        services.copy_items(version.pk, **given, actor=self.actor, at=timezone.now())
        return self._told(code, number)

    @extend_schema(
        operation_id="factor_drafts_move_item",
        parameters=PLACE,
        request=MoveItemIn,
        responses=DraftOut,
    )
    def move_item(self, request: Request, code: str, number: int) -> Response:
        return self._step(services.move_item, MoveItemIn, code, number)

    @extend_schema(
        operation_id="factor_drafts_set_rule",
        parameters=PLACE,
        request=RuleIn,
        responses=DraftOut,
    )
    def set_rule(self, request: Request, code: str, number: int) -> Response:
        return self._step(services.set_rule, RuleIn, code, number)

    @extend_schema(
        operation_id="factor_drafts_undo", parameters=PLACE, request=None, responses=DraftOut
    )
    def undo(self, request: Request, code: str, number: int) -> Response:
        version = factor_lists.version(code, number, actor=self.actor)
        services.undo(version.pk, actor=self.actor, at=timezone.now())
        return self._told(code, number)

    def _step(self, service: Any, form: Any, code: str, number: int) -> Response:
        given = _read(form, self.request)
        version = factor_lists.version(code, number, actor=self.actor)
        service(version.pk, **given, actor=self.actor, at=timezone.now())
        return self._told(code, number)

    def _told(self, code: str, number: int) -> Response:
        draft = selectors.draft(code, number, actor=self.actor)
        told = {
            "number": draft.version.number,
            "steps": draft.steps,
            "digest": draft.version.digest,
            "problems": draft.problems,
            "document": draft.document,
        }
        return Response(DraftOut(told).data)


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
