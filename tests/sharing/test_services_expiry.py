"""What the calendar does: announced once, caught up if missed, and changing no value."""

from datetime import timedelta

import pytest

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from sharing import tasks
from sharing.models import FactorChange, Publication
from sharing.services import expiry
from tests.sharing.test_services_publications import LIST, A, ledger, profile, publish_rows, row
from tests.universe import NOW

DAY = timedelta(days=1)
# Sooner than anything lapses for its age.
LAST = business_day(NOW) + DAY
AFTER = NOW + 2 * DAY


def sweep(universe, at, what=expiry.sweep):
    with acting_as(universe.hangzhou.pk):
        return what(LIST, actor=universe.zheng, at=at)


@pytest.fixture
def certified(universe, zj_list):
    publish_rows(
        universe.zheng,
        row(vals={"QF-17": "VALID"}, details={"QF-17": {"valid_to": str(LAST)}}),
    )


def test_the_day_after_the_last_is_announced_once(certified, universe):
    assert sweep(universe, NOW + DAY) is None, "the last day is inclusive"
    announced = sweep(universe, AFTER)
    assert ledger(universe.zheng, announced) == [
        (A, "expired", {"QF-17": "VALID"}, {"QF-17": {"valid_to": str(LAST)}})
    ]
    assert sweep(universe, AFTER) is None
    assert sweep(universe, AFTER + DAY) is None
    assert profile(universe.zheng).values == {"QF-17": "VALID"}


def test_a_renewed_fact_expires_again(certified, universe):
    sweep(universe, AFTER)
    later = {"QF-17": {"valid_to": str(LAST + DAY)}}
    publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}, details=later))
    assert sweep(universe, AFTER) is None
    assert sweep(universe, AFTER + DAY).rows == 1


def test_what_nobody_verified_for_too_long_lapses(universe, zj_list):
    publish_rows(universe.zheng, row(vals={"QC-05": 0}))
    oldest = zj_list.items["QC-05"].max_age_days
    assert sweep(universe, NOW + oldest * DAY) is None or oldest < 3
    announced = sweep(universe, NOW + (oldest + 30) * DAY)
    assert ledger(universe.zheng, announced) == [(A, "lapsed", {"QC-05": 0}, None)]


def test_a_fact_of_tomorrow_comes_into_force_on_its_day(universe, zj_list):
    tomorrow = business_day(NOW) + 20 * DAY
    publish_rows(universe.zheng, row(vals={"QF-17": "SUSPENDED"}))
    publish_rows(
        universe.zheng,
        row(vals={"QF-17": "VALID"}, details={"QF-17": {"valid_from": str(tomorrow)}}),
    )
    assert sweep(universe, NOW, expiry.bring_into_force) is None
    assert profile(universe.zheng).values == {"QF-17": "SUSPENDED"}
    due = sweep(universe, NOW + 20 * DAY, expiry.bring_into_force)
    assert due.rows == 1
    assert profile(universe.zheng).values == {"QF-17": "VALID"}
    assert sweep(universe, NOW + 21 * DAY, expiry.bring_into_force) is None


def test_the_calendar_is_swept_by_whoever_keeps_the_list(universe, zj_list, run_tasks):
    publish_rows(
        universe.zheng,
        row(vals={"QF-17": "VALID"}, details={"QF-17": {"valid_to": "2025-01-01"}}),
    )
    tasks.sweep_calendar()
    run_tasks()
    tasks.sweep_calendar()
    run_tasks()
    with acting_as(universe.province.pk):
        kinds = list(FactorChange.objects.filter(uscc=A).values_list("kind", flat=True))
        owner = Publication.objects.get(cause="expiry").owner_id
    assert kinds.count("expired") == 1
    assert owner == universe.province.pk
