"""Publishing: what becomes of register, ledger and profiles, and the places in the feed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from sharing.domain.disclosures import plain
from sharing.domain.folding import fold
from sharing.domain.import_lifecycle import Cause
from sharing.models import Enterprise, FactorChange, FactorProfile, Publication
from sharing.services import projection, publication_rows, publications
from sharing.services.publications import ChangeIn, NotRegistered
from sharing.services.staged_rows import batch_of
from tests.sharing import shared
from tests.universe import NOON

LIST = "ZJ-QFCE"
A, B, C = "91330113ALN0KXMQ6E", "91330110MA2B0C8X3K", "91330105MA27XG5T1D"
RANKS = {"QF-17": {"register": 0, "province": 1, "city": 2, "county": 3}}


def row(uscc=A, name="临平安和精工汽车零部件股份有限公司", region="330113", **further):
    return {"uscc": uscc, "name": name, "region": region, **further}


def publish_rows(actor, *rows, full=False, at=None, import_id=None):
    """Publish rows the way an import does, without the file; now, by the database's clock."""
    at = at or max(NOON, timezone.now())
    with acting_as(actor.organization_id):
        publication = publications.begin(
            cause=Cause.IMPORT,
            factor_list=LIST,
            list_version=1,
            owner=actor,
            prepared_by=None,
            released_by=actor.user_id,
            import_id=import_id,
        )
        batch = batch_of(rows)
        publication_rows.load([batch])
        applied = publication_rows.apply(
            publication, today=business_day(at), source=source_of(actor), source_ranks=RANKS
        )
        removed = 0
        if full:
            publication_rows.load_named([batch.select(["uscc"])])
            removed = publication_rows.delist_others(publication)
        publications.finish(publication)
    return publication, applied, removed


def source_of(actor):
    return {"330000": "province", "330100": "city", "330113": "county"}[actor.region]


def profile(actor, uscc=A):
    with acting_as(actor.organization_id):
        return FactorProfile.objects.get(uscc=uscc, factor_list=LIST)


def ledger(actor, publication):
    with acting_as(actor.organization_id):
        return [
            (c.uscc, c.kind, c.changes, c.details)
            for c in FactorChange.objects.filter(publication_id=publication.pk).order_by("row")
        ]


def check_projection(actor, usccs=(A, B, C)):
    """Every profile is what the ledger folds to."""
    with acting_as(actor.organization_id):
        today = business_day(NOON)
        for stored in FactorProfile.objects.filter(uscc__in=usccs, factor_list=LIST):
            rows = projection.histories([stored.uscc], LIST, today)[stored.uscc]
            state = fold(rows)
            held = state.on(max(today, max(r.day for r in rows)))
            assert stored.values == {code: fact.value for code, fact in held.items()}
            assert stored.details == {c: f.details for c, f in held.items() if f.details}
            origins = {
                code: stored.origins.get(code, stored.base_publication_id) for code in stored.values
            }
            assert origins == {code: fact.publication_id for code, fact in held.items()}
            assert stored.listed == state.listed


def test_a_first_row_enters_register_ledger_and_profile(universe):
    publication, applied, _ = publish_rows(
        universe.zheng,
        row(
            vals={"QF-17": "VALID", "QC-05": 0},
            details={"QF-17": {"valid_to": "2027-05-01"}},
            registered_capital="5000000",
            established_on="2010-03-04",
        ),
    )

    assert (applied.new, applied.changed) == (1, 0)
    assert (publication.number, publication.rows) == (1, 1)
    assert ledger(universe.zheng, publication) == [
        (
            A,
            "observed",
            {
                "name": "临平安和精工汽车零部件股份有限公司",
                "region": "330113",
                "established_on": "2010-03-04",
                "registered_capital": "5000000",
                "QF-17": "VALID",
                "QC-05": 0,
            },
            {"QF-17": {"valid_to": "2027-05-01"}},
        )
    ]
    stored = profile(universe.zheng)
    assert stored.values == {"QF-17": "VALID", "QC-05": 0}
    assert (stored.publication_id, stored.row, stored.listed) == (publication.pk, 1, True)
    check_projection(universe.zheng)


def test_only_what_changed_is_written(universe):
    values = {"QF-17": "VALID", "QC-05": 0}
    publish_rows(universe.zheng, row(vals=values), row(B, "甲", "330110", vals=values))
    publication, applied, _ = publish_rows(
        universe.zheng,
        row(vals={"QF-17": "REVOKED", "QC-05": 0}),
        row(B, "甲", "330110", vals=values),
    )

    assert (applied.new, applied.changed) == (0, 1)
    assert ledger(universe.zheng, publication) == [(A, "observed", {"QF-17": "REVOKED"}, None)]
    stored = profile(universe.zheng)
    assert stored.values == {"QF-17": "REVOKED", "QC-05": 0}
    assert stored.origins == {"QF-17": publication.pk}
    check_projection(universe.zheng)


