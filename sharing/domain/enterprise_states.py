"""
The life of an enterprise at its registrar, with lawful suspension (歇业).

Suspended is not revoked: the enterprise stops for a time that it has filed, and goes on. The
states are those of the list's item on registration, so that banks read them as any fact.
"""

from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle

ITEM = "QC-01"
"""The item of the model list that says it."""
ENDED = ("REVOKED", "DEREGISTERED", "MOVED_OUT")
"""States of an enterprise that does business here no more."""


class EnterpriseState(StrEnum):
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"  # lawfully, for a time that was filed
    MOVED_OUT = "MOVED_OUT"
    REVOKED = "REVOKED"
    DEREGISTERED = "DEREGISTERED"


E = EnterpriseState
ALIVE = frozenset({E.ACTIVE, E.SUSPENDED})

ENTERPRISE = Lifecycle(
    initial=E.ACTIVE,
    transitions={
        "suspend": (frozenset({E.ACTIVE}), E.SUSPENDED),
        "resume": (frozenset({E.SUSPENDED}), E.ACTIVE),
        "move_out": (ALIVE, E.MOVED_OUT),
        "return": (frozenset({E.MOVED_OUT}), E.ACTIVE),
        "revoke": (ALIVE, E.REVOKED),
        # A revocation that a court or the registrar takes back.
        "restore": (frozenset({E.REVOKED}), E.ACTIVE),
        "deregister": (frozenset({E.ACTIVE, E.SUSPENDED, E.REVOKED}), E.DEREGISTERED),
    },
)
