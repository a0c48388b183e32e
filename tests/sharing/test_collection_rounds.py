"""Collection rounds: what is asked, who has delivered, who is late, and who was reminded."""

import threading
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from qfce.kernel.calendar import business_day
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission, service_actor
from qfce.kernel.tenancy.context import acting_as, bind_actor
from qfce.kernel.tenancy.models import Membership, User
from sharing import policies
from sharing.domain.collection_rounds import reminder
from sharing.models import CollectionRound, ImportBatch, RoundDelivery
from sharing.selectors import collection_rounds as selectors
from sharing.services import collection_rounds, enterprise_lists
from tests.sharing.shared import LIST, A, B, N, publish, row
from tests.universe import NOON

PATH = "/api/v1/collection-rounds/"
TODAY = date(2026, 11, 23)
DUE = date(2026, 11, 30)


@pytest.fixture
def known(universe, zj_list):
    publish(universe.shen, row(name="临平安和精工", vals={"QC-17": 3, "QC-05": 0}))
    publish(universe.shen, row(B, "330110", vals={"QC-05": 1}))
    publish(universe.lu, row(N, "330206", vals={"QC-05": 1}))
    return universe


def act(actor, service, *args, at=NOON, **given):
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return service(*args, actor=actor, at=at, **given)


def open_(actor, *items, **given):
    terms = {"name": "十一月归集", "factor_list": LIST, "due_on": DUE, **given}
    return act(actor, collection_rounds.open_, items=items or ("QC-17", "QC-05"), **terms)


def progress(actor, asked, on=TODAY):
    with acting_as(actor.organization_id):
        asked = selectors.get(asked.pk, actor=actor)
        found = selectors.progress(asked, actor=actor, on=on)
        return {e.bureau.short_name: (e.enterprises, e.lacking, e.cells, e.state) for e in found}


def missing(actor, asked, **given):
    with acting_as(actor.organization_id):
        asked = selectors.get(asked.pk, actor=actor)
        found, total = selectors.missing(asked, actor=actor, **given)
        return [(each.uscc, each.items) for each in found], total


def test_one_page_says_who_has_delivered_and_what_is_missing(known):
    asked = open_(known.zhou)
    assert progress(known.zhou, asked) == {
        "hangzhou": (1, 1, {"QC-17": 1, "QC-05": 0}, "partly"),
        "linping": (1, 0, {"QC-17": 0, "QC-05": 0}, "complete"),
        "ningbo": (1, 1, {"QC-17": 1, "QC-05": 0}, "partly"),
    }
    assert missing(known.zhou, asked) == ([(B, ("QC-17",)), (N, ("QC-17",))], 2)
    assert missing(known.zhou, asked, item="QC-05") == ([], 0)
    assert missing(known.zhou, asked, regions=["330206"]) == ([(N, ("QC-17",))], 1)
    assert missing(known.zhou, asked, search=B[:8], limit=1)[1] == 1


def test_each_bureau_sees_its_own_part(known):
    asked = open_(known.zhou)
    assert set(progress(known.shen, asked)) == {"hangzhou", "linping"}
    assert set(progress(known.wu, asked)) == {"linping"}
    assert missing(known.lu, asked) == ([(N, ("QC-17",))], 1)


def test_after_the_last_day_whoever_lacks_something_is_late(known):
    asked = open_(known.zhou)
    states = {name: found[3] for name, found in progress(known.zhou, asked, on=DUE).items()}
    assert states == {"hangzhou": "partly", "linping": "complete", "ningbo": "partly"}
    after = progress(known.zhou, asked, on=DUE + timedelta(days=1))
    assert {n for n, found in after.items() if found[3] == "late"} == {"hangzhou", "ningbo"}


def test_what_was_delivered_is_counted_whichever_way_it_came(known):
    asked = open_(known.zhou)
    publish(known.lu, row(N, "330206", vals={"QC-17": 2}))
    assert progress(known.zhou, asked)["ningbo"] == (1, 0, {"QC-17": 0, "QC-05": 0}, "complete")


def test_old_values_do_not_count_where_the_round_says_since_when(known):
    tomorrow = business_day(timezone.now()) + timedelta(days=1)
    far = tomorrow + timedelta(days=9)
    asked = open_(known.zhou, "QC-05", since=tomorrow, due_on=far)
    assert progress(known.zhou, asked)["linping"] == (1, 1, {"QC-05": 1}, "nothing")
    loose = open_(known.zhou, "QC-05", since=date(2020, 1, 1))
    assert progress(known.zhou, loose)["linping"] == (1, 0, {"QC-05": 0}, "complete")


