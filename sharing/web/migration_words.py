"""What pages say of migrations: their states, what a worker is at, who did what."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sharing.domain.migration_lifecycle import MigrationStatus

S = MigrationStatus
STATUSES: Mapping[str, str | Promise] = {
    S.PREVIEWING: _("Being counted out"),
    S.PREVIEWED: _("Waiting for release"),
    S.RELEASING: _("Being published"),
    S.PUBLISHED: pgettext_lazy("migration", "Published"),
    S.UNDOING: _("Being taken back"),
    S.UNDONE: _("Taken back"),
    S.DISCARDED: _("Discarded"),
}
TONES: Mapping[str, str] = {
    S.PREVIEWING: "info",
    S.PREVIEWED: "warn",
    S.RELEASING: "info",
    S.PUBLISHED: "good",
    S.UNDOING: "info",
    S.UNDONE: "muted",
    S.DISCARDED: "muted",
}
WORKING: Mapping[str, str | Promise] = {
    S.PREVIEWING: _("Counting what the steps would do"),
    S.RELEASING: _("Bringing it into the ledger, all of it or nothing"),
    S.UNDOING: _("Taking it back"),
}


def status(code: str) -> str:
    return str(STATUSES.get(code, code))


def status_tone(code: str) -> str:
    return TONES.get(code, "muted")
