"""Recalls: what was withdrawn is called back from everybody who may have it."""

import pytest
from django.db import connection

from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import Recall
from sharing.services import enterprise_lists, publications, recalls
from sharing.services.publications import ChangeIn
from tests.sharing.shared import LIST, A, B, agree, change, publish, row
from tests.universe import NOON


@pytest.fixture
def recalled(universe):
    publish(universe.zheng, row(vals={"QC-05": 2, "QF-17": "VALID"}))
    agree(universe, "bank_a")
    agree(universe, "bank_b", categories=["quality_foundation"])
    withdrawal = change(universe.zheng, "withdrawn", {"QC-05": 0}, cause="withdrawal")
    with acting_as(universe.zheng.organization_id):
        recalls.issue(withdrawal, actor=universe.zheng, at=NOON)
    return universe


def seen_by(actor):
    with acting_as(actor.organization_id):
        return list(Recall.objects.all())


def test_a_recall_goes_to_whoever_was_given_the_item(recalled):
    (recall,) = seen_by(recalled.lin)

    assert (recall.uscc, recall.items, recall.acknowledged_at) == (A, ["QC-05"], None)
    assert seen_by(recalled.bank_b_officer) == []
    assert seen_by(recalled.zheng) == [recall]


def test_the_receiver_acknowledges_once(recalled):
    (recall,) = seen_by(recalled.lin)
    lin = recalled.lin
    with acting_as(lin.organization_id):
        bind_actor(lin)
        done = recalls.acknowledge(recall.pk, actor=lin, at=NOON)
        again = recalls.acknowledge(recall.pk, actor=lin, at=NOON)

    assert (done.acknowledged_at, done.acknowledged_by_id) == (NOON, lin.user_id)
    assert again.acknowledged_at == NOON


def test_nobody_acknowledges_for_another(recalled):
    (recall,) = seen_by(recalled.lin)
    for other in (recalled.bank_b_officer, recalled.zheng):
        with pytest.raises(NoSuchRecord), acting_as(other.organization_id):
            bind_actor(other)
            recalls.acknowledge(recall.pk, actor=other, at=NOON)


def test_recalls_over_the_api(recalled, api):
    bank = api(recalled.client_bank_a)

    (shown,) = bank.get("/api/v1/recalls/").json()["results"]
    assert (shown["uscc"], shown["items"]) == (A, ["QC-05"])
    path = f"/api/v1/recalls/{shown['id']}/acknowledge/"
    assert bank.post(path).json()["acknowledged_at"]
    assert api(recalled.client_bank_b).post(path).status_code == 404


def test_many_enterprises_are_recalled_at_once_and_each_from_its_own_readers(universe, zj_list):
    """From exactly those whom the one enterprise's own question names."""
    given = {"QC-05": 2, "QF-17": "VALID", "QM-03": True}
    publish(universe.shen, row(A, vals=given), row(B, "330110", vals=given))
    zhou = universe.zhou
    with acting_as(zhou.organization_id):
        named = enterprise_lists.create("x", usccs=[B], actor=zhou, at=NOON)
    agree(universe, "bank_a", regions=["330113"], categories=["quality_credit"])
    agree(universe, "bank_b", enterprise_list_ids=[named.pk])
    items = {A: ["QC-05", "QF-17"], B: ["QF-17", "QM-03"]}
    withdrawn = {uscc: dict.fromkeys(codes) for uscc, codes in items.items()}
    shen = universe.shen
    with acting_as(shen.organization_id):
        bind_actor(shen)
        publication = publications.publish_changes(
            [ChangeIn(uscc, ChangeKind.WITHDRAWN, said) for uscc, said in withdrawn.items()],
            cause=Cause.WITHDRAWAL, factor_list=LIST, actor_prepared=shen, actor_released=shen,
            at=NOON,
        )  # fmt: skip
        assert recalls.issue(publication, actor=shen, at=NOON) == 2
        issued = {(r.uscc, r.recipient_id, tuple(r.items)) for r in Recall.objects.all()}
        with connection.cursor() as cursor:
            for uscc, codes in items.items():
                cursor.execute("SELECT qfce_recall_recipients(%s, %s, %s)", [uscc, LIST, codes])
                assert {(uscc, r, tuple(codes)) for (r,) in cursor.fetchall()} == {
                    each for each in issued if each[0] == uscc
                }
    banks = universe.organizations
    assert {(uscc, bank) for uscc, bank, _ in issued} == {
        (A, banks["bank_a"].pk), (B, banks["bank_b"].pk),
    }  # fmt: skip
