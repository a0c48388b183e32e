"""Shards against profiles, and a population against one inquiry for each enterprise."""

import json
import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.utils import timezone

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import MissingPermission, service_actor
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing.domain import shard_columns
from sharing.domain.shard_columns import Mark
from sharing.models import FactorProfile, ReadLog
from sharing.policies import UnknownPurpose
from sharing.selectors import disclosures, shards
from sharing.services import agreements, consents, enterprise_lists, publications
from sharing.services import shards as writing
from tests.faults.agreement import of_shards
from tests.sharing.shared import LIST, A, B, N, agree, change, publish, row, see
from tests.universe import NOON

C = "91330102MA27XYZ123"
VALUES = {
    "QC-02": "NOT_LISTED",
    "QC-05": 2,
    "QC-18": "4.11",
    "QC-19": "not_applicable",
    "QF-17": "VALID",
    "QM-02": "2020-05-10",
    "QI-11": "4.25",
    "QC-04": "A",
}
DETAILS = {"QF-17": {"valid_from": "2025-01-01", "valid_to": "2027-03-31", "evidence": "证书"}}


@pytest.fixture
def published(universe, settings, tmp_path):
    settings.QFCE_DATA = tmp_path  # shards are a database's own, and every test has one
    publish(universe.zheng, row(vals=VALUES, details=DETAILS, registered_capital="5000000.00"))
    publish(universe.zheng, row(B, "330110", vals={"QF-17": "EXPIRED", "QC-05": 0}))
    publish(universe.mo, row(N, "330206", vals={"QF-17": "VALID", "QI-11": "3"}))
    return universe


def follow(universe, at=NOON):
    actor = universe.zhou
    with acting_as(actor.organization_id):
        return writing.follow(LIST, actor=actor, at=at)


def look(actor, purpose="pre_loan", **how):
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return disclosures.population(LIST, purpose=purpose, actor=actor, at=NOON, **how)


def home():
    return shards.folder(catalogue())


def catalogue():
    return factor_lists.in_force(LIST, business_day(NOON))


def read(universe, *columns, cities=""):
    with acting_as(universe.zhou.organization_id):
        return shards.read(catalogue(), columns, cities)


def agree_with_profiles(universe):
    """The shards say what the profiles say, cell by cell."""
    assert of_shards(universe.zhou, LIST) == []


def shown(table) -> dict[str, dict[str, Any]]:
    """Return a population as {uscc: {item: value or answer}}, for comparing."""
    codes = [name for name in table.column_names if f"{name}:marks" in table.column_names]
    found = {}
    for entry in table.to_pylist():
        cells = {}
        for code in codes:
            marks = Mark(entry[f"{code}:marks"])
            if marks & Mark.NOT_SHOWN:
                continue
            value = "not_applicable" if marks & Mark.NOT_APPLICABLE else entry[code]
            if value is not None:
                cells[code] = (value, entry.get(f"{code}:valid_to"))
        found[entry["uscc"]] = cells
    return found


def inquired(actor, usccs, purpose="pre_loan") -> dict[str, dict[str, Any]]:
    """Return the same by asking for each enterprise, as single inquiries do."""
    typed = {"QC-18": float, "QI-11": float, "QM-02": date.fromisoformat}
    found = {}
    for uscc, profile in see(actor, *usccs, purpose=purpose).items():
        if profile.answer == "not_shared":
            continue
        found[uscc] = {
            code: (
                item.value
                if item.value == "not_applicable"
                else typed.get(code, lambda value: value)(item.value),
                item.valid_to,
            )
            for code, item in profile.items.items()
            if item.answer == "ok"
        }
    return found


def same_as_inquiries(actor, *usccs, purpose="pre_loan"):
    seen = shown(look(actor, purpose).table)
    assert seen == inquired(actor, usccs or (A, B, N), purpose)
    return seen


def test_shards_are_the_profiles_with_types(published):
    assert follow(published) == 2
    agree_with_profiles(published)
    manifest, rows = read(published, "uscc", "QC-05", "QC-18", "registered_capital", cities="3301")

    assert manifest is not None
    assert (manifest.position, sorted(manifest.cities)) == (3, ["3301", "3302"])
    (entry,) = [e for e in rows.to_pylist() if e["uscc"] == A]
    assert entry == {
        "uscc": A,
        "QC-05": 2,
        "QC-18": 4.11,
        "registered_capital": Decimal("5000000.00"),
    }


