"""Do the rules allow it, in this state and with these facts? Never who asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from factors.domain import migration_checks
from factors.domain.catalogue import Catalogue
from factors.domain.values import fault_of
from qfce.kernel.errors import Conflict, Invalid
from sharing.domain.agreements import NOT_BY_AGREEMENT, Purpose, lies_within
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import ImportBatch

GRANTABLE = tuple(purpose.value for purpose in Purpose if purpose not in NOT_BY_AGREEMENT)


class UnknownPurpose(Invalid):
    code = "sharing.purpose.unknown"
    title = "There is no such purpose."


class UnknownCategory(Invalid):
    code = "sharing.agreement.unknown_category"
    title = "The factor list has no such category."


class PurposeNotGrantable(Invalid):
    code = "sharing.agreement.purpose_not_grantable"
    title = "An agreement cannot grant this purpose."


class RegionOutside(Invalid):
    code = "sharing.agreement.region_outside"
    title = "A region lies outside the jurisdiction."


class RecipientUnfit(Invalid):
    code = "sharing.agreement.recipient_unfit"
    title = "This organisation cannot be given data by agreement."


class TermUnfit(Invalid):
    code = "sharing.term.unfit"
    title = "The term is not possible."


def check_purpose(purpose: str) -> None:
    """
    :raises UnknownPurpose: if it is none of the purposes that a read may have.
    """
    if purpose not in list(Purpose):
        raise UnknownPurpose(
            f"{purpose!r} is no purpose of reading.",
            hint=f"Say one of {', '.join(Purpose)}.",
            errors=[{"pointer": "/purpose", "detail": "Not a purpose."}],
        )


def check_purposes_grantable(purposes: Sequence[str]) -> None:
    """
    :raises PurposeNotGrantable: if one follows from what a reader is, or is no purpose.
    """
    wrong = sorted(set(purposes) - set(GRANTABLE))
    if wrong or not purposes:
        raise PurposeNotGrantable(
            f"{', '.join(wrong) or 'Nothing'} cannot be granted.",
            hint=f"Name one or more of {', '.join(GRANTABLE)}.",
            errors=[{"pointer": "/purposes", "detail": "Not grantable."}],
        )


def check_categories(categories: Sequence[str], catalogue: Catalogue) -> None:
    """
    :raises UnknownCategory: if the list has no such category, or none is named.
    """
    unknown = sorted(set(categories) - set(catalogue.category_codes))
    if unknown or not categories:
        raise UnknownCategory(
            f"{catalogue.code} has no category {', '.join(unknown) or 'of no name'}.",
            hint=f"Name one or more of {', '.join(catalogue.category_codes)}.",
            errors=[{"pointer": "/categories", "detail": "Not a category of the list."}],
        )


def check_regions(regions: Iterable[str], jurisdiction: str | None) -> None:
    """
    :param jurisdiction: the regulator's region; None is the whole country.
    :raises RegionOutside: if a region is no part of it.
    """
    outside = [r for r in regions if jurisdiction and not lies_within(r, jurisdiction)]
    if outside:
        raise RegionOutside(
            f"{', '.join(outside)} lies outside {jurisdiction}.",
            hint="Name regions of your own jurisdiction, or none for all of it.",
            errors=[{"pointer": "/regions", "detail": f"{r} lies outside."} for r in outside],
        )


def check_recipient(kind: str, *, is_active: bool) -> None:
    """
    :raises RecipientUnfit: if an organisation of this kind reads by what it is, or never.
    """
    if not is_active or kind in {"market_regulator", "enterprise", "operator"}:
        raise RecipientUnfit(
            "Agreements are for banks, credit agencies, guarantors and financial authorities"
            " that are active here.",
            hint="Name the short name or the id of such an organisation.",
            errors=[{"pointer": "/recipient", "detail": "Not a possible recipient."}],
        )


def check_term(
    starts_on: date, ends_on: date | None, *, on: date, longest_days: int | None = None
) -> None:
    """
    :param on: the day on which it is agreed.
    :raises TermUnfit: if it ends before it starts, is over already, or is longer than allowed.
    """
    if ends_on is not None and ends_on < starts_on:
        raise TermUnfit(
            f"The term ends on {ends_on}, before it starts on {starts_on}.",
            hint="The last day is the first day or later.",
            errors=[{"pointer": "/ends_on", "detail": "Before the start."}],
        )
    if ends_on is not None and ends_on < on:
        raise TermUnfit(
            f"The term ended on {ends_on}, and would open nothing.",
            hint="The last day is today or later.",
            errors=[{"pointer": "/ends_on", "detail": "Over already."}],
        )
    if longest_days and ends_on and ends_on > starts_on + timedelta(days=longest_days):
        raise TermUnfit(
            f"The term may be {longest_days} days at the longest.",
            hint=f"End it on {starts_on + timedelta(days=longest_days)} or before.",
            errors=[{"pointer": "/ends_on", "detail": "Too long."}],
        )


LARGEST_REMOVAL_SHARE = Decimal("0.05")
"""Beyond this share of the list a person has to confirm how many enterprises leave it."""


class ErrorsNotLeftOut(Conflict):
    code = "sharing.import.has_errors"
    title = "Some rows of the file have errors."


class NothingToPublish(Conflict):
    code = "sharing.import.nothing_to_publish"
    title = "No row of the file can be published."


class RemovalsNotConfirmed(Conflict):
    code = "sharing.import.removals_not_confirmed"
    title = "The file takes many enterprises off the list."


def check_publishable(batch: ImportBatch, *, leave_out_errors: bool) -> None:
    """
    A file with rows in error is published without them only if somebody says so.

    :raises ErrorsNotLeftOut: if nobody does.
    :raises NothingToPublish: if nothing would be left.
    """
    if batch.error_count and not leave_out_errors:
        raise ErrorsNotLeftOut(
            f"{batch.rows_invalid} of {batch.rows_total} rows have errors.",
            hint='Send {"leave_out_errors": true} to publish the others, or mend the file.',
            invalid=batch.rows_invalid,
        )
    if not batch.rows_valid:
        raise NothingToPublish(
            f"All of the {batch.rows_total} rows have errors.",
            hint="Mend the file and upload it again.",
        )


def needs_confirmation(removals: int, listed: int) -> bool:
    """Test whether so many removals from a list of so many have to be confirmed."""
    return removals > LARGEST_REMOVAL_SHARE * listed


def check_removals(removals: int, listed: int, *, confirmed: int | None) -> None:
    """
    Taking more than 5 % of a jurisdiction's enterprises off the list is confirmed by number.

    :raises RemovalsNotConfirmed: if the number given is not the number there is.
    """
    if needs_confirmation(removals, listed) and confirmed != removals:
        raise RemovalsNotConfirmed(
            f"{removals} of the {listed} enterprises listed here are not in the file and would"
            " be taken off the list.",
            hint=f'Send {{"confirm_removals": {removals}}} if that is what you want.',
            removals=removals,
            listed=listed,
        )


ENDING = frozenset({ChangeKind.CLEARED, ChangeKind.UNFLAGGED})
"""Kinds of changes that leave no value."""

FLAGGING = frozenset({ChangeKind.FLAGGED, ChangeKind.UNFLAGGED})


class ListUnknown(Invalid):
    code = "sharing.record.unknown_list"
    title = "No version of this factor list is in force."


class KindUnfit(Invalid):
    code = "sharing.record.kind"
    title = "This kind of change does not go with the cause."


class ValuesUnfit(Invalid):
    code = "sharing.record.values"
    title = "The values do not fit the factor list."


class NothingToVerify(Conflict):
    code = "sharing.record.nothing_to_verify"
    title = "What is verified has to be what is stored."


def check_kind(kind: ChangeKind, *, cause: Cause, allowed: Iterable[ChangeKind]) -> None:
    """
    :raises KindUnfit: if nobody prepares such a change for such a cause.
    """
    fitting = sorted(allowed)
    if kind not in fitting:
        raise KindUnfit(
            f"A change of kind {kind} is not prepared as {cause}.",
            hint=f"With this cause: {', '.join(fitting) or 'none'}.",
            errors=[{"pointer": "/kind", "detail": "Does not go with the cause."}],
        )


def check_values(
    changes: Mapping[str, Any],
    details: Mapping[str, Mapping[str, Any]],
    *,
    catalogue: Catalogue,
    kind: ChangeKind,
) -> None:
    """
    Hold the items, values and details of a change against the list, all of them at once.

    :raises ValuesUnfit: with a pointer for each that does not fit.
    """
    errors = [
        {"pointer": f"/changes/{code}", "detail": fault}
        for code, value in changes.items()
        if (fault := _fault(code, value, catalogue, kind))
    ]
    errors += [
        {"pointer": f"/details/{code}", "detail": fault}
        for code, detail in details.items()
        if (fault := _fault_of_details(detail, known=changes.get(code) is not None))
    ]
    if not changes:
        errors.append({"pointer": "/changes", "detail": "Name at least one item."})
    if errors:
        raise ValuesUnfit(
            f"{len(errors)} of the values cannot be stored as they are.",
            hint="GET /api/v1/factor-lists/ leads to the schema of a record.",
            errors=errors,
        )


def _fault(code: str, value: Any, catalogue: Catalogue, kind: ChangeKind) -> str | None:
    item = catalogue.items.get(code)
    if item is None:
        return "unknown_item"
    if kind in ENDING:
        return None if value is None else "not_empty"
    if kind == ChangeKind.FLAGGED:
        return None if isinstance(value, list) and value else "not_a_list_of_flags"
    if value is None:
        return None if kind == ChangeKind.WITHDRAWN else "required"
    return fault_of(item, value)


def _fault_of_details(detail: Mapping[str, Any], *, known: bool) -> str | None:
    if not known:
        return "no_value"
    if set(detail) - {"valid_from", "valid_to", "evidence"}:
        return "unknown_member"
    days = []
    for name in ("valid_from", "valid_to"):
        if name in detail:
            try:
                days.append(date.fromisoformat(str(detail[name])))
            except ValueError:
                return "not_date"
    if len(days) == 2 and days[1] < days[0]:
        return "validity_reversed"
    evidence = detail.get("evidence", [])
    if not isinstance(evidence, list) or not all(isinstance(piece, str) for piece in evidence):
        return "evidence_not_a_list"
    return None


def check_reverifies(changes: Mapping[str, Any], *, held: Mapping[str, Any]) -> None:
    """
    :raises NothingToVerify: if a value is not the one that is stored.
    """
    other = sorted(code for code, value in changes.items() if held.get(code) != value)
    if other:
        raise NothingToVerify(
            f"{', '.join(other)}: this is not what is stored.",
            hint="Prepare a correction or an observation instead.",
            items=other,
        )


class NothingToMigrate(Conflict):
    code = "sharing.migration.none"
    title = "The version carries no migration."


class MigrationUnfit(Invalid):
    code = "sharing.migration.unfit"
    title = "The migration does not lead from one version to the next."


class VersionNotInForce(Conflict):
    code = "sharing.migration.not_in_force"
    title = "The version is not in force yet."


class PreviewOutdated(Conflict):
    code = "sharing.migration.outdated"
    title = "The version is not the one that was previewed."


class LossNotConfirmed(Conflict):
    code = "sharing.migration.loss_not_confirmed"
    title = "Some values would become nothing."


def check_migration(catalogue: Catalogue, base: Catalogue | None) -> None:
    """
    Only a migration without faults is counted out on real profiles.

    :param base: the version before, None where there is none.
    :raises NothingToMigrate: if the version carries none, or is the first.
    :raises MigrationUnfit: with a pointer to each fault.
    """
    if catalogue.migration is None or base is None:
        raise NothingToMigrate(
            f"Version {catalogue.version} of {catalogue.code} says nothing about records.",
            hint="Give its draft the steps from the version before.",
        )
    found = migration_checks.problems(catalogue.migration, base, catalogue)
    if found:
        raise MigrationUnfit(
            f"{len(found)} faults; the first: {found[0].message}",
            hint="Mend the steps that the errors point at.",
            errors=[{"pointer": fault.pointer, "detail": fault.message} for fault in found],
        )


def check_migration_current(previewed: str, digest: str, *, version: int, in_force: int) -> None:
    """
    What is released is what was previewed, of the version that counts today.

    :raises VersionNotInForce: if the version's first day has not come, or it is superseded.
    :raises PreviewOutdated: if the document is another one than that which was previewed.
    """
    if version != in_force:
        raise VersionNotInForce(
            f"Version {version} is not in force; version {in_force} is.",
            hint="Publish the version, and release its migration from its first day on.",
            in_force=in_force,
        )
    if previewed != digest:
        raise PreviewOutdated(
            "The version has changed since its migration was previewed.",
            hint="Have the migration previewed again.",
        )


def check_loss(without_target: int, *, confirmed: int | None) -> None:
    """
    :raises LossNotConfirmed: if values would become nothing and their number is not confirmed.
    """
    if without_target and confirmed != without_target:
        raise LossNotConfirmed(
            f"{without_target} values have no target and would become nothing.",
            hint=f'Send {{"confirm_without_target": {without_target}}} if that is what you want,'
            " or correct these records first.",
            without_target=without_target,
        )
