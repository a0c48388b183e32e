"""Enterprises as readers with a purpose see them, one by one or by the thousand."""

from datetime import date, datetime
from typing import Any, ClassVar

import orjson
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.schema import PAGING
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.errors import NotFound
from qfce.kernel.tenancy.actors import Actor
from sharing.domain.agreements import Purpose
from sharing.domain.disclosures import Answer, DisclosedRow, ItemStatus, Members, plain
from sharing.selectors import disclosures
from sharing.selectors import enterprise_lists as register

MOST_CODES = 1000
MOST_FOUND = 1000
CODE_LENGTH = 18
EARLIEST_YEAR, LATEST_YEAR = 1900, 2300
PURPOSES = [purpose.value for purpose in Purpose]
ANSWERS = [answer.value for answer in Answer]
# Most items of most enterprises have no value: they are written once, not a million times.
NOTHING = {
    answer: orjson.Fragment(orjson.dumps({"value": None, "answer": answer, "status": None}))
    for answer in ANSWERS
}


class NoSuchEnterprise(NotFound):
    code = "sharing.enterprise.unknown"
    title = "No enterprise has, or ever had, this code here."


class Usccs(serializers.ListField):
    """Many codes, looked at in one go: a field a code costs more than the whole read."""

    child = serializers.CharField(max_length=CODE_LENGTH)

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if not 1 <= len(data) <= MOST_CODES:
            raise serializers.ValidationError(
                gettext("Give 1 to {most} codes.").format(most=f"{MOST_CODES:,}")
            )
        for place, code in enumerate(data):
            if not isinstance(code, str) or not 1 <= len(code) <= CODE_LENGTH or "\0" in code:
                raise serializers.ValidationError({str(place): [_("Not a credit code.")]})
        return [code.strip().upper() for code in data]


class InstantField(serializers.DateTimeField):
    """An instant; a + that a query string has turned into a blank is understood."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "no_offset": _("Say the offset from UTC, as in 2026-11-23T09:20:00+08:00."),
        "beyond": _("Give an instant of the years 1900 to 2300."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        text = value.replace(" ", "+") if isinstance(value, str) and "T" in value else value
        return super().to_internal_value(text)

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse an instant without an offset: which of two moments is meant is no guess."""
        if value.tzinfo is None:
            self.fail("no_offset")
        if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:  # the ends of time have no neighbors
            self.fail("beyond")
        return super().enforce_timezone(value)


class ReadIn(serializers.Serializer[Any]):
    """Why and of when an enterprise is read."""

    purpose = serializers.ChoiceField(choices=PURPOSES, required=False)
    as_of = serializers.DateField(required=False, help_text="As things were on this day.")
    known_at = InstantField(required=False, help_text="As the platform knew them then.")
    factor_list = serializers.CharField(required=False, max_length=40)


class LookupIn(ReadIn):
    """The same for up to 1,000 enterprises."""

    purpose = serializers.ChoiceField(choices=PURPOSES)
    uscc = Usccs()


class DisclosedItemOut(serializers.Serializer[Any]):
    """One item, with what qualifies its value; without a value, the reason."""

    value = serializers.JSONField(allow_null=True)
    answer = serializers.ChoiceField(choices=ANSWERS)
    status = serializers.ChoiceField(choices=[s.value for s in ItemStatus], allow_null=True)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True)
    source = serializers.CharField(required=False, help_text="Who stated it.")
    recorded_at = serializers.DateTimeField(required=False)
    flags = serializers.ListField(child=serializers.CharField(), required=False)
    basis = serializers.CharField(required=False, help_text="What lets the reader see it.")


class EnterpriseOut(serializers.Serializer[Any]):
    """An enterprise as this reader may see it for this purpose."""

    uscc = serializers.CharField()
    answer = serializers.ChoiceField(choices=ANSWERS)
    name = serializers.CharField(allow_null=True)
    region = serializers.CharField(allow_null=True)
    industry = serializers.CharField(allow_null=True)
    size = serializers.CharField(allow_null=True)
    established_on = serializers.DateField(allow_null=True)
    registered_capital = serializers.CharField(allow_null=True, help_text="Yuan.")
    listed = serializers.BooleanField(allow_null=True)
    successor_uscc = serializers.CharField(allow_null=True)
    factor_list = serializers.CharField(allow_null=True)
    list_version = serializers.IntegerField(allow_null=True)
    position = serializers.CharField(help_text="The last change that is in it.")
    read_at = serializers.DateTimeField(help_text="As the read log has it.")
    items = serializers.DictField(child=DisclosedItemOut())


