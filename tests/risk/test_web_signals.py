"""The pages of signals: the queue, one signal, and what officers do there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qfce.kernel.tenancy.context import acting_as
from risk.models import Signal
from risk.services import handling
from tests.risk.conftest import MORNING
from tests.universe import USCC

QUEUE = "/risk/signals/"


@pytest.fixture
def signal(borrower):
    borrower.tell("observed", {"QF-17": "REVOKED"}, details={"QF-17": {"valid_from": "2026-12-14"}})
    borrower.follow()
    with acting_as(borrower.organization_id):
        return Signal.objects.get()


@pytest.fixture
def red(borrower):
    borrower.tell("observed", {"QC-03": "LISTED"})
    borrower.follow()
    with acting_as(borrower.organization_id):
        return Signal.objects.get(rule="W01")


def page_of(signal):
    return reverse("risk:signal", args=[signal.pk])


def fresh(signal):
    with acting_as(signal.owner_id):
        return Signal.objects.get(pk=signal.pk)


def do(client, signal, step, text="Words.", **headers):
    address = reverse("risk:act-on-signal", args=[signal.pk])
    return client.post(address, {"step": step, "text": text}, **headers)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Orange", "W14 QMS certificate revoked", "Overdue", "Export")),
     ("zh-hans", ("橙色", "W14 质量管理体系证书被撤销", "导出"))],
)  # fmt: skip
def test_the_queue_says_level_rule_and_deadline(signal, browser, he, language, words):
    page = browser(he, language=language).get(QUEUE).content.decode()
    for word in words:
        assert word in page
    assert USCC in page


NARROWED = {
    "level=orange": True,
    "level=red": False,
    "status=all_open": True,
    "status=closed": False,
    "rule=W14": True,
    "rule=W01": False,
    "holder=nobody": True,
    "holder=mine": False,
    f"q={USCC[:10]}": True,
    "q=nobody": False,
    "sort=-level": True,
    "level=purple": True,  # what is no level narrows nothing
}


def test_the_queue_narrows_by_its_address(signal, browser, he):
    client = browser(he)
    for asked, found in NARROWED.items():
        page = client.get(f"{QUEUE}?{asked}").content.decode()
        assert (str(signal.pk) in page) is found, asked


def test_what_is_overdue_is_marked_and_can_be_asked_for(signal, browser, he, bank):
    with acting_as(bank.organization_id):
        Signal.objects.update(claim_due_on="2026-01-05")
    client = browser(he)
    assert str(signal.pk) in client.get(f"{QUEUE}?deadline=overdue").content.decode()
    assert "Nobody has claimed this signal in time" in client.get(page_of(signal)).content.decode()


def test_the_queue_is_exported_as_it_is_narrowed(signal, browser, he):
    answer = browser(he).get(f"{QUEUE}?level=orange&export=csv")
    assert "W14" in answer.content.decode("utf-8-sig")
    assert "W14" not in browser(he).get(f"{QUEUE}?level=red&export=csv").content.decode("utf-8-sig")


def test_a_signal_explains_itself(signal, browser, he):
    page = browser(he).get(page_of(signal)).content.decode()
    for words in (
        "QF-17", "Valid", "Revoked", "QMS certificate status (QF-17) becomes “revoked”",
            "QF-17 is “valid”",
        "Freeze undrawn, ask why",
        "CNY 2,000,000", "CNY 3,000,000", "17 Dec 2026", "29 Dec 2026", "14 Dec 2026",
        "Claim",
    ):  # fmt: skip
        assert words in page


def test_claim_check_answer_and_the_review_by_another(signal, browser, htmx, he, second):
    mine, other = browser(he), browser(second)
    claimed = mine.post(reverse("risk:claim-signal", args=[signal.pk]), headers=htmx("signal"))
    assert claimed.status_code == 200
    assert fresh(signal).status == "claimed"
    assert do(mine, signal, "check").status_code == 302
    assert do(mine, signal, "answer", "All is well.").status_code == 302
    refused = do(mine, signal, "close")
    assert refused.status_code == 403
    assert "somebody else has to review" in refused.content.decode()
    assert do(other, signal, "close", "Agreed.").status_code == 302
    assert fresh(signal).status == "closed"
    page = other.get(page_of(signal)).content.decode()
    assert "All is well." in page
    assert 'name="step"' not in page


def test_what_htmx_swaps_in_equals_the_reloaded_page(signal, browser, htmx, he):
    client = browser(he)
    part = client.post(reverse("risk:claim-signal", args=[signal.pk]), headers=htmx("signal"))
    page = client.get(page_of(signal)).content.decode()

    def plain(text):
        import re

        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)

    assert plain(part.content.decode()).strip() in plain(page)


def test_what_the_state_does_not_allow_is_refused_at_the_form(signal, browser, he):
    client = browser(he)
    for step in ("close", "check"):
        answer = do(client, signal, step)
        assert answer.status_code == 409
        assert f"Cannot {step} while raised" in answer.content.decode()
    assert fresh(signal).status == "raised"


def test_claiming_twice_is_refused(signal, browser, he, second):
    address = reverse("risk:claim-signal", args=[signal.pk])
    assert browser(he).post(address).status_code == 302
    assert browser(second).post(address).status_code == 409


def test_another_officers_signal_can_only_be_noted(signal, browser, he, second):
    browser(he).post(reverse("risk:claim-signal", args=[signal.pk]))
    other = browser(second)
    assert "holds this signal" in other.get(page_of(signal)).content.decode()
    assert do(other, signal, "check").status_code == 403
    assert do(other, signal, "note", "Seen.").status_code == 302


def test_words_are_required(signal, browser, he):
    answer = do(browser(he), signal, "note", "")
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()


def test_red_waits_for_its_condition(red, browser, he):
    client = browser(he)
    assert "Red is released by two people" in client.get(page_of(red)).content.decode()
    answer = do(client, red, "release", "Please.")
    assert answer.status_code == 409
    assert "W01 ends when" in answer.content.decode()
    chinese = do(browser(he, language="zh-hans"), red, "release", "请解除")
    assert "W01" in chinese.content.decode()


def test_red_is_released_by_two(red, browser, he, second, bank):
    bank.exposures.clear()
    mine, other = browser(he), browser(second)
    assert do(mine, red, "release", "Paid.").status_code == 302
    assert "proposed the release" in other.get(page_of(red)).content.decode()
    assert do(mine, red, "release", "Paid.").status_code == 403
    assert do(other, red, "release", "Agreed.").status_code == 302
    assert fresh(red).status == "released"


def test_a_false_alarm_is_dismissed_with_its_reason(signal, browser, he):
    client = browser(he)
    client.post(reverse("risk:claim-signal", args=[signal.pk]))
    assert do(client, signal, "dismiss", "Wrong firm.").status_code == 302
    assert "false alarm" in client.get(page_of(signal)).content.decode()


def test_a_withdrawn_signal_says_so_and_nothing_else(signal, borrower, browser, he):
    with acting_as(he.organization_id):
        handling.note(signal.pk, text="About the certificate.", actor=he, at=MORNING)
    borrower.tell("withdrawn", {"QF-17": None})
    borrower.follow()
    client = browser(he)
    for address in (page_of(signal), QUEUE):
        page = client.get(address).content.decode().replace('<option value="W14">W14 QMS', "")
        assert "Withdrawn" in page
        for word in ("QF-17", "W14", "Freeze undrawn", "About the certificate"):
            assert word not in page
    assert str(signal.pk) not in client.get(f"{QUEUE}?rule=W14").content.decode()


def test_those_who_only_look_have_no_forms(signal, browser, universe):
    client = browser(universe.chen_min)
    page = client.get(page_of(signal)).content.decode()
    assert "handled by risk managers" in page
    assert 'name="step"' not in page
    assert client.post(reverse("risk:claim-signal", args=[signal.pk])).status_code == 403


def test_another_bank_has_no_such_signal(signal, browser, universe):
    client = browser(universe.bank_b_risk)
    assert client.get(page_of(signal)).status_code == 404
    assert str(signal.pk) not in client.get(QUEUE).content.decode()


def test_regulators_have_no_such_page(signal, browser, universe):
    assert browser(universe.shen).get(QUEUE).status_code == 403


def test_the_queue_does_not_grow_in_queries(borrower, browser, he):
    client = browser(he)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(f"{QUEUE}?status=all_open").status_code == 200
        return len(caught)

    borrower.tell("observed", {"QF-17": "REVOKED"})
    borrower.follow()
    queries()
    one = queries()
    borrower.tell("observed", {"QF-18": "SUSPENDED", "QM-03": False, "QC-05": 2})
    borrower.follow()
    assert queries() == one
    assert one < 30


def test_the_panel_counts_what_waits(signal, browser, he):
    page = browser(he).get("/").content.decode()
    assert "Signals that nobody has claimed" in page
    assert f"{QUEUE}?status=raised" in page
