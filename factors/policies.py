"""Do the rules allow it, in this state and with this document? Who asks is not asked here."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from factors.domain import migration_checks
from factors.domain.catalogue import Catalogue
from factors.domain.list_versions import Problem, problems
from factors.models import ConsultationComment, FactorListVersion
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict, Invalid


class ListCannotWork(Invalid):
    code = "factors.list_version.cannot_work"
    title = "The factor list cannot work as it is."


class VersionOpen(Conflict):
    code = "factors.list_version.open"
    title = "Another version of this list is still open."


class FirstDayPassed(Conflict):
    code = "factors.list_version.first_day_passed"
    title = "The first day of the version has passed."


class DigestChanged(Conflict):
    code = "factors.sign_off.digest_changed"
    title = "The document is no longer the one that was looked at."


class AlreadySigned(Conflict):
    code = "factors.sign_off.already_signed"
    title = "This document has this signature already."


class SignaturesMissing(Conflict):
    code = "factors.list_version.signatures_missing"
    title = "Not all signers have signed."


class DeadlinePassed(Invalid):
    code = "factors.deadline_passed"
    title = "The deadline has passed."


class CommentsUnanswered(Conflict):
    code = "factors.consultation.unanswered"
    title = "A consultation on this draft is not finished."


class ReasonMissing(Invalid):
    code = "factors.reason_missing"
    title = "A reason is needed."


def check_readable(document: Mapping[str, Any]) -> None:
    """
    A draft may be unfinished, but it has to be a list.

    :raises ListCannotWork: if the document has not the form of a list.
    """
    _refuse([found for found in problems(document) if found.is_form])


def check_works(document: Mapping[str, Any]) -> None:
    """
    Nobody is asked to sign a list that cannot work.

    :raises ListCannotWork: with a pointer to each thing that is wrong.
    """
    _refuse(problems(document))


def check_migrates(catalogue: Catalogue, base: Catalogue | None, stored: Mapping[str, int]) -> None:
    """
    What becomes of stored records is said, and completely.

    :param base: the version before, None where there is none.
    :param stored: by item of that version, how many records hold a value that this one lacks.
    :raises ListCannotWork: with a pointer to each step that is wrong or missing.
    """
    _refuse(migration_problems(catalogue, base, stored))


def migration_problems(
    catalogue: Catalogue, base: Catalogue | None, stored: Mapping[str, int]
) -> list[Problem]:
    """Return what `check_migrates` refuses, for whoever still works on the version."""
    if catalogue.migration is None:
        return migration_checks.unsaid(base, catalogue, stored) if base else []
    if base is None:
        facts = {"before": "–", "given": catalogue.migration.from_version}
        return [Problem("from_version", "/migration/from_version", facts)]
    return migration_checks.problems(catalogue.migration, base, catalogue)


def _refuse(found: list[Problem]) -> None:
    if found:
        raise ListCannotWork(
            f"The list has {len(found)} faults; the first: {found[0].message}",
            hint="Mend what the errors point at, and try again.",
            errors=[
                {
                    "pointer": fault.pointer,
                    "detail": f"{fault.message} {fault.todo}",
                    "detail_zh": f"{fault.said('zh')}{fault.remedy('zh')}",
                }
                for fault in found
            ],
            count=len(found),
            first_zh=found[0].said("zh"),
        )


def check_none_open(versions: Iterable[FactorListVersion]) -> None:
    """
    A list has one version in the making at a time, so that nobody signs the wrong one.

    :raises VersionOpen: if one is a draft, in review or signed.
    """
    for version in versions:
        if version.status in {"draft", "in_review", "signed"}:
            raise VersionOpen(
                f"Version {version.number} is {version.status.replace('_', ' ')}.",
                hint="Publish it or discard it before starting another one.",
                number=version.number,
            )


def check_first_day(effective_from: date | None, *, at: datetime) -> None:
    """
    A version counts from a day to come, or from today: nothing is changed after the fact.

    :raises FirstDayPassed: if the day is missing or lies before the business day of `at`.
    """
    today = business_day(at)
    if effective_from is None or effective_from < today:
        raise FirstDayPassed(
            f"The version would take effect on {effective_from or 'no day'}, and today is {today}.",
            hint="Return it to its draft and set a first day that lies ahead.",
            effective_from=str(effective_from),
        )


def check_deadline(day: date, *, at: datetime) -> None:
    """
    A deadline lies ahead, or is today.

    :raises DeadlinePassed: if it lies before the business day of `at`.
    """
    today = business_day(at)
    if day < today:
        raise DeadlinePassed(
            f"The deadline {day} has passed; today is {today}.",
            hint="Choose today or a later day.",
            errors=[{"pointer": "/deadline", "detail": f"Before {today}."}],
            day=str(day),
        )


def check_consulted(version: FactorListVersion) -> None:
    """
    Whoever was asked to comment has been heard before others are asked to sign.

    :raises CommentsUnanswered: if a consultation is open, or a comment has no answer.
    """
    waiting = version.consultations.filter(closed_at__isnull=True).count()
    unanswered = ConsultationComment.objects.filter(
        consultation__version=version, answer__isnull=True
    ).count()
    if waiting or unanswered:
        raise CommentsUnanswered(
            f"A consultation is open, or {unanswered} comments have no answer.",
            hint="Close the consultation and answer each comment, then submit the version.",
            unanswered=unanswered,
        )


def check_digest(version: FactorListVersion, *, looked_at: str) -> None:
    """
    A signature is for the very document that the signer looked at.

    :raises DigestChanged: if the version's digest is another one.
    """
    if version.digest != looked_at:
        raise DigestChanged(
            f"You looked at {looked_at[:12]}…, and the version is now {version.digest[:12]}….",
            hint="Look at the version again, and sign it as it is now.",
            digest=version.digest,
            looked_at=looked_at,
        )


def check_not_signed(signed: Iterable[tuple[UUID, UUID]], *, owner: UUID, signer: UUID) -> None:
    """
    One signature an organization, and one a person, for one document.

    :param signed: (organization, person) of the signatures that the document has.
    :raises AlreadySigned: if the organization has signed, or the person has for another one.
    """
    for organization, person in signed:
        if organization == owner or person == signer:
            raise AlreadySigned(
                "This document has been signed by your organization, or by you for another.",
                hint="Each organization signs once, and each by a person of its own.",
            )


def check_all_signed(version: FactorListVersion, *, signed: set[UUID]) -> None:
    """
    :raises SignaturesMissing: if a required signer has not signed this document.
    """
    missing = [str(signer) for signer in version.signer_ids if signer not in signed]
    if missing:
        raise SignaturesMissing(
            f"{len(missing)} of {len(version.signer_ids)} signatures are missing.",
            hint="Wait for the signers, or talk to those who have refused.",
            missing=missing,
        )


def check_reason(reason: str) -> None:
    """
    :raises ReasonMissing: if nothing but blanks is given.
    """
    if not reason.strip():
        raise ReasonMissing(
            "No reason is given.",
            hint="Say in a sentence why, so that others can act on it.",
            errors=[{"pointer": "/reason", "detail": "A reason is needed."}],
        )
