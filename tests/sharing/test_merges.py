"""Doubts about the register, and mergers of two codes: through the ledger, by two persons."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from qfce.kernel.errors import Refusal
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing.domain import uscc as codes
from sharing.domain.duplicates import core
from sharing.models import DuplicateCandidate
from sharing.selectors import duplicates as selectors
from sharing.selectors import enterprise_lists as search
from sharing.selectors import register as register_selectors
from sharing.services import duplicates, merges
from sharing.services.merges import MergeOvertaken, MergeUnfit, OwnMerge
from tests.sharing.shared import A, B, N, agree, change, publish, row, see
from tests.universe import NOON

TWIN = codes.with_check_character("92" + A[2:17])  # the same organization, registered anew
NEAR = A[:10] + ("0" if A[10] != "0" else "1") + A[11:]  # one character apart: its check fails
pytestmark = pytest.mark.django_db


def as_(actor: Any, call: Any, *arguments: Any, **how: Any) -> Any:
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return call(*arguments, actor=actor, **how)


@pytest.fixture
def known(universe: Any) -> Any:
    publish(
        universe.shen,
        row(A, name="杭州精工有限公司", vals={"QC-01": "ACTIVE", "QC-02": "NOT_LISTED"}),
        row(TWIN, name="杭州精工厂", vals={"QC-02": "LISTED", "QF-17": "VALID"},
            details={"QF-17": {"valid_to": "2027-05-01"}}),
        row(NEAR, "330110", name="余杭某某"),
        row(B, "330110", name="余杭光明（集团）有限公司"),
        row("91330110MA2B0C8X4J", "330110", name="余杭光明有限责任公司"),
    )  # fmt: skip
    publish(universe.lu, row(N, "330206", name="杭州精工有限公司"))
    return universe


def found(universe: Any) -> dict[tuple[str, str], str]:
    as_(universe.shen, duplicates.find, at=NOON)
    rows = as_(universe.shen, lambda *, actor: list(selectors.candidates_for(actor=actor)))
    return {(row.first, row.second): row.reason for row in rows}


def test_what_waits_stands_on_todays_page(known: Any, browser: Any) -> None:
    found(known)
    doubts = 'href="/sharing/duplicates/?status=open"'
    assert doubts in browser(known.shen).get("/").content.decode()
    as_(known.shen, merges.prepare, A, TWIN, reason="换证", at=NOON)
    page = browser(known.zheng).get("/").content.decode()
    assert 'href="/sharing/merges/?status=prepared"' in page
    assert doubts not in page


def test_doubts_say_why_and_codes_come_before_names(known: Any) -> None:
    assert found(known) == {
        tuple(sorted((A, TWIN))): "same_organization",
        tuple(sorted((A, NEAR))): "near_code",
        tuple(sorted((B, "91330110MA2B0C8X4J"))): "like_name",
    }
    assert len(found(known)) == 3  # twice adds nothing


def test_a_doubt_dismissed_stays_dismissed(known: Any) -> None:
    found(known)
    doubts = as_(known.shen, lambda *, actor: list(selectors.candidates_for(actor=actor)))
    (doubt,) = [one for one in doubts if one.reason == "near_code"]
    as_(known.shen, duplicates.dismiss, doubt.pk, note="两家企业", at=NOON)
    found(known)
    with acting_as(known.shen.organization_id):
        assert DuplicateCandidate.objects.get(pk=doubt.pk).status == "dismissed"
    with pytest.raises(NoSuchRecord):
        as_(known.lu, duplicates.dismiss, doubt.pk, note="?", at=NOON)


def merged(universe: Any) -> Any:
    merge = as_(universe.shen, merges.prepare, A, TWIN, reason="换证", at=NOON)
    return as_(universe.zheng, merges.release, merge.pk, at=NOON)


def test_a_merger_takes_two_persons_and_then_the_former_code_says_so(known: Any) -> None:
    agree(known, "bank_a")
    found(known)
    merge = as_(known.shen, merges.prepare, A, TWIN, reason="换证", at=NOON)
    assert see(known.lin, TWIN)[TWIN].answer == "ok"
    with pytest.raises(OwnMerge):
        as_(known.shen, merges.release, merge.pk, at=NOON)
    merge = as_(known.zheng, merges.release, merge.pk, at=NOON)
    former, kept = see(known.lin, TWIN)[TWIN], see(known.lin, A)[A]
    assert former.answer == "former_code"
    # What the kept code had stays; what only the former one had comes over with its days.
    assert kept.items["QC-02"].value == "NOT_LISTED"
    assert (kept.items["QF-17"].value, str(kept.items["QF-17"].valid_to)) == ("VALID", "2027-05-01")
    entry = as_(known.shen, register_selectors.entry, A)
    assert [one.former for one in entry.former_codes] == [TWIN]
    with acting_as(known.shen.organization_id):
        assert DuplicateCandidate.objects.get(reason="same_organization").status == "merged"
    assert merge.publication.cause == "merge"


def test_the_feed_tells_banks_of_the_successor(known: Any) -> None:
    agree(known, "bank_a")
    merged(known)
    with acting_as(known.lin.organization_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT changes FROM qfce_feed(0, 0, 1000) WHERE uscc = %s AND kind = 'corrected'",
            [TWIN],
        )
        assert [str(A) in str(row[0]) for row in cursor.fetchall()] == [True]


def test_a_merger_is_undone_by_two_persons(known: Any) -> None:
    agree(known, "bank_a")
    merge = merged(known)
    as_(known.shen, merges.prepare_undo, merge.pk, at=NOON)
    assert see(known.lin, TWIN)[TWIN].answer == "former_code"  # until a second person agrees
    with pytest.raises(OwnMerge):
        as_(known.shen, merges.undo, merge.pk, at=NOON)
    as_(known.zheng, merges.undo, merge.pk, at=NOON)
    former, kept = see(known.lin, TWIN)[TWIN], see(known.lin, A)[A]
    assert (former.answer, former.items["QF-17"].value) == ("ok", "VALID")
    assert kept.items["QF-17"].answer == "no_data"
    with acting_as(known.shen.organization_id):
        assert [one.uscc for one in search.search(TWIN, actor=known.shen)] == [TWIN]


def test_an_undoing_stops_where_something_later_rests_on_it(known: Any) -> None:
    merge = merged(known)
    change(known.shen, "corrected", {"QF-17": "REVOKED"}, uscc=A)
    as_(known.shen, merges.prepare_undo, merge.pk, at=NOON)
    with pytest.raises(MergeOvertaken):
        as_(known.zheng, merges.undo, merge.pk, at=NOON)
    as_(known.shen, merges.cancel, merge.pk, at=NOON)
    assert as_(known.shen, selectors.merge, merge.pk).status == "released"


@pytest.mark.parametrize(("kept", "former"), [(A, A), (TWIN, B)])
def test_codes_that_cannot_be_merged(known: Any, kept: str, former: str) -> None:
    merged(known)
    with pytest.raises(MergeUnfit):
        as_(known.shen, merges.prepare, kept, former, reason="?", at=NOON)


def test_another_bureau_finds_neither_code_nor_merger(known: Any) -> None:
    merge = as_(known.shen, merges.prepare, A, TWIN, reason="换证", at=NOON)
    with pytest.raises(NoSuchRecord):
        as_(known.lu, merges.release, merge.pk, at=NOON)
    with pytest.raises(NoSuchRecord):
        as_(known.lu, merges.prepare, N, A, reason="?", at=NOON)


def test_two_releases_at_once_merge_once(known: Any) -> None:
    merge = as_(known.shen, merges.prepare, A, TWIN, reason="换证", at=NOON)

    def release(_: int) -> str:
        try:
            return str(as_(known.zheng, merges.release, merge.pk, at=NOON).status)
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(release, range(2))) == ["IllegalTransition", "released"]


def test_a_branch_keeps_its_word() -> None:
    assert core("杭州精工有限公司宁波分公司") != core("杭州精工有限公司")
