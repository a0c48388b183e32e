"""The report on the quality of data: counted set by set, worst first, month by month."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import service_actor
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing import tasks
from sharing.domain.data_quality import Grouping, Measure, Tally, score
from sharing.domain.refresh_requests import AnswerKind, ItemAnswer
from sharing.models import BureauScore, ImportBatch, QualityCell, SourceCount, SourceRun
from sharing.selectors import data_quality as selectors
from sharing.services import data_quality, records, refresh_requests
from tests.sharing.shared import LIST, A, B, N, agree, publish, row
from tests.universe import NOON

MONTH = date(2026, 11, 1)


@pytest.fixture
def known(universe, zj_list):
    publish(universe.shen, row(vals={"QC-05": 0, "QF-17": "VALID"}))
    publish(universe.shen, row(B, "330110", vals={"QC-05": 1}))
    publish(universe.lu, row(N, "330206", vals={"QC-05": 1, "QC-17": 3}))
    return universe


def act(actor, service, *args, at=NOON, **given):
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return service(*args, actor=actor, at=at, **given)


def report(universe, at=NOON):
    return act(service_actor(universe.province.pk, "night"), data_quality.report, LIST, at=at)


def tallies(actor, zj_list, by, month=MONTH, **given):
    with acting_as(actor.organization_id):
        return selectors.tallies(
            LIST, by=Grouping(by), month=month, catalogue=zj_list, actor=actor, **given
        )


def one(found, key):
    return next(each for each in found if each.key == key)


def test_completeness_is_the_share_of_cells_that_are_filled(known, zj_list):
    assert report(known) == 3 * len(zj_list.items)
    by_item = tallies(known.zhou, zj_list, "item")
    assert one(by_item, "QC-05") == Tally("QC-05", 3, 3, 3, 0, 0)
    assert one(by_item, "QC-17").completeness == pytest.approx(1 / 3)
    assert one(by_item, "QC-17").missing == 2
    assert by_item[0].completeness == 0.0, "worst first"
    by_county = tallies(known.zhou, zj_list, "county")
    assert [(t.key, t.filled) for t in by_county] == [("330110", 1), ("330113", 2), ("330206", 2)]
    by_city = tallies(known.zhou, zj_list, "city")
    assert [(t.key, t.filled) for t in by_city] == [("330100", 3), ("330200", 2)]
    by_category = tallies(known.zhou, zj_list, "category")
    credit = one(by_category, "quality_credit")
    assert credit.filled == 4
    assert credit.possible == 3 * sum(
        item.category == "quality_credit" for item in zj_list.items.values()
    )


def test_it_is_narrowed_to_a_region_or_an_item(known, zj_list):
    report(known)
    found = tallies(known.zhou, zj_list, "item", region="330200")
    assert one(found, "QC-17").completeness == 1.0
    found = tallies(known.zhou, zj_list, "county", item="QC-17")
    assert [(t.key, t.missing) for t in found] == [("330110", 1), ("330113", 1), ("330206", 0)]


def test_timeliness_is_the_share_within_the_promise(known, zj_list):
    at = timezone.now() + timedelta(days=zj_list.items["QC-05"].max_age_days + 1)
    report(known, at=at)
    month = business_day(at).replace(day=1)
    found = tallies(known.zhou, zj_list, "item", month=month, measure=Measure.TIMELINESS)
    assert (found[0].timeliness, one(found, "QC-05").late) == (0.0, 3)


def test_accuracy_is_what_questions_and_registers_upheld(known, zj_list):
    agree(known, "bank_a")
    asked = act(known.lin, refresh_requests.ask, A, items=["QC-05", "QC-17"])
    said = {
        "QC-05": ItemAnswer(AnswerKind.CONFIRMED),
        "QC-17": ItemAnswer(AnswerKind.VALUE, 3),
    }
    act(known.wu, refresh_requests.answer, asked.pk, answers=said)
    with acting_as(known.hangzhou.pk):
        run = SourceRun.objects.create(
            owner_id=known.hangzhou.pk, source="necips", factor_list=LIST, started_at=NOON,
            started_by_id=known.shen.user_id,
        )  # fmt: skip
        SourceCount.objects.create(
            owner_id=known.hangzhou.pk, run=run, factor_list=LIST, region="330113", code="QC-05",
            day=business_day(NOON), agreed=1, disagreed=2,
        )  # fmt: skip
    report(known)
    by_item = tallies(known.zhou, zj_list, "item")
    assert (one(by_item, "QC-05").checked, one(by_item, "QC-05").upheld) == (4, 2)
    assert one(by_item, "QC-17").accuracy is None, "what was missing was not held against anything"


def test_a_value_that_an_answer_replaces_was_not_right(known, zj_list):
    agree(known, "bank_a")
    asked = act(known.lin, refresh_requests.ask, A, items=["QF-17"])
    said = {"QF-17": ItemAnswer(AnswerKind.VALUE, "REVOKED")}
    waiting = act(known.wu, refresh_requests.answer, asked.pk, answers=said)
    act(known.zheng, records.release, waiting.prepared_change)
    report(known)
    found = one(tallies(known.zhou, zj_list, "item"), "QF-17")
    assert (found.checked, found.upheld, found.accuracy) == (1, 0, 0.0)


def test_a_bureau_sees_its_own_region(known, zj_list):
    report(known)
    assert [t.key for t in tallies(known.wu, zj_list, "county")] == ["330113"]
    assert [t.key for t in tallies(known.shen, zj_list, "county")] == ["330110", "330113"]
    with acting_as(known.bank_a.pk):
        assert not QualityCell.objects.exists()


def test_the_same_night_twice_writes_the_same_and_a_past_month_stays(known, zj_list):
    report(known)
    report(known)
    before = tallies(known.zhou, zj_list, "county")
    publish(known.shen, row(B, "330110", vals={"QC-17": 3}))
    report(known, at=datetime(2026, 12, 2, 4, tzinfo=UTC))
    assert tallies(known.zhou, zj_list, "county") == before
    assert (
        one(tallies(known.zhou, zj_list, "county", month=date(2026, 12, 1)), "330110").filled == 2
    )
    over_time = tallies(known.zhou, zj_list, "month")
    assert [t.key for t in over_time] == ["2026-11-01", "2026-12-01"]
    assert over_time[0].filled + 1 == over_time[1].filled


def test_a_bureaus_score_comes_of_what_it_sent_and_answered(known):
    agree(known, "bank_a")
    asked = act(known.lin, refresh_requests.ask, A, items=["QC-17"])
    act(known.wu, refresh_requests.decline, asked.pk, reason="无", at=NOON + timedelta(days=3))
    late = act(known.lin, refresh_requests.ask, A, items=["QC-17"], at=NOON - timedelta(days=15))
    act(known.wu, refresh_requests.decline, late.pk, reason="无")
    report(known)
    with acting_as(known.linping.pk):
        ImportBatch.objects.create(
            owner_id=known.linping.pk, factor_list=LIST, list_version=1, mode="delta",
            file_sha256="0" * 64, file_name="十一月.xlsx", file_size=1, received_at=NOON,
            uploaded_by_id=known.wu.user_id, rows_total=10, rows_valid=8, rows_new=8,
            rows_invalid=2, finding_counts={"out_of_range": 2, "bad_uscc": 5},
        )  # fmt: skip
    wrote = act(service_actor(known.linping.pk, "night"), data_quality.score_bureau)
    assert (wrote.imports, wrote.rows, wrote.rows_invalid) == (1, 10, 2)
    assert wrote.worst_checks == [["bad_uscc", 5], ["out_of_range", 2]]
    assert (wrote.questions, wrote.questions_in_time) == (2, 1)
    shares = {
        "completeness": 2 / 90, "timeliness": 1.0, "accuracy": None, "clean_rows": 0.8,
        "answers_in_time": 0.5,
    }  # fmt: skip
    weights = {"completeness": 25, "timeliness": 25, "accuracy": 25, "clean_rows": 15,
               "answers_in_time": 10}  # fmt: skip
    assert wrote.score == score(shares, weights)
    with acting_as(known.ningbo.pk):
        assert not BureauScore.objects.exists()


def test_nothing_known_is_no_score():
    assert score({"accuracy": None}, {"accuracy": 25}) is None
    assert score({"accuracy": 1.0, "completeness": 0.0}, {"accuracy": 1, "completeness": 3}) == 25


def test_the_night_writes_the_report_and_the_scores(known, run_tasks):
    tasks.report_quality()
    run_tasks()
    with acting_as(known.province.pk):
        assert QualityCell.objects.exists()
        assert BureauScore.objects.filter(owner_id=known.ningbo.pk).exists()


def test_the_page_opens_each_number(known, browser, django_assert_max_num_queries):
    visitor = browser(known.zhou)
    assert "No report yet" in visitor.get("/sharing/data-quality/").content.decode()
    report(known)
    act(service_actor(known.linping.pk, "night"), data_quality.score_bureau)
    with django_assert_max_num_queries(30):
        text = visitor.get("/sharing/data-quality/").content.decode()
    assert "Linping bureau" in text and "quality-categories" in text
    assert "Shown from the second month on" in text
    by_item = visitor.get("/sharing/data-quality/?by=item&size=100").content.decode()
    assert "data-quality/without/?list=ZJ-QFCE&amp;item=QC-17" in by_item
    behind = visitor.get("/sharing/data-quality/without/?list=ZJ-QFCE&item=QC-17").content.decode()
    assert A in behind and B in behind and N not in behind
    county = visitor.get("/sharing/data-quality/?by=county").content.decode()
    assert "by=item&amp;region=330110" in county
    chinese = browser(known.zhou, language="zh-hans").get("/sharing/data-quality/").content.decode()
    assert "数据质量" in chinese and "Completeness" not in chinese


def test_by_rest(known, api):
    report(known)
    client = api(known.client_county_uploader)
    asked = {"factor_list": LIST, "by": "item", "worst_by": "completeness"}
    answer = client.get("/api/v1/data-quality/", asked).json()
    assert answer["month"] == "2026-11-01"
    found = {each["key"]: each for each in answer["results"]}
    assert found["QC-05"]["completeness"] == 1.0 and found["QC-05"]["accuracy"] is None
    act(service_actor(known.hangzhou.pk, "night"), data_quality.score_bureau)
    (mine,) = client.get("/api/v1/data-quality/scores/").json()
    assert (mine["bureau"], mine["month"]) == ("hangzhou", "2026-11-01")
    assert api(known.lin).get("/api/v1/data-quality/", asked).status_code == 403
