"""Bring the shards of all lists up to the feed: after a restore, or where the folder was lost."""

import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Organization, OrganizationKind
from sharing.services import shards


class Command(BaseCommand):
    help = "Write the shards of every list anew where the feed says that something changed."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--anew", action="store_true", help="whatever lies there already")

    def handle(self, *_: Any, anew: bool, **__: Any) -> None:
        at = timezone.now()
        do = shards.rebuild if anew else shards.follow
        owners = Organization.objects.filter(kind=OrganizationKind.MARKET_REGULATOR.value)
        for owner in owners.order_by("short_name", "pk"):
            with acting_as(owner.pk):
                actor = service_actor(owner.pk, "shards")
                lists = factor_lists.list_for(actor=actor, on=business_day(at))
            for entry in lists:
                if entry.owner_id == owner.pk and entry.in_force is not None:
                    began = time.monotonic()
                    with acting_as(owner.pk):
                        cities = do(entry.code, actor=actor, at=at)
                    seconds = time.monotonic() - began
                    self.stdout.write(f"{entry.code}: {cities} cities in {seconds:.1f} s")
