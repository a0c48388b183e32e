"""A dispute about one fact of an enterprise, and its life from the objection to the decision."""

from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle


class DisputeStatus(StrEnum):
    """Where a dispute stands. While it is open the item carries a mark for every reader."""

    OPENED = "opened"
    PREPARED = "prepared"  # upheld by one person; a second has to release what follows
    UPHELD = "upheld"
    REJECTED = "rejected"
    CANCELLED = "cancelled"  # by whoever opened it


D = DisputeStatus
OPEN = frozenset({D.OPENED, D.PREPARED})

DISPUTE = Lifecycle(
    initial=D.OPENED,
    transitions={
        "prepare": (frozenset({D.OPENED}), D.PREPARED),
        # The second person dropped what was prepared, so the dispute stands again.
        "reopen": (frozenset({D.PREPARED}), D.OPENED),
        "uphold": (frozenset({D.PREPARED}), D.UPHELD),
        "reject": (frozenset({D.OPENED}), D.REJECTED),
        "cancel": (frozenset({D.OPENED}), D.CANCELLED),
    },
)

MARK = "disputed"
