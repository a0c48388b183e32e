"""Fields of requests that several apps read."""

from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


class DayField(serializers.DateField):
    """A day that terms may be counted from: the ends of the calendar have no days beside them."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "beyond": _("Give a day of the years 1900 to 2200.")
    }

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        if not EARLIEST <= day <= LATEST:
            self.fail("beyond")
        return day
