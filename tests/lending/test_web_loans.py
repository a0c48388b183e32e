"""Loans in the browser: payments and their checks, the schedule, and the freeze."""

import io
import re
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from lending.models import Loan
from lending.services import loans
from qfce.kernel.tenancy.context import acting_as
from tests.lending.conftest import ACCOUNT, CASTINGS, CONDITIONS, FRIDAY

PAYMENT = {
    "amount": "3,000,000",
    "paid_on": "2026-11-27",
    "payee_name": CASTINGS,
    "payee_account": ACCOUNT,
    "conditions_met": list(CONDITIONS),
}


def address(loan_id, step=""):
    return f"/lending/loans/{loan_id}/{step}"


def stored(universe, loan_id):
    with acting_as(universe.lin.organization_id):
        return Loan.objects.get(pk=loan_id)


def freeze(desk, universe, loan_id):
    with acting_as(universe.he.organization_id):
        loans.freeze_undrawn(loan_id, "QF-17 revoked", actor=universe.he, at=FRIDAY)


def test_payment_to_a_named_supplier_gives_the_schedule_of_the_story(desk, universe, browser):
    loan_id = desk.loan()
    chen = browser(universe.chen_min)
    assert chen.post(address(loan_id, "disburse/"), PAYMENT).status_code == 302
    page = chen.get(address(loan_id)).content.decode()
    assert page.count("254,217.77") >= 11
    for figure in ("254,217.81", "7,750.00", "50,613.28", "3,050,613.28", "3.14%"):
        assert figure in page
    assert "27 Dec 2026" in page
    assert "Not a working day" in page
    assert stored(universe, loan_id).disbursed == Decimal("3000000.00")


@pytest.mark.parametrize(
    ("changed", "field", "status"),
    [
        ({"payee_name": "某房地产开发有限公司"}, "payee_name", 400),
        ({"payee_account": "1"}, "payee_name", 400),
        ({"conditions_met": CONDITIONS[0]}, "conditions_met", 400),
        ({"paid_on": "2026-01-01"}, "paid_on", 400),
        ({"amount": "-1"}, "amount", 422),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_refused_payment_says_so_at_the_field(
    desk, universe, browser, htmx, changed, field, status, language
):
    loan_id = desk.loan()
    chen = browser(universe.chen_min, language=language)
    sent = {**PAYMENT, **changed}
    answer = chen.post(address(loan_id, "disburse/"), sent, headers=htmx("payments"))
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'id="id_{field}-error"' in page
    assert page.lstrip().startswith('<div id="payments"')
    assert stored(universe, loan_id).disbursed == 0


def test_more_than_is_undrawn_is_refused(desk, universe, browser):
    loan_id = desk.loan()
    sent = {**PAYMENT, "amount": "5000000.01"}
    answer = browser(universe.chen_min).post(address(loan_id, "disburse/"), sent)
    assert answer.status_code == 409
    assert "5,000,000.01 is more than the 5,000,000.00" in answer.content.decode()


def test_fragment_of_the_payments_equals_the_page(desk, universe, browser, htmx):
    loan_id = desk.loan()
    chen = browser(universe.chen_min)
    sent = {**PAYMENT, "payee_name": "nobody"}
    part = chen.post(address(loan_id, "disburse/"), sent, headers=htmx("payments"))
    whole = chen.post(address(loan_id, "disburse/"), sent)
    assert plain(part).strip() in plain(whole)


def plain(answer):
    text = answer.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)


def test_freeze_stands_on_the_page_with_its_reason(desk, universe, browser):
    loan_id = desk.loan()
    desk.disburse(loan_id)
    freeze(desk, universe, loan_id)
    page = browser(universe.chen_min).get(address(loan_id)).content.decode()
    assert "The undrawn CNY 2,000,000 is frozen." in page
    assert "QF-17 revoked" in page
    assert 'name="payee_name"' not in page
    answer = browser(universe.chen_min).post(address(loan_id, "disburse/"), PAYMENT)
    assert answer.status_code == 409


def test_risk_manager_freezes_and_lifts_with_a_reason(desk, universe, browser, htmx):
    loan_id = desk.loan()
    he = browser(universe.he)
    empty = he.post(address(loan_id, "freeze/"), {"freeze-reason": ""}, headers=htmx("freeze"))
    assert empty.status_code == 422
    assert empty.content.decode().lstrip().startswith('<div id="freeze"')
    he.post(address(loan_id, "freeze/"), {"freeze-reason": "W14"})
    assert stored(universe, loan_id).freeze_reason == "W14"
    loans_shown = browser(universe.chen_min).get("/lending/loans/").content.decode()
    assert re.search(r"status-warn[^>]*>\s*(<[^>]+>\s*)*Frozen", loans_shown)
    he.post(address(loan_id, "unfreeze/"), {"freeze-reason": "A new certificate."})
    assert stored(universe, loan_id).frozen_at is None
    again = he.post(address(loan_id, "unfreeze/"), {"freeze-reason": "Twice."})
    assert again.status_code == 409


def test_schedule_is_exported_with_its_sums(desk, universe, browser):
    loan_id = desk.loan()
    desk.disburse(loan_id)
    chen = browser(universe.chen_min)
    lines = chen.get(address(loan_id), {"export": "csv"}).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 14
    assert lines[1].startswith("1,Instalment,2026-12-27,No,")
    assert "3050613.28" in lines[-1]
    file = chen.get(address(loan_id), {"export": "xlsx"})
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    )
    assert (len(rows), rows[1][9]) == (14, 254217.77)


def test_loans_are_listed_and_narrowed_by_freeze(desk, universe, browser):
    first, second = desk.loan(), desk.loan()
    freeze(desk, universe, first)
    client = browser(universe.chen_min)
    frozen = client.get("/lending/loans/?freeze=frozen").content.decode()
    assert str(first) in frozen
    assert str(second) not in frozen
    assert str(second) in client.get("/lending/loans/?freeze=open").content.decode()


def test_who_may_not_is_kept_out(desk, universe, browser):
    loan_id = desk.loan()
    assert browser(universe.lin).post(address(loan_id, "disburse/"), PAYMENT).status_code == 403
    assert browser(universe.chen_min).post(address(loan_id, "freeze/"), {}).status_code == 403
    assert browser(universe.bank_b_officer).get(address(loan_id)).status_code == 404
    assert browser(universe.an).get("/lending/loans/").status_code == 403


def test_pages_ask_few_and_always_as_many_questions(
    desk, universe, browser, django_assert_max_num_queries
):
    loan_id = desk.loan()
    desk.disburse(loan_id)
    chen = browser(universe.chen_min)
    with django_assert_max_num_queries(30):
        chen.get(address(loan_id))
    with django_assert_max_num_queries(30) as few:
        chen.get("/lending/loans/")
    desk.loan()
    with django_assert_max_num_queries(len(few)):
        chen.get("/lending/loans/")


def test_first_page_says_what_waits(desk, universe, browser):
    desk.submitted()
    loan_id = desk.loan()
    freeze(desk, universe, loan_id)
    lin = browser(universe.lin).get("/").content.decode()
    assert "Applications to take up" in lin
    chen = browser(universe.chen_min).get("/").content.decode()
    assert "/lending/loans/?freeze=frozen" in chen