def test_one_cell_that_does_not_fit_takes_no_other_with_it(zj_list):
    """A day where there is none, a word of another version, and money finer than a column."""
    items = zj_list.items
    money = next(code for code, item in items.items() if item.type == "money")
    texts = {
        "QM-02": ["2026-01-31", "2024-02-29", "2026-02-31", "VALID", None],
        money: ["3333.33333", "0.1234567890123", "-7", "1e5", None],
    }
    names = (*shard_columns.IDENTITY, *shards.CODES, *items)
    none = pa.array([None] * 5, pa.string())
    rows = pa.table({n: pa.array(texts[n], pa.string()) if n in texts else none for n in names})
    typed = shard_columns.typed(rows, items)

    unfit = int(Mark.UNFIT)
    assert typed["QM-02"].to_pylist() == [date(2026, 1, 31), date(2024, 2, 29), None, None, None]
    assert typed["QM-02:marks"].to_pylist() == [0, 0, unfit, unfit, 0]
    assert typed[money].to_pylist() == [Decimal("3333.33333"), None, Decimal(-7), None, None]
    assert typed[f"{money}:marks"].to_pylist() == [0, unfit, 0, unfit, 0]


def test_following_twice_writes_nothing(published):
    follow(published)
    before = {file: file.stat().st_mtime_ns for file in home().rglob("*") if file.is_file()}

    assert follow(published) == 0
    assert {f: f.stat().st_mtime_ns for f in home().rglob("*") if f.is_file()} == before


def test_only_the_city_that_changed_is_written(published):
    follow(published)
    publish(published.mo, row(N, "330206", vals={"QF-17": "REVOKED"}))

    assert follow(published) == 1
    agree_with_profiles(published)


def test_an_agreement_and_another_list_write_no_city(published, monkeypatch):
    follow(published)
    before = set(home().rglob("*.parquet"))
    agree(published, "bank_a")
    other = {"cause": "correction", "at": timezone.now()}
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("tests.sharing.shared.LIST", "ZJ-OTHER")
        here = catalogue()
        elsewhere.setattr(publications.factor_lists, "in_force", lambda *_: here)
        change(published.zheng, "observed", {"QC-05": 3}, **other)

        assert follow(published) == 0
        assert set(home().rglob("*.parquet")) == before
        assert look(published.lin).shard_position == 5, "and yet the shards have come that far"
        change(published.zheng, "observed", {"industry": "C35"}, **other)
        assert follow(published) == 1, "what is of the enterprise is of every list"


def test_whoever_finds_somebody_at_it_leaves_it_to_them(published):
    def at_it() -> None:
        with acting_as(published.zhou.organization_id), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"shards:{LIST}"])
            held.set()
            done.wait(30)
        connection.close()

    held, done = threading.Event(), threading.Event()
    other = threading.Thread(target=at_it)
    other.start()
    held.wait(30)
    try:
        assert follow(published) == 0
    finally:
        done.set()
        other.join()
    assert follow(published) == 2


def test_whoever_may_not_make_shards_anew_leaves_them_as_they_are(published):
    follow(published)
    nobody = replace(service_actor(published.province.pk, "nobody"), permissions=frozenset())
    with pytest.raises(MissingPermission), acting_as(published.province.pk):
        writing.rebuild(LIST, actor=nobody, at=NOON)
    assert (home() / shards.MANIFEST).exists()
    with acting_as(published.province.pk):
        assert writing.rebuild(LIST, actor=published.zhou, at=NOON) == 2
    agree_with_profiles(published)


def test_whoever_moves_leaves_the_old_city(published):
    follow(published)
    publish(published.zhou, row(A, "330206", vals={"QC-05": 1}))
    follow(published)

    agree_with_profiles(published)
    _, rows = read(published, "uscc", cities="3301")
    assert rows["uscc"].to_pylist() == [B]


@pytest.mark.parametrize("kind", ["withdrawn", "cleared"])
def test_what_is_taken_back_leaves_the_shard(published, kind):
    follow(published)
    change(published.zheng, kind, {"QC-05": None}, at=timezone.now())
    follow(published)

    agree_with_profiles(published)


