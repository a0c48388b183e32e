"""What an organisation gets to see: agreement x category x purpose x region x consent x time."""

from datetime import date, timedelta

import pytest

from qfce.kernel.tenancy.actors import MissingPermission, service_actor
from qfce.kernel.tenancy.context import acting_as
from sharing.models import Enterprise, ReadLog, ReadLogSubject
from sharing.policies import UnknownPurpose
from sharing.selectors import disclosures
from sharing.selectors.disclosures import NeverDisclosed
from sharing.services import agreements, consents, enterprise_lists
from tests.sharing.shared import ALL, A, B, N, agree, answers, change, publish, row, see
from tests.universe import NOON

VALUES = {
    "QC-02": "NOT_LISTED",
    "QC-04": "A",
    "QF-17": "VALID",
    "QM-01": "NONE",
    "QI-11": "4.11",
    "QF-07": 3,
}


@pytest.fixture
def published(universe):
    publish(universe.zheng, row(vals=VALUES, established_on="2014-10-07"))
    publish(universe.zheng, row(B, "330110", vals={"QF-17": "EXPIRED"}))
    publish(universe.mo, row(N, "330206", vals={"QF-17": "VALID"}))
    return universe


def test_a_bank_without_an_agreement_learns_nothing_but_that_the_code_exists(published):
    seen = see(published.lin, A, "91330100XXXXXXXXX0")

    assert set(seen) == {A}
    assert (seen[A].answer, seen[A].name, seen[A].items) == ("not_shared", None, {})


def test_an_agreement_shows_its_categories_and_says_why_the_rest_is_not_there(published):
    agree(published, "bank_b", categories=["quality_foundation"])

    seen = see(published.bank_b_officer)[A]

    assert seen.answer == "ok"
    assert len(seen.items) == 90
    assert answers(seen, *VALUES, "QF-18") == {
        "QC-02": "not_shared",
        "QC-04": "not_shared",
        "QF-17": "VALID",
        "QM-01": "not_shared",
        "QI-11": "not_shared",
        "QF-07": 3,
        "QF-18": "no_data",
    }
    assert (seen.name, seen.established_on) == (f"企业{A[-4:]}", date(2014, 10, 7))
    assert seen.position == (1, 1)


def test_items_kept_from_banks_stay_out_of_every_agreement(published):
    agree(published, "bank_a")

    seen = see(published.lin)[A]

    assert answers(seen, "QC-04", "QI-11") == {"QC-04": "not_shared", "QI-11": "not_authorised"}


@pytest.mark.parametrize(
    ("terms", "purpose", "expected"),
    [
        pytest.param({}, "pre_loan", {A: "ok", B: "ok", N: "ok"}, id="the whole province"),
        pytest.param({}, "recommendation", dict.fromkeys((A, B, N), "not_shared"), id="purpose"),
        pytest.param(
            {"regions": ["330100"]}, "pre_loan", {A: "ok", B: "ok", N: "not_shared"}, id="city"
        ),
        pytest.param(
            {"regions": ["330113", "330200"]},
            "post_loan",
            {A: "ok", B: "not_shared", N: "ok"},
            id="a county and another city",
        ),
        pytest.param(
            {"starts_on": date(2099, 1, 1)},
            "pre_loan",
            dict.fromkeys((A, B, N), "not_shared"),
            id="not begun",
        ),
        pytest.param(
            {"ends_on": NOON.date()},
            "pre_loan",
            dict.fromkeys((A, B, N), "not_shared"),
            id="over",
        ),
        pytest.param(
            {"categories": ["quality_brand"]},
            "pre_loan",
            dict.fromkeys((A, B, N), "no_data"),
            id="a category without data",
        ),
    ],
)
def test_agreements_cover_by_region_purpose_time_and_category(published, terms, purpose, expected):
    agree(published, "bank_a", **terms)

    seen = see(published.lin, A, B, N, purpose=purpose, at=NOON + timedelta(days=1))

    assert {uscc: profile.answer for uscc, profile in seen.items()} == expected


