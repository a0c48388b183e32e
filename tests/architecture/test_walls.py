"""
The second wall, attacked with raw SQL as the application role: no Python check in the way.

Whatever is bound, no table gives a row of another tenant and no function an item that is not
shared. Every new table and every new function has to be named here.
"""

import json
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing.services import (
    agreements,
    consents,
    disputes,
    enterprise_lists,
)
from tests.sharing.shared import A, B, N, agree, publish, row, see
from tests.universe import NOON

SECRET = "QI-11"
SECRET_VALUE = "4.1177"
FOUNDATION_ONLY = ["quality_foundation"]

# Tables of sharing that hold other tenants' rows, and what a stranger may see in each: nothing.
TABLES = (
    "sharing_enterprise",
    "sharing_publication",
    "sharing_factorchange",
    "sharing_factorprofile",
    "sharing_importbatch",
    "sharing_importfinding",
    "sharing_importkeys",
    "sharing_recordchange",
    "sharing_columnmapping",
    "sharing_agreement",
    "sharing_consent",
    "sharing_enterpriselist",
    "sharing_enterpriselistmember",
    "sharing_enterpriselistshare",
    "sharing_readlog",
    "sharing_readlogsubject",
    "sharing_feedcursor",
    "sharing_recall",
    "sharing_refreshrequest",
    "sharing_dispute",
    "sharing_declaration",
    "sharing_collectionround",
    "sharing_roundmember",
    "sharing_rounddelivery",
    "sharing_roundreminder",
    "sharing_dueitem",
    "sharing_sourcerun",
    "sharing_sourcecount",
    "sharing_qualitycell",
    "sharing_bureauscore",
    "sharing_enterprisename",
    "sharing_enterprisesizing",
    "sharing_enterprisetag",
    "sharing_enterprisemerge",
    "sharing_duplicatecandidate",
    "sharing_listcriteria",
    "sharing_listrun",
)
INTERNAL = (
    "qfce_names_within",
    "qfce_names_on",
    "qfce_rights",
    "qfce_matched",
    "qfce_added_up",
    "qfce_repairs",
    "qfce_history",
    "qfce_visible",
    "qfce_log_read",
)


@pytest.fixture
def walls(universe: Any) -> Any:
    """Values in Hangzhou and Ningbo, agreements with bank_a, a consent, a list; bank_b has none."""
    values = {"QF-17": "VALID", "QC-02": "LISTED", "QC-04": "A", SECRET: SECRET_VALUE}
    publish(universe.zheng, row(vals=values), row(B, "330110", vals=values))
    publish(universe.mo, row(N, "330206", vals=values))
    agree(universe, "bank_a")
    with acting_as(universe.chen_min.organization_id):
        asked = consents.request(
            A, items=[SECRET], purposes=["pre_loan"], actor=universe.chen_min, at=NOON
        )
    with acting_as(universe.an.organization_id):
        consents.grant(asked.pk, actor=universe.an, at=NOON)
    zhou = universe.zhou
    with acting_as(zhou.organization_id):
        kept = enterprise_lists.create("重点企业", usccs=[A], actor=zhou, at=NOON)
        bank = universe.organizations["bank_a"].pk
        enterprise_lists.share(kept.pk, recipient_id=bank, actor=zhou, at=NOON)
    see(universe.lin, A, B, N)
    return universe


