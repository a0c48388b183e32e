"""Declarations: asked for, answered, sent back, taken into one import, and nobody else's."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission, service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import User
from sharing.domain.declarations import DECLARATION
from sharing.models import Declaration
from sharing.selectors import declarations as selectors
from sharing.selectors.declarations import Narrowed
from sharing.services import (
    collection_rounds,
    declaration_answers,
    declaration_links,
    declarations,
)
from sharing.services.declaration_answers import Declarer
from tests.sharing.declaring import (
    ITEMS,
    SAID,
    TYPED,
    act,
    ask,
    ask_round,
    declare,
    declared,
    in_days,
    link_to,
    race,
    registered,
    round_of,
    seen,
    take,
)
from tests.sharing.shared import LIST, A, B, publish, row


@pytest.fixture
def known(universe, zj_list):
    return registered(universe)


# Asking


def test_one_enterprise_is_asked_for_items_that_it_may_send(known):
    asked = ask(known.wu, items=["QI-11", "QM-13"], note="十二月归集")
    assert (asked.status, asked.items, asked.name) == ("asked", list(ITEMS), "临平安和精工")
    assert DECLARATION.initial == asked.status
    with pytest.raises(declarations.NothingDeclarable):
        ask(known.shen, B, items=["QC-05"])
    with pytest.raises(declarations.NothingDeclarable):
        ask(known.shen, B, items=["QI-11", "QC-05"])


def test_asking_again_while_it_is_open_is_refused_and_clear(known, run_tasks):
    first = ask(known.wu)
    with pytest.raises(declarations.AlreadyAsked, match=A):
        ask(known.wu)
    declare(link_to(known.wu, first))
    with pytest.raises(declarations.AlreadyAsked):
        ask(known.wu)
    take(known.wu, first)
    with pytest.raises(declarations.AlreadyAsked):
        ask(known.wu, items=["QM-14"])
    assert ask(known.shen).pk, "another bureau asks for itself"


def test_the_database_too_knows_one_open_declaration(known):
    asked = ask(known.wu)
    copy = Declaration(
        **{
            field.attname: getattr(asked, field.attname)
            for field in Declaration._meta.concrete_fields
            if field.name != "id"
        }
    )
    with pytest.raises(IntegrityError, match="one_open"), acting_as(known.linping.pk):
        copy.save(force_insert=True)


@pytest.mark.parametrize("days", [-1, 400])
def test_the_day_has_to_be_one_that_comes(known, days):
    with pytest.raises(declarations.DayUnfit):
        ask(known.wu, due_on=in_days(days))


def test_only_a_bureaus_uploader_asks_and_only_its_own_enterprises(known):
    for nobody in (known.zheng, known.lin, known.an):
        with pytest.raises(MissingPermission):
            ask(nobody)
    with pytest.raises(NoSuchRecord):
        ask(known.wu, B)


def test_a_round_asks_all_that_lack_for_what_they_lack_at_once(
    known, django_assert_max_num_queries
):
    publish(known.shen, row(B, "330110", vals={"QI-11": "3"}))
    asked = round_of(known)
    with django_assert_max_num_queries(25):
        done = ask_round(known.shen, asked, note="十二月")
    assert (done.number, done.before) == (2, 0)
    with acting_as(known.hangzhou.pk):
        found = {d.uscc: d.items for d in Declaration.objects.filter(round_id=asked.pk)}
    assert found == {A: ["QM-13", "QI-11"], B: ["QM-13"]}
    again = ask_round(known.shen, asked)
    assert (again.number, again.before) == (0, 2)


def test_of_a_round_only_what_the_page_shows_is_asked(known):
    asked = round_of(known)
    assert ask_round(known.shen, asked, narrowed=Narrowed(search="安和")).number == 1
    assert ask_round(known.shen, asked, narrowed=Narrowed(regions=("330110",))).number == 1
    assert ask_round(known.lu, asked, narrowed=Narrowed(item="QM-13")).number == 1


def test_a_round_without_such_items_or_over_asks_nobody(known):
    with pytest.raises(declarations.NothingDeclarable):
        ask_round(known.shen, round_of(known, "QC-05"))
    over = round_of(known)
    act(known.zhou, collection_rounds.close, over.pk)
    with pytest.raises(collection_rounds.RoundClosed):
        ask_round(known.shen, over)


# Links


def test_a_link_goes_by_mail_and_tells_nothing(known, run_tasks):
    asked = ask(known.wu, note="十二月归集")
    run_tasks()
    (message,) = mail.outbox
    assert message.to == [f"{A.lower()}@enterprise.example"]
    for told in (A, "QI-11", "十二月", "安和", "Linping"):
        assert told not in message.subject + message.body
    now = seen(known.wu, asked)
    assert (now.reached, now.mail_due) == ("mailed", False)
    assert now.token_hash not in message.body
    run_tasks()
    assert len(mail.outbox) == 1


def test_where_no_address_is_known_the_officer_names_one_or_hands_the_link_over(
    known, run_tasks, settings
):
    settings.SANDBOX = False
    asked = ask(known.wu)
    run_tasks()
    assert mail.outbox == []
    assert seen(known.wu, asked).reached == "nobody"
    act(known.wu, declaration_links.send_to, asked.pk, address="office@firm.example")
    run_tasks()
    assert mail.outbox[0].to == ["office@firm.example"]
    token = link_to(known.wu, asked)
    assert seen(known.wu, asked).reached == "shown"
    assert token not in seen(known.wu, asked).token_hash
    with pytest.raises(NoSuchRecord):
        link_to(known.shen, asked)


def test_people_who_sign_in_for_the_enterprise_get_the_mail(known, run_tasks):
    User.objects.filter(username="an").update(email="an@firm.example")
    ask(known.wu)
    run_tasks()
    assert mail.outbox[0].to == ["an@firm.example"]


def test_a_mail_that_cannot_go_out_stays_due(known, run_tasks, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no mail server")

    asked = ask(known.wu)
    monkeypatch.setattr(declaration_links, "get_connection", fail)
    with pytest.raises(OSError, match="mail"):
        act(known.wu, declaration_links.send_due)
    assert seen(known.wu, asked).mail_due
    monkeypatch.undo()
    run_tasks()
    assert len(mail.outbox) == 1


# Declaring


def test_by_the_link_once_and_then_it_is_the_bureaus(known):
    asked = ask(known.wu)
    token = link_to(known.wu, asked)
    assert selectors.by_token(token).owner == known.linping
    declare(token, {**TYPED, "QC-05": "9"})
    now = seen(known.wu, asked)
    assert (now.status, now.answers, now.declared_by_link) == ("sent", TYPED, True)
    assert (now.declared_by_name, now.declared_by_phone) == (SAID.name, SAID.phone)
    assert now.text_version
    with pytest.raises(declaration_answers.AlreadyDeclared):
        declare(token)
    assert selectors.by_token(token).answers == {}, "nothing is told to whoever opens it again"
    with acting_as(known.linping.pk):
        event = AuditEvent.objects.get(action="sharing.declaration.submitted")
    assert event.detail["by"] == "link"
    assert SAID.name not in str(event.detail) and "98.5" not in str(event.detail)


def test_by_the_enterprises_own_account(known):
    asked = ask(known.wu)
    with acting_as(known.an.organization_id):
        assert list(selectors.asked_of(actor=known.an)) == [asked]
    given = {"typed": TYPED, "declarer": SAID}
    act(known.an, declaration_answers.submit, asked.pk, **given)
    assert not seen(known.wu, asked).declared_by_link
    with pytest.raises(declaration_answers.AlreadyDeclared):
        act(known.an, declaration_answers.submit, asked.pk, **given)
    with pytest.raises(NoSuchRecord):
        act(known.an, declaration_answers.submit, ask(known.shen, B).pk, **given)
    with pytest.raises(MissingPermission):
        act(known.wu, declaration_answers.submit, asked.pk, **given)


def test_after_the_day_it_is_late_and_still_accepted(known):
    asked = ask(known.wu, due_on=in_days(0))
    tomorrow = in_days(1)
    with acting_as(known.linping.pk):
        late = selectors.list_for(actor=known.wu).filter(selectors.late(tomorrow))
        assert list(late) == [asked]
    token = link_to(known.wu, asked)
    with transaction.atomic():
        declaration_answers.submit_by_token(
            token, typed=TYPED, declarer=SAID, at=timezone.now() + timedelta(days=1)
        )
    assert seen(known.wu, asked).status == "sent"


def test_links_that_are_good_no_longer_say_why(known):
    asked = ask(known.wu)
    old, new = link_to(known.wu, asked), link_to(known.wu, asked)
    for wrong in ("", "x" * 43, old):
        with pytest.raises(declaration_answers.LinkUnknown):
            declare(wrong)
    long_ago = timezone.now() - timedelta(days=15)
    address = act(known.wu, declaration_links.show_link, asked.pk, at=long_ago)
    with pytest.raises(declaration_answers.LinkUnknown):
        declare(new)
    too_old = address.partition("#")[2]
    with pytest.raises(declaration_answers.LinkTooOld):
        declare(too_old)
    newest = link_to(known.wu, asked)
    act(known.wu, declarations.cancel, asked.pk)
    with pytest.raises(declaration_answers.AskedNoLonger):
        declare(newest)
    with pytest.raises(declaration_links.NotWithEnterprise):
        link_to(known.wu, asked)


@pytest.mark.parametrize(
    ("typed", "declarer", "refusal"),
    [
        ({"QI-11": "viel"}, SAID, declaration_answers.AnswersUnfit),
        ({"QI-11": "1000"}, SAID, declaration_answers.AnswersUnfit),
        ({}, SAID, declaration_answers.AnswersUnfit),
        ({"QC-05": "1"}, SAID, declaration_answers.AnswersUnfit),
        (TYPED, Declarer(" ", "1", agrees=True), declaration_answers.NotAnsweredFor),
        (TYPED, Declarer("安然", "1", agrees=False), declaration_answers.NotAnsweredFor),
    ],
)
def test_what_does_not_fit_is_not_taken(known, typed, declarer, refusal):
    asked = ask(known.wu)
    token = link_to(known.wu, asked)
    with pytest.raises(refusal):
        declare(token, typed, declarer)
    assert seen(known.wu, asked).status == "asked"


def test_two_send_by_the_same_link_at_once_and_one_is_taken(known):
    asked = ask(known.wu)
    token = link_to(known.wu, asked)
    found = race(*[lambda: declare(token)] * 2)
    assert found.count(asked.pk) == 1
    assert found.count(declaration_answers.AlreadyDeclared) == 1


# Sending back


def test_sent_back_it_is_amended_by_a_new_link(known, run_tasks):
    asked = declared(known.wu)
    mail.outbox.clear()
    with pytest.raises(declarations.ReasonMissing):
        act(known.wu, declarations.return_, asked.pk, reason=" ")
    back = act(known.wu, declarations.return_, asked.pk, reason="研发投入强度请附年报")
    assert back.reached == "nobody"
    run_tasks()
    token = mail.outbox[0].body.partition("#")[2].split()[0]
    found = selectors.by_token(token)
    assert (found.return_reason, found.answers) == ("研发投入强度请附年报", TYPED)
    declare(token, {**TYPED, "QI-11": "4"})
    assert seen(known.wu, asked).answers["QI-11"] == "4"


def test_only_what_waits_is_sent_back_and_only_by_who_asked(known):
    asked = ask(known.wu)
    with pytest.raises(IllegalTransition):
        act(known.wu, declarations.return_, asked.pk, reason="x")
    sent = declared(known.shen, B)
    with pytest.raises(NoSuchRecord):
        act(known.wu, declarations.return_, sent.pk, reason="x")


# Reminding


def remind(organization, at):
    actor = service_actor(organization.pk, "collection rounds")
    return act(actor, declaration_links.remind, at=at)


def test_a_reminder_goes_once_three_days_before_the_day(known, run_tasks):
    now = timezone.now()
    ask(known.wu, due_on=in_days(10))
    run_tasks()
    first = mail.outbox[0].body
    assert remind(known.linping, now + timedelta(days=6)) == 0
    assert remind(known.linping, now + timedelta(days=7)) == 1
    assert remind(known.linping, now + timedelta(days=8)) == 0
    run_tasks()
    assert len(mail.outbox) == 2
    assert mail.outbox[1].body != first, "with a link that is good for two weeks again"


def test_who_has_declared_or_was_asked_just_now_is_not_reminded(known, run_tasks):
    declared(known.shen, due_on=in_days(2))
    ask(known.shen, B, due_on=in_days(1))
    assert remind(known.hangzhou, timezone.now()) == 0
    assert remind(known.hangzhou, timezone.now() + timedelta(days=2)) == 1


def test_the_beat_reminds(known, run_tasks):
    from sharing import register_tasks

    asked = ask(known.wu, due_on=in_days(1), at=timezone.now() - timedelta(days=2))
    run_tasks()
    register_tasks.remind_rounds()
    run_tasks()
    assert seen(known.wu, asked).reminded_at
    assert len(mail.outbox) == 2


# Walls


def test_nobody_but_the_bureaus_above_and_the_enterprise_sees_it(known):
    asked = declared(known.wu)
    for organization in ("linping", "hangzhou", "province", "enterprise"):
        with acting_as(known.organizations[organization].pk):
            assert Declaration.objects.filter(pk=asked.pk).exists(), organization
    strangers = ("ningbo", "bank_a", "bank_b", "credit_agency", "guarantor", "operator", "pboc")
    for organization in strangers:
        with acting_as(known.organizations[organization].pk):
            assert not Declaration.objects.exists(), organization
    with pytest.raises(NoSuchRecord):
        act(known.lu, lambda *, actor, at: selectors.get(asked.pk, actor=actor))


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("wu", 'answers = \'{"QI-11": "9"}\''),
        ("wu", "declared_by_name = 'x'"),
        ("wu", "status = 'asked'"),
        ("wu", "due_on = '2030-01-01'"),
        ("an", "status = 'taken'"),
        ("an", "status = 'sent', token_hash = repeat('a', 64)"),
        ("an", "return_reason = 'x', status = 'sent'"),
        ("an", "answers = '{}', status = 'sent'"),
    ],
)
def test_the_database_lets_neither_party_write_the_others_part(known, who, said):
    asked = declared(known.wu)
    statement = f"UPDATE sharing_declaration SET {said} WHERE id = %s"
    actor = getattr(known, who)
    with pytest.raises(DatabaseError), acting_as(actor.organization_id):
        connection.cursor().execute(statement, [asked.pk])


@pytest.mark.parametrize("who", ["an", "lin", "zhou", "lu"])
def test_nobody_else_writes_one(known, who):
    actor = getattr(known, who)
    with pytest.raises(DatabaseError), acting_as(actor.organization_id):
        Declaration.objects.create(
            owner_id=known.linping.pk,
            uscc=A,
            region="330113",
            factor_list=LIST,
            items=["QI-11"],
            due_on=in_days(3),
            asked_at=timezone.now(),
            asked_by_id=actor.user_id,
        )
