"""A new version of a list does not pass over what is stored: it says what becomes of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factors.policies import ListCannotWork
from factors.services import factor_lists
from tests.factors import lists
from tests.sharing.migrating import as_, draft_second, publish_second
from tests.sharing.shared import A, B, publish, row

pytestmark = pytest.mark.django_db


def without(*codes):
    """Version 2 without some items, and without a migration."""
    document = lists.document()
    document["items"] = [item for item in document["items"] if item["code"] not in codes]
    return document


def shorter(document):
    """The values of QC-08 without one."""
    return [v for v in lists.item(document, "QC-08")["values"] if v["code"] != "REFUSED"]


def submitted(universe, document):
    version = draft_second(universe, document)
    return as_(universe.zhou, factor_lists.submit_for_review, version.pk)


def test_an_item_with_records_is_not_dropped_in_silence(universe, zj_list):
    publish(universe.shen, row(A, vals={"QB-07": 3}), row(B, "330110", vals={"QB-07": 1}))

    with pytest.raises(ListCannotWork) as refused:
        submitted(universe, without("QB-07"))

    [fault] = refused.value.errors
    assert fault["pointer"] == "/migration/steps"
    assert "QB-07" in fault["detail"] and "2 enterprises" in fault["detail"]
    assert "QB-07" in fault["detail_zh"] and "2家" in fault["detail_zh"]


def test_an_item_without_records_is_dropped_as_before(universe, zj_list):
    publish(universe.shen, row(A, vals={"QC-05": 3}))

    assert submitted(universe, without("QB-07")).status == "signed"


def test_an_item_of_another_type_and_a_value_that_is_gone_need_a_word(universe, zj_list):
    publish(universe.shen, row(A, vals={"QC-05": 3, "QC-08": "REFUSED", "QC-19": True}))
    document = lists.document()
    lists.item(document, "QC-05").update(
        type="text", minimum=None, maximum=None, suggested_gate=None
    )
    lists.item(document, "QC-08").update(values=shorter(document), suggested_gate=None)
    for name in ("rules", "report_rules"):
        document[name] = []

    with pytest.raises(ListCannotWork) as refused:
        submitted(universe, document)

    named = " ".join(fault["detail"] for fault in refused.value.errors)
    assert "QC-05" in named and "QC-08" in named and "QC-19" not in named


def test_values_that_nobody_holds_may_go(universe, zj_list):
    publish(universe.shen, row(A, vals={"QC-08": "PASS"}))
    document = lists.document()
    lists.item(document, "QC-08").update(values=shorter(document), suggested_gate=None)
    document["rules"] = document["report_rules"] = []

    assert submitted(universe, document).status == "signed"


def test_a_step_that_ends_the_records_is_the_word(universe, zj_list):
    publish(universe.shen, row(A, vals={"QB-07": 3}))
    document = without("QB-07")
    document["migration"] = {"from_version": 1, "steps": [{"kind": "drop", "item": "QB-07"}]}

    assert publish_second(universe, document).status == "published"


def test_records_that_come_while_others_sign_keep_it_from_being_published(universe, zj_list):
    version = submitted(universe, without("QB-07"))
    publish(universe.shen, row(A, vals={"QB-07": 3}))

    with pytest.raises(ListCannotWork):
        as_(universe.zhou, factor_lists.publish, version.pk)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "no migration says what becomes"), ("zh-hans", "没有说明如何处理")],
)
def test_the_page_says_so_before_and_when_it_is_submitted(
    universe, zj_list, browser, language, said
):
    publish(universe.shen, row(A, vals={"QB-07": 3}))
    draft_second(universe, without("QB-07"))
    client, page = browser(universe.zhou, language=language), "/factors/lists/ZJ-QFCE/versions/2/"

    assert said in client.get(f"{page}state/").content.decode()
    refused = client.post(f"{page}submit/", {"sign_by": ""})
    assert refused.status_code == 400
    answer = refused.content.decode()
    assert said in answer
    assert language == "en" or "no migration says" not in answer


def test_records_are_counted_once_until_something_is_published(universe, zj_list, browser):
    publish(universe.shen, row(A, vals={"QB-07": 3}))
    draft_second(universe, without("QB-07"))
    client, home = browser(universe.zhou), "/factors/lists/ZJ-QFCE/versions/2"

    def counts(page):
        with CaptureQueriesContext(connection) as asked:
            shown = client.get(page).content.decode()
        scans = [q for q in asked if "FROM sharing_factorprofile" in q["sql"]]
        return len(scans), "2 enterprises" in shown

    pages = [f"{home}/state/", f"{home}/edit/migration/", f"{home}/edit/migration/QB-07/"]
    assert [counts(page) for page in pages] == [(1, False), (0, False), (0, False)]
    publish(universe.shen, row(B, "330110", vals={"QB-07": 1}))
    assert [counts(page) for page in pages] == [(1, True), (0, True), (0, True)]
