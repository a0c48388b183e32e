"""The pages of corrections: one person prepares, another releases."""

import pytest

from qfce.kernel.tenancy.context import acting_as
from sharing.models import FactorProfile, RecordChange
from tests.sharing.shared import A, publish, row

pytestmark = pytest.mark.django_db
BASE = "/sharing/record-changes/"
NEW = f"{BASE}new/?uscc={A}&item=QF-17"


@pytest.fixture
def known(universe):
    publish(universe.shen, row(name="临平安和精工", vals={"QF-17": "VALID", "QC-01": "ACTIVE"}))
    return universe


def prepare(universe, browser, **given):
    terms = {"action": "observe", "value": "REVOKED", "reason": "Revoked by the body", **given}
    return browser(universe.shen).post(NEW, terms)


def value(universe, code="QF-17"):
    with acting_as(universe.shen.organization_id):
        return FactorProfile.objects.get(uscc=A).values.get(code)


def test_a_correction_is_prepared_and_released_by_another(known, browser):
    visitor = browser(known.shen)
    assert "Credit code" in visitor.get(f"{BASE}new/").content.decode()
    assert "Valid" in visitor.get(NEW).content.decode()
    page = prepare(known, browser).headers["Location"]
    own = visitor.get(page).content.decode()
    assert "somebody else has to release it" in own and "release/" not in own
    assert visitor.post(f"{page}release/").status_code == 403
    releaser = browser(known.zheng)
    assert "Corrections to release" in releaser.get("/").content.decode()
    text = releaser.get(page).content.decode()
    assert "Valid" in text and "Revoked" in text and "release/" in text
    assert releaser.post(f"{page}release/").status_code == 302
    assert value(known) == "REVOKED"
    after = releaser.get(page).content.decode()
    assert "Released" in after and "Valid" in after
    assert releaser.post(f"{page}release/").status_code == 409


def test_a_correction_is_found_by_the_name_of_its_enterprise(known, browser):
    prepare(known, browser)
    visitor = browser(known.shen)

    for sought in ("安和精工", A[4:12]):
        page = visitor.get(f"{BASE}?q={sought}").content.decode()
        assert "临平安和精工" in page and A in page, sought
    assert "临平安和精工" not in visitor.get(f"{BASE}?q=别家").content.decode()
    file = visitor.get(f"{BASE}?export=csv").content.decode("utf-8-sig")
    assert "临平安和精工" in file and A in file


def test_a_withdrawal_makes_the_fact_vanish(known, browser):
    page = prepare(known, browser, action="withdraw", value="").headers["Location"]
    browser(known.zheng).post(f"{page}release/")
    assert value(known) is None


def test_a_verification_says_what_is_stored(known, browser):
    page = prepare(known, browser, action="verify", value="").headers["Location"]
    browser(known.zheng).post(f"{page}release/")
    assert value(known) == "VALID"


def test_values_that_do_not_fit_come_back_with_the_form(known, browser):
    assert prepare(known, browser, value="").status_code == 422
    assert prepare(known, browser, reason="").status_code == 422
    number = browser(known.shen).post(
        f"{BASE}new/?uscc={A}&item=QI-11",
        {"action": "correct", "value": "many", "reason": "x"},
    )
    assert number.status_code == 400
    assert "It is no" in number.content.decode()
    with acting_as(known.shen.organization_id):
        assert not RecordChange.objects.exists()


def test_a_prepared_change_is_dropped(known, browser):
    page = prepare(known, browser).headers["Location"]
    assert browser(known.shen).post(f"{page}cancel/").status_code == 302
    assert "Dropped" in browser(known.shen).get(page).content.decode()
    assert value(known) == "VALID"


def test_others_see_no_corrections(known, browser):
    page = prepare(known, browser).headers["Location"]
    assert browser(known.lin).get(BASE).status_code == 404
    assert browser(known.lu).get(page).status_code == 404
    assert browser(known.lin).get(NEW).status_code == 403


def test_pages_are_few_queries(known, browser, django_assert_max_num_queries):
    page = prepare(known, browser).headers["Location"]
    visitor = browser(known.zheng)
    for address in (BASE, page):
        with django_assert_max_num_queries(30):
            assert visitor.get(address).status_code == 200