def test_an_item_that_lapsed_or_is_disputed_is_marked(published):
    change(published.zheng, "lapsed", {"QC-02": "NOT_LISTED"}, cause="expiry", at=timezone.now())
    change(published.zheng, "flagged", {"QC-05": "disputed"}, cause="dispute", at=timezone.now())
    follow(published)

    agree_with_profiles(published)
    _, rows = read(published, "uscc", "QC-02:marks", "QC-05:marks", cities="3301")
    (entry,) = [e for e in rows.to_pylist() if e["uscc"] == A]
    assert (entry["QC-02:marks"], entry["QC-05:marks"]) == (Mark.LAPSED, Mark.FLAGGED)


def test_shards_of_another_database_are_made_anew(published):
    follow(published)
    file = home() / shards.MANIFEST
    said = json.loads(file.read_text())
    file.write_text(json.dumps({**said, "anchor": [said["anchor"][0], "of-somewhere-else"]}))

    assert follow(published) == 2
    agree_with_profiles(published)


def test_a_lost_file_is_made_anew(published):
    follow(published)
    next(home().glob("3301/*")).unlink()

    assert follow(published) == 2
    agree_with_profiles(published)


def test_whoever_dies_before_the_manifest_leaves_the_old_state(published, monkeypatch):
    follow(published)
    publish(published.zheng, row(vals={"QC-05": 7}))

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(writing, "_adopt", die)
        follow(published)
    manifest, rows = read(published, "QC-05", cities="3301")
    assert manifest is not None
    assert (manifest.position, set(rows["QC-05"].to_pylist())) == (3, {2, 0})

    follow(published)
    agree_with_profiles(published)
    assert len(list(home().rglob("*.parquet"))) == 2, "what was left over is gone"


