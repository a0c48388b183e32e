"""
Imports as people move them along: uploading, releasing, cancelling, taking back.

What takes long is a job: `import_work` does it. Here a request is judged, written down, and
queued. Always in this order: lock, permission, life cycle, policy, change, audit.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Invalid
from qfce.kernel.jobs import work as jobs
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as
from sharing import permissions, policies
from sharing.domain.columns import Vocabulary
from sharing.domain.import_lifecycle import IMPORT, ImportMode
from sharing.models import ColumnMapping, ImportBatch, ImportKeys
from sharing.services import declared_imports, publication_undo
from sharing.services.stored_files import StoredFile

CHECK_TASK = "sharing.check_import"
PUBLISH_TASK = "sharing.publish_import"
UNDO_TASK = "sharing.undo_import"


class UnknownList(Invalid):
    code = "sharing.import.unknown_list"
    title = "No version of this factor list is in force."


class UnknownField(Invalid):
    code = "sharing.import.unknown_field"
    title = "A column was mapped to a field that the factor list does not have."


@transaction.atomic
def receive(
    file: StoredFile,
    *,
    factor_list: str,
    mode: ImportMode,
    mapping: Mapping[str, str] | None = None,
    self_declared: bool = False,
    actor: Actor,
    at: datetime,
) -> ImportBatch:
    """
    Take an uploaded file in and queue its check. Nothing is visible to anybody yet.

    :param mapping: header text to field key, set by hand; it adds to what the organization
        said of the same headers before, and is remembered in its turn.
    :param self_declared: its values are those that enterprises have declared of themselves.
    :raises UnknownList: if no version of the list is in force today.
    :raises UnknownField: if the mapping names a field that the list does not have.
    :raises NotPermitted: if the actor brings no files in.
    """
    permissions.check_can_upload(actor)
    try:
        catalogue = factor_lists.in_force(factor_list, business_day(at))
    except NoSuchRecord as none:
        raise UnknownList(
            none.message,
            hint=none.hint,
            errors=[{"pointer": "/factor_list", "detail": none.message}],
        ) from None
    check_mapping(catalogue, mapping or {})
    remembered = remember(factor_list, mapping or {}, actor=actor, at=at)
    vocabulary = Vocabulary(catalogue)  # what was remembered may be of another version
    batch = ImportBatch(
        owner_id=actor.organization_id,
        factor_list=factor_list,
        list_version=catalogue.version,
        mode=mode.value,
        status=IMPORT.initial.value,
        file_sha256=file.sha256,
        file_name=file.name,
        file_size=file.size,
        self_declared=self_declared,
        mapping={text: key for text, key in remembered.items() if vocabulary.knows(key)},
        received_at=at,
        uploaded_by_id=actor.account_id,
    )
    queue_check(batch, actor=actor, at=at)
    batch.save(force_insert=True)
    audit.record(
        "sharing.import.received",
        batch,
        actor=actor,
        at=at,
        factor_list=factor_list,
        file_sha256=file.sha256,
        file_name=file.name,
    )
    return batch


def release(
    import_id: UUID,
    *,
    leave_out_errors: bool = False,
    confirm_removals: int | None = None,
    actor: Actor,
    at: datetime,
) -> ImportBatch:
    """
    Release a checked file, as a second person, and queue its publication.

    A bureau may release for the bureaus below it; the publication stays theirs.

    :raises NoSuchRecord: if the actor's organization sees no such import.
    :raises NotPermitted: if the actor uploaded it, or releases none.
    :raises IllegalTransition: if it is not checked, or was released already.
    :raises Conflict: if rows have errors or many enterprises leave the list, and nobody
        said that this is meant.
    """
    with locked(import_id, actor=actor) as batch:
        permissions.check_can_release_import(actor, batch)
        status = IMPORT.target("release", state=batch.status)
        policies.check_publishable(batch, leave_out_errors=leave_out_errors)
        policies.check_removals(batch.removals, batch.listed_before, confirmed=confirm_removals)

        batch.status = status.value
        batch.released_at = at
        batch.released_by_id = actor.user_id
        batch.leave_out_errors = leave_out_errors
        batch.confirmed_removals = confirm_removals
        batch.refusal_code, batch.refusal = "", {}
        batch.job_id = _queue("publish_import", PUBLISH_TASK, batch, actor=actor, at=at)
        batch.save()
    audit.record(
        "sharing.import.released",
        batch,
        actor=actor,
        at=at,
        leave_out_errors=leave_out_errors,
        confirm_removals=confirm_removals,
    )
    return batch


def undo(import_id: UUID, *, actor: Actor, at: datetime, reason: str = "") -> ImportBatch:
    """
    Queue the undoing of a published import, as a second person.

    :param reason: kept in the audit trail.
    :raises NoSuchRecord: if the actor's organization sees no such import.
    :raises NotPermitted: if the actor uploaded it, or releases none.
    :raises IllegalTransition: if it is not published.
    :raises OvertakenByLater: if a later publication has the same enterprise and item.
    """
    with locked(import_id, actor=actor) as batch:
        permissions.check_can_release_import(actor, batch)
        IMPORT.target("undo", state=batch.status)
        assert batch.publication  # all_or_none with the status
        publication_undo.check_not_overtaken(batch.publication)
        batch.job_id = _queue("undo_import", UNDO_TASK, batch, actor=actor, at=at)
        batch.save(update_fields=["job_id"])
    told = {"reason": reason} if reason else {}
    audit.record("sharing.import.undo_requested", batch, actor=actor, at=at, **told)
    return batch


def cancel(import_id: UUID, *, actor: Actor, at: datetime) -> ImportBatch:
    """
    Stop an import that is not published; its rows never become visible to anybody.

    :raises NoSuchRecord: if the actor's organization sees no such import.
    :raises IllegalTransition: if it is being published, or over.
    """
    with locked(import_id, actor=actor) as batch:
        permissions.check_can_cancel_import(actor)
        status = IMPORT.target("cancel", state=batch.status)
        batch.status = status.value
        batch.cancelled_at = at
        batch.save(update_fields=["status", "cancelled_at"])
        ImportKeys.objects.filter(batch_id=batch.pk).delete()
        if batch.job_id:
            jobs.cancel(batch.job_id)
        declared_imports.give_back(batch, at=at)
    audit.record("sharing.import.cancelled", batch, actor=actor, at=at)
    return batch


@contextmanager
def locked(import_id: UUID, *, actor: Actor) -> Iterator[ImportBatch]:
    """
    Lock an import that the actor sees, bound to the organization that owns it.

    Only the owner's rows can be written, and whoever stands above it acts in its place.
    """
    with transaction.atomic():
        seen = one(ImportBatch.objects.all(), pk=import_id)
        with acting_as(seen.owner_id, user_id=actor.user_id, channel=actor.channel):
            yield one(ImportBatch.objects.select_for_update(of=("self",)), pk=import_id)


def queue_check(batch: ImportBatch, *, actor: Actor, at: datetime) -> None:
    """Queue a check of the whole file; the caller saves the import."""
    batch.job_id = _queue("check_import", CHECK_TASK, batch, actor=actor, at=at)


def _queue(kind: str, task: str, batch: ImportBatch, *, actor: Actor, at: datetime) -> UUID:
    """Queue a job of the organization that owns the import, asked for by the actor."""
    job = jobs.create(
        kind,
        task=task,
        kwargs={"import_id": str(batch.pk), "user_id": str(actor.user_id), "name": actor.name},
        actor=replace(actor, organization_id=batch.owner_id),
        at=at,
    )
    return job.pk


def check_mapping(catalogue: Catalogue, mapping: Mapping[str, str]) -> None:
    """
    :raises UnknownField: if a header is mapped to a field that the list does not have.
    """
    vocabulary = Vocabulary(catalogue)
    for header, key in mapping.items():
        if not vocabulary.knows(key):
            raise UnknownField(
                f"“{header}” is mapped to “{key}”, which the list does not have.",
                hint="Name an item, QF-17 or QF-17|valid_to, or an identity field.",
                errors=[{"pointer": "/mapping", "detail": f"{key} is no field."}],
                header=header,
                field=key,
            )


def remember(
    factor_list: str, mapping: Mapping[str, str], *, actor: Actor, at: datetime
) -> dict[str, str]:
    """Return the organization's mapping with this one over it, and keep the new part."""
    own = ColumnMapping.objects.filter(owner_id=actor.organization_id, factor_list=factor_list)
    remembered = dict(own.values_list("header", "field"))
    for header, field in mapping.items():
        if remembered.get(header) != field:
            ColumnMapping.objects.update_or_create(
                owner_id=actor.organization_id,
                factor_list=factor_list,
                header=header,
                defaults={"field": field, "updated_at": at},
            )
    return {**remembered, **mapping}
