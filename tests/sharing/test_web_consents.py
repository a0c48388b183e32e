"""The pages of consents, signed in and by the one-time link."""

import pytest
from django.test import Client
from django.utils import timezone

from qfce.kernel.tenancy.context import acting_as
from sharing.models import Consent
from sharing.services import consents
from tests.sharing.shared import A, agree, publish, row

pytestmark = pytest.mark.django_db
BASE = "/sharing/consents/"
LINK = f"{BASE}by-link/"


@pytest.fixture
def shared(universe):
    publish(universe.shen, row(name="临平安和精工", vals={"QC-01": "ACTIVE", "QI-11": "5"}))
    agree(universe, "bank_a")
    return universe


@pytest.fixture
def asked(shared):
    with acting_as(shared.lin.organization_id):
        return consents.request(
            A, items=["QI-11"], purposes=["pre_loan"], actor=shared.lin, at=timezone.now()
        )


def status_of(consent, actor):
    with acting_as(actor.organization_id):
        return Consent.objects.get(pk=consent.pk).status


def test_a_bank_asks(shared, browser):
    visitor = browser(shared.lin)
    assert f'value="{A}"' in visitor.get(f"{BASE}new/?uscc={A}").content.decode()
    terms = {"uscc": A, "items": ["QI-11"], "purposes": ["pre_loan"]}
    answer = visitor.post(f"{BASE}new/", terms)
    assert answer.status_code == 302
    text = visitor.get(answer.headers["Location"]).content.decode()
    assert "Asked for" in text and "Give the consent" not in text


def test_what_no_agreement_opens_cannot_be_asked_for(shared, browser):
    agree(shared, "bank_a", categories=["quality_innovation"], purposes=["model_development"])
    terms = {"uscc": A, "items": ["QM-13"], "purposes": ["model_development"]}
    answer = browser(shared.lin).post(f"{BASE}new/", terms)
    assert answer.status_code == 400
    assert "waiting for a consent" in answer.content.decode()


def test_the_enterprise_gives_and_takes_back(asked, shared, browser):
    visitor = browser(shared.an)
    assert "Requests for your consent" in visitor.get("/").content.decode()
    assert "Hefeng" in visitor.get(BASE).content.decode()
    assert "Give the consent" in visitor.get(f"{BASE}{asked.pk}/").content.decode()
    visitor.post(f"{BASE}{asked.pk}/grant/", {"allows_feedback": "on"})
    assert status_of(asked, shared.an) == "active"
    assert "Take the consent back" in visitor.get(f"{BASE}{asked.pk}/").content.decode()
    visitor.post(f"{BASE}{asked.pk}/withdraw/")
    assert status_of(asked, shared.an) == "withdrawn"


def test_the_enterprise_refuses(asked, shared, browser):
    browser(shared.an).post(f"{BASE}{asked.pk}/refuse/")
    assert status_of(asked, shared.an) == "refused"
    assert "Refused" in browser(shared.lin).get(f"{BASE}{asked.pk}/").content.decode()


def test_who_asks_cannot_give(asked, shared, browser):
    assert browser(shared.lin).post(f"{BASE}{asked.pk}/grant/").status_code == 403
    assert browser(shared.bank_b_officer).get(f"{BASE}{asked.pk}/").status_code == 404
    assert status_of(asked, shared.lin) == "requested"


@pytest.fixture
def token(shared, monkeypatch, settings):
    settings.SANDBOX = True
    monkeypatch.setattr("sharing.services.consents.new_token", lambda: "t" * 43)
    with acting_as(shared.lin.organization_id):
        consent = consents.request(
            A, items=["QI-11"], purposes=["pre_loan"], actor=shared.lin, at=timezone.now()
        )
    return "t" * 43, consent


@pytest.mark.parametrize(("decision", "status"), [("grant", "active"), ("refuse", "refused")])
def test_the_link_shows_what_is_asked_and_works_once(token, shared, decision, status):
    code, consent = token
    visitor = Client()
    assert visitor.get(LINK).status_code == 200
    page = visitor.post(LINK, {"token": code}).content.decode()
    assert "禾丰农村商业银行" in page and A in page and "QI-11" in page
    done = visitor.post(f"{LINK}decide/", {"token": code, "decision": decision})
    assert done.status_code == 200
    assert status_of(consent, shared.an) == status
    assert visitor.post(LINK, {"token": code}).status_code == 404
    assert visitor.post(f"{LINK}decide/", {"token": code, "decision": decision}).status_code == 404


def test_a_code_that_was_never_ours_opens_nothing(shared):
    assert Client().post(LINK, {"token": "nothing"}).status_code == 404
    assert Client().post(LINK, {"token": ""}).status_code == 422


def test_pages_are_few_queries(asked, shared, browser, django_assert_max_num_queries):
    visitor = browser(shared.lin)
    for address in (BASE, f"{BASE}new/", f"{BASE}{asked.pk}/"):
        with django_assert_max_num_queries(30):
            assert visitor.get(address).status_code == 200
