"""The story's certificate, through the real ledger, feed, loan and case."""

from datetime import UTC, datetime, timedelta

import pytest

from lending.models import Loan
from qfce.kernel.jobs.celery import app
from qfce.kernel.tenancy.actors import service_actor
from qfce.kernel.tenancy.context import acting_as
from risk.domain.lifecycle import CaseActionKind
from risk.models import Signal, WatchedState
from risk.services import cases, daily, handling, signals
from sharing.models import FeedCursor
from tests.evaluation.cards import HERO
from tests.lending.conftest import desk, world  # noqa: F401 fixtures
from tests.risk.conftest import MORNING, days, on
from tests.sharing.shared import agree
from tests.universe import NOW


@pytest.fixture
def lent(desk):  # noqa: F811
    """3,000,000 paid out, 2,000,000 undrawn."""
    loan_id = desk.loan()
    desk.disburse(loan_id)
    return loan_id


def follow(organization, at=MORNING):
    with acting_as(organization.pk):
        return signals.follow_feed(actor=service_actor(organization.pk, "risk"), at=at)


def found(organization):
    with acting_as(organization.pk):
        return list(Signal.objects.order_by("raised_at", "rule"))


def w14(universe):
    [signal] = [signal for signal in found(universe.bank_a) if signal.rule == "W14"]
    return signal


def do(service, actor, *args, at=MORNING, **words):
    with acting_as(actor.organization_id):
        return service(*args, actor=actor, at=at, **words)


def test_from_the_certificate_to_the_freeze_and_back(universe, world, lent, he, second):  # noqa: F811
    follow(universe.bank_a)
    assert found(universe.bank_a) == []
    world.change(HERO, QF_17="REVOKED")

    assert follow(universe.bank_a).raised == 1

    signal = w14(universe)
    assert signal.facts == {"before": "VALID", "after": "REVOKED", "kind": "observed"}
    assert (signal.level, signal.claim_due_on, signal.answer_due_on) == (
        "orange",
        on("2026-12-17"),
        on("2026-12-29"),
    )
    do(handling.claim, he, signal.pk)
    case = do(cases.open_, he, signal.pk, reason="Certificate revoked.", loan_id=lent)
    do(cases.act, he, case.pk, kind=CaseActionKind.FREEZE_UNDRAWN, text="2,000,000 stay here.")
    with acting_as(universe.bank_a.pk):
        loan = Loan.objects.get(pk=lent)
    assert (loan.freeze_reason, loan.freeze_signal_id) == ("2,000,000 stay here.", signal.pk)

    world.change(HERO, QC_17=3)
    follow(universe.bank_a, days(1))
    assert w14(universe).status == "acting"  # the grade may be back, the certificate is not

    world.change(HERO, QF_17="VALID")
    # The ledger dates by the true clock, which may be past that day.
    follow(universe.bank_a, max(days(9), NOW + timedelta(days=1)))
    assert (w14(universe).status, w14(universe).release_cause) == ("released", "condition")
    step = do(cases.act, he, case.pk, kind=CaseActionKind.LIFT_FREEZE, text="New certificate.")
    do(cases.confirm, second, case.pk, step.pk)
    closed = do(cases.close, he, case.pk, result="Drawdown open again.")

    assert closed.status == "closed"
    with acting_as(universe.bank_a.pk):
        assert Loan.objects.get(pk=lent).frozen_at is None


def test_the_same_event_delivered_twice_is_one_signal(universe, world, lent):  # noqa: F811
    follow(universe.bank_a)
    world.change(HERO, QF_17="REVOKED")
    follow(universe.bank_a)
    with acting_as(universe.bank_a.pk):
        FeedCursor.objects.filter(consumer=signals.CONSUMER).delete()

    again = follow(universe.bank_a)

    assert again.read > 0
    assert again.raised == 0
    with acting_as(universe.bank_a.pk):
        kinds = w14(universe).occurrences.order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["fact", "repeated"]


def test_a_bank_without_exposure_is_told_nothing(universe, world, lent):  # noqa: F811
    world.share("bank_b")
    world.change(HERO, QF_17="REVOKED")

    follow(universe.bank_b)

    assert found(universe.bank_b) == []
    with acting_as(universe.bank_b.pk):
        assert not WatchedState.objects.exists()


def test_a_penalty_that_is_repaired_leaves_no_trace(universe, world, lent):  # noqa: F811
    follow(universe.bank_a)
    world.change(HERO, QC_05=1)
    follow(universe.bank_a)
    [penalty] = [s for s in found(universe.bank_a) if s.rule == "W10"]
    assert penalty.status == "raised"
    world.change(HERO, kind="withdrawn", QC_05=None)

    follow(universe.bank_a)

    [penalty] = [s for s in found(universe.bank_a) if s.rule == "W10"]
    assert (penalty.status, penalty.facts) == ("withdrawn", {})


def test_red_stops_drawdown_by_itself(universe, world, lent):  # noqa: F811
    follow(universe.bank_a)
    world.change(HERO, QC_03="LISTED")

    follow(universe.bank_a)

    [signal] = found(universe.bank_a)
    with acting_as(universe.bank_a.pk):
        loan = Loan.objects.get(pk=lent)
    assert (signal.rule, signal.level) == ("W01", "red")
    assert loan.freeze_signal_id == signal.pk


def test_an_agreement_that_begins_later_shows_what_is_red(universe, desk, lent, world):  # noqa: F811
    follow(universe.bank_a)
    world.change(HERO, QC_03="LISTED")
    with acting_as(universe.bank_a.pk):  # as if the bank had not been told
        follow(universe.bank_a)
        Signal.objects.get().occurrences.all().delete()
        Signal.objects.all().delete()
        WatchedState.objects.all().delete()
    agree(universe, "bank_a")

    assert follow(universe.bank_a).raised == 1

    assert [signal.rule for signal in found(universe.bank_a)] == ["W01"]
    agree(universe, "bank_a")
    assert follow(universe.bank_a).raised == 0


def test_the_daily_run_reads_its_borrowers_and_raises_nothing_for_fresh_data(
    universe,
    lent,
):
    at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    with acting_as(universe.bank_a.pk):
        actor = service_actor(universe.bank_a.pk, "risk")
        assert daily.sweep(on("2026-11-24"), actor=actor, at=at) is None
        assert not Signal.objects.exclude(rule="W33").exists()


def test_the_tasks_follow_every_bank_and_may_be_delivered_twice(
    universe,
    world,  # noqa: F811
    lent,
    run_tasks,
):
    app.loader.import_default_modules()
    app.tasks["risk.follow_feeds"]()
    run_tasks()
    world.change(HERO, QF_17="REVOKED")
    app.tasks["risk.follow_feeds"]()
    app.tasks["risk.follow_feeds"]()
    app.tasks["risk.sweep_days"]()
    run_tasks()

    assert w14(universe).status == "raised"
