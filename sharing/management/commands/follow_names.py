"""Bring every bureau's names into the search: after an upgrade, or where a task was lost."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Organization, OrganizationKind
from sharing.services import enterprise_names


class Command(BaseCommand):
    help = "Follow all publications into the names that enterprises are searched by."

    def handle(self, *_: Any, **__: Any) -> None:
        bureaus = Organization.objects.filter(kind=OrganizationKind.MARKET_REGULATOR.value)
        for bureau in bureaus.order_by("short_name", "pk"):
            began, parts, more = time.monotonic(), 0, True
            while more:
                with acting_as(bureau.pk):
                    more = enterprise_names.follow(bureau.pk)
                parts += more
            seconds = time.monotonic() - began
            self.stdout.write(f"{bureau.short_name}: {parts} parts in {seconds:.1f} s")
