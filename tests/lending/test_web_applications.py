"""Applications in the browser: every answer and every refusal, with and without htmx."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest

from lending.models import LoanApplication
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import HERO
from tests.lending.conftest import ACCOUNT, CASTINGS, FORGINGS
from tests.universe import NOW

NEW = "/lending/applications/new/"
ASKED = {
    "uscc": HERO,
    "requested_principal": "5,000,000",
    "requested_months": "12",
    "purpose": "Castings",
    "documents": ["purchase contracts"],
    "further_documents": "orders of the season\n",
    "payees-TOTAL_FORMS": "2",
    "payees-INITIAL_FORMS": "0",
    "payees-0-name": CASTINGS,
    "payees-0-account": ACCOUNT,
    "payees-1-name": "",
}
OFFER = {
    "principal": "5000000",
    "months": "12",
    "base_rate": "3.00",
    "drawdowns": "2",
    "reason": "Sound.",
}


def stored(universe, pk=None):
    with acting_as(universe.lin.organization_id):
        rows = LoanApplication.objects.all()
        return rows.get(pk=pk) if pk else rows.get()


def address(application, step=""):
    return f"/lending/applications/{application.pk}/{step}"


def test_new_application_asks_for_the_enterprise_first(desk, universe, browser):
    page = browser(universe.chen_min).get(NEW).content.decode()
    assert 'name="uscc"' in page
    assert 'name="requested_principal"' not in page


@pytest.mark.parametrize("code", ["123", "91330113ALN0KXMQ6X"])
def test_code_that_is_none_is_refused_at_its_field(desk, universe, browser, code):
    answer = browser(universe.chen_min).get(NEW, {"uscc": code})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()


def test_new_application_shows_the_evaluation_that_will_be_frozen(desk, universe, browser):
    page = browser(universe.chen_min).get(NEW, {"uscc": HERO}).content.decode()
    assert str(desk.evaluation.pk) in page
    assert "安和精工" in page
    assert "CNY 6,000,000" in page


def test_submitted_application_is_stored_with_its_suppliers_and_documents(
    desk, world, universe, browser
):
    fresh = world.evaluate(at=NOW)  # pages read the true clock
    sent = {**ASKED, "product": str(desk.product.pk), "evaluation": str(fresh.pk)}
    answer = browser(universe.chen_min).post(NEW, {**sent, "submit": "1"})
    assert answer.status_code == 302
    application = stored(universe)
    assert application.status == "submitted"
    assert application.requested_principal == Decimal("5000000.00")
    assert [payee["name"] for payee in application.payees] == [CASTINGS]
    assert application.documents == ["purchase contracts", "orders of the season"]
    assert application.snapshot["grade"] == "B"


def test_draft_is_kept_without_an_evaluation(desk, universe, browser):
    sent = {**ASKED, "product": str(desk.product.pk), "draft": "1"}
    answer = browser(universe.chen_min).post(NEW, sent)
    application = stored(universe)
    assert (answer.status_code, application.status, application.snapshot) == (302, "draft", None)


def test_refused_submission_leaves_no_draft_behind(desk, universe, browser):
    sent = {**ASKED, "product": str(desk.product.pk), "submit": "1"}
    answer = browser(universe.chen_min).post(NEW, sent)
    assert answer.status_code == 400
    with acting_as(universe.lin.organization_id):
        assert not LoanApplication.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_amount_outside_the_product_is_refused_at_its_field(desk, universe, browser, language):
    sent = {**ASKED, "product": str(desk.product.pk), "requested_principal": "99000000"}
    client = browser(universe.chen_min, language=language)
    page = client.post(NEW, {**sent, "submit": "1"}).content.decode()
    assert re.search(r'id="id_requested_principal-error"', page)
    assert "99000000" in page
    assert CASTINGS in page


def test_more_rows_for_suppliers_need_no_script(desk, universe, browser):
    sent = {**ASKED, "product": str(desk.product.pk), "requested_months": "", "more": "1"}
    answer = browser(universe.chen_min).post(NEW, sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="payees-3-name"' in page
    assert CASTINGS in page
    assert 'value="purchase contracts"' in page
    assert "field-error" not in page


def test_supplier_that_is_emptied_again_is_nobody(desk, universe, browser):
    sent = {**ASKED, "product": str(desk.product.pk), "draft": "1"}
    sent |= {"payees-TOTAL_FORMS": "4", "payees-0-name": "", "payees-0-account": ""}
    assert browser(universe.chen_min).post(NEW, sent).status_code == 302
    assert stored(universe).payees == []


def test_fragment_of_the_form_equals_the_page(desk, universe, browser, htmx):
    client = browser(universe.chen_min)
    sent = {**ASKED, "product": str(desk.product.pk), "requested_months": "", "submit": "1"}
    part = client.post(NEW, sent, headers=htmx("new-application")).content.decode()
    page = client.post(NEW, sent).content.decode()
    assert without_token(part).strip() in without_token(page)


def without_token(text):
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)


def test_officer_takes_up_returns_and_it_is_submitted_again(desk, world, universe, browser):
    application = desk.submitted(evaluation_id=world.evaluate(at=NOW).pk)
    lin = browser(universe.lin)
    assert lin.post(address(application, "review/")).status_code == 302
    answer = lin.post(address(application, "return/"), {"return-reason": "Which orders?"})
    assert answer.status_code == 302
    assert stored(universe).status == "returned"
    assert "Which orders?" in lin.get(address(application)).content.decode()
    assert browser(universe.chen_min).post(address(application, "submit/")).status_code == 302
    assert stored(universe).status == "submitted"


def test_second_person_with_authority_approves(desk, universe, browser):
    application = desk.under_review()
    gao = browser(universe.gao)
    page = gao.get(address(application)).content.decode()
    assert "You may approve CNY 5,000,000 as Head-office approver." in page
    assert gao.post(address(application, "approve/"), OFFER).status_code == 302
    approved = stored(universe)
    assert approved.status == "approved"
    assert approved.offered_annual_rate == Decimal("0.031000")
    assert (
        "3.00% + 10 basis points = 3.10% a year" in gao.get(address(application)).content.decode()
    )


def test_reader_sees_the_rule_to_the_yuan_and_why_not(desk, universe, browser):
    application = desk.under_review()
    page = browser(universe.lin).get(address(application)).content.decode()
    assert "You may not approve CNY 5,000,000." in page
    assert "You reviewed this application, so somebody else has to decide it." in page
    assert "None of your roles has authority to approve loans." in page
    for limit in ("1,000,000", "3,000,000", "6,000,000", "10,000,000"):
        assert f"CNY {limit}" in page
    chinese = browser(universe.lin, language="zh-hans").get(address(application)).content.decode()
    assert "您审查过该申请" in chinese


def test_rule_answers_for_another_amount(desk, universe, browser):
    application = desk.under_review()
    client = browser(universe.gao, roles=("branch_approver",))
    page = client.get(address(application), {"amount": "1000000.01"}).content.decode()
    assert "Your authority for grade B ends at CNY 1,000,000; this is CNY 1,000,000.01." in page
    page = client.get(address(application), {"amount": "1,000,000"}).content.decode()
    assert "You may approve CNY 1,000,000 as Branch approver." in page


@pytest.mark.parametrize(
    ("changed", "field", "status"),
    [
        ({"principal": "5000001"}, "principal", 400),
        ({"months": "13"}, "months", 400),
        ({"spread_bp": "-400"}, "base_rate", 400),
        ({"base_rate": "310"}, "base_rate", 422),
        ({"reason": ""}, "reason", 422),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_refused_offer_says_so_at_the_field(
    desk, universe, browser, htmx, changed, field, status, language
):
    application = desk.under_review()
    gao = browser(universe.gao, language=language)
    answer = gao.post(
        address(application, "approve/"), {**OFFER, **changed}, headers=htmx("decision")
    )
    assert answer.status_code == status
    page = answer.content.decode()
    assert f'id="id_{field}-error"' in page
    assert page.lstrip().startswith('<div id="decision"')
    assert stored(universe).status == "under_review"


def test_officer_who_reviewed_is_refused_with_four_eyes(desk, universe, browser):
    application = desk.under_review()
    answer = browser(universe.lin).post(address(application, "approve/"), OFFER)
    assert answer.status_code == 403
    assert stored(universe).status == "under_review"


def test_declined_application_shows_its_reason(desk, universe, browser):
    application = desk.under_review()
    gao = browser(universe.gao)
    empty = gao.post(address(application, "decline/"), {"decline-reason": " "})
    assert empty.status_code == 422
    gao.post(address(application, "decline/"), {"decline-reason": "No orders."})
    assert stored(universe).status == "declined"
    assert "No orders." in gao.get(address(application)).content.decode()


def test_application_is_taken_back_once(desk, universe, browser):
    application = desk.submitted()
    chen = browser(universe.chen_min)
    sent = {"withdraw-reason": "Found money elsewhere."}
    assert chen.post(address(application, "withdraw/"), sent).status_code == 302
    assert stored(universe).status == "withdrawn"
    assert chen.post(address(application, "withdraw/"), sent).status_code == 409


CONTRACT = {
    "number": "HF-1",
    "base_rate": "3.00",
    "base_rate_on": "2026-11-20",
    "signed_on": "2026-11-20",
    "signed_for_enterprise_by": "安工",
}


def test_contract_rate_is_computed_before_it_is_signed(desk, universe, browser):
    application = desk.approved()
    chen = browser(universe.chen_min)
    answer = chen.post(address(application, "contract/"), {**CONTRACT, "compute": "1"})
    assert answer.status_code == 200
    assert "3.00% + 10 basis points = 3.10% a year" in answer.content.decode()
    with acting_as(universe.lin.organization_id):
        assert not hasattr(LoanApplication.objects.get(), "contract")


def test_signed_contract_opens_the_loan_and_shows_its_digest(desk, universe, browser):
    application = desk.approved()
    chen = browser(universe.chen_min)
    answer = chen.post(address(application, "contract/"), CONTRACT)
    assert answer.status_code == 302
    page = chen.get(answer.headers["Location"]).content.decode()
    with acting_as(universe.lin.organization_id):
        contract = LoanApplication.objects.get().contract
    assert contract.digest in page
    again = chen.post(address(application, "contract/"), {**CONTRACT, "number": "HF-2"})
    assert again.status_code == 409


def test_list_is_narrowed_by_state_and_names_the_enterprise(desk, universe, browser):
    desk.submitted()
    desk.draft()
    lin = browser(universe.lin)
    page = lin.get("/lending/applications/?status=submitted").content.decode()
    assert page.count("安和精工") == 1
    assert "1–1 of 1" in page
    export = lin.get("/lending/applications/?status=submitted&export=csv").content.decode(
        "utf-8-sig"
    )
    assert HERO not in export.splitlines()[0]
    assert len(export.splitlines()) == 2


def test_other_banks_and_regulators_see_nothing(desk, universe, browser):
    application = desk.submitted()
    assert browser(universe.bank_b_officer).get(address(application)).status_code == 404
    assert browser(universe.shen).get("/lending/applications/").status_code == 403
    assert browser(universe.lin).get(f"/lending/applications/{uuid4()}/").status_code == 404
    assert browser(universe.he).get(NEW).status_code == 403


def test_pages_ask_few_and_always_as_many_questions(
    desk, universe, browser, django_assert_max_num_queries
):
    application = desk.under_review()
    gao = browser(universe.gao)
    gao.get(address(application))
    with django_assert_max_num_queries(30):
        gao.get(address(application))
    with django_assert_max_num_queries(30) as few:
        gao.get("/lending/applications/")
    for _ in range(3):
        desk.submitted()
    with django_assert_max_num_queries(len(few)):
        gao.get("/lending/applications/")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_was_seen_is_shown_with_its_digest(desk, universe, browser, language):
    application = desk.submitted(payees=[])
    page = browser(universe.lin, language=language).get(address(application)).content.decode()
    assert application.snapshot_digest in page
    assert FORGINGS not in page
    assert not re.search(r"\sstyle=|\son[a-z]+=", page)
