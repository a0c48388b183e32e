"""Consents: asked for by the reader, given by the enterprise alone, taken back at once."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from sharing.models import Consent
from sharing.permissions import NotAReader, NotTheEnterprise
from sharing.policies import TermUnfit
from sharing.selectors import consents as selectors
from sharing.services import consents
from sharing.services.consents import LinkUsedUp, NothingToOpen
from tests.sharing.shared import A, B, agree, publish, row, see
from tests.universe import NOON, NOW


@pytest.fixture
def published(universe):
    publish(universe.zheng, row(vals={"QF-17": "VALID", "QI-11": "4.11"}))
    publish(universe.zheng, row(B, "330110", vals={"QI-11": "2"}))
    agree(universe, "bank_a")
    return universe


def ask(universe, uscc=A, at=NOON, **terms):
    actor = terms.pop("actor", universe.chen_min)
    given = {"items": ["QI-11"], "purposes": ["pre_loan"], **terms}
    with acting_as(actor.organization_id):
        return consents.request(uscc, **given, actor=actor, at=at)


def token():
    return re.search(r"#(\S+)", mail.outbox[-1].body)[1]


def test_a_request_opens_nothing_and_sends_a_link_to_the_enterprise_alone(published):
    consent = ask(published)

    assert consent.status == "requested"
    assert see(published.lin)[A].items["QI-11"].answer == "not_authorised"
    (message,) = mail.outbox
    assert message.to == [f"{A.lower()}@enterprise.example"]
    for told in (A, "QI-11", "禾丰", "pre_loan", "Hefeng"):
        assert told not in message.body + message.subject


def test_the_enterprise_grants_by_its_own_person(published):
    consent = ask(published)
    with acting_as(published.an.organization_id):
        granted = consents.grant(consent.pk, allows_feedback=True, actor=published.an, at=NOON)
        assert AuditEvent.objects.filter(action="sharing.consent.granted").exists()

    assert (granted.status, granted.granted_by_id) == ("active", published.an.user_id)
    assert len(granted.evidence_sha256) == 64
    assert granted.allows_feedback
    assert see(published.lin)[A].items["QI-11"].value == "4.11"
    with pytest.raises(IllegalTransition), acting_as(published.an.organization_id):
        consents.grant(consent.pk, actor=published.an, at=NOON)


def test_the_link_grants_once(published):
    consent = ask(published, at=NOW)
    with transaction.atomic():
        assert consents.decide_by_token(token(), grants=True, at=NOW) == consent.pk

    assert see(published.lin)[A].items["QI-11"].value == "4.11"
    with pytest.raises(LinkUsedUp), transaction.atomic():
        consents.decide_by_token(token(), grants=True, at=NOW)
    with acting_as(published.zhou.organization_id):
        event = AuditEvent.objects.get(action="sharing.consent.granted")
    assert event.detail["by"] == "link"


def test_the_link_refuses_too_and_then_is_used_up(published):
    consent = ask(published, at=NOW)
    with transaction.atomic():
        consents.decide_by_token(token(), grants=False, at=NOW)

    with acting_as(published.chen_min.organization_id):
        assert Consent.objects.get(pk=consent.pk).status == "refused"
    with pytest.raises(LinkUsedUp), transaction.atomic():
        consents.decide_by_token(token(), grants=True, at=NOW)


@pytest.mark.parametrize("wrong", ["", "x", "0" * 43])
def test_a_token_that_was_never_ours_does_nothing(published, wrong):
    ask(published)
    with pytest.raises(LinkUsedUp), transaction.atomic():
        consents.decide_by_token(wrong, grants=True, at=NOON)


def test_a_link_that_is_too_old_does_nothing(published):
    long_ago = NOON - timedelta(days=400)
    with acting_as(published.chen_min.organization_id):
        consents.request(
            A, items=["QI-11"], purposes=["pre_loan"], actor=published.chen_min, at=long_ago
        )
    with pytest.raises(LinkUsedUp), transaction.atomic():
        consents.decide_by_token(token(), grants=True, at=NOON)


def test_who_asks_can_neither_grant_nor_get_at_the_link(published):
    consent = ask(published)
    bank = published.chen_min
    with pytest.raises(NotTheEnterprise), acting_as(bank.organization_id):
        consents.grant(consent.pk, actor=bank, at=NOON)
    with acting_as(bank.organization_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT qfce_issue_consent_token(%s, %s, now() + interval '1 day')",
            [consent.pk, "a" * 64],
        )
        assert cursor.fetchone() in (None, (None,))
        assert Consent.objects.filter(pk=consent.pk).update(status="active", granted_at=NOON) == 0


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"items": ["QF-17"]}, NothingToOpen),
        ({"items": ["QC-04"]}, NothingToOpen),
        ({"items": ["QI-11", "QF-17"]}, NothingToOpen),
        ({"purposes": ["recommendation"]}, NothingToOpen),
        ({"uscc": "91330100XXXXXXXXX0"}, NothingToOpen),
        ({"ends_on": date(2029, 1, 1)}, TermUnfit),
        ({"ends_on": date(2026, 1, 1)}, TermUnfit),
        ({"starts_on": date(2026, 1, 1), "ends_on": date(2026, 6, 30)}, TermUnfit),
    ],
)
def test_a_request_that_would_open_nothing_is_refused(published, terms, refusal):
    with pytest.raises(refusal):
        ask(published, **terms)


def test_others_do_not_ask_and_do_not_see(published):
    with pytest.raises((NotAReader, MissingPermission)):
        ask(published, actor=published.an)
    with pytest.raises(NothingToOpen):
        ask(published, actor=published.bank_b_officer)
    ask(published)
    with acting_as(published.bank_b_officer.organization_id):
        assert not selectors.list_for(actor=published.bank_b_officer).exists()


def test_an_enterprise_takes_its_consent_back_at_once(published):
    consent = ask(published)
    with acting_as(published.an.organization_id):
        consents.grant(consent.pk, actor=published.an, at=NOON)
        assert consents.withdraw(consent.pk, actor=published.an, at=NOON).withdrawn_at == NOON

    assert see(published.lin)[A].items["QI-11"].answer == "not_authorised"


def test_an_enterprise_refuses(published):
    consent = ask(published)
    with acting_as(published.an.organization_id):
        assert consents.refuse(consent.pk, actor=published.an, at=NOON).status == "refused"


def test_consents_end_by_themselves(published):
    long_ago = NOON - timedelta(days=200)
    consent = ask(published, at=long_ago, ends_on=date(2026, 6, 30))
    with acting_as(published.an.organization_id):
        consents.grant(consent.pk, actor=published.an, at=NOON)
    with acting_as(published.zhou.organization_id):
        assert consents.end_due(actor=published.zhou, at=NOON) == 1
        assert consents.end_due(actor=published.zhou, at=NOON) == 0
    with acting_as(published.chen_min.organization_id):
        assert Consent.objects.get(pk=consent.pk).status == "ended"


def test_the_database_keeps_what_was_agreed_to(published):
    consent = ask(published)
    with (
        pytest.raises(IntegrityError, match="what was asked for"),
        acting_as(published.an.organization_id),
    ):
        Consent.objects.filter(pk=consent.pk).update(items=["QM-04"])
