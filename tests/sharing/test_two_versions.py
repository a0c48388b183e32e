"""Two versions of the list a year apart: what is dated before the change is read by the old one."""

import os
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from sharing import policies
from sharing.models import RecordChange
from sharing.services import records
from tests.sharing.migrating import LIST, as_, migrated, publish_second
from tests.sharing.shared import A, agree, answers, change, publish, row, see
from tests.universe import NOW

YEAR = timedelta(days=365)
CHANGED_ON = business_day(NOW + YEAR)
BEFORE, AFTER = CHANGED_ON - timedelta(days=175), CHANGED_ON + timedelta(days=8)
LATER = NOW + YEAR + timedelta(days=30)
VALUES = {"QF-17": "VALID", "QC-19": True, "QC-05": 4, "QC-13": "LISTED", "QC-06": 1}


@pytest.fixture
def agreed(universe):
    publish(universe.zheng, row(vals=VALUES))
    return agree(universe, "bank_a")


def move_on(universe, run_tasks):
    """Put version 2 in force a year later, and migrate on its first day."""
    then = NOW + YEAR
    publish_second(universe, at=then, effective_from=CHANGED_ON)
    migration = migrated(universe, run_tasks, at=then)
    shift(migration.publication)
    return migration


def shift(publication):
    """Let a publication have been recorded a year later than the clock says."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(os.environ["QFCE_TEST_SUPERUSER_URL"], dbname=name) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(
            "UPDATE sharing_publication SET recorded_at = recorded_at + interval '365 days'"
            " WHERE id = %s",
            [publication.pk],
        )


def test_a_profile_is_read_by_the_version_of_its_day(universe, agreed, run_tasks):
    move_on(universe, run_tasks)

    before = see(universe.lin, at=LATER, as_of=BEFORE)[A]
    assert before.list_version == 1
    assert answers(before, *VALUES) == VALUES
    assert "QF-91" not in before.items

    after = see(universe.lin, at=LATER, as_of=AFTER)[A]
    assert after.list_version == 2
    assert answers(after, "QF-91", "QC-19", "QC-05", "QC-06") == {
        "QF-91": "VALID",
        "QC-19": "ENROLLED",
        "QC-05": "OFTEN",
        "QC-06": 1,
    }
    assert after.items["QF-91"].source == before.items["QF-17"].source
    assert after.items["QF-91"].recorded_at == before.items["QF-17"].recorded_at


def test_what_was_known_then_is_read_as_it_was_known(universe, agreed, run_tasks):
    move_on(universe, run_tasks)
    then = see(universe.lin, at=LATER, known_at=NOW + timedelta(days=200))[A]
    assert (then.list_version, then.items["QF-17"].value) == (1, "VALID")
    assert "QF-91" not in then.items


def test_a_later_fact_of_an_earlier_day_does_not_enter_the_old_version(universe, agreed, run_tasks):
    move_on(universe, run_tasks)
    earlier = (BEFORE - timedelta(days=150)).isoformat()
    told = change(
        universe.zheng,
        "observed",
        {"QF-91": "REVOKED", "QC-05": "SELDOM"},
        details={"QF-91": {"valid_from": earlier}, "QC-05": {"valid_from": earlier}},
        at=LATER,
    )
    shift(told)
    before = see(universe.lin, at=LATER, as_of=BEFORE)[A]
    assert answers(before, "QF-17", "QC-05") == {"QF-17": "VALID", "QC-05": 4}
    assert "QF-91" not in before.items


def test_renamed_items_stay_shared_and_new_ones_wait(universe, agreed, run_tasks):
    from tests.factors import lists

    document = lists.second()
    fresh = dict(lists.item(document, "QC-06")) | {
        "code": "QC-99",
        "name_zh": "另一项",
        "name_en": "Another item",
        "suggested_gate": None,
    }
    document["items"].append(fresh)
    publish_second(universe, document)
    migrated(universe, run_tasks)
    change(universe.zheng, "observed", {"QC-99": 1})

    seen = see(universe.lin)[A]
    assert answers(seen, "QF-91", "QC-19") == {"QF-91": "VALID", "QC-19": "ENROLLED"}
    assert "QC-99" not in seen.items or seen.items["QC-99"].answer != "ok"

    agree(universe, "bank_a")
    assert see(universe.lin)[A].items["QC-99"].value == 1


def test_a_renamed_item_that_needs_consent_now_is_not_shown(universe, agreed, run_tasks):
    from tests.factors import lists

    document = lists.second()
    lists.item(document, "QF-91").update(consent_required=True)
    publish_second(universe, document)
    migrated(universe, run_tasks)

    assert see(universe.lin)[A].items["QF-91"].answer == "not_authorised"


def test_undone_the_agreement_reads_as_before(universe, agreed, run_tasks):
    from sharing.services import list_migrations

    publish_second(universe)
    migration = migrated(universe, run_tasks)
    as_(universe.fu, list_migrations.undo, migration.pk)
    run_tasks()

    seen = see(universe.lin)[A]
    assert seen.items["QF-17"].value == "VALID"
    assert "QF-91" not in seen.items


def test_what_is_withdrawn_vanishes_under_its_former_code_too(universe, agreed, run_tasks):
    move_on(universe, run_tasks)
    prepared = as_(
        universe.shen,
        records.withdraw,
        A,
        {"QF-91": None},
        factor_list=LIST,
        reason="Mistaken.",
        at=LATER,
    )
    released = as_(universe.zheng, records.release, prepared.pk, at=LATER)
    shift(released.publication)

    before = see(universe.lin, at=LATER, as_of=BEFORE)[A]
    assert before.items["QF-17"].answer == "no_data"
    assert see(universe.lin, at=LATER)[A].items["QF-91"].answer == "no_data"


def test_a_change_prepared_by_the_old_version_does_not_pass(universe, agreed, run_tasks):
    prepared = as_(
        universe.shen,
        records.correct,
        A,
        changes={"QF-17": "SUSPENDED"},
        factor_list=LIST,
        reason="A slip.",
    )
    publish_second(universe)
    migrated(universe, run_tasks)

    with pytest.raises(policies.ValuesUnfit):
        as_(universe.zheng, records.release, prepared.pk)
    with acting_as(universe.zheng.organization_id):
        assert RecordChange.objects.get(pk=prepared.pk).status == "prepared"