def test_an_agreement_over_a_list_covers_its_members_while_they_are_on_it(published):
    zhou = published.zhou
    with acting_as(zhou.organization_id):
        kept = enterprise_lists.create("重点企业", usccs=[A, N], actor=zhou, at=NOON)
    agree(published, "bank_a", enterprise_list_ids=[kept.pk])

    assert {u: p.answer for u, p in see(published.lin, A, B, N).items()} == {
        A: "ok",
        B: "not_shared",
        N: "ok",
    }
    with acting_as(zhou.organization_id):
        enterprise_lists.remove(kept.pk, [N], actor=zhou, at=NOON)
    assert see(published.lin, N)[N].answer == "not_shared"


@pytest.mark.parametrize("stop", [agreements.suspend, agreements.end])
def test_nothing_is_shared_once_an_agreement_is_suspended_or_ended(published, stop):
    agreement = agree(published, "bank_a")
    assert see(published.lin)[A].answer == "ok"
    with acting_as(published.zhou.organization_id):
        stop(agreement.pk, actor=published.zhou, at=NOON)

    assert see(published.lin)[A].answer == "not_shared"


def test_two_agreements_add_up(published):
    agree(published, "bank_a", categories=["quality_foundation"])
    agree(published, "bank_a", categories=["quality_credit"], regions=["330113"])

    seen = see(published.lin, A, B)

    assert answers(seen[A], "QC-02", "QF-17") == {"QC-02": "NOT_LISTED", "QF-17": "VALID"}
    assert answers(seen[B], "QC-02", "QF-17") == {"QC-02": "not_shared", "QF-17": "EXPIRED"}


def consented(universe, asked_at=NOON, **terms):
    given = {"items": ["QI-11"], "purposes": ["pre_loan"], **terms}
    with acting_as(universe.chen_min.organization_id):
        asked = consents.request(A, **given, actor=universe.chen_min, at=asked_at)
    with acting_as(universe.an.organization_id):
        return consents.grant(asked.pk, actor=universe.an, at=NOON)


def test_a_consent_opens_an_item_to_that_bank_for_that_purpose(published):
    agree(published, "bank_a")
    agree(published, "bank_b")
    consent = consented(published)

    item = see(published.lin)[A].items["QI-11"]
    assert (item.value, item.answer, item.basis) == ("4.11", "ok", f"consent:{consent.pk}")
    assert see(published.lin, purpose="post_loan")[A].items["QI-11"].answer == "not_authorised"
    assert see(published.bank_b_officer)[A].items["QI-11"].answer == "not_authorised"


def test_a_consent_that_is_withdrawn_or_over_opens_nothing(published):
    agree(published, "bank_a")
    consent = consented(published)
    with acting_as(published.an.organization_id):
        consents.withdraw(consent.pk, actor=published.an, at=NOON)
    assert see(published.lin)[A].items["QI-11"].answer == "not_authorised"

    in_winter = NOON - timedelta(days=320)
    consented(published, asked_at=in_winter, ends_on=date(2026, 1, 31))
    assert see(published.lin)[A].items["QI-11"].answer == "not_authorised"


def test_a_consent_opens_nothing_without_an_agreement(published):
    agreement = agree(published, "bank_a")
    consented(published)
    with acting_as(published.zhou.organization_id):
        agreements.suspend(agreement.pk, actor=published.zhou, at=NOON)

    assert see(published.lin)[A].items == {}


def test_a_consented_item_without_a_value_answers_no_data(published):
    agree(published, "bank_a")
    consented(published, items=["QI-11", "QM-13"])

    assert answers(see(published.lin)[A], "QI-11", "QM-13") == {"QI-11": "4.11", "QM-13": "no_data"}


