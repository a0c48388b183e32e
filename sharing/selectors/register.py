"""All that a bureau's register says of one enterprise beside its factors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Region
from sharing import permissions
from sharing.domain.enterprise_states import ENTERPRISE, ITEM
from sharing.domain.industries import SECTIONS, section_of
from sharing.models import (
    Enterprise,
    EnterpriseMerge,
    EnterpriseSizing,
    EnterpriseTag,
    FactorProfile,
    RecordChange,
)

# The whole past of an enterprise that is the asker's now, wherever it was registered before.
SAID = """
SELECT number, recorded_at, cause, k.key, k.value, details -> k.key ->> 'valid_from'
FROM qfce_ledger(NULL, %s), LATERAL jsonb_each_text(changes) k
WHERE k.key IN ('name', 'region', 'size', 'industry') AND number IS NOT NULL
  AND (import_id IS NULL OR import_id NOT IN (
      SELECT u.import_id FROM qfce_ledger(NULL, %s) u
      WHERE u.cause = 'undo' AND u.import_id IS NOT NULL))
ORDER BY number, "row"
"""


@dataclass(frozen=True, slots=True)
class Stated:
    """One value that a field of the register had, and the publication it came from."""

    value: str
    number: int
    recorded_at: datetime
    cause: str
    since: date | None


@dataclass(frozen=True, slots=True)
class State:
    """The state at the registrar: since when, until when if suspended, and what may follow."""

    value: str
    since: date | None
    until: date | None
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An enterprise as the register of its bureau has it."""

    enterprise: Enterprise
    past: Mapping[str, tuple[Stated, ...]]
    code_region: str
    code_region_known: Region | None
    section: tuple[str, str, str] | None
    state: State
    former_codes: tuple[EnterpriseMerge, ...]
    sizings: tuple[EnterpriseSizing, ...]
    tags: tuple[EnterpriseTag, ...]
    waiting: tuple[RecordChange, ...]

    @property
    def lies_elsewhere(self) -> bool:
        """Whether the code was given in another region than the bureau that answers now."""
        return self.code_region != self.enterprise.region


def entry(uscc: str, *, actor: Actor) -> Entry:
    """
    Return what the register of the actor's jurisdiction says of an enterprise.

    :raises NoSuchRecord: if it has none such there.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    enterprise = one(Enterprise.objects.all(), pk=uscc)
    code_region = uscc[2:8]
    section = section_of(enterprise.industry)
    return Entry(
        enterprise=enterprise,
        past=_past(uscc),
        code_region=code_region,
        code_region_known=Region.objects.filter(pk=code_region).first(),
        section=(section, *SECTIONS[section][:2]) if section else None,
        state=_state(uscc),
        former_codes=tuple(
            EnterpriseMerge.objects.filter(
                kept=uscc, status__in=["released", "undo_prepared"]
            ).select_related("publication")
        ),
        sizings=tuple(
            EnterpriseSizing.objects.filter(uscc=uscc)
            .select_related("change")
            .order_by("-day", "-change__prepared_at")
        ),
        tags=tuple(
            EnterpriseTag.objects.filter(uscc=uscc).select_related("owner").order_by("kind", "name")
        ),
        waiting=tuple(
            RecordChange.objects.filter(uscc=uscc, status="prepared").order_by("prepared_at", "pk")
        ),
    )


def _past(uscc: str) -> dict[str, tuple[Stated, ...]]:
    """Return each field's values, oldest first, leaving out what was said again unchanged."""
    found: dict[str, list[Stated]] = {"name": [], "region": [], "size": [], "industry": []}
    with connection.cursor() as cursor:
        cursor.execute(SAID, [[uscc], [uscc]])
        for number, recorded_at, cause, field, value, since in cursor.fetchall():
            said = found[field]
            if value is not None and (not said or said[-1].value != value):
                day = date.fromisoformat(since) if since else None
                said.append(Stated(value, number, recorded_at, cause, day))
    return {field: tuple(said) for field, said in found.items()}


def _state(uscc: str) -> State:
    profile = FactorProfile.objects.filter(uscc=uscc).order_by("-publication_id").first()
    value = (profile.values.get(ITEM) if profile else None) or ENTERPRISE.initial.value
    details: dict[str, Any] = (profile.details.get(ITEM) or {}) if profile else {}
    since, until = (
        date.fromisoformat(details[name]) if details.get(name) else None
        for name in ("valid_from", "valid_to")
    )
    return State(value, since, until, actions=tuple(sorted(ENTERPRISE.actions_from(value))))
