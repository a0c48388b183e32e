"""Migrations of a list's records to a new version: previewed, released, discarded, undone."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.views import TenantViewSet
from sharing.api.import_outputs import PublicationOut
from sharing.domain.migration_lifecycle import MigrationStatus
from sharing.models import ListMigration
from sharing.selectors import list_migrations as selectors
from sharing.services import list_migrations

STATUSES = [status.value for status in MigrationStatus]


class ListMigrationIn(serializers.Serializer[None]):
    """The version whose migration is to be counted out on stored profiles."""

    factor_list = serializers.CharField(max_length=40)
    version = serializers.IntegerField(min_value=1)


class ListMigrationReleaseIn(serializers.Serializer[None]):
    """What a releaser agrees to beside the migration itself."""

    confirm_without_target = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        default=None,
        help_text="How many values become nothing, where any do.",
    )


class ListMigrationOut(serializers.Serializer[ListMigration]):
    """A migration and its preview."""

    id = serializers.UUIDField()
    factor_list = serializers.CharField()
    version = serializers.IntegerField(source="list_version")
    from_version = serializers.IntegerField()
    digest = serializers.CharField(help_text="Of the version's document that was previewed.")
    status = serializers.ChoiceField(choices=STATUSES)
    progress = serializers.SerializerMethodField()
    preview = serializers.DictField(
        help_text="profiles, concerned, without_target, steps and samples."
    )
    prepared_by = serializers.UUIDField(source="prepared_by_id")
    prepared_at = serializers.DateTimeField()
    previewed_at = serializers.DateTimeField(allow_null=True)
    released_by = serializers.UUIDField(source="released_by_id", allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    publication = PublicationOut(allow_null=True)
    undo_publication = PublicationOut(allow_null=True)
    discarded_at = serializers.DateTimeField(allow_null=True)
    refusal_code = serializers.CharField(help_text="Why it went back, empty if it did not.")

    def get_progress(self, migration: ListMigration) -> float:
        return selectors.progress(migration)


class ListMigrationPageOut(serializers.Serializer[Any]):
    """One page of migrations."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ListMigrationOut(many=True)


class HolderOut(serializers.Serializer[Any]):
    """An enterprise that holds a value."""

    uscc = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()


class HolderIn(serializers.Serializer[None]):
    """Which value, and behind which enterprise to go on."""

    item = serializers.CharField(max_length=20)
    value = serializers.CharField(max_length=400)
    after = serializers.CharField(max_length=18, default="", allow_blank=True)


VALUE = [
    OpenApiParameter("item", OpenApiTypes.STR, required=True, description="Of the version before."),
    OpenApiParameter("value", OpenApiTypes.STR, required=True, description="As the preview says."),
    OpenApiParameter("after", OpenApiTypes.STR, description="The last code of the page before."),
]


class ListMigrationViewSet(TenantViewSet):
    """What a new version of a list does to the records that there are."""

    # Releasing is judged by the service: whoever prepared it is told that it is their own.
    required: ClassVar[dict[str, str | None]] = {
        "create": "sharing.migration.write",
        "list": "sharing.migration.view",
        "retrieve": "sharing.migration.view",
        "enterprises": "sharing.migration.view",
        "release": "sharing.migration.view",
        "discard": "sharing.migration.view",
        "undo": "sharing.migration.view",
    }

    lookup_value_converter = "uuid"

    @extend_schema(request=ListMigrationIn, responses={202: ListMigrationOut})
    def create(self, request: Request) -> Response:
        """Have a version's migration counted out; nothing reaches the ledger by this."""
        asked = ListMigrationIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        migration = list_migrations.prepare(
            given["factor_list"], given["version"], actor=self.actor, at=timezone.now()
        )
        return Response(ListMigrationOut(migration).data, status=202)

    @extend_schema(operation_id="list_migrations_list", responses=ListMigrationPageOut)
    def list(self, request: Request) -> Response:
        """List the migrations of the caller's organization, newest first."""
        rows = selectors.migrations(actor=self.actor)
        return self.paginate(rows, ListMigrationOut, ordering=("-prepared_at", "-pk"))

    @extend_schema(operation_id="list_migrations_retrieve", responses=ListMigrationOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return one migration with its preview."""
        return Response(ListMigrationOut(selectors.get(pk, actor=self.actor)).data)

    @extend_schema(parameters=VALUE, responses=HolderOut(many=True))
    @action(detail=True, methods=["get"])
    def enterprises(self, request: Request, pk: UUID) -> Response:
        """List up to 50 enterprises whose stored value of an item is the one that is asked for."""
        asked = HolderIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        migration = selectors.get(pk, actor=self.actor)
        found = selectors.holders(migration, **asked.validated_data, actor=self.actor)
        return Response(HolderOut(found, many=True).data)

    @extend_schema(request=ListMigrationReleaseIn, responses={202: ListMigrationOut})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: UUID) -> Response:
        """Publish a previewed migration, as a second person."""
        asked = ListMigrationReleaseIn(data=request.data)
        asked.is_valid(raise_exception=True)
        migration = list_migrations.release(
            pk, **asked.validated_data, actor=self.actor, at=timezone.now()
        )
        return Response(ListMigrationOut(migration).data, status=202)

    @extend_schema(request=None, responses=ListMigrationOut)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: UUID) -> Response:
        """Drop a migration that is not released."""
        migration = list_migrations.discard(pk, actor=self.actor, at=timezone.now())
        return Response(ListMigrationOut(migration).data)

    @extend_schema(request=None, responses={202: ListMigrationOut})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: UUID) -> Response:
        """Take a published migration back, as a second person."""
        migration = list_migrations.undo(pk, actor=self.actor, at=timezone.now())
        return Response(ListMigrationOut(migration).data, status=202)
