"""
The OpenAPI description: what every operation has in common is added here, by the kernel.

Every operation can answer with a problem; every POST takes an Idempotency-Key.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from qfce import roles


class FieldErrorOut(serializers.Serializer[Any]):
    """One member of the request that is wrong."""

    pointer = serializers.CharField(help_text="JSON pointer (RFC 6901) to the member.")
    detail = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """An RFC 9457 problem."""

    type = serializers.CharField()
    title = serializers.CharField(help_text="Constant for a code.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong, with the values.")
    code = serializers.CharField(help_text="Never changes; key on it.")
    hint = serializers.CharField(help_text="What to do.", allow_blank=True)
    errors = FieldErrorOut(many=True)


COMMON = {
    "400": "The request is not valid.",
    "401": "Nobody is signed in, or the token is over.",
    "403": "Not permitted.",
    "404": "There is none, or it is another's.",
    "405": "No such method here.",
    "429": "Too many requests; see Retry-After.",
    "503": "The database does not answer; try again.",
}
WRITING = {
    "409": "Not in this state, or the same key is still running.",
    "413": "Too large.",
    "415": "Another media type.",
    "422": "The idempotency key came with another body.",
}


class TenantSchema(AutoSchema):
    """Adds to each operation the problems and headers that the kernel gives it."""

    def get_override_parameters(self) -> list[OpenApiParameter]:
        parameters = [
            OpenApiParameter(
                "Qfce-Organization",
                str,
                OpenApiParameter.HEADER,
                description="For people with several memberships: which one acts.",
            )
        ]
        if self.method == "POST":
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    description="Same key and body: the same answer, kept 24 hours.",
                )
            )
        return parameters

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        problems = dict(COMMON)
        if self.method not in {"GET", "HEAD"}:
            problems |= WRITING
        for status, description in problems.items():
            if status not in bodies:
                answer = self._get_response_for_code(
                    OpenApiResponse(ProblemOut, description),
                    status,
                    ["application/problem+json"],
                    direction,
                )
                bodies[status] = answer
        return bodies

    def _is_list_view(self, serializer: Any = None) -> bool:
        """A view is a list only if it says so with `many=True`: pages are spelled out."""
        return isinstance(serializer, serializers.ListSerializer)


class BearerScheme(OpenApiAuthenticationExtension):
    """How programs sign in, for the description."""

    target_class = "qfce.kernel.api.authentication.BearerAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {"tokenUrl": "/oauth/token/", "scopes": dict(roles.SCOPES)}
            },
        }


def page_of(serializer: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the description of a page of these: `{next, previous, results}`."""
    name = serializer.__name__.removesuffix("Out") + "PageOut"
    members = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": serializer(many=True),
        "__doc__": f"One page of {serializer.__name__.removesuffix('Out')}.",
    }
    return type(name, (serializers.Serializer,), members)


PAGING = [
    OpenApiParameter("limit", int, description="Results a page, 1 to 1,000; 50 by default."),
    OpenApiParameter("cursor", str, description="From `next` or `previous`."),
]
