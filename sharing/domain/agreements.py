"""What an agreement may cover, what may be read under it, and its life from draft to end."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import BankDefault
from qfce.kernel.lifecycle import Lifecycle


class Purpose(StrEnum):
    """Why somebody reads an enterprise's factors; said at every inquiry and logged with it."""

    PRE_LOAN = "pre_loan"
    POST_LOAN = "post_loan"
    MODEL_DEVELOPMENT = "model_development"
    RECOMMENDATION = "recommendation"
    SUPERVISION = "supervision"  # regulators, of their own region
    OWN_RECORD = "own_record"  # enterprises, of themselves


NOT_BY_AGREEMENT = frozenset({Purpose.SUPERVISION, Purpose.OWN_RECORD})
"""Purposes that follow from what the reader is; nobody can be granted them."""


class AgreementStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    SUSPENDED = "suspended"  # nothing is disclosed, and it may be taken up again
    ENDED = "ended"


A = AgreementStatus

AGREEMENT = Lifecycle(
    initial=A.DRAFT,
    transitions={
        "activate": (frozenset({A.DRAFT, A.SUSPENDED}), A.ACTIVE),
        "suspend": (frozenset({A.ACTIVE}), A.SUSPENDED),
        "end": (frozenset({A.ACTIVE, A.SUSPENDED}), A.ENDED),
    },
)


@dataclass(frozen=True, slots=True)
class CompiledTerms:
    """
    The items of one list version, sorted by what an agreement over some categories allows.

    The three are disjoint and together are the whole list. `items` are shown; those in
    `consent_items` only with the enterprise's consent; `withheld_items` never.
    """

    items: tuple[str, ...]
    consent_items: tuple[str, ...]
    withheld_items: tuple[str, ...]


def compile_terms(catalogue: Catalogue, categories: Iterable[str]) -> CompiledTerms:
    """
    Sort the items of a list by what an agreement over `categories` lets its recipient see.

    An item whose default for banks is `never` or `by_decision` stays out of every
    agreement, whatever its category.

    :raises ValueError: if the list has no such category. Callers check first.
    """
    covered = set(categories)
    unknown = covered - set(catalogue.category_codes)
    if unknown:
        raise ValueError(f"{catalogue.code} has no categories {sorted(unknown)}.")
    shown, with_consent, withheld = [], [], []
    for code, item in catalogue.items.items():
        if item.category not in covered or item.bank_default != BankDefault.SHOWN:
            withheld.append(code)
        elif item.consent_required:
            with_consent.append(code)
        else:
            shown.append(code)
    return CompiledTerms(tuple(shown), tuple(with_consent), tuple(withheld))


def prefix_of(region: str) -> str:
    """
    Return what every region code inside a region begins with.

    >>> prefix_of("330000"), prefix_of("330100"), prefix_of("330113"), prefix_of("000000")
    ('33', '3301', '330113', '')
    """
    prefix = region
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return prefix


def lies_within(region: str, jurisdiction: str | None) -> bool:
    """Test whether a region is a jurisdiction or a part of it; None has none."""
    return jurisdiction is not None and region.startswith(prefix_of(jurisdiction))
