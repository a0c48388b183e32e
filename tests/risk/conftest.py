"""
A bank whose feed, borrowers and loans are laid out by the test.

The feed and the loans have tests of their own; here they are said in a line, so that what
is tested is what risk makes of them. `test_journey.py` goes through the real ones.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from qfce.kernel.tenancy.actors import actor_of, service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership, User, UserKind
from risk.selectors import borrowers, watched
from risk.services import raising, signals
from sharing.domain.feed import FeedItem
from tests.universe import USCC

# 08:30 in Shanghai on Tuesday 15 December 2026.
MORNING = datetime(2026, 12, 15, 0, 30, tzinfo=UTC)
NOTHING = SimpleNamespace(applications_in_progress=0, undrawn=0, outstanding=0)
LENDS = SimpleNamespace(applications_in_progress=0, undrawn=2_000_000, outstanding=3_000_000)
APPLIES = SimpleNamespace(applications_in_progress=1, undrawn=0, outstanding=0)


@dataclass
class Bank:
    """What the bank has at stake, what it was told, and where it stopped reading."""

    actor: object
    organization_id: object
    exposures: dict = field(default_factory=dict)
    profiles: dict = field(default_factory=dict)
    evaluated: dict = field(default_factory=dict)
    feed: list = field(default_factory=list)
    cursor: tuple = (0, 0)
    frozen: list = field(default_factory=list)
    lifted: list = field(default_factory=list)

    def tell(self, kind, changes, *, uscc=USCC, details=None, at=MORNING):
        """Put one change into the feed."""
        number = len(self.feed) + 1
        item = FeedItem(f"{number}.1", number, 1, uscc, kind, changes, details or {}, at)
        self.feed.append(item)
        return item

    def knows(self, values, *, uscc=USCC, recorded_at=None, **members):
        """Lay out the profile that the bank may see, as it was before the feed's first item."""
        recorded_at = recorded_at or MORNING - timedelta(days=20)
        self.profiles[uscc] = SimpleNamespace(
            uscc=uscc,
            name="临平安和精工汽车零部件股份有限公司",
            answer="ok",
            list_code="ZJ-QFCE",
            list_version=1,
            position=(0, 0),
            items={
                code: SimpleNamespace(
                    value=value,
                    answer="ok",
                    status="in_force",
                    valid_from=None,
                    valid_to=members.get(code, {}).get("valid_to"),
                    recorded_at=members.get(code, {}).get("recorded_at", recorded_at),
                    flags=members.get(code, {}).get("flags", ()),
                )
                for code, value in values.items()
            },
        )

    def follow(self, at=MORNING, **bounds):
        with acting_as(self.organization_id):
            return signals.follow_feed(actor=self.actor, at=at, **bounds)


@pytest.fixture
def bank(universe, monkeypatch):
    organization_id = universe.bank_a.pk
    laid_out = Bank(service_actor(organization_id, "risk"), organization_id)

    def changed_since(consumer, *, actor, limit):
        return [item for item in laid_out.feed if (item.number, item.row) > laid_out.cursor][:limit]

    def advance(consumer, item, *, actor, at=None):
        laid_out.cursor = (item.number, item.row)

    def profiles(usccs, *, purpose, actor, at, as_of=None, known_at=None):
        return {uscc: laid_out.profiles[uscc] for uscc in usccs if uscc in laid_out.profiles}

    def freeze(target, reason, *, actor, at, **more):
        laid_out.frozen.append((target, reason))

    def lift(target, reason, *, actor, at, **more):
        laid_out.lifted.append((target, reason))

    monkeypatch.setattr(signals.feed, "changed_since", changed_since)
    monkeypatch.setattr(signals.cursors, "advance", advance)
    monkeypatch.setattr(watched.disclosures, "profiles", profiles)
    monkeypatch.setattr(
        watched, "items_evaluated", lambda usccs, *, actor: dict(laid_out.evaluated)
    )
    monkeypatch.setattr(
        borrowers.loans,
        "exposure",
        lambda usccs, *, actor: {u: e for u, e in laid_out.exposures.items() if u in usccs},
    )
    monkeypatch.setattr(raising.loans, "freeze_undrawn", freeze)
    monkeypatch.setattr(raising.loans, "unfreeze", lift)
    monkeypatch.setattr(
        borrowers,
        "page_of_exposures",
        lambda after, size, *, actor: dict(
            sorted((u, e) for u, e in laid_out.exposures.items() if u > after)[:size]
        ),
    )
    return laid_out


@pytest.fixture
def borrower(bank):
    """The firm of the story: 3,000,000 outstanding, 2,000,000 undrawn, certificate valid."""
    bank.exposures[USCC] = LENDS
    bank.knows(
        {
            "QF-17": "VALID",
            "QF-18": "VALID",
            "QC-01": "ACTIVE",
            "QC-02": "NOT_LISTED",
            "QC-03": "NOT_LISTED",
            "QC-05": 0,
            "QC-08": "PASS",
            "QC-13": "NOT_LISTED",
            "QM-01": "CITY",
            "QM-03": True,
        }
    )
    return bank


@pytest.fixture
def he(universe):
    return universe.he


@pytest.fixture
def second(universe):
    """A second risk manager of the same bank."""
    user = User.objects.create(
        username="risk-second", display_name="何静的同事", kind=UserKind.PERSON.value
    )
    membership = Membership.objects.create(
        user=user, organization=universe.bank_a, roles=["head_office_risk_manager"]
    )
    return actor_of(membership)


def days(number):
    return MORNING + timedelta(days=number)


def on(text):
    return date.fromisoformat(text)
