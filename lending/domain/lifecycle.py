"""The lives of products, applications and loans."""

from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle


class ApplicationStatus(StrEnum):
    DRAFT = "draft"  # the relationship manager is still filling it in
    SUBMITTED = "submitted"  # waiting for a credit officer to take it
    UNDER_REVIEW = "under_review"  # a credit officer holds it
    RETURNED = "returned"  # back with the relationship manager, with questions
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by the enterprise, before a decision


S = ApplicationStatus

APPLICATION = Lifecycle(
    initial=S.DRAFT,
    transitions={
        "submit": (frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED),
        "start_review": (frozenset({S.SUBMITTED}), S.UNDER_REVIEW),
        "return": (frozenset({S.UNDER_REVIEW}), S.RETURNED),
        "approve": (frozenset({S.UNDER_REVIEW}), S.APPROVED),
        "decline": (frozenset({S.UNDER_REVIEW}), S.DECLINED),
        "withdraw": (frozenset({S.DRAFT, S.SUBMITTED, S.RETURNED}), S.WITHDRAWN),
    },
)
IN_PROGRESS = frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED})


class ProductStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"  # no new applications; those in progress go on


PRODUCT = Lifecycle(
    initial=ProductStatus.DRAFT,
    transitions={
        "publish": (frozenset({ProductStatus.DRAFT}), ProductStatus.PUBLISHED),
        "retire": (frozenset({ProductStatus.PUBLISHED}), ProductStatus.RETIRED),
    },
)


class LoanStatus(StrEnum):
    AGREED = "agreed"  # the contract is signed, nothing is paid out yet
    ACTIVE = "active"  # something is outstanding
    REPAID = "repaid"
    CANCELLED = "cancelled"  # given up before anything was paid out


LOAN = Lifecycle(
    initial=LoanStatus.AGREED,
    transitions={
        "disburse": (frozenset({LoanStatus.AGREED, LoanStatus.ACTIVE}), LoanStatus.ACTIVE),
        "repay": (frozenset({LoanStatus.ACTIVE}), LoanStatus.REPAID),
        "cancel": (frozenset({LoanStatus.AGREED}), LoanStatus.CANCELLED),
    },
)


class Regime(StrEnum):
    """Under which measures a loan is made; each has its own borrowers and checks."""

    CORPORATE_WORKING_CAPITAL = "corporate_working_capital"
    PERSONAL_BUSINESS = "personal_business"
    FIXED_ASSET = "fixed_asset"
