"""
Which two codes may be one enterprise, and the life of the doubt and of the merger.

Code first: a code that another used before, or one that differs from another in a single
character and by its check character can't be right. Then the name, without what branches,
brackets and legal forms add to it, in the same city.
"""

import re
import unicodedata
from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle


class DuplicateReason(StrEnum):
    """In the order of what they are worth."""

    SAME_ORGANIZATION = "same_organization"  # the nine characters of the organization are alike
    NEAR_CODE = "near_code"  # one character apart, and one of the two fails its check
    SAME_NAME = "same_name"  # as written, in the same city
    LIKE_NAME = "like_name"  # without brackets and legal form, in the same county


class DuplicateStatus(StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"  # two enterprises after all
    MERGED = "merged"


D = DuplicateStatus

DUPLICATE = Lifecycle(
    initial=D.OPEN,
    transitions={
        "dismiss": (frozenset({D.OPEN}), D.DISMISSED),
        "merge": (frozenset({D.OPEN}), D.MERGED),
        "reopen": (frozenset({D.DISMISSED, D.MERGED}), D.OPEN),
    },
)


class MergeStatus(StrEnum):
    PREPARED = "prepared"
    RELEASED = "released"
    CANCELLED = "cancelled"
    UNDO_PREPARED = "undo_prepared"  # in force until a second person agrees
    UNDONE = "undone"


M = MergeStatus

MERGE = Lifecycle(
    initial=M.PREPARED,
    transitions={
        "release": (frozenset({M.PREPARED}), M.RELEASED),
        "cancel": (frozenset({M.PREPARED}), M.CANCELLED),
        "prepare_undo": (frozenset({M.RELEASED}), M.UNDO_PREPARED),
        "keep": (frozenset({M.UNDO_PREPARED}), M.RELEASED),
        "undo": (frozenset({M.UNDO_PREPARED}), M.UNDONE),
    },
)

LEGAL_FORMS = (
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "个人独资企业",
    "有限合伙",
    "普通合伙",
    "集团",
    "公司",
)
BRANCH = re.compile(r"(分公司|分厂|分店|门市部|经营部|办事处|营业部)$")


def core(name: str) -> str:
    """
    Return what of a name is left without brackets, blanks and the words of its legal form.

    Branches keep their word: a branch is no duplicate of its enterprise.

    >>> core("杭州精工（集团）有限责任公司"), core("杭州 精工有限公司")
    ('杭州精工', '杭州精工')
    >>> core("杭州精工有限公司宁波分公司")
    '杭州精工有限公司宁波分公司'
    """
    written = "".join(unicodedata.normalize("NFKC", name).upper().split())
    written = re.sub(r"[()\[\]【】《》〈〉「」·.,，。'\"-]", "", written)
    if BRANCH.search(written):
        return written
    for word in LEGAL_FORMS:
        written = written.replace(word, "")
    return written