def test_an_unchanged_row_writes_nothing(universe):
    publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}))
    publication, applied, _ = publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}))

    assert (applied.new, applied.changed, publication.rows) == (0, 0, 0)
    assert profile(universe.zheng).publication_id != publication.pk


def test_a_file_may_leave_out_what_the_register_knows(universe):
    publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}, industry="C3670"))
    publication, _, _ = publish_rows(
        universe.zheng, {"uscc": A, "vals": {"QC-05": 1}, "size": "small"}
    )
    assert ledger(universe.zheng, publication) == [
        (A, "observed", {"size": "small", "QC-05": 1}, None)
    ]
    with acting_as(universe.hangzhou.pk):
        known = Enterprise.objects.get(pk=A)
    assert (known.industry, known.size, known.last_publication_id) == (
        "C3670",
        "small",
        publication.pk,
    )


def test_clear_ends_a_value_and_is_a_row_of_its_own(universe):
    publish_rows(universe.zheng, row(vals={"QF-17": "VALID", "QC-05": 0}))
    publication, applied, _ = publish_rows(
        universe.zheng, row(vals={"QC-05": 2}, cleared=["QF-17", "QF-18"])
    )
    assert applied.changed == 1
    assert ledger(universe.zheng, publication) == [
        (A, "observed", {"QC-05": 2}, None),
        (A, "cleared", {"QF-17": None}, None),
    ]
    assert profile(universe.zheng).values == {"QC-05": 2}
    check_projection(universe.zheng)


def test_a_late_fact_goes_to_the_ledger_and_does_not_replace_a_newer_one(universe):
    newer = {"QF-17": {"valid_from": "2026-01-01", "valid_to": "2028-12-31"}}
    older = {"QF-17": {"valid_from": "2023-01-01", "valid_to": "2025-12-31"}}
    publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}, details=newer))
    late, _, _ = publish_rows(universe.zheng, row(vals={"QF-17": "EXPIRED"}, details=older))

    assert [changes for _, _, changes, _ in ledger(universe.zheng, late)] == [{"QF-17": "EXPIRED"}]
    stored = profile(universe.zheng)
    assert stored.values == {"QF-17": "VALID"}
    assert stored.details == newer
    check_projection(universe.zheng)

    again, _, _ = publish_rows(universe.zheng, row(vals={"QF-17": "EXPIRED"}, details=older))
    assert again.rows == 0


def test_a_fact_of_tomorrow_waits_in_the_ledger(universe):
    tomorrow = str(business_day(NOON) + timedelta(days=400))
    publish_rows(universe.zheng, row(vals={"QC-05": 0}))
    publish_rows(
        universe.zheng,
        row(vals={"QF-17": "VALID"}, details={"QF-17": {"valid_from": tomorrow}}),
        row(B, "甲", "330110", vals={"QF-17": "VALID", "QC-05": 0},
            details={"QF-17": {"valid_from": tomorrow}}),
    )  # fmt: skip
    assert profile(universe.zheng).values == {"QC-05": 0}
    assert profile(universe.zheng, B).values == {"QC-05": 0}
    check_projection(universe.zheng)


def test_a_renewed_end_of_validity_is_a_change_and_a_missing_one_is_not(universe):
    publish_rows(
        universe.zheng,
        row(
            vals={"QF-17": "VALID"},
            details={"QF-17": {"valid_to": "2026-12-31", "evidence": ["a"]}},
        ),
    )
    same, _, _ = publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}))
    renewed, _, _ = publish_rows(
        universe.zheng, row(vals={"QF-17": "VALID"}, details={"QF-17": {"valid_to": "2029-12-31"}})
    )
    assert same.rows == 0
    assert renewed.rows == 1
    assert profile(universe.zheng).details == {
        "QF-17": {"valid_to": "2029-12-31", "evidence": ["a"]}
    }
    check_projection(universe.zheng)


def test_a_lower_source_does_not_replace_a_higher_one(universe):
    publish_rows(universe.zhou, row(vals={"QF-17": "VALID", "QC-05": 0}))
    publication, applied, _ = publish_rows(
        universe.zheng, row(vals={"QF-17": "REVOKED", "QC-05": 3}, digest="ab" * 16)
    )
    assert applied.changed == 1
    assert ledger(universe.zheng, publication) == [(A, "observed", {"QC-05": 3}, None)]
    stored = profile(universe.zheng)
    assert stored.values == {"QF-17": "VALID", "QC-05": 3}
    assert stored.row_digest is None, "the row says something new once the province lets go"
    publish_rows(universe.zhou, row(vals={"QF-17": "SUSPENDED"}))
    assert profile(universe.zheng).values["QF-17"] == "SUSPENDED"