def test_a_round_of_some_regions_asks_nobody_else(known):
    asked = open_(known.zhou, regions=["330200"])
    assert set(progress(known.zhou, asked)) == {"ningbo"}
    with acting_as(known.linping.pk):
        assert selectors.asked_of(actor=known.wu) == []
    with acting_as(known.ningbo.pk):
        assert selectors.asked_of(actor=known.lu) == [asked]


def test_a_round_of_a_list_asks_about_its_members_alone(known):
    with acting_as(known.province.pk):
        bind_actor(known.zhou)
        kept = enterprise_lists.create("重点企业", usccs=[A, N], actor=known.zhou, at=NOON)
    asked = open_(known.zhou, enterprise_list_id=kept.pk)
    assert set(progress(known.zhou, asked)) == {"linping", "ningbo"}
    assert missing(known.zhou, asked) == ([(N, ("QC-17",))], 1)
    assert missing(known.lu, asked) == ([(N, ("QC-17",))], 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": ("QC-99",)},
        {"due_on": date(2026, 11, 1)},
        {"since": date(2026, 12, 24)},
        {"items": tuple(f"QC-{n:02}" for n in range(1, 40))},
    ],
)
def test_a_round_has_to_fit(known, wrong):
    items = wrong.pop("items", ("QC-17",))
    with pytest.raises(collection_rounds.RoundUnfit):
        open_(known.zhou, *items, **wrong)


def test_who_may_open_and_close(known):
    with pytest.raises(MissingPermission):
        open_(known.wu)
    with pytest.raises(policies.RegionOutside):
        open_(known.zheng, regions=["330200"])
    asked = open_(known.zheng)
    with pytest.raises(NoSuchRecord):
        act(known.zhou, collection_rounds.close, asked.pk)
    act(known.zheng, collection_rounds.close, asked.pk)
    with pytest.raises(IllegalTransition):
        act(known.zheng, collection_rounds.close, asked.pk)


def test_others_see_no_round(known):
    asked = open_(known.zheng)
    for stranger in (known.lu, known.lin, known.an):
        with acting_as(stranger.organization_id):
            assert not CollectionRound.objects.exists()
    with acting_as(known.ningbo.pk), pytest.raises(NoSuchRecord):
        selectors.get(asked.pk, actor=known.lu)


def batch(actor):
    with acting_as(actor.organization_id):
        return ImportBatch.objects.create(
            owner_id=actor.organization_id,
            factor_list=LIST,
            list_version=1,
            mode="delta",
            file_sha256="0" * 64,
            file_name="十一月.xlsx",
            file_size=1,
            received_at=NOON,
            uploaded_by_id=actor.user_id,
        )


def test_an_import_is_noted_once_and_only_a_bureaus_own(known):
    asked, sent = open_(known.zhou), batch(known.shen)
    for _again in range(2):
        act(known.shen, collection_rounds.note_import, asked.pk, sent.pk)
    with acting_as(known.province.pk):
        assert RoundDelivery.objects.count() == 1
        found = selectors.progress(asked, actor=known.zhou, on=TODAY)
    assert {each.bureau.short_name: each.imports for each in found}["hangzhou"] == 1
    with pytest.raises(NoSuchRecord):
        act(known.lu, collection_rounds.note_import, asked.pk, sent.pk)
    act(known.zhou, collection_rounds.close, asked.pk)
    with pytest.raises(collection_rounds.RoundClosed):
        act(known.shen, collection_rounds.note_import, asked.pk, batch(known.shen).pk)


def remind(organization, at):
    actor = service_actor(organization.pk, "collection rounds")
    return act(actor, collection_rounds.remind, at=at)


def test_reminders_go_once_a_stage_and_say_nothing_of_what(known):
    User.objects.filter(username="lu").update(email="lu@ningbo.example")
    assert Membership.objects.filter(user__username="lu").exists()
    open_(known.zhou, due_on=DUE)
    assert remind(known.linping, NOON) == 0, "it has delivered"
    assert remind(known.ningbo, NOON) == 1
    assert remind(known.ningbo, NOON) == 0
    assert remind(known.ningbo, NOON + timedelta(days=4)) == 1
    assert remind(known.ningbo, NOON + timedelta(days=8)) == 1
    assert [message.to for message in mail.outbox] == [["lu@ningbo.example"]] * 3
    said = mail.outbox[0].subject + mail.outbox[0].body
    assert "QC-17" not in said and "十一月" not in said and N not in said


