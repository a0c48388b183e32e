"""What evaluations may be asked for, and how enterprises are named."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from sharing.domain.agreements import NOT_BY_AGREEMENT, Purpose

PURPOSES = [purpose.value for purpose in Purpose if purpose not in NOT_BY_AGREEMENT]

USCC = r"^[0-9A-Z]{18}\Z"


def either(attrs: dict[str, Any]) -> dict[str, Any]:
    """
    :raises ValidationError: unless enterprises are named in exactly one of the two ways.
    """
    if ("uscc" in attrs) == ("enterprise_list" in attrs):
        raise serializers.ValidationError(
            {"uscc": [_("Give either uscc or enterprise_list, and not both.")]}
        )
    return attrs