def test_nobody_else_on_the_machine_reads_them(published):
    follow(published)
    for path in [home(), *home().rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("followed", [False, True], ids=["no shards", "shards"])
@pytest.mark.parametrize(
    "terms",
    [
        pytest.param({}, id="everything"),
        pytest.param({"categories": ["quality_foundation"]}, id="one category"),
        pytest.param({"regions": ["330113", "330200"]}, id="two regions"),
        pytest.param({"regions": ["330110"], "categories": ["quality_credit"]}, id="both"),
    ],
)
def test_a_bank_sees_what_it_would_by_single_inquiries(published, terms, followed):
    if followed:
        follow(published)
    agree(published, "bank_a", **terms)

    assert same_as_inquiries(published.lin)


def test_two_agreements_add_up_row_by_row(published):
    follow(published)
    agree(published, "bank_a", categories=["quality_foundation"])
    agree(published, "bank_a", categories=["quality_credit"], regions=["330113"])

    seen = same_as_inquiries(published.lin)
    assert ("QC-05" in seen[A], "QC-05" in seen[B]) == (True, False)
    marks = look(published.lin, items=["QC-05"]).table.select(["uscc", "QC-05:marks"]).to_pylist()
    assert {e["uscc"]: e["QC-05:marks"] for e in marks}[B] == Mark.NOT_SHOWN


def test_an_agreement_on_a_list_reaches_its_members(published):
    follow(published)
    zhou = published.zhou
    with acting_as(zhou.organization_id):
        kept = enterprise_lists.create("重点企业", usccs=[A, N], actor=zhou, at=NOON)
    agree(published, "bank_a", enterprise_list_ids=[kept.pk])

    assert set(same_as_inquiries(published.lin)) == {A, N}


def test_a_consent_opens_one_cell(published):
    follow(published)
    agree(published, "bank_a")
    with acting_as(published.chen_min.organization_id):
        asked = consents.request(
            A, items=["QI-11"], purposes=["pre_loan"], actor=published.chen_min, at=NOON
        )
    with acting_as(published.an.organization_id):
        consents.grant(asked.pk, actor=published.an, at=NOON)

    seen = same_as_inquiries(published.lin)
    assert (seen[A]["QI-11"][0], "QI-11" in seen[N]) == (4.25, False)
    assert "QI-11" not in shown(look(published.lin, "post_loan").table)[A]


def test_what_changed_since_the_shards_is_there_at_once(published):
    agree(published, "bank_a")
    follow(published)
    rows = row(C, "330102", vals={"QC-05": 3}), row(vals={"QC-05": 9})
    publish(published.zheng, *rows, at=timezone.now())
    change(published.mo, "withdrawn", {"QF-17": None}, uscc=N, at=timezone.now())

    found = look(published.lin)
    assert (found.position, found.shard_position) == (6, 4)
    seen = same_as_inquiries(published.lin, A, B, N, C)
    assert (seen[A]["QC-05"][0], seen[C]["QC-05"][0], "QF-17" in seen[N]) == (9, 3, False)


def test_who_moved_out_of_the_agreed_region_is_gone_at_once(published):
    agree(published, "bank_a", regions=["330100"])
    follow(published)
    publish(published.zhou, row(A, "330206", vals={"QC-05": 1}))

    assert set(same_as_inquiries(published.lin)) == {B}
    follow(published)
    assert set(same_as_inquiries(published.lin)) == {B}


def test_an_agreement_that_ended_shows_nothing(published):
    follow(published)
    agreement = agree(published, "bank_a")
    zhou = published.zhou
    with acting_as(zhou.organization_id):
        agreements.end(agreement.pk, actor=zhou, at=NOON)

    assert look(published.lin).table.num_rows == 0


def test_a_regulator_sees_its_own_region_whole(published):
    follow(published)
    seen = shown(look(published.wu, "supervision").table)

    assert set(seen) == {A}
    assert "QC-04" in seen[A], "also what is kept from banks"


def test_a_look_is_one_row_of_the_read_log(published):
    follow(published)
    agree(published, "bank_a")
    found = look(published.lin)
    with acting_as(published.lin.organization_id):
        (entry,) = ReadLog.objects.filter(kind="population")
    assert (entry.purpose, entry.subjects, entry.number) == ("pre_loan", 3, found.position)
    assert entry.detail == {"factor_list": LIST, "digest": found.digest}


def test_who_reads_no_enterprises_is_refused(published):
    nobody = replace(service_actor(published.bank_a.pk, "nobody"), permissions=frozenset())
    with pytest.raises(MissingPermission):
        look(nobody)
    with pytest.raises(UnknownPurpose):
        look(published.lin, "curiosity")


def test_codes_that_are_not_on_the_agreed_list_are_told_to_nobody(published):
    """Not as gone either, whichever position and version a caller says that it has."""
    zhou = published.zhou
    with acting_as(zhou.organization_id):
        kept = enterprise_lists.create("重点企业", usccs=[A], actor=zhou, at=NOON)
    agree(published, "bank_a", enterprise_list_ids=[kept.pk])
    ask = "SELECT uscc, is_gone FROM qfce_population_rows('pre_loan', %s, %s, %s)"
    with acting_as(published.bank_a.pk), connection.cursor() as cursor:
        for after, version in ((10**9, 99), (1, 99), (2, 1), (10**9, 1)):
            cursor.execute(ask, [LIST, after, version])
            assert {uscc for uscc, _ in cursor} <= {A}, (after, version)


def test_who_left_the_agreed_list_is_gone(published):
    zhou = published.zhou
    with acting_as(zhou.organization_id):
        kept = enterprise_lists.create("重点企业", usccs=[A, N], actor=zhou, at=NOON)
    agree(published, "bank_a", enterprise_list_ids=[kept.pk])
    follow(published)
    with acting_as(zhou.organization_id):
        enterprise_lists.remove(kept.pk, [N], actor=zhou, at=NOON)
    publish(published.mo, row(N, "330206", vals={"QF-17": "REVOKED"}))
    assert set(look(published.lin).table["uscc"].to_pylist()) == {A}


def test_the_doors_themselves_show_a_stranger_nothing(published):
    """Raw SQL, with no Python check in the way; and to a bank, only what is agreed."""
    agree(published, "bank_a", categories=["quality_foundation"], regions=["330113"])
    for organization, rights, expected in (
        (published.organizations["bank_b"], 0, []),
        (published.organizations["bank_a"], 1, [(A, {"QF-17": "VALID"})]),
    ):
        with acting_as(organization.pk), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM qfce_population_rights('pre_loan', %s)", [LIST])
            assert len(cursor.fetchall()) == rights
            for after in (0, 1):
                cursor.execute(
                    "SELECT uscc, vals FROM qfce_population_rows('pre_loan', %s, %s, 1)",
                    [LIST, after],
                )
                found = [(u, json.loads(v) if isinstance(v, str) else v) for u, v in cursor]
                assert found == (expected if not after else []), (organization, after)


def test_no_shard_says_more_than_its_own_province(published):
    """Derived from the rows that the list's owner may read, under its own policies."""
    follow(published)
    with acting_as(published.zhou.organization_id):
        count = FactorProfile.objects.filter(factor_list=LIST).count()
    _, rows = read(published, "uscc", cities="")
    assert rows.num_rows == count
