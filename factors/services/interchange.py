"""Lists from files: a draft begun, or its content replaced, by what a file says."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from factors import permissions
from factors.domain import interchange
from factors.domain.interchange import Form
from factors.domain.interchange_tables import ReadList
from factors.domain.list_versions import VersionStatus
from factors.domain.problem_texts import Problem
from factors.models import FactorListVersion
from factors.services import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.tenancy.actors import Actor


class FileIsNoList(Invalid):
    code = "factors.interchange.no_list"
    title = "The file is no factor list that works."


class UnknownForm(Invalid):
    code = "factors.interchange.unknown_form"
    title = "Lists come as xlsx, csv, yaml or json."


class DraftChanged(Conflict):
    code = "factors.interchange.draft_changed"
    title = "There is a draft, and it is not the one that the file began from."


@transaction.atomic
def import_draft(
    file: bytes,
    *,
    file_name: str,
    digest: str = "",
    unfinished: bool = False,
    actor: Actor,
    at: datetime,
) -> FactorListVersion:
    """
    Put what a file says into the draft of its list, or begin the next version with it.

    :param digest: of the draft that is replaced, so that nobody's work is lost unseen; "" to
        begin one.
    :param unfinished: whether a list that cannot work yet is taken all the same.
    :raises UnknownForm: if the file's name says none of the forms.
    :raises FileIsNoList: with each fault, its pointer and its place in the file.
    :raises DraftChanged: if there is a draft of another digest, or none of this one.
    :raises NotListOwner, CodeTaken, VersionOpen: as `factor_lists.create_draft`.
    """
    actor.require(permissions.EDIT)
    form = interchange.form_of(file_name)
    if form is None:
        raise UnknownForm(
            f"{file_name} has the name of none of them.",
            hint="Send .xlsx, .csv, .yaml or .json.",
            errors=[{"pointer": "/file", "detail": "Unknown form."}],
            file_name=file_name,
        )
    found = interchange.read(file, form)
    _check(found, form, unfinished=unfinished)
    document = found.document
    draft = _draft_of(document["code"])
    if (draft.digest if draft else "") != digest:
        raise DraftChanged(
            f"The draft of {document['code']} is {draft.digest[:12] if draft else 'not there'}"
            f"{'…' if draft else ''}.",
            hint="Look at the draft as it is now, and say its digest.",
            digest=draft.digest if draft else "",
            factor_list=document["code"],
        )
    first = _first_day(document, draft, at=at)
    if draft is None:
        return factor_lists.create_draft(document, effective_from=first, actor=actor, at=at)
    return factor_lists.change_draft(draft.pk, document, effective_from=first, actor=actor, at=at)


def _check(found: ReadList, form: Form, *, unfinished: bool) -> None:
    refused = [
        fault for fault in found.problems if not unfinished or fault.is_form or fault.is_of_the_file
    ]
    if refused:
        raise FileIsNoList(
            f"The file has {len(refused)} faults; the first: {refused[0].message}",
            hint="Mend what the errors point at, and send the file again.",
            errors=[_said(fault, found) for fault in refused],
            count=len(refused),
            first_zh=refused[0].said("zh"),
            form=form.value,
        )


def _said(fault: Problem, found: ReadList) -> dict[str, str]:
    """Return a fault with its pointer, and its sheet, row and column where the file has such."""
    place = found.place_of(fault.pointer)
    where = {"sheet": place.sheet, "row": str(place.row), "column": place.column} if place else {}
    return {
        "pointer": fault.pointer,
        "detail": f"{fault.message} {fault.todo}",
        "detail_zh": f"{fault.said('zh')}{fault.remedy('zh')}",
        "code": fault.code,
        **where,
    }


def _draft_of(code: str) -> FactorListVersion | None:
    drafts = FactorListVersion.objects.filter(
        factor_list__code=code, status=VersionStatus.DRAFT.value
    )
    return drafts.first()


def _first_day(
    document: Mapping[str, Any], draft: FactorListVersion | None, *, at: datetime
) -> date:
    """Return the first day that the file says, else that of the draft, else today."""
    if document["effective_from"]:
        return date.fromisoformat(document["effective_from"])
    return draft.effective_from if draft and draft.effective_from else business_day(at)
