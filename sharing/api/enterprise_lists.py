"""Enterprise lists: whom they name, to those they are shown to."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from qfce.kernel.api.schema import PAGING
from qfce.kernel.api.views import TenantViewSet
from sharing.api.agreements import OrganizationField
from sharing.api.enterprises import IdentityOut, IdentityPageOut, Usccs
from sharing.models import EnterpriseList
from sharing.selectors import enterprise_lists as selectors
from sharing.services import enterprise_lists

LARGEST_PAGE = 1000


class EnterpriseListIn(serializers.Serializer[Any]):
    """A new list, with its first members."""

    name = serializers.CharField(max_length=120)
    kind = serializers.CharField(max_length=40, default="list")
    uscc = Usccs(required=False)


class MembersIn(serializers.Serializer[Any]):
    uscc = Usccs()


class ShareIn(serializers.Serializer[Any]):
    recipient = OrganizationField(help_text="Id or short name.")


class EnterpriseListOut(serializers.Serializer[EnterpriseList]):
    """A list, without its members."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    owner = serializers.CharField(source="owner.short_name")
    members = serializers.IntegerField(source="member_count")
    created_at = serializers.DateTimeField()


class EnterpriseListPageOut(serializers.Serializer[Any]):
    """One page of lists."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EnterpriseListOut(many=True)


class CountOut(serializers.Serializer[Any]):
    """How many members came or went."""

    members = serializers.IntegerField()


class PageIn(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=LARGEST_PAGE, default=LARGEST_PAGE)
    cursor = serializers.CharField(max_length=18, default="", allow_blank=True)


class EnterpriseListViewSet(TenantViewSet):
    """Lists that the caller's organisation keeps or was shown."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.enterprise_list.view",
        "create": "sharing.enterprise_list.write",
        "members": "sharing.enterprise_list.view",
        "POST members": "sharing.enterprise_list.write",
        "share": "sharing.enterprise_list.write",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="enterprise_lists_list", parameters=PAGING, responses=EnterpriseListPageOut
    )
    def list(self, request: Request) -> Response:
        found = selectors.list_for(actor=self.actor)
        return self.paginate(found, EnterpriseListOut, ordering=("-created_at", "pk"))

    @extend_schema(
        operation_id="enterprise_lists_create",
        request=EnterpriseListIn,
        responses={201: EnterpriseListOut},
    )
    def create(self, request: Request) -> Response:
        asked = EnterpriseListIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        kept = enterprise_lists.create(
            given["name"],
            kind=given["kind"],
            usccs=given.get("uscc", ()),
            actor=self.actor,
            at=timezone.now(),
        )
        shown = selectors.list_for(actor=self.actor).get(pk=kept.pk)
        return Response(EnterpriseListOut(shown).data, status=201)

    @extend_schema(
        operation_id="enterprise_lists_members",
        methods=["GET"],
        parameters=[
            OpenApiParameter("id", UUID, OpenApiParameter.PATH),
            *PAGING,
        ],
        responses=IdentityPageOut,
    )
    @extend_schema(
        operation_id="enterprise_lists_add", methods=["POST"], request=MembersIn, responses=CountOut
    )
    @action(detail=True, methods=["get", "post"])
    def members(self, request: Request, pk: UUID) -> Response:
        if request.method == "POST":
            return self._add(request, pk)
        asked = PageIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found, more = selectors.members(
            pk,
            actor=self.actor,
            after=asked.validated_data["cursor"],
            limit=asked.validated_data["limit"],
        )
        here = request.build_absolute_uri()
        following = replace_query_param(here, "cursor", more) if more else None
        results = IdentityOut(found, many=True).data
        return Response({"next": following, "previous": None, "results": results})

    @extend_schema(operation_id="enterprise_lists_share", request=ShareIn, responses={204: None})
    @action(detail=True, methods=["post"])
    def share(self, request: Request, pk: UUID) -> Response:
        asked = ShareIn(data=request.data)
        asked.is_valid(raise_exception=True)
        enterprise_lists.share(
            pk,
            recipient_id=asked.validated_data["recipient"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(status=204)

    def _add(self, request: Request, pk: UUID) -> Response:
        asked = MembersIn(data=request.data)
        asked.is_valid(raise_exception=True)
        added = enterprise_lists.add(
            pk, asked.validated_data["uscc"], actor=self.actor, at=timezone.now()
        )
        return Response({"members": added})
