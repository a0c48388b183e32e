"""Disputes: who may object, the mark while one is open, who decides, and what readers get."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.utils import timezone

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.calendar import business_day
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission, service_actor
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing import permissions, policies
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import Dispute, FactorChange, FactorProfile, Publication, Recall
from sharing.permissions import NotTheDecidingBureau
from sharing.selectors import disputes as selectors
from sharing.services import data_quality, dispute_marks, disputes, publications, records
from sharing.web import panels
from tests.sharing.migrating import migrated, publish_second
from tests.sharing.shared import LIST, A, B, agree, answers, publish, row, see


@pytest.fixture
def shared(universe, zj_list):
    publish(universe.shen, row(vals={"QC-05": 3, "QF-17": "VALID"}))
    agree(universe, "bank_a")
    return universe


def act(actor, service, *args, **given):
    """Do it now: what the ledger has recorded just now does not hold at a noon that is past."""
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return service(*args, actor=actor, at=timezone.now(), **given)


def seen(actor):
    return see(actor, at=timezone.now())[A]


def object_to(actor, item="QC-05", **given):
    return act(actor, disputes.open_, A, item=item, statement="查无此项", **given)


def newest(universe, count=1):
    with acting_as(universe.hangzhou.pk):
        found = list(Publication.objects.order_by("-number")[:count])
        return [
            (
                p.cause,
                list(
                    FactorChange.objects.filter(publication_id=p.pk).values_list("kind", "changes")
                ),
            )
            for p in found
        ]


def test_the_fact_is_marked_at_once_and_the_nearest_bureau_has_twenty_days(shared):
    dispute = object_to(shared.he)
    assert (dispute.status, dispute.due_on) == (
        "opened",
        business_day(timezone.now()) + timedelta(days=20),
    )
    assert dispute.addressee_id == shared.linping.pk
    assert newest(shared) == [("dispute", [("flagged", {"QC-05": "disputed"})])]
    with acting_as(shared.linping.pk):
        assert list(selectors.awaiting_decision(actor=shared.wu)) == [dispute]
    assert answers(seen(shared.he), "QC-05") == {"QC-05": 3}


def test_a_second_dispute_leaves_the_mark_until_the_last_one_is_over(shared):
    agree(shared, "bank_b")
    first, second = object_to(shared.he), object_to(shared.bank_b_risk)
    with pytest.raises(disputes.AlreadyDisputed):
        object_to(shared.he)
    act(shared.he, disputes.cancel, first.pk)
    assert newest(shared) == [("dispute", [("flagged", {"QC-05": "disputed"})])]
    act(shared.bank_b_risk, disputes.cancel, second.pk)
    assert newest(shared) == [("dispute", [("unflagged", {"QC-05": None})])]


def test_upheld_it_is_corrected_once_a_second_person_releases_it(shared):
    dispute = object_to(shared.he)
    prepared = act(shared.wu, disputes.uphold, dispute.pk, value=1, reason="档案为一次")
    assert prepared.status == "prepared"
    assert answers(seen(shared.he), "QC-05") == {"QC-05": 3}
    act(shared.zheng, records.release, prepared.prepared_change)
    assert answers(seen(shared.he), "QC-05") == {"QC-05": 1}
    assert newest(shared, 2) == [
        ("dispute", [("unflagged", {"QC-05": None})]),
        ("dispute", [("corrected", {"QC-05": 1})]),
    ]
    with acting_as(shared.he.organization_id):
        over = selectors.get(dispute.pk, actor=shared.he)
    assert (over.status, over.reason) == ("upheld", "档案为一次")
    assert over.publication_number


def test_upheld_without_a_value_the_fact_is_withdrawn_and_called_back(shared):
    dispute = object_to(shared.he)
    prepared = act(shared.wu, disputes.uphold, dispute.pk, reason="误报")
    act(shared.zheng, records.release, prepared.prepared_change)
    assert newest(shared, 2)[1] == ("dispute", [("withdrawn", {"QC-05": None})])
    with acting_as(shared.linping.pk):
        assert Recall.objects.filter(uscc=A, items=["QC-05"]).exists()


def test_a_decision_that_the_second_person_drops_leaves_the_dispute_open(shared):
    dispute = object_to(shared.he)
    prepared = act(shared.wu, disputes.uphold, dispute.pk, value=1, reason="x")
    act(shared.zheng, records.cancel, prepared.prepared_change)
    with acting_as(shared.linping.pk):
        again = selectors.get(dispute.pk, actor=shared.wu)
    assert (again.status, again.reason, again.prepared_change) == ("opened", "", None)


def test_rejected_it_says_why_and_the_mark_goes(shared):
    dispute = object_to(shared.he)
    with pytest.raises(disputes.ReasonMissing):
        act(shared.wu, disputes.reject, dispute.pk, reason=" ")
    done = act(shared.wu, disputes.reject, dispute.pk, reason="档案属实")
    assert done.status == "rejected"
    assert newest(shared) == [("dispute", [("unflagged", {"QC-05": None})])]
    with pytest.raises(IllegalTransition):
        act(shared.wu, disputes.uphold, dispute.pk, reason="x")


def test_only_who_sees_a_fact_may_dispute_it_and_only_the_bureau_decides(shared):
    with pytest.raises(disputes.NotSeen):
        object_to(shared.bank_b_risk)  # has no agreement
    with pytest.raises(disputes.NotSeen):
        object_to(shared.he, "QX-99")
    with pytest.raises(MissingPermission):
        object_to(shared.wu)
    dispute = object_to(shared.he)
    with pytest.raises(MissingPermission):
        act(shared.he, disputes.reject, dispute.pk, reason="x")
    with acting_as(shared.bank_b_risk.organization_id), pytest.raises(NoSuchRecord):
        selectors.get(dispute.pk, actor=shared.bank_b_risk)


def test_the_database_lets_neither_party_write_the_others_part(shared):
    dispute = object_to(shared.he)
    parts = (
        (shared.he, "status = 'rejected', closed_at = now()"),
        (shared.he, "reason = 'x', status = 'cancelled'"),
        (shared.wu, "statement = 'x'"),
        (shared.wu, "name = 'x'"),
        (shared.wu, "publication_number = 1"),
        (shared.he, "publication_number = 1, status = 'cancelled', closed_at = now()"),
        (shared.he, f"addressee_id = '{shared.hangzhou.pk}'"),
    )
    for party, said in parts:
        statement = f"UPDATE sharing_dispute SET {said} WHERE id = %s"
        with pytest.raises(DatabaseError), acting_as(party.organization_id):
            connection.cursor().execute(statement, [dispute.pk])
    with acting_as(shared.ningbo.pk):
        assert not Dispute.objects.exists()


def test_the_monthly_score_counts_disputes_and_how_banks_used_what_was_sent(shared):
    upheld = object_to(shared.he)
    prepared = act(shared.wu, disputes.uphold, upheld.pk, value=1, reason="x")
    act(shared.zheng, records.release, prepared.prepared_change)
    other = object_to(shared.he, "QF-17")
    act(shared.wu, disputes.reject, other.pk, reason="属实")
    for bureau in (shared.linping, shared.hangzhou):
        keeper = service_actor(bureau.pk, "data quality")
        with acting_as(bureau.pk):
            score = data_quality.score_bureau(actor=keeper, at=timezone.now())
        if bureau == shared.linping:
            assert (score.disputes, score.disputes_decided, score.disputes_upheld) == (2, 2, 1)


@pytest.fixture
def ningbo(shared):
    """Whoever decides for the bureau of Ningbo, to which the enterprise moves."""
    return shared.lu


def move(shared, region="330206"):
    publish(shared.zhou, row(A, region, vals={"QC-05": 3}))


def stored(shared):
    with acting_as(shared.province.pk):
        return FactorProfile.objects.get(uscc=A)


def test_the_bureau_that_answers_now_decides_about_who_has_moved(shared, ningbo):
    dispute = object_to(shared.he)
    move(shared)
    with pytest.raises(NotTheDecidingBureau):
        act(shared.wu, disputes.reject, dispute.pk, reason="x")
    with acting_as(ningbo.organization_id):
        assert selectors.get(dispute.pk, actor=ningbo).addressee_id == shared.ningbo.pk
    done = act(ningbo, disputes.reject, dispute.pk, reason="属实")

    assert (done.status, done.addressee_id) == ("rejected", shared.ningbo.pk)
    assert stored(shared).flags == {}
    with acting_as(shared.ningbo.pk):
        (event,) = AuditEvent.objects.filter(action="sharing.dispute.handed_over")
    assert (event.detail["before"], event.detail["addressee"]) == ("linping", "ningbo")


def test_whoever_objected_takes_it_back_after_the_enterprise_has_moved(shared):
    dispute = object_to(shared.he)
    move(shared)
    act(shared.he, disputes.cancel, dispute.pk)
    assert stored(shared).flags == {}


def test_a_bureau_above_decides_after_the_enterprise_has_moved(shared):
    dispute = object_to(shared.he)
    move(shared)
    decides = {permissions.DECIDE_DISPUTE, permissions.WRITE_RECORD}
    zhou = replace(shared.zhou, permissions=shared.zhou.permissions | decides)
    fu = replace(shared.fu, permissions=shared.fu.permissions | {permissions.RELEASE_RECORD})
    prepared = act(zhou, disputes.uphold, dispute.pk, value=1, reason="x")
    move(shared, "330110")
    act(fu, records.release, prepared.prepared_change)
    assert (stored(shared).flags, stored(shared).values["QC-05"]) == ({}, 1)
    with acting_as(shared.he.organization_id):
        assert selectors.get(dispute.pk, actor=shared.he).status == "upheld"


def test_disputes_follow_the_enterprise_by_night(shared, ningbo):
    dispute = object_to(shared.he)
    act(shared.wu, disputes.uphold, dispute.pk, value=1, reason="x")
    move(shared)
    for bureau, taken in (("linping", 0), ("ningbo", 1), ("ningbo", 0), ("hangzhou", 0)):
        keeper = service_actor(shared.organizations[bureau].pk, "calendar")
        assert act(keeper, disputes.take_over_moved) == taken, bureau
    with acting_as(ningbo.organization_id):
        assert list(selectors.awaiting_decision(actor=ningbo)) == [dispute]
    move(shared, "330110")  # and back, to another county
    keeper = service_actor(shared.hangzhou.pk, "calendar")
    assert act(keeper, disputes.take_over_moved) == 1
    act(shared.he, disputes.cancel, dispute.pk)
    assert stored(shared).flags == {}


@pytest.mark.parametrize("end", ["reject", "uphold", "cancel"])
def test_a_disputed_item_that_a_migration_renames_is_still_decided(shared, run_tasks, end):
    dispute = object_to(shared.he, "QF-17")
    publish_second(shared)
    migrated(shared, run_tasks)
    assert stored(shared).flags == {"QF-91": "disputed"}
    with pytest.raises(disputes.AlreadyDisputed):
        object_to(shared.he, "QF-91")
    if end == "cancel":
        act(shared.he, disputes.cancel, dispute.pk)
    elif end == "reject":
        act(shared.wu, disputes.reject, dispute.pk, reason="x")
    else:
        prepared = act(shared.wu, disputes.uphold, dispute.pk, value="REVOKED", reason="x")
        act(shared.zheng, records.release, prepared.prepared_change)
        assert stored(shared).values["QF-91"] == "REVOKED"
    assert stored(shared).flags == {}


def test_a_renamed_item_keeps_its_mark_while_another_disputes_it(shared, run_tasks, browser):
    agree(shared, "bank_b")
    dispute = object_to(shared.he, "QF-17")
    publish_second(shared)
    migrated(shared, run_tasks)
    other = object_to(shared.bank_b_risk, "QF-91")
    act(shared.he, disputes.cancel, dispute.pk)
    assert stored(shared).flags == {"QF-91": "disputed"}
    page = browser(shared.wu).get(f"/sharing/disputes/{other.pk}/")
    assert page.status_code == 200 and "QF-91" in page.content.decode()
    act(shared.wu, disputes.reject, other.pk, reason="x")
    assert stored(shared).flags == {}


def test_a_dispute_about_a_split_item_says_which_part_is_corrected(shared, run_tasks, monkeypatch):
    dispute = object_to(shared.he, "QF-17")
    monkeypatch.setattr(selectors, "standing_as", lambda _: ["QC-05", "QF-17"])
    with pytest.raises(disputes.SeveralItems):
        act(shared.wu, disputes.uphold, dispute.pk, value=1, reason="x")
    prepared = act(shared.wu, disputes.uphold, dispute.pk, value=1, item="QC-05", reason="x")
    act(shared.zheng, records.release, prepared.prepared_change)
    assert stored(shared).values["QC-05"] == 1


@pytest.mark.parametrize("kind", ["flagged", "unflagged"])
def test_nobody_sets_or_takes_off_the_mark_by_hand(shared, api, kind):
    object_to(shared.he)
    given = {"uscc": A, "factor_list": LIST, "cause": "dispute", "kind": kind, "reason": "x",
             "changes": {"QC-05": None if kind == "unflagged" else "disputed"}}  # fmt: skip
    assert api(shared.wu).post("/api/v1/record-changes/", given).status_code == 400
    with pytest.raises(policies.KindUnfit):
        act(shared.wu, records.prepare, A, factor_list=LIST, changes={"QC-05": None},
            cause=Cause.DISPUTE, kind=ChangeKind(kind), reason="x")  # fmt: skip


def test_what_has_no_value_is_not_disputed(shared):
    with pytest.raises(disputes.NotSeen):
        object_to(shared.he, "QC-17")


def test_a_dispute_goes_to_the_list_that_shows_the_value(shared):
    assert object_to(shared.he).factor_list == LIST
    with pytest.raises(disputes.NotSeen):
        object_to(shared.he, "QF-17", factor_list="AA-OTHER")
    assert object_to(shared.he, "QF-17", factor_list=LIST).factor_list == LIST


def test_a_decision_is_told_once_it_is_released(shared, api):
    dispute = object_to(shared.he)
    prepared = act(shared.wu, disputes.uphold, dispute.pk, value=1, reason="档案为一次")
    address = f"/api/v1/disputes/{dispute.pk}/"
    assert api(shared.he).get(address).json()["reason"] == ""
    act(shared.zheng, records.release, prepared.prepared_change)
    assert api(shared.he).get(address).json()["reason"] == "档案为一次"


@pytest.mark.parametrize("member", ["valid_from", "valid_to"])
def test_a_decision_has_days_of_the_calendar(shared, api, member):
    dispute = object_to(shared.he, "QF-17")
    given = {"value": "VALID", member: "0001-01-01", "reason": "x"}
    answer = api(shared.wu).post(f"/api/v1/disputes/{dispute.pk}/uphold/", given)
    assert answer.status_code == 400


def test_a_list_that_is_being_written_makes_nobody_wait_for_long(shared, api, monkeypatch):
    monkeypatch.setattr(dispute_marks, "LOCK_SECONDS", 0.2)
    held, done = threading.Event(), threading.Event()

    def publishing() -> None:
        with acting_as(shared.hangzhou.pk):
            publications.lock_list(LIST)
            held.set()
            done.wait(30)
        connection.close()

    other = threading.Thread(target=publishing)
    other.start()
    held.wait(30)
    asked = {"uscc": A, "item": "QC-05", "statement": "查无此项"}
    try:
        answer = api(shared.he).post("/api/v1/disputes/", asked)
    finally:
        done.set()
        other.join()
    assert (answer.status_code, answer.json()["code"]) == (503, "sharing.dispute.list_busy")
    assert int(answer.headers["Retry-After"]) > 0
    assert api(shared.he).post("/api/v1/disputes/", asked).status_code == 201


def test_only_a_second_open_dispute_is_called_one(shared):
    dispute = object_to(shared.he)
    act(shared.he, disputes.cancel, dispute.pk)
    dispute.item = "QF-17"
    with pytest.raises(IntegrityError, match="pkey"), acting_as(shared.he.organization_id):
        disputes._enter(dispute)


def test_the_panel_counts_what_its_links_list(shared, browser):
    object_to(shared.he, "QF-17")
    dispute = object_to(shared.he)
    act(shared.wu, disputes.uphold, dispute.pk, value=1, reason="x")
    for person, expected in ((shared.wu, 2), (shared.shen, 0)):
        with acting_as(person.organization_id):
            todos = panels.disputes(actor=person, at=timezone.now())
        assert [todo.count for todo in todos] == [0, expected]
        for todo in todos:
            listed = browser(person).get(f"{todo.address}&export=csv").content.decode("utf-8-sig")
            assert len(listed.splitlines()) - 1 == todo.count
    exported = browser(shared.he).get("/sharing/disputes/?export=csv").content.decode("utf-8-sig")
    assert A in exported


def test_the_role_of_a_dispute_is_spelt_out():
    assert permissions.OPEN_DISPUTE == "sharing.dispute.open"


def test_an_enterprise_disputes_its_own_record(shared):
    dispute = object_to(shared.an)
    assert dispute.owner_id == shared.an.organization_id
    assert newest(shared) == [("dispute", [("flagged", {"QC-05": "disputed"})])]


def test_by_rest(shared, api):
    asked = {"uscc": A, "item": "QC-05", "statement": "查无此项"}
    made = api(shared.he).post("/api/v1/disputes/", asked)
    assert made.status_code == 201
    body = made.json()
    assert (body["status"], body["opened_by"], body["addressee"]) == ("opened", "bank_a", "linping")
    assert api(shared.he).post("/api/v1/disputes/", asked).status_code == 409
    address = f"/api/v1/disputes/{body['id']}/"
    assert api(shared.bank_b_risk).get(address).status_code == 404
    assert api(shared.he).post(f"{address}reject/", {"reason": "x"}).status_code == 403
    done = api(shared.wu).post(f"{address}reject/", {"reason": "档案属实"}).json()
    assert (done["status"], done["reason"]) == ("rejected", "档案属实")
    listed = api(shared.he).get("/api/v1/disputes/?status=rejected").json()["results"]
    assert [entry["id"] for entry in listed] == [body["id"]]


def test_on_pages(shared, browser):
    bank, bureau = browser(shared.he), browser(shared.wu, language="zh-hans")
    form = bank.get(f"/sharing/disputes/new/?uscc={A}&item=QC-05").content.decode()
    assert "Dispute the fact" in form
    address = f"/sharing/disputes/new/?uscc={A}"
    assert bank.post(address, {"item": "QC-05", "statement": ""}).status_code == 422
    went = bank.post(address, {"item": "QC-05", "statement": "查无此项"})
    page = went.headers["Location"]
    text = bureau.get(page).content.decode()
    assert "查无此项" in text and "认定成立" in text and "Decides" not in text
    assert bureau.post(f"{page}reject/", {"reason": ""}).status_code == 422
    assert bureau.post(f"{page}reject/", {"reason": "档案属实"}).status_code == 302
    assert "档案属实" in bank.get(page).content.decode()
    assert "QC-05" in bureau.get("/sharing/disputes/?status=rejected").content.decode()


def test_an_enterprise_disputes_its_own_record_on_a_page(shared, browser):
    address = f"/sharing/disputes/new/?uscc={A}"
    firm = browser(shared.an)
    form = firm.get(address).content.decode()
    assert "QC-05" in form and "QC-06" not in form, "facts, and no items without one"
    went = firm.post(address, {"item": "QC-05", "statement": "查无此项"})
    assert went.status_code == 302
    assert "查无此项" in firm.get(went.headers["Location"]).content.decode()


def test_an_enterprise_disputes_nobody_elses_record(shared):
    publish(shared.zheng, row(B, "330110", vals={"QC-05": 1}))
    with pytest.raises(disputes.NotSeen):
        act(shared.an, disputes.open_, B, item="QC-05", statement="查无此项")
    with pytest.raises(disputes.NotSeen):
        object_to(shared.an, item="QC-06")
