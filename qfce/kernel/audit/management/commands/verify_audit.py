"""Prove that no audit event was changed, removed or slipped in since it was sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qfce.kernel.audit import seals


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = seals.verify()
        if verdict.broken is not None:
            raise CommandError(f"Seal {verdict.broken} {verdict.reason}.")
        self.stdout.write(f"{verdict.seals} seals over {verdict.events} events hold.")
