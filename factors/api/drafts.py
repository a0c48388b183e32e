"""Drafts of lists for programs and pages of others: started, worked on step by step, submitted."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from factors.api.factor_lists import PLACE
from factors.domain import draft_edits as edits
from factors.models import DraftRevision
from factors.permissions import EDIT
from factors.selectors import drafts as selectors
from factors.selectors import factor_lists
from factors.services import draft_edits as services
from factors.services import factor_lists as lives
from factors.services import migration_edits
from qfce.kernel.api.views import TenantViewSet

CODE_ONLY = PLACE[:1]


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


class FirstDayIn(_StepIn):
    effective_from = serializers.DateField(help_text="From this day on the version counts.")


class DraftStepIn(_StepIn):
    """What a step needs that says nothing else."""


class MigrationStepIn(_StepIn):
    item = serializers.CharField(max_length=20, help_text="Of the version before.")
    step = serializers.DictField(
        allow_null=True,
        help_text="As in a version's `migration`, without `item`; null takes the step out.",
    )


class DraftViewSet(TenantViewSet):
    """A draft, worked on step by step: what was done since it was looked at is merged."""

    required: ClassVar[dict[str, str | None]] = dict.fromkeys(
        (
            "retrieve", "destroy", "list", "set_members", "add_item", "remove_items",
            "copy_items", "move_item", "set_rule", "set_migration_step", "propose_migration",
            "set_first_day", "undo",
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
        operation_id="factor_drafts_set_first_day",
        parameters=PLACE,
        request=FirstDayIn,
        responses=DraftOut,
    )
    def set_first_day(self, request: Request, code: str, number: int) -> Response:
        return self._step(services.set_first_day, FirstDayIn, code, number)

    @extend_schema(
        operation_id="factor_drafts_set_migration_step",
        parameters=PLACE,
        request=MigrationStepIn,
        responses=DraftOut,
    )
    def set_migration_step(self, request: Request, code: str, number: int) -> Response:
        return self._step(migration_edits.set_migration_step, MigrationStepIn, code, number)

    @extend_schema(
        operation_id="factor_drafts_propose_migration",
        parameters=PLACE,
        request=DraftStepIn,
        responses=DraftOut,
    )
    def propose_migration(self, request: Request, code: str, number: int) -> Response:
        return self._step(migration_edits.propose_migration, DraftStepIn, code, number)

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


def _read(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