def test_a_full_file_takes_the_others_off_the_list_and_a_later_one_brings_them_back(universe):
    publish_rows(
        universe.zheng,
        row(vals={"QF-17": "VALID"}),
        row(B, "甲", "330110", vals={"QF-17": "VALID"}),
    )
    full, _, removed = publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}), full=True)
    assert removed == 1
    assert ledger(universe.zheng, full) == [(B, "delisted", {}, None)]
    assert profile(universe.zheng, B).listed is False
    assert profile(universe.zheng, B).values == {"QF-17": "VALID"}
    check_projection(universe.zheng)

    back, applied, _ = publish_rows(universe.zheng, row(B, "甲", "330110", vals={"QF-17": "VALID"}))
    assert ledger(universe.zheng, back) == [(B, "listed", {}, None)]
    assert (applied.new, applied.changed) == (0, 1)
    assert profile(universe.zheng, B).listed is True
    check_projection(universe.zheng)


def test_a_correction_takes_the_place_of_the_fact_that_held(universe, zj_list):
    publish_rows(
        universe.zheng,
        row(vals={"QF-17": "VALID", "QC-05": 0}, details={"QF-17": {"valid_from": "2026-01-01"}}),
    )
    with acting_as(universe.hangzhou.pk):
        publication = publications.publish_changes(
            [ChangeIn(A, "corrected", {"QF-17": "REVOKED", "size": "micro"})],
            cause="correction",
            factor_list=LIST,
            actor_prepared=universe.shen,
            actor_released=universe.zheng,
            at=NOON,
        )
        history = projection.histories([A], LIST, business_day(NOON))[A]
        assert Enterprise.objects.get(pk=A).size == "micro"
    assert publication.number == 2
    stored = profile(universe.zheng)
    assert stored.values == {"QF-17": "REVOKED", "QC-05": 0}
    assert stored.origins == {"QF-17": publication.pk}
    assert stored.row_digest is None
    assert fold(history).on(date(2026, 2, 1))["QF-17"].value == "REVOKED"
    check_projection(universe.zheng)


def test_a_withdrawn_fact_vanishes_for_every_day(universe, zj_list):
    publish_rows(universe.zheng, row(vals={"QC-05": 2, "QF-17": "VALID"}))
    with acting_as(universe.hangzhou.pk):
        publications.publish_changes(
            [ChangeIn(A, "withdrawn", {"QC-05": None})],
            cause="withdrawal",
            factor_list=LIST,
            actor_prepared=universe.shen,
            actor_released=universe.zheng,
            at=NOON,
        )
        history = projection.histories([A], LIST, business_day(NOON))[A]
    assert profile(universe.zheng).values == {"QF-17": "VALID"}
    assert "QC-05" not in fold(history).on(date(2030, 1, 1))
    assert not fold(history).facts["QC-05"]


def test_nobody_publishes_about_an_enterprise_of_another_jurisdiction(universe, zj_list):
    publish_rows(universe.zheng, row(vals={"QC-05": 2}))
    with pytest.raises(NotRegistered), acting_as(universe.ningbo.pk):
        publications.publish_changes(
            [ChangeIn(A, "corrected", {"QC-05": 0})],
            cause="correction",
            factor_list=LIST,
            actor_prepared=None,
            actor_released=universe.mo,
            at=NOON,
        )


def test_an_enterprise_registered_elsewhere_meanwhile_stops_the_publication(universe):
    publish_rows(universe.zheng, row(vals={"QC-05": 2}))
    with pytest.raises(publication_rows.Overtaken), acting_as(universe.ningbo.pk):
        publication = publications.begin(
            cause=Cause.IMPORT,
            factor_list=LIST,
            list_version=1,
            owner=universe.mo,
            prepared_by=None,
            released_by=None,
        )
        publication_rows.load([batch_of([row(region="330203", vals={"QC-05": 0})])])
        publication_rows.apply(
            publication, today=business_day(NOON), source="city", source_ranks=RANKS
        )


def test_the_ledger_is_append_only(universe):
    publish_rows(universe.zheng, row(vals={"QC-05": 2}))
    for statement in (
        "UPDATE sharing_factorchange SET kind = 'x'",
        "DELETE FROM sharing_factorchange",
        "SELECT count(*) FROM sharing_factorchange_33",
    ):
        with pytest.raises(ProgrammingError, match="denied"), acting_as(universe.hangzhou.pk):
            connection.cursor().execute(statement)


