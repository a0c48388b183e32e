"""A reason in words, which most steps of an application or a loan ask for."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


class LendingReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


def reason_of(request: Request) -> str:
    """
    Return the reason in a request's body.

    :raises ValidationError: if there is none.
    """
    asked = LendingReasonIn(data=request.data)
    asked.is_valid(raise_exception=True)
    reason: str = asked.validated_data["reason"]
    return reason
