"""The pages of cases: the list, one case with its time line, and what takes two people."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qfce.kernel.tenancy.context import acting_as
from risk.domain.lifecycle import CaseActionKind
from risk.models import RiskCase, Signal
from risk.services import cases, handling
from tests.risk.conftest import MORNING
from tests.universe import USCC

LIST = "/risk/cases/"
K = CaseActionKind


@pytest.fixture
def signal(borrower):
    borrower.tell("observed", {"QF-17": "REVOKED"})
    borrower.follow()
    with acting_as(borrower.organization_id):
        return Signal.objects.get()


@pytest.fixture
def case(signal, he):
    with acting_as(he.organization_id):
        return cases.open_(signal.pk, reason="Certificate revoked.", actor=he, at=MORNING)


def page_of(case):
    return reverse("risk:case", args=[case.pk])


def fresh(case):
    with acting_as(case.owner_id):
        return RiskCase.objects.get(pk=case.pk)


def act(client, case, kind, text="Words.", **more):
    headers = more.pop("headers", {})
    address = reverse("risk:act-on-case", args=[case.pk])
    return client.post(address, {"kind": kind, "text": text, **more}, headers=headers)


def test_a_case_is_opened_from_the_page_of_its_signal(signal, browser, he):
    client = browser(he)
    page = client.get(reverse("risk:signal", args=[signal.pk])).content.decode()
    address = reverse("risk:open-case", args=[signal.pk])
    assert address in page
    assert client.post(address, {"reason": ""}).status_code == 422
    answer = client.post(address, {"reason": "Certificate revoked."})
    with acting_as(he.organization_id):
        made = RiskCase.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == page_of(made)
    assert page_of(made) in client.get(reverse("risk:signal", args=[signal.pk])).content.decode()


def test_no_case_is_opened_on_a_signal_that_is_over(signal, browser, he):
    with acting_as(he.organization_id):
        handling.release(signal.pk, reason="Over.", actor=he, at=MORNING)
    answer = browser(he).post(reverse("risk:open-case", args=[signal.pk]), {"reason": "Late."})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Being acted on", "Freeze what is undrawn", "W14 QMS certificate revoked", "QF-17",
                "Valid → Revoked", "Case opened", "Stop.", "29 Dec 2026")),
        ("zh-hans", ("处置中", "冻结未提款额度", "质量管理体系证书被撤销", "案件已开立")),
    ],
)  # fmt: skip
def test_the_time_line_tells_record_signal_and_steps(case, browser, he, borrower, language, words):
    client = browser(he, language=language)
    assert act(client, case, "freeze_undrawn", "Stop.").status_code == 302
    assert borrower.frozen == [(USCC, "Stop.")]
    page = client.get(page_of(case)).content.decode()
    for word in words:
        assert word in page
    line = page[page.index('class="timeline"') :]
    assert line.index("QF-17") < line.index("W14")  # the record comes before its signal


def test_lifting_a_freeze_waits_for_a_second_person(case, browser, htmx, he, second, borrower):
    mine, other = browser(he), browser(second)
    assert act(mine, case, "lift_freeze", "It is back.", headers=htmx("case")).status_code == 200
    with acting_as(he.organization_id):
        step = case.actions.get()
    address = reverse("risk:confirm-step", args=[case.pk, step.pk])
    assert address not in mine.get(page_of(case)).content.decode()
    assert address in other.get(page_of(case)).content.decode()
    assert mine.post(address).status_code == 403
    assert other.post(address).status_code == 302
    assert borrower.lifted == [(USCC, "It is back.")]
    assert "Confirmed: Lift the freeze" in other.get(page_of(case)).content.decode()


def test_a_case_closes_once_nothing_is_open(case, signal, browser, he):
    client = browser(he)
    address = reverse("risk:close-case", args=[case.pk])
    refused = client.post(address, {"result": "Done."})
    assert refused.status_code == 409
    assert "Still open: W14" in refused.content.decode()
    with acting_as(he.organization_id):
        handling.release(signal.pk, reason="New certificate.", actor=he, at=MORNING)
    assert client.post(address, {"result": "Drawdown open again."}).status_code == 302
    assert fresh(case).status == "closed"
    page = client.get(page_of(case)).content.decode()
    assert "Drawdown open again." in page
    assert reverse("risk:act-on-case", args=[case.pk]) not in page
    late = act(client, case, "note")
    assert late.status_code == 409
    assert "The case is closed" in late.content.decode()


def test_steps_need_words_and_amounts_are_amounts(case, browser, he):
    client = browser(he)
    assert act(client, case, "limit_cut", "").status_code == 422
    assert act(client, case, "limit_cut", amount="-1").status_code == 422
    assert act(client, case, "limit_cut", amount="3000000").status_code == 302
    assert "CNY 3,000,000" in client.get(page_of(case)).content.decode()


def test_what_htmx_swaps_in_equals_the_reloaded_page(case, browser, htmx, he):
    client = browser(he)
    part = act(client, case, "note", "Called.", headers=htmx("case")).content.decode()
    page = client.get(page_of(case)).content.decode()
    token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert token.sub("", part).strip() in token.sub("", page)


def test_those_who_only_look_have_no_forms(case, browser, universe):
    client = browser(universe.chen_min)
    assert "Next step" not in client.get(page_of(case)).content.decode()
    assert act(client, case, "note").status_code == 403


def test_another_bank_has_no_such_case(case, browser, universe):
    assert browser(universe.bank_b_risk).get(page_of(case)).status_code == 404
    assert browser(universe.shen).get(LIST).status_code == 403


def test_the_list_narrows_counts_and_exports(case, browser, he):
    client = browser(he)
    act(client, case, "lift_freeze")
    for asked, found in {
        "status=all_open": True,
        "status=closed": False,
        "waiting=yes": True,
        "deadline=answered": False,
        f"q={USCC}": True,
    }.items():
        assert (page_of(case) in client.get(f"{LIST}?{asked}").content.decode()) is found, asked
    assert "W14" in client.get(f"{LIST}?export=csv").content.decode("utf-8-sig")


def test_neither_list_nor_case_grows_in_queries(case, browser, he, borrower):
    client = browser(he)

    def queries(address):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    queries(LIST)
    before = queries(LIST), queries(page_of(case))
    with acting_as(he.organization_id):
        for number in range(3):
            cases.act(case.pk, kind=K.NOTE, text=f"{number}.", actor=he, at=MORNING)
    borrower.tell("observed", {"QF-18": "SUSPENDED"})
    borrower.follow()
    with acting_as(he.organization_id):
        other = Signal.objects.get(rule="W20")
        cases.open_(other.pk, reason="One more.", actor=he, at=MORNING)
    assert (queries(LIST), queries(page_of(case))) == before
    assert max(before) < 30
