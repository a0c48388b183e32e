"""Do the rules allow it: versions before they are published, enterprises before they are scored."""

from collections.abc import Iterable
from datetime import date

from evaluation.domain import scorecard_checks, vectors
from evaluation.domain.lifecycle import ScorecardStatus
from evaluation.domain.scorecard_documents import InvalidScorecard, from_document
from evaluation.domain.scorecards import Scorecard
from evaluation.models import ScorecardVersion
from factors.domain.catalogue import Catalogue
from factors.domain.item_types import ItemType
from qfce.kernel.errors import Conflict, Invalid, NotPermitted
from qfce.kernel.rows import NoSuchRecord

OPEN = (ScorecardStatus.DRAFT.value, ScorecardStatus.UNDER_REVIEW.value)


class VersionOpen(Conflict):
    code = "evaluation.scorecard.version_open"
    title = "Another version of this scorecard is still open."


class FirstDayPassed(Invalid):
    code = "evaluation.scorecard.first_day_passed"
    title = "A scorecard cannot take effect in the past."


class VectorsDisagree(Invalid):
    code = "evaluation.scorecard.vectors_disagree"
    title = "The scorecard and its own examples disagree."


class UnknownItem(Invalid):
    code = "evaluation.own_facts.unknown_item"
    title = "A fact of the bank's own names no item of the factor list."


class FormerCode(Conflict):
    code = "evaluation.enterprise.former_code"
    title = "The enterprise has another credit code now."


class NotShared(NotPermitted):
    code = "evaluation.enterprise.not_shared"
    title = "The enterprise is not shared with your organization for this purpose."


def check_holds_together(document: object, catalogue: Catalogue | None) -> Scorecard:
    """
    Return the scorecard of a document that is sound in itself and against its list.

    :param catalogue: the list version that the document binds; None where there is no such.
    :raises InvalidScorecard: with a pointer to each thing that is wrong.
    """
    card = from_document(document)
    if catalogue is None:
        bound = card.binds
        raise InvalidScorecard(
            f"/binds: {bound.factor_list} has no published version {bound.version}.",
            hint="GET /api/v1/factor-lists/ names the lists and their versions.",
            errors=[{"pointer": "/binds/version", "detail": "No such published version."}],
        )
    scorecard_checks.check(card, catalogue)
    return card


def check_vectors(card: Scorecard, document: dict[str, object], catalogue: Catalogue) -> None:
    """
    :raises VectorsDisagree: if the card does not give what its own examples say.
    """
    faults = vectors.check(card, document, catalogue)
    if faults:
        raise VectorsDisagree(
            f"{faults[0].pointer}: {faults[0].detail}",
            hint="Correct the card or its vectors.",
            errors=[{"pointer": fault.pointer, "detail": fault.detail} for fault in faults],
        )


def check_none_open(versions: Iterable[ScorecardVersion]) -> None:
    """
    :raises VersionOpen: if a version is a draft or under review.
    """
    for version in versions:
        if version.status in OPEN:
            raise VersionOpen(
                f"Version {version.number} is {version.status.replace('_', ' ')}.",
                hint="Revise that one, or have it approved first.",
                version_id=str(version.pk),
            )


def check_first_day(effective_from: date, today: date) -> None:
    """
    :raises FirstDayPassed: if the day is before today.
    """
    if effective_from < today:
        raise FirstDayPassed(
            f"{effective_from} is past; today is {today}.",
            hint="Leave the day out to begin today.",
            errors=[{"pointer": "/effective_from", "detail": "It must not be in the past."}],
        )


def check_own_facts(codes: Iterable[str], catalogue: Catalogue) -> None:
    """
    :raises UnknownItem: if a code is no item of the list, or is one of free text.
    """
    for code in codes:
        item = catalogue.items.get(code)
        if item is None or item.type == ItemType.TEXT:
            raise UnknownItem(
                f"{code} is no item of {catalogue.code} version {catalogue.version}"
                " that can be scored.",
                hint="Name items by their codes, such as QC-01.",
                errors=[{"pointer": f"/own_facts/{code}", "detail": "No such item."}],
            )


def check_answer(uscc: str, answer: str | None, *, purpose: str) -> None:
    """
    Check that enough was disclosed of an enterprise to score it at all.

    Items that are missing do not stand in the way; an enterprise that may not be seen does.

    :raises NoSuchRecord: if the code was never known.
    :raises FormerCode: if another code has taken its place.
    :raises NotShared: if nothing of it is shared for this purpose.
    """
    if answer is None:
        raise NoSuchRecord(
            f"No enterprise has the code {uscc}.", hint="Check the 18 characters of the code."
        )
    if answer == "former_code":
        raise FormerCode(
            f"{uscc} is a former code.", hint="Ask for the enterprise by its present code."
        )
    if answer in ("not_shared", "not_authorised"):
        raise NotShared(
            f"{uscc} is not shared with your organization for {purpose.replace('_', ' ')}.",
            hint="An active agreement must cover the enterprise's region or list and the purpose.",
        )