def test_two_workers_remind_at_once_and_one_reminder_goes(known):
    open_(known.zhou)
    sent = []

    def work():
        try:
            sent.append(remind(known.ningbo, NOON))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(sent) == [0, 1]


def test_a_day_on_which_nothing_ran_is_caught_up():
    rule = {"days_before": [7, 3, 0], "every_days": 7}
    found = [reminder(DUE, on=DUE - timedelta(days=d), **rule) for d in (8, 7, 5, 3, 1, 0)]
    assert found == ["", "before-7", "before-7", "before-3", "before-3", "before-0"]
    assert [reminder(DUE, on=DUE + timedelta(days=d), **rule) for d in (1, 7, 8)] == [
        "late-1", "late-1", "late-2",
    ]  # fmt: skip


def test_the_beat_reminds_every_bureau(known, run_tasks):
    from sharing import register_tasks

    open_(known.zhou, due_on=business_day(timezone.now()) + timedelta(days=1))
    register_tasks.remind_rounds()
    run_tasks()
    with acting_as(known.province.pk):
        found = selectors.progress(CollectionRound.objects.get(), actor=known.zhou, on=TODAY)
    reminded = {each.bureau.short_name for each in found if each.reminded_at}
    assert reminded == {"hangzhou", "ningbo"}


def test_by_rest(known, api):
    body = {"name": "十一月", "factor_list": LIST, "items": ["QC-17"], "due_on": "2999-01-01"}
    made = api(known.client_county_releaser).post(PATH, body)
    assert made.status_code == 201, made.content
    here = f"{PATH}{made.json()['id']}/"
    (line,) = [each for each in api(known.shen).get(f"{here}progress/").json() if each["lacking"]]
    assert (line["bureau"], line["cells"]) == ("hangzhou", [{"item": "QC-17", "lacking": 1}])
    found = api(known.shen).get(f"{here}missing/", {"item": "QC-17"}).json()
    assert (found["total"], found["results"][0]["uscc"]) == (1, B)
    sent = batch(known.shen)
    noted = api(known.shen).post(f"{here}deliveries/", {"import_id": str(sent.pk)})
    assert noted.status_code == 201
    assert api(known.lu).get(here).status_code == 404
    assert api(known.zheng).post(f"{here}close/").json()["status"] == "closed"
    assert [r["status"] for r in api(known.shen).get(PATH).json()["results"]] == ["closed"]


def test_the_pages_from_opening_to_the_import(known, browser, django_assert_max_num_queries):
    visitor = browser(known.zheng)
    terms = {"name": "十一月归集", "due_on": "2999-01-01", "items": ["QC-17", "QC-05"]}
    assert visitor.post("/sharing/collection-rounds/new/", {}).status_code == 422
    page = visitor.post("/sharing/collection-rounds/new/", terms).headers["Location"]
    with django_assert_max_num_queries(30):
        text = visitor.get(page).content.decode()
    assert "Partly delivered" in text and "missing/?regions=330110" in text
    lacking = visitor.get(f"{page}missing/?item=QC-17").content.decode()
    assert B in lacking and A not in lacking
    assert B in visitor.get(f"{page}missing/?export=csv").content.decode("utf-8-sig")
    upload = browser(known.shen).get(f"/sharing/imports/new/?round={page.split('/')[-2]}")
    assert "For the collection round 十一月归集." in upload.content.decode()
    assert browser(known.lu).get(page).status_code == 404
    visitor.post(f"{page}close/")
    assert "Closed" in visitor.get(page).content.decode()


def test_a_bureau_is_told_on_its_landing_page(known, browser):
    open_(known.zhou, due_on=date(2999, 1, 1))
    assert "Collection rounds to deliver to" in browser(known.lu).get("/").content.decode()
    assert "Collection rounds to deliver" not in browser(known.wu).get("/").content.decode()


def test_a_file_sent_from_a_round_is_noted(known, browser):
    from django.core.files.uploadedfile import SimpleUploadedFile

    asked = open_(known.zhou)
    file = SimpleUploadedFile("十一月.csv", f"统一社会信用代码,QC-17\n{B},3\n".encode())
    given = {"file": file, "factor_list": LIST, "mode": "delta", "round": str(asked.pk)}
    done = browser(known.shen).post("/sharing/imports/new/", given)
    assert done.status_code == 302
    with acting_as(known.hangzhou.pk):
        assert RoundDelivery.objects.get().round_id == asked.pk