def test_a_numbered_publication_never_changes(universe):
    publication, _, _ = publish_rows(universe.zheng, row(vals={"QC-05": 2}))
    with pytest.raises(IntegrityError, match="never changes"), acting_as(universe.hangzhou.pk):
        Publication.objects.filter(pk=publication.pk).update(rows=7)


@pytest.mark.parametrize("table", ["enterprise", "factorchange", "factorprofile", "publication"])
def test_others_see_nothing(universe, table):
    publish_rows(universe.zheng, row(vals={"QC-05": 2}))
    seen = {}
    for name in ("hangzhou", "province", "linping", "ningbo", "bank_a", "operator"):
        with acting_as(getattr(universe, name).pk), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM sharing_{table}")
            seen[name] = cursor.fetchone()[0]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM sharing_{table}")
        seen["nobody"] = cursor.fetchone()[0]
    in_province = 1 if table == "publication" else 0
    assert seen == {
        "hangzhou": 1,
        "province": 1,
        "linping": 1,
        "ningbo": in_province,
        "bank_a": 0,
        "operator": 0,
        "nobody": 0,
    }


def test_the_end_of_validity_alone_can_be_ended(universe):
    said = row(vals={"QF-17": "VALID"}, details={"QF-17": {"valid_to": "2027-05-01"}})
    publish_rows(universe.zheng, said)
    ended = row(cleared=["QF-17|valid_to"])
    _, applied, _ = publish_rows(universe.zheng, ended)
    assert (applied.new, applied.changed) == (0, 1)
    with acting_as(universe.hangzhou.pk):
        profile = FactorProfile.objects.get(uscc=A)
    assert (profile.values, profile.details) == ({"QF-17": "VALID"}, {})
    check_projection(universe.zheng)
    publication, applied, _ = publish_rows(universe.zheng, ended)
    assert (publication.rows, applied.changed) == (0, 0)


def test_an_identity_field_can_be_ended(universe):
    publish_rows(universe.zheng, row(vals={"QC-05": 0}, industry="C3812", size="small"))
    publication, applied, _ = publish_rows(universe.zheng, row(cleared=["industry"]))
    assert (publication.rows, applied.changed) == (1, 1)
    with acting_as(universe.hangzhou.pk):
        enterprise = Enterprise.objects.get(pk=A)
    assert (enterprise.industry, enterprise.size) == (None, "small")
    check_projection(universe.zheng)


def test_a_caller_whose_day_lags_behind_the_ledgers_clock_sees_its_change_at_once(
    universe, zj_list
):
    """At midnight a request's day is yesterday's already when the ledger stamps what it wrote."""
    late = timezone.now() - timedelta(days=3)
    said = shared.row(vals={"QC-05": 2})
    shared.publish(universe.zheng, said)
    shared.publish(universe.zheng, {**said, "vals": {"QC-05": 5}}, at=late)
    with acting_as(universe.zheng.organization_id):
        assert FactorProfile.objects.get(uscc=shared.A).values["QC-05"] == 5
    shared.change(universe.zheng, "observed", {"QC-05": 9}, at=late)
    with acting_as(universe.zheng.organization_id):
        assert FactorProfile.objects.get(uscc=shared.A).values["QC-05"] == 9


def test_the_planner_knows_a_large_list_from_its_commit_on(universe):
    """Even if the server has counted the tables while the rows were not committed yet."""
    many = [row(f"91330113MA{number:08}") for number in range(publication_rows.MANY + 1)]
    publish_rows(universe.zheng, *many)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples FROM pg_class"
            " WHERE relname IN ('sharing_enterprise', 'sharing_factorprofile')"
        )
        counted = dict(cursor.fetchall())
    assert set(counted) == {"sharing_enterprise", "sharing_factorprofile"}
    assert min(counted.values()) > publication_rows.MANY


@pytest.mark.parametrize(
    "further",
    [
        {},
        {"vals": {"QC-05": 2, "QF-17": "VALID"}},
        {"name": 'a"b\\c 甲\u3000乙😀'},
        {"industry": "C36", "size": "SMALL", "established_on": "2011-05-04"},
        {"registered_capital": "1200000.50", "vals": {"QC-05": 0}},
        {"registered_capital": "100.00"},
        {"registered_capital": "0"},
    ],
)
def test_the_ledger_keeps_what_the_row_of_a_new_enterprise_says(universe, further):
    sent = row(**further)
    publication, _, _ = publish_rows(universe.zheng, sent)

    expected = {key: value for key, value in sent.items() if key not in {"uscc", "vals"}}
    if capital := expected.get("registered_capital"):
        expected["registered_capital"] = plain(Decimal(capital))
    with acting_as(universe.zheng.organization_id):
        kept = FactorChange.objects.get(publication_id=publication.pk)
    assert kept.changes == expected | sent.get("vals", {})
