"""One migration as its page shows it: what it would do, in the words of both versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from factors.domain.catalogue import Item
from factors.domain.values import label
from qfce.kernel.jobs.models import JobState
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import local
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.refusals import words_noted
from sharing import permissions
from sharing.domain.migration_lifecycle import MigrationStatus
from sharing.models import ListMigration
from sharing.selectors import list_migrations as selectors
from sharing.web import migration_words as words

Items = Mapping[str, Item]


@dataclass(frozen=True, slots=True)
class Flow:
    """So many old values that become a new one; `value` is the old one as it is stored."""

    old: str
    item: str
    new: str
    count: int
    value: str | None


@dataclass(frozen=True, slots=True)
class StepShown:
    """What becomes of one item: where to, how many values, which of them become nothing."""

    item: str
    name: str
    targets: tuple[tuple[str, str], ...]
    values: int
    without_target: int
    flows: tuple[Flow, ...]
    lost: tuple[Flow, ...]


def shown(migration: ListMigration, *, actor: Actor) -> dict[str, Any]:
    """Return the context of a migration's page."""
    before, after = selectors.names_of(migration, actor=actor)
    preview = migration.preview or {}
    job = selectors.work_on(migration)
    broken = job is not None and job.state == JobState.FAILED.value
    working = migration.status in selectors.MOVING and not broken
    previewed = migration.status == MigrationStatus.PREVIEWED
    return {
        "migration": migration,
        "status_word": words.status(migration.status),
        "status_tone": words.status_tone(migration.status),
        "is_worked_on": working,
        "has_broken_down": broken and migration.status in selectors.MOVING,
        "percent_done": round(selectors.progress(migration) * 100),
        "doing": words.WORKING.get(migration.status, ""),
        "preview": preview,
        "steps": [_step(step, before, after) for step in preview.get("steps", ())],
        "samples": [_sample(sample, before, after) for sample in preview.get("samples", ())],
        "refusal": _refusal(migration),
        **_offered(migration, actor, previewed=previewed, working=working),
    }


def _offered(
    migration: ListMigration, actor: Actor, *, previewed: bool, working: bool
) -> dict[str, bool]:
    may_release = permissions.can_release_migration(actor, migration)
    may_write = actor.may(permissions.WRITE_MIGRATION)
    may_drop = may_write or actor.may(permissions.RELEASE_MIGRATION)
    open_ = previewed or migration.status == MigrationStatus.PREVIEWING
    published = migration.status == MigrationStatus.PUBLISHED
    own = migration.prepared_by_id == actor.user_id
    return {
        "may_release": may_release and previewed,
        "waits_for_other": own and previewed,
        "may_discard": may_drop and open_,
        "may_undo": may_release and published and not working,
        "undo_is_others": own and published,
        "may_count_again": may_write and previewed,
    }


def _refusal(migration: ListMigration) -> str:
    """Return why it went back, in the reader's language where it is known there."""
    if not migration.refusal_code:
        return ""
    facts = migration.refusal.get("facts", {})
    if migration.refusal_code == "sharing.migration.without_target":
        return _(
            "%(count)s values would become nothing by now, and %(confirmed)s were confirmed."
            " Have it counted out again, and release it with the number there is."
        ) % {"count": facts.get("count", "–"), "confirmed": facts.get("confirmed", "–")}
    if migration.refusal_code == "sharing.import.later_publication" and is_chinese():
        return _("A later publication has changed the same records. Take that one back first.")
    return words_noted(migration.refusal_code, migration.refusal)


def _step(step: Mapping[str, Any], before: Items, after: Items) -> StepShown:
    code = step["item"]
    return StepShown(
        item=code,
        name=_name(before, code),
        targets=tuple((target, _name(after, target)) for target in step["targets"]),
        values=step["values"],
        without_target=step["without_target"],
        flows=tuple(_flow(flow, code, before, after) for flow in step["flows"]),
        lost=tuple(
            Flow(_said(before, code, lost["value"]), "", "", lost["count"], str(lost["value"]))
            for lost in step["lost_values"]
        ),
    )


def _flow(flow: Mapping[str, Any], code: str, before: Items, after: Items) -> Flow:
    old = flow["from"]
    return Flow(
        old=_said(before, code, old) if old is not None else _("numbers"),
        item=flow["item"],
        new=_said(after, flow["item"], flow["to"]),
        count=flow["count"],
        value=None if old is None else str(old),
    )


def _sample(sample: Mapping[str, Any], before: Items, after: Items) -> dict[str, Any]:
    return {
        "uscc": sample["uscc"],
        "name": sample["name"],
        "before": _values(before, sample["before"]),
        "after": _values(after, sample["after"]),
        "lost": sample["without_target"],
    }


def _values(items: Items, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return code, name and value in words."""
    return [(code, _name(items, code), _said(items, code, value)) for code, value in values.items()]


def _said(items: Items, code: str, value: Any) -> str:
    item = items.get(code)
    if item is None or value is None:
        return "" if value is None else str(value)
    if item.type == "boolean" and isinstance(value, str):
        value = {"true": True, "false": False}.get(value, value)
    return label(item, value, "zh" if is_chinese() else "en")


def _name(items: Items, code: str) -> str:
    return local(items[code]) if code in items else ""
