"""Migrating stored records to a new version: previewed, released, taken back; all or nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factors.domain.catalogue import Catalogue
from factors.domain.migration_plans import moved, plan
from factors.domain.values import fault_of
from factors.services import factor_lists
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.calendar import business_day
from qfce.kernel.jobs.models import JobLease
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from sharing import permissions, policies, tasks
from sharing.domain.folding import fold
from sharing.domain.import_lifecycle import Cause
from sharing.models import FactorChange, FactorProfile, ListMigration, Publication
from sharing.services import list_migration_work, list_migrations, projection, publications
from sharing.services.list_migration_sql import FORGET_ROWS, ROWS, Statements
from tests.factors import lists
from tests.sharing.migrating import (
    LIST,
    again,
    as_,
    draft_second,
    migrated,
    prepared,
    publish_second,
)
from tests.sharing.shared import change
from tests.sharing.test_services_publications import (
    A,
    B,
    C,
    check_projection,
    ledger,
    profile,
    publish_rows,
    row,
)
from tests.universe import NOON, NOW

VALUES = {"QF-17": "VALID", "QC-07": 2, "QC-19": True, "QC-05": 4, "QC-13": "LISTED", "QC-06": 1}
DETAILS = {
    "QF-17": {"valid_from": "2024-05-01", "valid_to": "2027-04-30", "evidence": ["cert.pdf"]},
    "QC-19": {"valid_from": "2025-01-01"},
}
TOMORROW = (business_day(NOW) + timedelta(days=30)).isoformat()


@pytest.fixture
def stored(universe):
    """Three enterprises: one with every item that a step names, one with two, one with none."""
    return publish_rows(
        universe.zheng,
        row(vals=VALUES, details=DETAILS),
        row(B, "乙", "330110", vals={"QC-05": 0, "QF-17": "NONE"}),
        row(C, "丙", "330105", vals={"QC-06": 3}),
    )[0]


def test_a_preview_counts_and_writes_nothing_to_the_ledger(universe, stored, run_tasks):
    publish_second(universe)
    migration = prepared(universe, run_tasks)

    assert migration.status == "previewed"
    found = migration.preview
    assert (found["profiles"], found["concerned"], found["without_target"]) == (3, 2, 0)
    by_item = {step["item"]: step for step in found["steps"]}
    assert {code: step["values"] for code, step in by_item.items()} == {
        "QF-17": 2,
        "QM-08": 0,
        "QC-07": 1,
        "QC-19": 1,
        "QC-05": 2,
        "QC-13": 1,
    }
    assert by_item["QC-19"]["flows"] == [
        {"from": "true", "item": "QC-19", "to": "ENROLLED", "count": 1}
    ]
    assert by_item["QC-05"]["flows"] == [
        {"from": None, "item": "QC-05", "to": "NEVER", "count": 1},
        {"from": None, "item": "QC-05", "to": "OFTEN", "count": 1},
    ]
    sample = next(sample for sample in found["samples"] if sample["uscc"] == A)
    assert sample["before"]["QC-05"] == 4
    assert sample["after"]["QC-05"] == "OFTEN"
    with acting_as(universe.zhou.organization_id):
        assert Publication.objects.count() == 1
    assert profile(universe.zheng).list_version == 1


def test_a_draft_can_be_previewed_and_not_released(universe, stored, run_tasks):
    draft_second(universe)
    migration = prepared(universe, run_tasks)

    assert migration.preview["concerned"] == 2
    with pytest.raises(policies.VersionNotInForce):
        as_(universe.fu, list_migrations.release, migration.pk)


def test_it_is_one_publication_of_what_changed(universe, stored, run_tasks):
    publish_second(universe)
    migration = migrated(universe, run_tasks)

    assert migration.status == "published"
    publication = migration.publication
    assert (publication.cause, publication.list_version) == ("migration", 2)
    assert (publication.prepared_by_id, publication.released_by_id) == (
        universe.zhou.user_id,
        universe.fu.user_id,
    )
    rows = {uscc: (kind, changes, details) for uscc, kind, changes, details in ledger(
        universe.zheng, publication
    )}  # fmt: skip
    assert set(rows) == {A, B}
    assert rows[A] == (
        "observed",
        {
            "QF-17": None,
            "QC-07": None,
            "QC-13": None,
            "QF-91": "VALID",
            "QC-91": 2,
            "QC-19": "ENROLLED",
            "QC-05": "OFTEN",
        },
        {
            "QF-91": DETAILS["QF-17"] | {"moved_from": "QF-17"},
            "QC-91": {"moved_from": "QC-07"},
            "QC-19": DETAILS["QC-19"],
        },
    )


def test_profiles_carry_details_and_origins_over(universe, stored, run_tasks):
    later, _, _ = publish_rows(universe.zheng, row(vals={"QC-07": 3}))
    publish_second(universe)
    migration = migrated(universe, run_tasks)

    moved_to = profile(universe.zheng)
    assert moved_to.values == {
        "QF-91": "VALID",
        "QC-91": 3,
        "QC-19": "ENROLLED",
        "QC-05": "OFTEN",
        "QC-06": 1,
    }
    assert moved_to.details == {"QF-91": DETAILS["QF-17"], "QC-19": DETAILS["QC-19"]}
    assert moved_to.origins == {"QC-91": later.pk}
    assert moved_to.base_publication_id == stored.pk
    assert moved_to.publication_id == migration.publication_id
    assert [profile(universe.zheng, uscc).list_version for uscc in (A, B, C)] == [2, 2, 2]
    assert profile(universe.zheng, C).publication_id == stored.pk
    check_projection(universe.zheng)


def test_marks_of_disputes_move_with_their_item(universe, stored, run_tasks):
    change(universe.zheng, "flagged", {"QF-17": ["disputed"], "QC-13": ["disputed"]})
    publish_second(universe)
    migration = migrated(universe, run_tasks)

    assert profile(universe.zheng).flags == {"QF-91": ["disputed"]}
    told = [entry[1:3] for entry in ledger(universe.zheng, migration.publication) if entry[0] == A]
    assert told[1:] == [
        ("unflagged", {"QF-17": None, "QC-13": None}),
        ("flagged", {"QF-91": ["disputed"]}),
    ]
    assert profile(universe.zheng).row == migration.publication.rows
    check_projection(universe.zheng)


def test_facts_of_a_day_to_come_move_too(universe, stored, run_tasks):
    ahead = {"QF-17": {"valid_from": TOMORROW}, "QC-05": {"valid_from": TOMORROW}}
    publish_rows(universe.zheng, row(vals={"QF-17": "SUSPENDED", "QC-05": 0}, details=ahead))
    publish_second(universe)
    migration = migrated(universe, run_tasks)

    assert profile(universe.zheng).values["QF-91"] == "VALID"
    with acting_as(universe.zheng.organization_id):
        state = fold(projection.histories([A], LIST, business_day(NOW))[A])
    then = {c: f.value for c, f in state.on(business_day(NOW) + timedelta(days=31)).items()}
    assert (then["QF-91"], then["QC-05"]) == ("SUSPENDED", "NEVER")
    assert "QF-17" not in then
    assert profile(universe.zheng).row == migration.publication.rows
    check_projection(universe.zheng)


def test_what_was_recorded_under_the_new_version_stays(universe, stored, run_tasks):
    publish_second(universe)
    change(universe.zheng, "observed", {"QC-05": "SELDOM", "QF-91": "REVOKED"})
    migration = migrated(universe, run_tasks)

    values = profile(universe.zheng).values
    assert (values["QC-05"], values["QF-91"]) == ("SELDOM", "REVOKED")
    told = {entry[0]: entry[2] for entry in ledger(universe.zheng, migration.publication)}
    assert told[A] == {
        "QF-17": None,
        "QC-07": None,
        "QC-13": None,
        "QC-91": 2,
        "QC-19": "ENROLLED",
    }
    check_projection(universe.zheng)


def test_a_correction_after_it_replaces_the_moved_fact(universe, stored, run_tasks):
    publish_second(universe)
    migrated(universe, run_tasks)
    change(universe.zheng, "corrected", {"QF-91": "SUSPENDED"})

    assert profile(universe.zheng).values["QF-91"] == "SUSPENDED"
    check_projection(universe.zheng)


def test_whoever_prepared_it_does_not_release_it(universe, stored, run_tasks):
    publish_second(universe)
    migration = prepared(universe, run_tasks)

    with pytest.raises(permissions.OwnMigration):
        as_(universe.zhou, list_migrations.release, migration.pk)
    with pytest.raises(MissingPermission):
        as_(universe.fang, list_migrations.release, migration.pk)
    with pytest.raises(NoSuchRecord):
        as_(universe.zheng, list_migrations.release, migration.pk)


def test_only_the_lists_owner_prepares_one(universe, stored):
    publish_second(universe)
    with pytest.raises(MissingPermission):
        as_(universe.shen, list_migrations.prepare, LIST, 2)
    with pytest.raises(MissingPermission):
        as_(universe.lin, list_migrations.prepare, LIST, 2)


def test_a_version_without_migration_has_nothing_to_prepare(universe, stored):
    with pytest.raises(policies.NothingToMigrate):
        as_(universe.zhou, list_migrations.prepare, LIST, 1)


def test_a_draft_with_faults_is_not_counted_out(universe, stored):
    document = lists.second()
    document["migration"]["steps"] = document["migration"]["steps"][:2]
    draft_second(universe, document)

    with pytest.raises(policies.MigrationUnfit) as refusal:
        as_(universe.zhou, list_migrations.prepare, LIST, 2)
    assert refusal.value.errors


def test_a_draft_changed_after_the_preview_is_previewed_again(universe, stored, run_tasks):
    version = draft_second(universe)
    migration = prepared(universe, run_tasks)
    document = lists.second()
    lists.item(document, "QC-06")["fill_en"] = "Something else."
    as_(
        universe.zhou,
        factor_lists.change_draft,
        version.pk,
        document,
        effective_from=business_day(NOON),
    )
    as_(universe.zhou, factor_lists.submit_for_review, version.pk)
    as_(universe.zhou, factor_lists.publish, version.pk)

    with pytest.raises(policies.PreviewOutdated):
        as_(universe.fu, list_migrations.release, migration.pk)
    second = prepared(universe, run_tasks)
    assert again(universe, migration).status == "discarded"
    assert second.status == "previewed"


def test_discarded_it_leaves_no_trace_in_the_ledger(universe, stored, run_tasks):
    publish_second(universe)
    migration = prepared(universe, run_tasks)
    before = profile(universe.zheng)
    as_(universe.zhou, list_migrations.discard, migration.pk)

    assert again(universe, migration).status == "discarded"
    with acting_as(universe.zhou.organization_id):
        assert list(Publication.objects.values_list("cause", flat=True)) == ["import"]
    assert profile(universe.zheng).values == before.values
    with pytest.raises(IllegalTransition):
        as_(universe.fu, list_migrations.release, migration.pk)


def test_values_without_a_target_are_confirmed_by_number(universe, stored, run_tasks):
    document = lists.second()
    # The list allows no such value; one got in before its bounds were as they are now.
    change(universe.zheng, "observed", {"QF-17": "VALID", "QC-19": "UNKNOWN"})
    publish_second(universe, document)
    migration = prepared(universe, run_tasks)

    step = next(step for step in migration.preview["steps"] if step["item"] == "QC-19")
    assert (migration.preview["without_target"], step["lost_values"]) == (
        1,
        [{"value": "UNKNOWN", "count": 1}],
    )
    with pytest.raises(policies.LossNotConfirmed):
        as_(universe.fu, list_migrations.release, migration.pk)
    as_(universe.fu, list_migrations.release, migration.pk, confirm_without_target=1)
    run_tasks()
    assert again(universe, migration).status == "published"
    assert "QC-19" not in profile(universe.zheng).values
    check_projection(universe.zheng)


def test_values_that_turn_up_after_the_release_send_it_back(universe, stored, run_tasks):
    publish_second(universe)
    migration = prepared(universe, run_tasks)
    change(universe.zheng, "observed", {"QC-06": 9})
    as_(universe.fu, list_migrations.release, migration.pk)
    with acting_as(universe.zheng.organization_id):
        lost = FactorProfile.objects.get(uscc=B, factor_list=LIST)
        lost.values |= {"QC-19": "UNKNOWN"}
        lost.save(update_fields=["values"])
    run_tasks()

    back = again(universe, migration)
    assert (back.status, back.refusal_code) == ("previewed", "sharing.migration.without_target")
    assert back.refusal["facts"] == {"count": 1, "confirmed": 0}
    with acting_as(universe.zhou.organization_id):
        assert not Publication.objects.filter(cause="migration").exists()
    assert profile(universe.zheng).values["QF-17"] == "VALID"


def test_killed_in_the_middle_it_leaves_nothing_half(universe, stored, run_tasks, monkeypatch):
    publish_second(universe)
    migration = prepared(universe, run_tasks)
    as_(universe.fu, list_migrations.release, migration.pk)

    def die(publication):
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(list_migration_work.publications, "finish", die)
        with pytest.raises(SystemExit):
            run_tasks()
    assert again(universe, migration).status == "releasing"
    with acting_as(universe.zhou.organization_id):
        assert not Publication.objects.filter(cause="migration").exists()
    assert profile(universe.zheng).values == VALUES

    with acting_as(universe.zhou.organization_id):
        job_id = str(again(universe, migration).job_id)
        # A worker that is killed closes no lease.
        JobLease.objects.filter(job_id=job_id).update(is_open=True)
    tasks.work_on_migration(organization_id=str(universe.zhou.organization_id), job_id=job_id)
    tasks.work_on_migration(organization_id=str(universe.zhou.organization_id), job_id=job_id)
    assert again(universe, migration).status == "published"
    with acting_as(universe.zhou.organization_id):
        assert Publication.objects.filter(cause="migration").count() == 1
        assert not JobLease.objects.filter(job_id=job_id, is_open=True).exists()


def test_undone_everything_stands_as_it_stood(universe, stored, run_tasks):
    change(universe.zheng, "flagged", {"QF-17": ["disputed"]})
    before = [profile(universe.zheng, uscc) for uscc in (A, B, C)]
    publish_second(universe)
    migration = migrated(universe, run_tasks)
    with pytest.raises(permissions.OwnMigration):
        as_(universe.zhou, list_migrations.undo, migration.pk)
    as_(universe.fu, list_migrations.undo, migration.pk)
    run_tasks()

    undone = again(universe, migration)
    assert (undone.status, undone.undo_publication.cause) == ("undone", "undo")
    for old in before:
        new = profile(universe.zheng, old.uscc)
        for name in ("values", "details", "flags", "listed", "list_version"):
            assert getattr(new, name) == getattr(old, name), (old.uscc, name)
    check_projection(universe.zheng)
    # And it can be done again.
    assert migrated(universe, run_tasks).status == "published"
    assert profile(universe.zheng).values["QF-91"] == "VALID"
    check_projection(universe.zheng)


def test_what_was_built_on_it_keeps_it(universe, stored, run_tasks):
    publish_second(universe)
    migration = migrated(universe, run_tasks)
    change(universe.zheng, "observed", {"QF-91": "SUSPENDED"})
    as_(universe.fu, list_migrations.undo, migration.pk)
    run_tasks()

    kept = again(universe, migration)
    assert (kept.status, kept.refusal_code) == ("published", "sharing.import.later_publication")
    assert profile(universe.zheng).values["QF-91"] == "SUSPENDED"


def test_every_use_is_on_record(universe, stored, run_tasks):
    publish_second(universe)
    migration = migrated(universe, run_tasks)
    with acting_as(universe.zhou.organization_id):
        actions = AuditEvent.objects.filter(target_id=str(migration.pk)).order_by("pk")
        assert list(actions.values_list("action", flat=True)) == [
            "sharing.migration.prepared",
            "sharing.migration.released",
            "sharing.migration.published",
        ]


def test_a_version_has_one_migration_at_a_time(universe, stored, run_tasks):
    publish_second(universe)
    migrated(universe, run_tasks)
    with pytest.raises(IllegalTransition):
        as_(universe.zhou, list_migrations.prepare, LIST, 2)


RECORD = st.fixed_dictionaries(
    {},
    optional={
        "QF-17": st.sampled_from(["VALID", "SUSPENDED", "NONE"]),
        "QM-08": st.integers(0, 60),
        "QC-07": st.integers(0, 5),
        "QC-19": st.booleans(),
        "QC-05": st.integers(0, 6),
        "QC-13": st.sampled_from(["LISTED", "NOT_LISTED"]),
        "QC-06": st.integers(0, 2),
    },
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=RECORD, second=RECORD, third=RECORD)
def test_whole_tables_move_as_single_records_do(universe, first, second, third):
    """The statements and the pure rules agree, and every result is of the new version."""
    base, new = lists.catalogue(), Catalogue.from_document(lists.second() | {"version": 2})
    made = plan(new.migration, base, new)
    records = dict(zip((A, B, C), (first, second, third), strict=True))
    with acting_as(universe.zhou.organization_id):
        for uscc, values in records.items():
            FactorProfile.objects.update_or_create(
                uscc=uscc,
                factor_list=LIST,
                defaults={
                    "region": "330113",
                    "list_version": 1,
                    "values": values,
                    "base_publication_id": 0,
                    "publication_id": 0,
                    "row": 0,
                },
            )
        publication = publications.begin(
            cause=Cause.MIGRATION,
            factor_list=LIST,
            list_version=2,
            owner=universe.zhou,
            prepared_by=None,
            released_by=universe.zhou.user_id,
        )
        statements = Statements(made, [])
        facts = statements.parameters | {
            "publication": publication.pk, "list": LIST, "version": 2,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(FORGET_ROWS)
            cursor.execute(ROWS)
            cursor.execute(statements.apply(), facts)
        for uscc, values in records.items():
            found = FactorProfile.objects.get(uscc=uscc, factor_list=LIST).values
            assert found == moved(made, values).values
            assert all(fault_of(new.items[code], value) is None for code, value in found.items())
        told = FactorChange.objects.filter(publication_id=publication.pk)
        assert told.count() == sum(bool(set(v) & set(made.sources)) for v in records.values())
        assert ListMigration.objects.count() == 0