class LookupOut(serializers.Serializer[Any]):
    """In the order asked; codes never known are named apart."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EnterpriseOut(many=True)
    unknown = serializers.ListField(child=serializers.CharField())


class IdentityOut(serializers.Serializer[Any]):
    """Who an enterprise is; values need an inquiry with a purpose."""

    uscc = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()
    industry = serializers.CharField(allow_null=True)
    size = serializers.CharField(allow_null=True)
    established_on = serializers.DateField(allow_null=True)
    known_as = serializers.CharField(
        allow_null=True, help_text="The former name that was found, if the present one was not."
    )


class IdentityPageOut(serializers.Serializer[Any]):
    """One page of enterprises."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = IdentityOut(many=True)


class SearchIn(serializers.Serializer[Any]):
    q = serializers.CharField(min_length=2, max_length=60)


class EnterpriseViewSet(TenantViewSet):
    """Enterprises and their items; every call is written to the read log."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.enterprise.view",
        "retrieve": "sharing.enterprise.view",
        "lookup": "sharing.enterprise.view",
    }

    lookup_value_converter = "str"

    @extend_schema(
        operation_id="enterprises_list",
        parameters=[
            OpenApiParameter(
                "q", str, required=True, description="Code, part of a name, or its initials."
            ),
            *PAGING,
        ],
        responses=IdentityPageOut,
    )
    def list(self, request: Request) -> Response:
        asked = SearchIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        words = asked.validated_data["q"]
        found = register.search(words, actor=self.actor, limit=MOST_FOUND)
        return self.paginate(found, IdentityOut)

    @extend_schema(
        operation_id="enterprises_retrieve",
        parameters=[
            OpenApiParameter("id", str, OpenApiParameter.PATH, description="Credit code."),
            ReadIn,
        ],
        responses=EnterpriseOut,
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        asked = ReadIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = _read([pk.strip().upper()], asked.validated_data, self.actor)
        if not found:
            raise NoSuchEnterprise(f"No enterprise is known by {pk}.", hint="Check the code.")
        return Response(found[0])

    @extend_schema(operation_id="enterprises_lookup", request=LookupIn, responses=LookupOut)
    @action(detail=False, methods=["post"])
    def lookup(self, request: Request) -> Response:
        asked = LookupIn(data=request.data)
        asked.is_valid(raise_exception=True)
        codes = dict.fromkeys(asked.validated_data.pop("uscc"))
        found = {one["uscc"]: one for one in _read(list(codes), asked.validated_data, self.actor)}
        return Response(
            {
                "next": None,
                "previous": None,
                "results": [found[code] for code in codes if code in found],
                "unknown": [code for code in codes if code not in found],
            }
        )


def _read(usccs: list[str], asked: dict[str, Any], actor: Actor) -> list[dict[str, Any]]:
    purpose = asked.get("purpose") or _only_purpose(actor)
    rows = disclosures.read(
        usccs,
        purpose=purpose,
        actor=actor,
        at=timezone.now(),
        as_of=asked.get("as_of"),
        known_at=asked.get("known_at"),
        factor_list=asked.get("factor_list"),
    )
    templates: dict[int, dict[str, Any]] = {}
    answered = []
    for row, items, nothing in rows:
        template = templates.get(id(nothing))
        if template is None:
            template = {code: NOTHING[answer] for code, answer in nothing.items()}
            templates[id(nothing)] = template
        answered.append(_enterprise(row, items, template))
    return answered


def _only_purpose(actor: Actor) -> str:
    """Regulators supervise and enterprises read their own record; others have to say why."""
    possible = disclosures.purposes_of(actor=actor)
    if len(possible) > 1:
        raise serializers.ValidationError({"purpose": [_("Say what the data is for.")]})
    return possible[0]


def _enterprise(
    row: DisclosedRow, items: dict[str, Members], template: dict[str, Any]
) -> dict[str, Any]:
    consented = dict.fromkeys(row.consents, NOTHING["no_data"]) if row.consents else {}
    capital = row.registered_capital
    established: date | None = row.established_on
    return {
        "uscc": row.uscc,
        "answer": row.answer,
        "name": row.name,
        "region": row.region,
        "industry": row.industry,
        "size": row.size,
        "established_on": established,
        "registered_capital": None if capital is None else plain(capital),
        "listed": row.listed,
        "successor_uscc": row.successor_uscc,
        "factor_list": row.list_code,
        "list_version": row.list_version,
        "position": f"{row.number or 0}.{row.row or 0}",
        "read_at": row.read_at,
        "items": {**template, **consented, **items},
    }
