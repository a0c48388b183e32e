"""What the pages of one import have in common: its state, its tabs, who may do what."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qfce.kernel.errors import NotPermitted
from qfce.kernel.jobs.models import Job, JobState
from qfce.kernel.jobs.progress import rows_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import number
from sharing import permissions
from sharing.domain.import_lifecycle import CHECKED, ImportStatus
from sharing.models import ImportBatch
from sharing.web import import_words as words

WORKING = frozenset({ImportStatus.RECEIVED, ImportStatus.VALIDATING, ImportStatus.PUBLISHING})
RUNNING = frozenset({JobState.QUEUED.value, JobState.RUNNING.value})
COUNTED = frozenset(ImportStatus) - {
    ImportStatus.RECEIVED,
    ImportStatus.VALIDATING,
    ImportStatus.FAILED,
}


def frame(batch: ImportBatch, tab: str) -> dict[str, Any]:
    """Return the head of every page of an import."""
    return {
        "batch": batch,
        "status": words.status(batch.status),
        "status_tone": words.status_tone(batch.status),
        "mode": words.word(words.MODES, batch.mode),
        "tabs": _tabs(batch, tab),
    }


def _tabs(batch: ImportBatch, tab: str) -> list[tuple[str, str, bool, int | None]]:
    entries: list[tuple[str, str, int | None]] = [("import", _("Overview"), None)]
    if batch.checked_at and batch.status not in WORKING:
        found = batch.error_count + batch.warning_count
        entries.append(("import-findings", _("Findings"), found))
    if batch.status in CHECKED and batch.rows_total:
        entries.append(("import-mending", _("Mend"), batch.error_count or None))
    if batch.status in CHECKED:
        unknown = batch.finding_counts.get("unknown_column", 0)
        entries.append(("import-columns", _("Columns"), unknown or None))
    if batch.status in CHECKED:
        entries.append(("import-comparison", _("Comparison"), batch.rows_new + batch.rows_changed))
    if batch.publication_id:
        entries.append(("import-receipt", _("Receipt"), None))
    return [
        (label, reverse(f"sharing:{name}", args=[batch.pk]), name == tab, count)
        for name, label, count in entries
    ]


def is_worked_on(batch: ImportBatch, job: Job | None) -> bool:
    """Test whether a worker is at it, or about to be: such a page asks again by itself."""
    if job is not None and job.state == JobState.FAILED.value:
        return False
    if batch.status in WORKING:
        return True
    return batch.status == ImportStatus.PUBLISHED and is_undoing(job)


def is_undoing(job: Job | None) -> bool:
    return job is not None and job.kind == "undo_import" and job.state in RUNNING


def may_release(actor: Actor, batch: ImportBatch) -> str:
    """Return `may`, or why not: `own` for whoever uploaded it, `role` for all others."""
    try:
        permissions.check_can_release_import(actor, batch)
    except permissions.OwnImport:
        return "own"
    except NotPermitted:
        return "role"
    return "may"


def may_cancel(actor: Actor, batch: ImportBatch) -> bool:
    open_ = {ImportStatus.RECEIVED, ImportStatus.VALIDATING, *CHECKED}
    right = actor.may(permissions.RELEASE_IMPORT) or actor.may(permissions.UPLOAD_IMPORT)
    return right and batch.status in open_


def pace(
    batch: ImportBatch, job: Job | None, share: float, *, at: datetime
) -> tuple[str, str] | None:
    """
    Return rows a second and the time left, in words; None where nothing is known yet.

    Rows are counted once the file is read; before that the time alone is told.
    """
    if job is None or job.started_at is None or job.state != JobState.RUNNING.value:
        return None
    spent = (at - job.started_at).total_seconds()
    if share <= 0.02 or spent < 0.5:
        return None
    left = spent * (1 - share) / share
    rows = rows_of(job.pk) or batch.rows_total
    speed = _("%(n)s rows a second") % {"n": number(round(rows * share / spent))} if rows else ""
    return speed, _("about %(n)s s left") % {"n": number(max(round(left), 1))}


def steps(batch: ImportBatch, job: Job | None, share: float) -> list[tuple[str, str]]:
    """Return (label, state) of each phase; the state is done, now or ahead."""
    known = words.CHECK_PHASES
    phase = _check_phase(job, share)
    if batch.status == ImportStatus.PUBLISHING:
        known, phase = words.PUBLISH_PHASES, "publishing"
    elif is_undoing(job):
        known, phase = words.UNDO_PHASES, "undoing"
    names = list(known)
    here = names.index(phase) if phase in names else -1
    states = ["done" if n < here else "now" if n == here else "ahead" for n in range(len(names))]
    return [(str(known[name]), state) for name, state in zip(names, states, strict=True)]


def _check_phase(job: Job | None, share: float) -> str:
    """Return the phase of a check: its job knows two, the share done tells the first apart."""
    if job is None or job.phase not in {"checking", "writing"}:
        return ""
    if job.phase == "writing":
        return "writing"
    return "reading" if share < 0.3 else "checking" if share < 0.7 else "assembling"
