"""The pages of enterprises: the register, a record, its past, and who has read it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qfce.kernel.tenancy.context import acting_as
from sharing.services import consents
from tests.sharing.shared import A, B, N, agree, change, publish, row

ANHE = "临平安和精工"
pytestmark = pytest.mark.django_db


@pytest.fixture
def known(universe):
    """Two enterprises in Hangzhou, one in Ningbo."""
    publish(
        universe.shen,
        row(name=ANHE, vals={"QC-01": "ACTIVE", "QF-17": "VALID"}),
        row(uscc=B, region="330110", name="余杭某厂", vals={"QC-01": "ACTIVE"}),
    )
    publish(universe.lu, row(uscc=N, region="330206", name="北仑某厂", vals={"QC-01": "ACTIVE"}))
    return universe


def test_a_bureau_lists_the_enterprises_of_its_region(known, browser):
    page = browser(known.shen).get("/sharing/enterprises/")
    assert page.status_code == 200
    text = page.content.decode()
    assert ANHE in text and "余杭某厂" in text and "北仑某厂" not in text


def test_a_bureau_searches_by_name_and_code(known, browser):
    visitor = browser(known.shen)
    assert "余杭某厂" not in visitor.get("/sharing/enterprises/?q=精工").content.decode()
    assert "余杭某厂" in visitor.get(f"/sharing/enterprises/?q={B[3:12]}").content.decode()
    assert "余杭某厂" not in visitor.get("/sharing/enterprises/?region=330113").content.decode()


def test_a_bank_finds_only_what_is_shared(known, browser):
    agree(known, "bank_a", regions=["330113"])
    visitor = browser(known.lin)
    assert "at least" in visitor.get("/sharing/enterprises/").content.decode()
    assert ANHE in visitor.get("/sharing/enterprises/?q=精工").content.decode()
    assert "余杭某厂" not in visitor.get("/sharing/enterprises/?q=某厂").content.decode()


def test_an_enterprise_is_led_to_its_own_record(known, browser):
    visitor = browser(known.an)
    answer = visitor.get("/sharing/enterprises/")
    assert answer.headers["Location"] == f"/sharing/enterprises/{A}/"
    assert "Own record" in visitor.get(answer.headers["Location"]).content.decode()


def test_a_record_says_value_source_time_and_basis(known, browser):
    text = browser(known.shen).get(f"/sharing/enterprises/{A}/").content.decode()
    assert ANHE in text
    assert "Hangzhou bureau" in text
    assert "Supervision of the region" in text
    assert "No data" in text
    assert "Not shared" not in text


def test_a_bank_says_the_purpose_first(known, browser):
    agree(known, "bank_a")
    visitor = browser(known.lin)
    asked = visitor.get(f"/sharing/enterprises/{A}/").content.decode()
    assert "Say what the data is for" in asked and ANHE not in asked
    read = visitor.get(f"/sharing/enterprises/{A}/?purpose=pre_loan").content.decode()
    assert ANHE in read
    assert visitor.get(f"/sharing/enterprises/{A}/?purpose=fishing").status_code == 422


def test_missing_is_said_in_words_that_differ(known, browser):
    agree(known, "bank_a")
    text = browser(known.lin).get(f"/sharing/enterprises/{A}/?purpose=pre_loan").content.decode()
    assert "No agreement covers it for this purpose." in text
    assert "The enterprise has not consented." in text
    assert "Nothing is known about it." in text


def test_an_enterprise_that_is_not_shared_tells_a_bank_nothing(known, browser):
    answer = browser(known.lin).get(f"/sharing/enterprises/{A}/?purpose=pre_loan")
    assert answer.status_code == 200
    assert ANHE not in answer.content.decode()
    assert "No agreement covers this enterprise" in answer.content.decode()


def test_a_code_that_nobody_has_is_not_found(known, browser):
    assert browser(known.shen).get("/sharing/enterprises/91330100MA00000000/").status_code == 404


def test_the_history_of_an_item_has_old_and_new_values(known, browser):
    change(known.shen, "observed", {"QF-17": "REVOKED"})
    text = browser(known.shen).get(f"/sharing/enterprises/{A}/items/QF-17/").content.decode()
    assert "Revoked" in text and "Valid" in text
    assert browser(known.shen).get(f"/sharing/enterprises/{A}/items/QF-99/").status_code == 404


def test_what_was_known_then(known, browser):
    then = timezone.now()
    change(known.shen, "corrected", {"QF-17": "REVOKED"})
    visitor = browser(known.shen)
    address = f"/sharing/enterprises/{A}/items/QF-17/"
    assert "Revoked" in visitor.get(address).content.decode()
    before = visitor.get(address, {"known_at": then.isoformat()}).content.decode()
    assert "As the platform knew it on" in before and "Revoked" not in before
    future = (then + timedelta(days=2)).isoformat()
    assert visitor.get(address, {"known_at": future}).status_code == 422


def test_the_time_line_has_publications_consents_and_agreements(known, browser):
    agree(known, "bank_a")
    with acting_as(known.lin.organization_id):
        asked = consents.request(
            A, items=["QI-11"], purposes=["pre_loan"], actor=known.lin, at=timezone.now()
        )
    bank = browser(known.lin).get(f"/sharing/enterprises/{A}/history/?purpose=pre_loan")
    text = bank.content.decode()
    assert "Import" in text and f"/sharing/consents/{asked.pk}/" in text
    assert "Agreement with" in text
    own = browser(known.an).get(f"/sharing/enterprises/{A}/history/").content.decode()
    assert "asked for a consent" in own and "Agreement with" not in own


def test_an_enterprise_sees_who_has_read_it_and_others_see_their_own_reads(known, browser):
    agree(known, "bank_a")
    browser(known.lin).get(f"/sharing/enterprises/{A}/?purpose=pre_loan")
    own = browser(known.an).get(f"/sharing/enterprises/{A}/readers/").content.decode()
    assert "Hefeng" in own and "Before a loan" in own
    other = browser(known.bank_b_officer).get(f"/sharing/enterprises/{A}/readers/")
    assert "Nobody has read anything yet" in other.content.decode()


def test_pages_take_a_constant_number_of_queries(known, browser):
    visitor = browser(known.shen)
    for address in ("", f"{A}/", f"{A}/history/", f"{A}/readers/", f"{A}/items/QF-17/"):
        visitor.get(f"/sharing/enterprises/{address}")
        with CaptureQueriesContext(connection) as few:
            visitor.get(f"/sharing/enterprises/{address}")
        assert len(few) < 30
    more = [row(f"91330113MA2{n:06d}X", name=f"厂{n}", vals={"QC-01": "ACTIVE"}) for n in range(30)]
    publish(known.shen, *more)
    with CaptureQueriesContext(connection) as many:
        visitor.get("/sharing/enterprises/")
    with CaptureQueriesContext(connection) as again:
        visitor.get("/sharing/enterprises/?size=100")
    assert len(again) == len(many) < 30


def test_without_the_permission_there_is_no_page(known, browser):
    assert browser(known.fang).get("/sharing/enterprises/").status_code == 403