def test_regulators_supervise_their_own_region_with_every_item(published):
    seen = see(published.wu, A, N, purpose="supervision")

    assert answers(seen[A], "QC-04", "QI-11") == {"QC-04": "A", "QI-11": "4.11"}
    assert seen[A].items["QF-17"].basis == "supervision"
    assert seen[N].answer == "not_shared"
    assert see(published.wu, A)[A].answer == "not_shared"  # for a bank's purpose


def test_an_enterprise_reads_its_own_record_and_no_other(published):
    seen = see(published.an, A, B, purpose="own_record")

    assert answers(seen[A], "QI-11", "QF-18") == {"QI-11": "4.11", "QF-18": "no_data"}
    assert seen[B].answer == "not_shared"
    assert see(published.lin, A, purpose="own_record")[A].answer == "not_shared"


def test_the_operator_reads_nothing(published):
    operator = service_actor(published.organizations["operator"].pk, "operator")
    with pytest.raises(MissingPermission):
        see(operator)


def test_a_purpose_that_does_not_exist_is_refused(published):
    with pytest.raises(UnknownPurpose):
        see(published.lin, purpose="curiosity")


def test_a_former_code_names_its_successor(published):
    agree(published, "bank_a")
    with acting_as(published.zheng.organization_id):
        Enterprise.objects.filter(pk=B).update(successor_uscc=A)

    seen = see(published.lin, B)[B]

    assert (seen.answer, seen.successor_uscc, seen.items) == ("former_code", A, {})


def test_what_qualifies_a_value_comes_with_it(published):
    publish(
        published.zheng,
        row(
            vals={"QF-18": "VALID", "QF-20": "not_applicable", "QF-19": "VALID"},
            details={
                "QF-18": {"valid_from": "2024-05-01", "valid_to": "2026-11-22"},
                "QF-19": {"valid_from": "2024-05-01", "valid_to": "2026-11-23"},
            },
        ),
    )
    change(published.zheng, "flagged", {"QF-17": "disputed"}, cause="dispute")
    agreement = agree(published, "bank_a")

    items = see(published.lin)[A].items

    assert (items["QF-18"].status, items["QF-18"].valid_to) == ("expired", date(2026, 11, 22))
    assert items["QF-19"].status == "in_force"  # ends are inclusive
    assert items["QF-20"].status == "not_applicable"
    assert items["QF-17"].flags == ("disputed",)
    assert items["QF-17"].source == "杭州市市场监督管理局"
    assert items["QF-17"].recorded_at < items["QF-18"].recorded_at
    assert items["QF-17"].basis == f"agreement:{agreement.pk}"


def test_a_lapse_that_was_announced_is_a_status_until_the_value_is_confirmed(published):
    agree(published, "bank_a")
    change(published.zheng, "lapsed", {"QF-07": 3}, cause="expiry")
    assert see(published.lin)[A].items["QF-07"].status == "lapsed"

    change(published.zheng, "reverified", {"QF-07": 3}, cause="reverification")
    assert see(published.lin)[A].items["QF-07"].status == "in_force"


def test_two_times_when_it_was_true_and_when_we_knew(published):
    agree(published, "bank_a")
    before = see(published.lin)[A].read_at
    change(
        published.zheng,
        "corrected",
        {"QF-17": "REVOKED"},
        details={"QF-17": {"valid_from": "2026-06-01"}},
    )
    change(published.zheng, "cleared", {"QF-07": None})

    def known(**when):
        return answers(see(published.lin, **when)[A], "QF-17", "QF-07")

    assert known() == {"QF-17": "REVOKED", "QF-07": "no_data"}
    assert known(known_at=before) == {"QF-17": "VALID", "QF-07": 3}
    assert known(as_of=date(2026, 5, 31)) == {"QF-17": "no_data", "QF-07": "no_data"}
    assert known(as_of=date(2026, 6, 1)) == {"QF-17": "REVOKED", "QF-07": "no_data"}
    assert see(published.lin, known_at=before - timedelta(days=1))[A].answer == "no_data"


