"""Verifying again: the work list, confirming many at once, and checks against registers."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import MissingPermission, service_actor
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing import tasks
from sharing.models import (
    DueItem,
    FactorChange,
    FactorProfile,
    Publication,
)
from sharing.selectors import reverification as selectors
from sharing.services import projection, reverification
from tests.sharing.shared import LIST, A, B, N, agree, publish, row, see
from tests.universe import NOW

DAY = timedelta(days=1)
ENDS = business_day(NOW) + timedelta(days=38)
CERTIFIED = {"QF-17": {"valid_from": "2024-01-01", "valid_to": str(ENDS)}}


@pytest.fixture
def known(universe, zj_list):
    publish(universe.shen, row(vals={"QC-05": 0, "QF-17": "VALID"}, details=CERTIFIED))
    publish(universe.shen, row(B, "330110", vals={"QC-05": 1, "QC-17": 2}))
    publish(universe.lu, row(N, "330206", vals={"QC-05": 1}))
    return universe


def act(actor, service, *args, at=NOW, **given):
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return service(*args, actor=actor, at=at, **given)


def listed(universe, at=NOW):
    actor = service_actor(universe.province.pk, "calendar")
    return act(actor, reverification.list_due, LIST, at=at)


def due(actor, **given):
    with acting_as(actor.organization_id):
        found = selectors.due(actor=actor, **given).order_by("uscc", "code")
        return [(each.uscc, each.code, each.kind) for each in found]


def later(zj_list, code="QC-05", days=1):
    """An instant at which a value that was recorded now is too old."""
    return timezone.now() + timedelta(days=zj_list.items[code].max_age_days + days)


def newest(universe):
    with acting_as(universe.province.pk):
        publication = Publication.objects.order_by("-number").first()
        rows = FactorChange.objects.filter(publication_id=publication.pk).order_by("row")
        return publication, [(r.uscc, r.kind, r.changes) for r in rows]


def stored(universe, uscc):
    with acting_as(universe.province.pk):
        found = FactorProfile.objects.get(uscc=uscc)
        return found.values, found.details, found.origins, found.base_publication_id


def test_what_ends_within_90_days_is_on_the_list_of_its_bureau(known):
    listed(known)
    assert (A, "QF-17", "ending") in due(known.wu)
    assert due(known.lu, kinds=["ending"]) == []
    listed(known, at=NOW + 60 * DAY)
    assert (A, "QF-17", "ended") in due(known.wu)


def test_what_nobody_confirmed_for_too_long_is_on_it(known, zj_list):
    listed(known, at=later(zj_list, days=0))
    assert (B, "QC-05", "aging") in due(known.shen)
    listed(known, at=later(zj_list))
    assert (B, "QC-05", "old") in due(known.shen)
    assert due(known.shen, kinds=["old"], item="QC-05", region="330110") == [(B, "QC-05", "old")]
    assert listed(known, at=later(zj_list)) == listed(known, at=later(zj_list))


def test_many_are_confirmed_at_once_by_rows_that_change_no_value(known, zj_list):
    at = later(zj_list)
    listed(known, at=at)
    before = stored(known, A)[0]
    pairs = [(A, "QC-05"), (B, "QC-05"), (A, "QF-17")]
    act(known.shen, reverification.confirm, pairs, factor_list=LIST, at=at)
    publication, rows = newest(known)
    assert (publication.cause, publication.released_by_id) == (
        "reverification", known.shen.user_id,
    )  # fmt: skip
    assert rows == [(B, "reverified", {"QC-05": 1}), (A, "reverified", {"QC-05": 0})]
    assert stored(known, A)[0] == before
    assert (A, "QF-17", "ending") in due(known.wu), "it needs its new days instead"
    assert (A, "QC-05", "old") not in due(known.wu)


def test_the_profile_is_what_folding_the_ledger_gives(known, zj_list):
    at = later(zj_list)
    listed(known, at=at)
    act(known.shen, reverification.confirm, [(A, "QC-05"), (B, "QC-05")], factor_list=LIST, at=at)
    quick = [stored(known, uscc) for uscc in (A, B)]
    publication, _rows = newest(known)
    with acting_as(known.hangzhou.pk):
        projection.refold({A, B}, publication=publication, at=NOW)
    assert [stored(known, uscc) for uscc in (A, B)] == quick


def test_readers_hear_of_it(known, zj_list):
    agree(known, "bank_a")
    at = later(zj_list)
    listed(known, at=at)
    act(known.shen, reverification.confirm, [(B, "QC-05")], factor_list=LIST, at=at)
    publication, _rows = newest(known)
    assert see(known.lin, B)[B].items["QC-05"].recorded_at == publication.recorded_at


def test_what_changed_since_is_not_confirmed(known, zj_list):
    at = later(zj_list)
    listed(known, at=at)
    publish(known.shen, row(B, "330110", vals={"QC-05": 3}))
    with pytest.raises(reverification.NothingDue):
        act(known.shen, reverification.confirm, [(B, "QC-05")], factor_list=LIST, at=at)


def test_a_bureau_confirms_only_its_own(known, zj_list):
    at = later(zj_list)
    listed(known, at=at)
    with pytest.raises(reverification.NothingDue):
        act(known.lu, reverification.confirm, [(B, "QC-05")], factor_list=LIST, at=at)
    with pytest.raises(MissingPermission):
        act(known.zheng, reverification.confirm, [(B, "QC-05")], factor_list=LIST, at=at)


def test_two_officers_confirm_at_once_and_it_is_published_once(known, zj_list):
    at = later(zj_list)
    listed(known, at=at)
    done, refused = [], []

    def work():
        try:
            pairs = [(B, "QC-05")]
            done.append(act(known.shen, reverification.confirm, pairs, factor_list=LIST, at=at))
        except reverification.NothingDue as refusal:
            refused.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(done), len(refused)) == (1, 1)


def test_the_page_confirms_what_it_showed(known, zj_list, browser):
    listed(known, at=later(zj_list))
    visitor = browser(known.shen)
    page = visitor.get("/sharing/due-items/?item=QC-05&region=330110").content.decode()
    assert "Confirm 1 facts" in page and "Older than its promise" in page
    given = {"factor_list": LIST, "item": "QC-05", "region": "330110"}
    wrong = visitor.post("/sharing/due-items/confirm/", {**given, "expected": "7"})
    assert wrong.status_code == 409
    done = visitor.post("/sharing/due-items/confirm/", {**given, "expected": "1"})
    assert done.status_code == 302
    assert newest(known)[1] == [(B, "reverified", {"QC-05": 1})]
    assert "企业" in visitor.get("/sharing/due-items/?export=csv").content.decode("utf-8-sig")


def test_the_work_list_by_rest(known, zj_list, api):
    listed(known, at=later(zj_list))
    client = api(known.client_county_uploader)
    path = "/api/v1/due-items/"
    found = client.get(path, {"kind": "old", "item": "QC-05"}).json()["results"]
    assert [(each["uscc"], each["kind"]) for each in found] == [(B, "old"), (A, "old")]
    body = {"factor_list": LIST, "facts": [{"uscc": A, "item": "QC-05"}]}
    done = client.post(f"{path}confirm/", body)
    assert (done.status_code, done.json()["rows"]) == (201, 1)
    assert client.post(f"{path}confirm/", body).status_code == 409
    assert api(known.lin).get(path).status_code == 403


def test_no_fact_is_passed_over_between_pages(known, zj_list, api):
    """The same item of one enterprise is due on two lists."""
    listed(known, at=later(zj_list))
    with acting_as(known.province.pk):
        (fact,) = DueItem.objects.filter(uscc=A, code="QC-05")
        fact.pk = (A, "AA-OTHER", "QC-05")
        fact.save(force_insert=True)
    client, found = api(known.client_county_uploader), []
    page = "/api/v1/due-items/?item=QC-05&limit=1"
    while page:
        answer = client.get(page).json()
        found += [(each["uscc"], each["factor_list"]) for each in answer["results"]]
        page = answer["next"]
    assert found == [(B, LIST), (A, "AA-OTHER"), (A, LIST)]


def test_the_nightly_sweep_writes_the_list(known, run_tasks):
    tasks.sweep_calendar()
    run_tasks()
    with acting_as(known.province.pk):
        assert DueItem.objects.filter(code="QF-17").exists()