def sql(organization: Any, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """Run a statement with nothing but the organisation bound."""
    with acting_as(organization.pk), connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall()


STRANGERS = ("bank_b", "credit_agency", "guarantor", "operator", "pboc")


def test_a_stranger_reads_no_row_of_any_table(walls: Any) -> None:
    for stranger in STRANGERS:
        for table in TABLES:
            found = sql(walls.organizations[stranger], f"SELECT count(*) FROM {table}")
            assert found == [(0,)], (stranger, table)


BANKS_MAY_READ = {
    "sharing_agreement": 1,
    "sharing_consent": 1,
    "sharing_enterpriselist": 1,
    "sharing_enterpriselistmember": 1,
    "sharing_enterpriselistshare": 1,
}


def test_a_bank_reads_its_own_and_never_the_ledger(walls: Any) -> None:
    bank = walls.organizations["bank_a"]
    counts = {table: sql(bank, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}

    assert {t: n for t, n in counts.items() if n and "readlog" not in t} == BANKS_MAY_READ
    assert counts["sharing_readlog"]
    assert counts["sharing_readlogsubject"]


def test_a_regulator_reads_no_other_region(walls: Any) -> None:
    for table in ("sharing_enterprise", "sharing_factorprofile", "sharing_factorchange"):
        found = sql(walls.organizations["linping"], f"SELECT DISTINCT region FROM {table}")
        assert found == [("330113",)], table


def test_with_nothing_bound_there_is_nothing(walls: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table
        for call in (
            f"qfce_disclose('pre_loan', ARRAY['{A}'])",
            f"qfce_disclose('supervision', ARRAY['{A}'])",
            f"qfce_disclose('own_record', ARRAY['{A}'])",
            "qfce_feed(0, 0, 100)",
            "qfce_search_enterprises('9133', 10)",
            "qfce_pending_elsewhere('ZJ-QFCE', ARRAY['x'])",
            f"qfce_ledger(NULL, ARRAY['{A}'])",
            f"qfce_recall_recipients('{A}', 'ZJ-QFCE', ARRAY['{SECRET}'])",
            f"qfce_recalls_of('ZJ-QFCE', ARRAY['{A}'], ARRAY['{SECRET}'])",
        ):
            cursor.execute(f"SELECT * FROM {call}")
            assert cursor.fetchall() == [], call


def text_of(rows: list[tuple[Any, ...]]) -> str:
    return json.dumps(rows, default=str, ensure_ascii=False)


PURPOSES = (
    "pre_loan",
    "post_loan",
    "model_development",
    "recommendation",
    "supervision",
    "own_record",
    "",
    "x",
)


def test_no_purpose_and_no_time_makes_the_door_tell_a_stranger(walls: Any) -> None:
    for stranger in (*STRANGERS, "enterprise"):
        organization = walls.organizations[stranger]
        for purpose in PURPOSES:
            for when in ("NULL, NULL", "'2030-01-01', NULL", "NULL, now()", "'2030-01-01', now()"):
                for repeats in ("false", "true"):
                    found = sql(
                        organization,
                        f"SELECT * FROM qfce_disclose(%s, %s, {when}, NULL, NULL, {repeats})",
                        purpose,
                        [B, N],
                    )
                    told = text_of(found)
                    for secret in (SECRET_VALUE, "企业", "LISTED"):
                        assert secret not in told, (stranger, purpose, when, repeats)


def test_a_bank_is_told_the_items_of_its_agreement_and_no_others(walls: Any) -> None:
    agree(walls, "bank_b", categories=FOUNDATION_ONLY, regions=["330100"])
    bank = walls.organizations["bank_b"]
    for when in ("NULL, NULL", "'2030-01-01', NULL", "NULL, now()"):
        told = text_of(sql(bank, f"SELECT * FROM qfce_disclose('pre_loan', %s, {when})", [A, B, N]))
        assert "VALID" in told
        assert SECRET_VALUE not in told
        assert "LISTED" not in told
        assert f"企业{N[-4:]}" not in told
    fed = text_of(sql(bank, "SELECT * FROM qfce_feed(0, 0, 1000)"))
    assert "VALID" in fed
    for hidden in (SECRET_VALUE, "LISTED", N):
        assert hidden not in fed


def test_a_population_is_the_items_of_the_agreements_and_no_others(walls: Any) -> None:
    agree(walls, "bank_b", categories=FOUNDATION_ONLY, regions=["330100"])
    for bank, may_see, secrets in (("bank_b", {A, B}, set()), ("bank_a", {A, B, N}, {A})):
        organization = walls.organizations[bank]
        for after, version in ((0, 1), (1, 99)):
            ask = "SELECT uscc, vals::text FROM qfce_population_rows('pre_loan', 'ZJ-QFCE', %s, %s)"
            told = dict(sql(organization, ask, after, version))
            assert set(told) == may_see, (bank, after)
            assert {uscc for uscc, vals in told.items() if SECRET_VALUE in vals} == secrets
            assert not any("QC-04" in vals for vals in told.values())
            assert any("LISTED" in vals for vals in told.values()) == (bank == "bank_a")
    for purpose in ("post_loan", "model_development", "supervision"):
        ask = "SELECT coalesce(vals::text, '') FROM qfce_population_rows(%s, 'ZJ-QFCE', 0, 1)"
        told_for = sql(walls.organizations["bank_a"], ask, purpose)
        assert not any(SECRET_VALUE in vals for (vals,) in told_for), purpose


def test_a_population_names_nobody_who_was_never_on_the_agreed_list(walls: Any) -> None:
    """Whichever position and version the caller says that its copy has."""
    zhou, bank = walls.zhou, walls.organizations["bank_b"]
    with acting_as(zhou.organization_id):
        kept = enterprise_lists.create("另一名单", usccs=[A], actor=zhou, at=NOON)
    agree(walls, "bank_b", enterprise_list_ids=[kept.pk])
    for after in (1, 2, 10**9):
        for version in (1, 99, -1):
            ask = "SELECT uscc FROM qfce_population_rows('pre_loan', 'ZJ-QFCE', %s, %s)"
            assert {uscc for (uscc,) in sql(bank, ask, after, version)} <= {A}, (after, version)


def test_who_decides_a_dispute_is_told_to_its_parties_only(walls: Any) -> None:
    with acting_as(walls.he.organization_id):
        bind_actor(walls.he)
        opened = disputes.open_(
            A, item="QF-17", statement="查无此项", actor=walls.he, at=timezone.now()
        )
    ask = "SELECT bureau FROM qfce_deciding_bureaus(%s)"
    for party in ("bank_a", "linping", "province"):
        told = sql(walls.organizations[party], ask, [opened.pk])
        assert told == [(walls.organizations["linping"].pk,)], party
    for stranger in (*STRANGERS, "enterprise", "ningbo"):
        assert sql(walls.organizations[stranger], ask, [opened.pk]) == [], stranger


def test_a_look_at_a_population_is_written_in_ones_own_name_only(walls: Any) -> None:
    bank = walls.organizations["bank_b"]
    sql(bank, "SELECT qfce_log_population('pre_loan', 'ZJ-QFCE', '{}', 1, 1, 'x')")
    ask = "SELECT count(*) FROM sharing_readlog WHERE kind = 'population'"
    assert sql(bank, ask) == [(1,)]
    assert sql(walls.organizations["bank_a"], ask) == [(0,)]
    again = "SELECT * FROM qfce_disclose('pre_loan', %s, NULL, %s, NULL, NULL, true)"
    ((at,),) = sql(bank, "SELECT max(at) FROM sharing_readlog WHERE kind = 'population'")
    assert SECRET_VALUE not in text_of(sql(bank, again, [A, N], at)), "no rights then, none now"
    assert "VALID" not in text_of(sql(bank, again, [A, N], at))


def test_a_consent_is_for_one_bank_one_enterprise_and_one_purpose(walls: Any) -> None:
    agree(walls, "bank_b")
    bank_a, bank_b = walls.organizations["bank_a"], walls.organizations["bank_b"]

    def told(bank: Any, purpose: str, uscc: str) -> bool:
        found = sql(bank, "SELECT * FROM qfce_disclose(%s, %s)", purpose, [uscc])
        return SECRET_VALUE in text_of(found)

    assert told(bank_a, "pre_loan", A)
    assert not told(bank_a, "post_loan", A)
    assert not told(bank_a, "pre_loan", B)
    assert not told(bank_b, "pre_loan", A)
    assert SECRET_VALUE not in text_of(sql(bank_b, "SELECT * FROM qfce_feed(0, 0, 1000)"))


def test_items_kept_from_banks_are_in_no_answer(walls: Any) -> None:
    bank = walls.organizations["bank_a"]
    (found,) = sql(bank, """SELECT "values" ? 'QC-04' FROM qfce_disclose('pre_loan', %s)""", [A])
    assert found == (False,)
    fed = sql(bank, "SELECT changes ? 'QC-04' FROM qfce_feed(0, 0, 1000) WHERE kind IS NOT NULL")
    assert {value for (value,) in fed} == {False}


POPULATIONS = (
    "qfce_population_rights(%s, 'ZJ-QFCE')",
    "qfce_population_consents(%s, 'ZJ-QFCE')",
    "qfce_population_rows(%s, 'ZJ-QFCE', 0, 1)",
    "qfce_population_rows(%s, 'ZJ-QFCE', 1, 1)",
    "qfce_population_rows(%s, 'ZJ-QFCE', 0, 99)",
)
DECLARING: tuple[tuple[str, list[Any]], ...] = (
    *(("qfce_declaration_by_token(%s)", [guess]) for guess in ("0" * 64, "", "%", None)),
    *(
        ("qfce_declare_by_token(%s, '{}', 'x', '1', 'x', now()) taken WHERE taken IS NOT NULL", [g])
        for g in ("0" * 64, "", None)
    ),
)
COVERING = "qfce_covering_agreements('ZJ-QFCE', '2026-11-23', %s, %s, %s)"


@pytest.mark.parametrize("stranger", ["bank_b", "operator"])
def test_the_other_doors_tell_a_stranger_nothing(walls: Any, stranger: str) -> None:
    organization = walls.organizations[stranger]
    kept = sql(walls.organizations["province"], "SELECT id FROM sharing_enterpriselist")[0][0]
    consent = sql(walls.organizations["bank_a"], "SELECT id FROM sharing_consent")[0][0]
    for call, arguments in (
        ("qfce_search_enterprises(%s, 1000)", ["9133"]),
        ("qfce_list_members(%s, '', 1000)", [kept]),
        ("qfce_pending_elsewhere('ZJ-QFCE', %s)", [[A]]),
        ("qfce_registered_elsewhere(%s)", [[A]]),
        ("qfce_consented(%s::text[], %s::text[], '2026-11-23')", [[SECRET], [A]]),
        ("qfce_anything_pending('ZJ-QFCE') pending WHERE pending", []),
        ("qfce_ledger(NULL, %s)", [[A, B, N]]),
        ("qfce_consent_by_token(%s)", ["0" * 64]),
        ("qfce_consent_reach(%s)", [consent]),
        *DECLARING,
        ("qfce_recall_recipients(%s, 'ZJ-QFCE', %s)", [A, [SECRET]]),
        ("qfce_recalls_of('ZJ-QFCE', %s, %s)", [[A], [SECRET]]),
        ("qfce_end_consents(now() + interval '9 years')", []),
        ("qfce_refresh_reach(%s)", [A]),
        ("qfce_use_of_facts('2020-01-01', '2099-01-01') u WHERE u.reads > 0", []),
        (COVERING, [[A], ["330113"], ["QF-17"]]),
        ("unnest(qfce_items_scored('ZJ-QFCE', %s))", [[SECRET]]),
        *((call, [purpose]) for call in POPULATIONS for purpose in (*PURPOSES, None)),
        ("qfce_is_anchor('ZJ-QFCE', 1, 1, 'x') guessed WHERE guessed", []),
    ):
        assert sql(organization, f"SELECT * FROM {call}", *arguments) == [], call
    (marker,) = sql(organization, "SELECT uscc, kind, changes FROM qfce_feed(0, 0, 1000)")
    assert marker == (None, None, None)
    ((answer,),) = sql(organization, "SELECT qfce_reconcile('{}', NULL)::text")
    assert json.loads(answer)["expected"] == 0


def test_a_regulator_learns_who_may_read_in_its_own_region_only(walls: Any) -> None:
    ask = f"SELECT name_en, enterprises FROM {COVERING}"
    given = [[A, N], ["330113", "330206"], ["QF-17"]]
    bank = walls.organizations["bank_a"].name_en

    assert sql(walls.organizations["hangzhou"], ask, *given) == [(bank, 1)]
    assert sql(walls.organizations["linping"], ask, [N], ["330206"], ["QF-17"]) == []
    assert sql(walls.organizations["hangzhou"], ask, [A], ["330113"], ["none"]) == []


def test_what_the_doors_are_built_from_cannot_be_called(walls: Any) -> None:
    bank = walls.organizations["bank_b"]
    for name in INTERNAL:
        ((types,),) = sql(
            bank,
            "SELECT (SELECT string_agg('NULL::' || format_type(t, NULL), ', ')"
            " FROM unnest(proargtypes) t) FROM pg_proc WHERE proname = %s",
            name,
        )
        with pytest.raises(ProgrammingError, match="permission denied"):
            sql(bank, f"SELECT * FROM {name}({types})")


FORGERIES = {
    "an agreement of one's own with oneself": """
        INSERT INTO sharing_agreement (id, owner_id, recipient_id, factor_list, categories,
            purposes, regions, enterprise_list_ids, items, consent_items, withheld_items, status,
            starts_on, created_at, activated_at, list_version)
        VALUES (gen_random_uuid(), %(me)s, %(other)s, 'ZJ-QFCE', '{quality_credit}', '{pre_loan}',
            '{}', '{}', '{QI-11}', '{}', '{}', 'active', '2020-01-01', now(), now(), 1)""",
    "an agreement in the regulator's name": """
        INSERT INTO sharing_agreement (id, owner_id, recipient_id, factor_list, categories,
            purposes, regions, enterprise_list_ids, items, consent_items, withheld_items, status,
            starts_on, created_at)
        SELECT gen_random_uuid(), id, %(me)s, 'ZJ-QFCE', '{quality_credit}', '{pre_loan}',
            '{}', '{}', '{QI-11}', '{}', '{}', 'draft', '2020-01-01', now()
        FROM tenancy_organization WHERE short_name = 'province'""",
    "an active consent": """
        INSERT INTO sharing_consent (id, uscc, recipient_id, items, purposes, status, starts_on,
            ends_on, text_version, evidence_sha256, requested_at, allows_feedback, token_hash,
            granted_at)
        VALUES (gen_random_uuid(), %(uscc)s, %(me)s, '{QI-11}', '{pre_loan}', 'active',
            '2020-01-01', '2030-01-01', 'x', '', now(), false, '', now())""",
    "a request with a token that the asker knows": """
        INSERT INTO sharing_consent (id, uscc, recipient_id, items, purposes, status, starts_on,
            ends_on, text_version, evidence_sha256, requested_at, allows_feedback, token_hash,
            token_expires_at)
        VALUES (gen_random_uuid(), %(uscc)s, %(me)s, '{QI-11}', '{pre_loan}', 'requested',
            '2020-01-01', '2030-01-01', 'x', '', now(), false, repeat('a', 64),
            now() + interval '1 day')""",
    "a read that never was": """
        INSERT INTO sharing_readlog (id, at, owner_id, kind, purpose, basis, channel, number,
            subjects)
        VALUES (1, now(), %(me)s, 'population', 'pre_loan', '{}', 'api', 1, 1)""",
    "a list of one's own": """
        INSERT INTO sharing_enterpriselist (id, owner_id, name, kind, created_at)
        VALUES (gen_random_uuid(), %(me)s, 'x', 'x', now())""",
    "a share of another's list": """
        INSERT INTO sharing_enterpriselistshare (id, owner_id, list_id, recipient_id, shared_at)
        SELECT gen_random_uuid(), %(me)s, %(list)s, %(me)s, now()""",
    "a row of the ledger": """
        INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind,
            changes) VALUES (1, 99, %(uscc)s, '330113', '33', 'observed', '{}')""",
    "a profile": """
        INSERT INTO sharing_factorprofile (uscc, factor_list, region, list_version, "values",
            details, base_publication_id, origins, publication_id, "row", flags, listed)
        VALUES (%(uscc)s, 'X', '330113', 1, '{}', '{}', 1, '{}', 1, 1, '{}', true)""",
}


def test_a_bank_cannot_write_itself_into_a_right(walls: Any) -> None:
    kept = sql(walls.organizations["province"], "SELECT id FROM sharing_enterpriselist")[0][0]
    bank = walls.organizations["bank_b"].pk
    other = walls.organizations["guarantor"].pk
    facts = {"me": bank, "other": other, "uscc": B, "list": kept}
    for name, statement in FORGERIES.items():
        with pytest.raises(ProgrammingError) as refused, acting_as(bank):
            connection.cursor().execute(statement, facts)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege), name


CHANGES = (
    "UPDATE sharing_agreement SET items = '{QC-04}'",
    "UPDATE sharing_agreement SET status = 'active'",
    "UPDATE sharing_consent SET status = 'active', granted_at = now()",
    "UPDATE sharing_consent SET token_hash = repeat('a', 64)",
    "UPDATE sharing_recall SET acknowledged_at = now()",
    "UPDATE sharing_factorprofile SET region = '330113'",
    "DELETE FROM sharing_agreement",
    "DELETE FROM sharing_consent",
)


def test_a_bank_cannot_change_what_it_may_only_read(walls: Any) -> None:
    for bank in ("bank_a", "bank_b"):
        for statement in CHANGES:
            with acting_as(walls.organizations[bank].pk), connection.cursor() as cursor:
                cursor.execute(statement)
                assert cursor.rowcount == 0, (bank, statement)


def test_rights_that_ended_are_good_for_nothing_but_repeating_an_own_read(walls: Any) -> None:
    agreement = sql(walls.organizations["bank_a"], "SELECT id FROM sharing_agreement")[0][0]
    with acting_as(walls.zhou.organization_id):
        agreements.end(agreement, actor=walls.zhou, at=NOON)
    bank = walls.organizations["bank_a"]
    ask = "SELECT * FROM qfce_disclose('pre_loan', %s, NULL, %s, NULL, NULL, %s)"
    ((at,),) = sql(bank, "SELECT at FROM sharing_readlog WHERE kind = 'profiles'")

    assert SECRET_VALUE not in text_of(sql(bank, ask, [A], at, False))
    assert SECRET_VALUE in text_of(sql(bank, ask, [A], at, True))
    assert sql(walls.organizations["bank_b"], ask, [A], at, True) == []


def test_every_door_is_attacked_here(db: None) -> None:
    """A new function across tenants has to come with its attack."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
            " WHERE p.prosecdef AND r.rolname = 'qfce_definer' AND p.prorettype <> 2279"
            " AND has_function_privilege('qfce_app', p.oid, 'EXECUTE') ORDER BY 1"
        )
        doors = {name for (name,) in cursor.fetchall()}
    mentioned = {name for name in doors if name in _source()}
    # What says only something of the asker itself, or is attacked where it belongs.
    harmless = {
        "qfce_lineage",
        "qfce_kept_lists",
        "qfce_shown_lists",
        "qfce_feed_kept_from",
        "qfce_issue_consent_token",  # tests/sharing/test_services_consents.py
        "qfce_decide_by_token",  # likewise
        "qfce_acknowledge_recall",  # tests/sharing/test_services_recalls.py
        "qfce_audit_leaves",  # hashes; tests/kernel
    }
    assert doors - mentioned - harmless == set()


def _source() -> str:
    from pathlib import Path

    files = sorted(Path(__file__).parent.glob("test_walls*.py"))
    return "".join(file.read_text(encoding="utf-8") for file in files)
