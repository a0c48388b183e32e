"""The register of a bureau: who an enterprise is, with its past, its state, size and tags."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.fields import DayField
from qfce.kernel.api.views import TenantViewSet
from sharing.api.record_changes import RecordChangeOut
from sharing.domain.enterprise_sizes import Figures, Size
from sharing.domain.enterprise_states import ENTERPRISE, EnterpriseState
from sharing.selectors import register as selectors
from sharing.services import register
from sharing.services.register_rules import TAG_KINDS

ACTIONS = sorted(ENTERPRISE.transitions)
STATES = [state.value for state in EnterpriseState]
SIZES = [size.value for size in Size]
CODE = OpenApiParameter("id", str, OpenApiParameter.PATH, description="Credit code.")


class StatedOut(serializers.Serializer[Any]):
    """One value that the register had, and the publication that it came from."""

    value = serializers.CharField()
    number = serializers.IntegerField(help_text="Of the publication.")
    recorded_at = serializers.DateTimeField()
    since = serializers.DateField(allow_null=True)


class StateOut(serializers.Serializer[Any]):
    value = serializers.ChoiceField(choices=STATES)
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True, help_text="Of a lawful suspension.")
    actions = serializers.ListField(child=serializers.ChoiceField(choices=ACTIONS))


class FormerCodeOut(serializers.Serializer[Any]):
    uscc = serializers.CharField(source="former")
    since = serializers.DateTimeField(source="released_at")
    number = serializers.IntegerField(source="publication.number")


class SizingOut(serializers.Serializer[Any]):
    """How a size was worked out; the figures never go to banks."""

    day = serializers.DateField()
    industry = serializers.CharField()
    sector = serializers.CharField()
    employees = serializers.IntegerField(allow_null=True)
    revenue = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)
    assets = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)
    size = serializers.ChoiceField(choices=SIZES)
    status = serializers.CharField(source="change.status")
    change = serializers.UUIDField(source="change_id")


class TagOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=TAG_KINDS)
    name = serializers.CharField()
    owner = serializers.UUIDField(source="owner_id")


class RegisterOut(serializers.Serializer[Any]):
    """An enterprise as the register of its bureau has it."""

    uscc = serializers.CharField(source="enterprise.uscc")
    name = serializers.CharField(source="enterprise.name")
    region = serializers.CharField(
        source="enterprise.region", help_text="The jurisdiction that answers for it now."
    )
    code_region = serializers.CharField(help_text="Where its code was given.")
    industry = serializers.CharField(source="enterprise.industry", allow_null=True)
    size = serializers.CharField(source="enterprise.size", allow_null=True)
    successor_uscc = serializers.CharField(source="enterprise.successor_uscc", allow_null=True)
    past = serializers.DictField(child=StatedOut(many=True), help_text="By field, oldest first.")
    former_codes = FormerCodeOut(many=True)
    state = StateOut()
    sizings = SizingOut(many=True)
    tags = TagOut(many=True)


class StateIn(serializers.Serializer[None]):
    action = serializers.ChoiceField(choices=ACTIONS)
    since = DayField()
    until = DayField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=2000)


class SizeIn(serializers.Serializer[None]):
    """Figures of one year's end, as far as the sector is measured by them."""

    industry = serializers.CharField(max_length=5)
    day = DayField()
    employees = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=2_000_000_000
    )
    revenue = serializers.DecimalField(
        max_digits=20, decimal_places=2, required=False, allow_null=True
    )
    assets = serializers.DecimalField(
        max_digits=20, decimal_places=2, required=False, allow_null=True
    )
    reason = serializers.CharField(max_length=2000)


class IdentityIn(serializers.Serializer[None]):
    name = serializers.CharField(max_length=200, required=False)
    region = serializers.CharField(max_length=6, required=False)
    industry = serializers.CharField(max_length=5, required=False)
    since = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=2000)


class TagIn(serializers.Serializer[None]):
    kind = serializers.ChoiceField(choices=TAG_KINDS)
    name = serializers.CharField(max_length=60)


class UntagIn(serializers.Serializer[None]):
    id = serializers.UUIDField()


class RegisterViewSet(TenantViewSet):
    """What a bureau says of an enterprise as such."""

    required: ClassVar[dict[str, str | None]] = {
        "retrieve": "sharing.enterprise.view",
        "state": "sharing.record.write",
        "size": "sharing.record.write",
        "identity": "sharing.record.write",
        "tag": "sharing.record.write",
        "untag": "sharing.record.write",
    }

    lookup_value_converter = "str"

    @extend_schema(operation_id="register_retrieve", parameters=[CODE], responses=RegisterOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return an enterprise of the caller's jurisdiction, with its past."""
        return Response(RegisterOut(selectors.entry(pk.upper(), actor=self.actor)).data)

    @extend_schema(
        operation_id="register_state",
        parameters=[CODE],
        request=StateIn,
        responses={201: RecordChangeOut},
    )
    @action(detail=True, methods=["post"])
    def state(self, request: Request, pk: str) -> Response:
        """Prepare the next state at the registrar, lawful suspension among them."""
        given = self._given(StateIn, request)
        change = register.change_state(pk.upper(), **given, actor=self.actor, at=timezone.now())
        return Response(RecordChangeOut(change).data, status=201)

    @extend_schema(
        operation_id="register_size", parameters=[CODE], request=SizeIn, responses={201: SizingOut}
    )
    @action(detail=True, methods=["post"])
    def size(self, request: Request, pk: str) -> Response:
        """Work out the size from its figures, and prepare the class for release."""
        given = self._given(SizeIn, request)
        figures = Figures(
            given.pop("employees", None), given.pop("revenue", None), given.pop("assets", None)
        )
        sizing = register.measure(
            pk.upper(), figures=figures, **given, actor=self.actor, at=timezone.now()
        )
        return Response(SizingOut(sizing).data, status=201)

    @extend_schema(
        operation_id="register_identity",
        parameters=[CODE],
        request=IdentityIn,
        responses={201: RecordChangeOut},
    )
    @action(detail=True, methods=["post"])
    def identity(self, request: Request, pk: str) -> Response:
        """Prepare another name, region or industry."""
        given = self._given(IdentityIn, request)
        reason, since = given.pop("reason"), given.pop("since", None)
        change = register.prepare_identity(
            pk.upper(),
            changes=given,
            since=since,
            reason=reason,
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(RecordChangeOut(change).data, status=201)

    @extend_schema(
        operation_id="register_tag", parameters=[CODE], request=TagIn, responses={201: TagOut}
    )
    @action(detail=True, methods=["post"])
    def tag(self, request: Request, pk: str) -> Response:
        """Count an enterprise among a chain, a cluster or a county's programme."""
        given = self._given(TagIn, request)
        found = register.tag(pk.upper(), **given, actor=self.actor, at=timezone.now())
        return Response(TagOut(found).data, status=201)

    @extend_schema(
        operation_id="register_untag", parameters=[CODE], request=UntagIn, responses={204: None}
    )
    @action(detail=True, methods=["post"])
    def untag(self, request: Request, pk: str) -> Response:
        """Take a tag of the caller's own bureau away."""
        given = self._given(UntagIn, request)
        register.untag(pk.upper(), given["id"], actor=self.actor, at=timezone.now())
        return Response(status=204)

    def _given(self, serializer: type[serializers.Serializer[Any]], request: Request) -> Any:
        asked = serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)
