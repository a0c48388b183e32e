"""What the database holds about imports, whatever a service forgets."""

import pytest
from django.db import IntegrityError, connection, transaction

from qfce.kernel.tenancy.context import acting_as
from sharing.models import ColumnMapping, ImportBatch, ImportFinding, ImportKeys, RecordChange
from tests.universe import NOON

A = "91330113ALN0KXMQ6E"


@pytest.fixture
def batch(universe):
    owner = {"owner_id": universe.hangzhou.pk}
    with acting_as(universe.hangzhou.pk):
        batch = ImportBatch.objects.create(
            **owner,
            factor_list="ZJ-QFCE",
            list_version=1,
            mode="delta",
            status="ready",
            file_sha256="0" * 64,
            file_name="list.csv",
            file_size=1,
            received_at=NOON,
            uploaded_by_id=universe.shen.user_id,
        )
        ImportFinding.objects.create(**owner, batch=batch, code="required", severity="error")
        ImportKeys.objects.create(
            **owner, batch_id=batch.pk, part=0, factor_list="ZJ-QFCE", usccs=[A]
        )
        ColumnMapping.objects.create(
            **owner, factor_list="ZJ-QFCE", header="体系", field="QF-17", updated_at=NOON
        )
        RecordChange.objects.create(
            **owner,
            uscc=A,
            factor_list="ZJ-QFCE",
            cause="correction",
            kind="corrected",
            changes={},
            reason="x",
            prepared_by_id=universe.shen.user_id,
            prepared_at=NOON,
        )
    return batch


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"status": "lost"}, "status_known"),
        ({"mode": "some"}, "mode_known"),
        ({"rows_total": 3}, "rows_add_up"),
        ({"released_at": NOON}, "release_all_or_none"),
        ({"released_at": NOON, "released_by_id": "uploader"}, "four_eyes"),
    ],
)
def test_an_import_holds_to_its_words_and_sums(batch, universe, facts, constraint):
    if facts.get("released_by_id"):
        facts = {**facts, "released_by_id": universe.shen.user_id}
    with pytest.raises(IntegrityError, match=constraint), acting_as(universe.hangzhou.pk):
        ImportBatch.objects.filter(pk=batch.pk).update(**facts)


def test_nobody_releases_the_change_they_prepared(batch, universe):
    with pytest.raises(IntegrityError), acting_as(universe.hangzhou.pk):
        RecordChange.objects.update(released_by_id=universe.shen.user_id)


@pytest.mark.parametrize(
    "table", ["importbatch", "importfinding", "importkeys", "columnmapping", "recordchange"]
)
def test_an_import_is_seen_by_its_bureau_and_those_above(batch, universe, table):
    seen = {}
    for name in ("hangzhou", "province", "linping", "ningbo", "bank_a", "operator"):
        with acting_as(getattr(universe, name).pk), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM sharing_{table}")
            seen[name] = cursor.fetchone()[0]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM sharing_{table}")
        seen["nobody"] = cursor.fetchone()[0]
    assert {name for name, count in seen.items() if count} == {"hangzhou", "province"}


@pytest.mark.parametrize(
    "table", ["importbatch", "importfinding", "importkeys", "columnmapping", "recordchange"]
)
def test_whoever_stands_above_reads_and_does_not_write(batch, universe, table):
    with acting_as(universe.province.pk), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM sharing_{table}")
        assert cursor.rowcount == 0


def test_the_functions_across_tenants_answer_nobody_but_regulators(batch, universe):
    questions = (
        ("SELECT count(*) FROM qfce_pending_elsewhere('ZJ-QFCE', %s)", [[A]]),
        ("SELECT qfce_anything_pending('ZJ-QFCE')::int", []),
        ("SELECT count(*) FROM qfce_ledger(NULL, %s)", [[A]]),
        ("SELECT count(*) FROM qfce_registered_elsewhere(%s)", [[A]]),
        ("SELECT count(*) FROM qfce_consented(%s, %s, '2026-11-23')", [["QC-17"], [A]]),
    )
    for name in ("bank_a", "operator", "enterprise"):
        with acting_as(getattr(universe, name).pk), connection.cursor() as cursor:
            for question, arguments in questions:
                cursor.execute(question, arguments)
                assert cursor.fetchone()[0] == 0, (name, question)
    with acting_as(universe.linping.pk), connection.cursor() as cursor:
        cursor.execute(*questions[0])
        assert cursor.fetchone()[0] == 1