def test_a_withdrawn_record_is_gone_from_every_view(published):
    agree(published, "bank_a")
    before = see(published.lin)[A]
    assert before.items["QF-07"].value == 3
    change(published.zheng, "withdrawn", {"QF-07": None}, cause="withdrawal")

    for when in (
        {},
        {"known_at": before.read_at},
        {"as_of": date(2030, 1, 1)},
        {"as_of": date(2030, 1, 1), "known_at": before.read_at},
    ):
        assert see(published.lin, **when)[A].items["QF-07"].answer == "no_data"
    again = repeat(published.lin, before.read_at)
    assert again.items["QF-07"].answer == "no_data"
    assert again.items["QF-17"].value == "VALID"


def repeat(actor, known_at, *usccs, purpose="pre_loan"):
    with acting_as(actor.organization_id):
        return disclosures.profiles_as_known(
            list(usccs or [A]), purpose=purpose, known_at=known_at, actor=actor, at=NOON
        )[(usccs or [A])[0]]


def test_an_own_disclosure_is_repeated_to_the_byte_with_the_rights_of_then(published):
    agreement = agree(published, "bank_a")
    consent = consented(published)
    then = see(published.lin)[A]
    with acting_as(published.an.organization_id):
        consents.withdraw(consent.pk, actor=published.an, at=NOON)
    change(published.zheng, "corrected", {"QF-17": "REVOKED"})
    with acting_as(published.zhou.organization_id):
        agreements.end(agreement.pk, actor=published.zhou, at=NOON)

    again = repeat(published.lin, then.read_at)

    assert dict(again.items) == dict(then.items)
    assert (again.answer, again.name, again.position) == (then.answer, then.name, then.position)
    assert again.items["QI-11"].value == "4.11"
    assert see(published.lin)[A].answer == "not_shared"


def test_only_what_was_read_then_is_shown_as_it_was_then(published):
    agree(published, "bank_a")
    then = see(published.lin)[A].read_at

    with pytest.raises(NeverDisclosed):
        repeat(published.lin, then, B)
    with pytest.raises(NeverDisclosed):
        repeat(published.lin, then, purpose="post_loan")
    with pytest.raises(NeverDisclosed):
        repeat(published.lin, then + timedelta(seconds=1))
    with pytest.raises(NeverDisclosed):
        repeat(published.bank_b_officer, then)


def test_every_read_is_logged_with_its_subjects(published):
    agree(published, "bank_a")
    see(published.lin, A, B, N, purpose="pre_loan")

    with acting_as(published.lin.organization_id):
        log = ReadLog.objects.get(kind="profiles")
        subjects = list(ReadLogSubject.objects.values_list("uscc", "answer").order_by("uscc"))
    assert (log.purpose, log.subjects, log.user_id) == ("pre_loan", 3, published.lin.user_id)
    assert log.basis[0].startswith("agreement:")
    assert subjects == sorted([(A, "ok"), (B, "ok"), (N, "ok")])
    with acting_as(published.an.organization_id):
        assert ReadLogSubject.objects.values_list("uscc", flat=True).get() == A
    with acting_as(published.bank_b_officer.organization_id):
        assert not ReadLog.objects.exists()
        assert not ReadLogSubject.objects.exists()


def test_a_value_of_tomorrow_is_not_shown_today(published):
    agree(published, "bank_a")
    publish(
        published.zheng,
        row(vals={"QF-17": "SUSPENDED"}, details={"QF-17": {"valid_from": "2027-01-01"}}),
    )

    assert see(published.lin)[A].items["QF-17"].value == "VALID"
    assert see(published.lin, as_of=date(2027, 1, 1))[A].items["QF-17"].value == "SUSPENDED"


def test_all_categories_are_those_of_the_list(zj_list):
    assert set(ALL) == set(zj_list.category_codes)
