"""The feed: exactly what a reader may know, in commit order, however it is paged."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from qfce.kernel import parameters
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from sharing.domain.feed import START, Position, digest_of_cursors
from sharing.models import ReadLog
from sharing.selectors import disclosures, feed
from sharing.services import agreements, consents, publication_undo
from sharing.services import disclosures as cursors
from tests.sharing.shared import A, B, N, agree, change, publish, row
from tests.sharing.test_services_publications import C, publish_rows
from tests.universe import NOON


@pytest.fixture
def published(universe):
    publish(universe.zheng, row(vals={"QC-02": "NOT_LISTED", "QF-17": "VALID", "QI-11": "4.11"}))
    publish(universe.mo, row(N, "330206", vals={"QF-17": "VALID"}))
    publish(universe.zheng, row(B, "330110", vals={"QC-02": "LISTED"}))
    return universe


def page(actor, after="", limit=1000):
    with acting_as(actor.organization_id):
        return feed.page(Position.parse(after), limit=limit, actor=actor)


def seen(actor, after="", limit=1000):
    return [(i.uscc, i.kind, dict(i.changes)) for i in page(actor, after, limit).items]


def without_identity(items):
    names = {"name", "region"}
    return [(u, k, {c: v for c, v in ch.items() if c not in names}) for u, k, ch in items]


def test_a_reader_gets_its_items_and_only_its_categories(published):
    agree(published, "bank_b", categories=["quality_foundation"], regions=["330100"])

    items = without_identity(seen(published.bank_b_officer))

    assert items == [
        (A, "observed", {"QF-17": "VALID"}),
        (B, "observed", {}),
        ("", "access_opened", {}),
    ]


def test_nobody_else_gets_anything(published):
    agree(published, "bank_a")

    assert seen(published.bank_b_officer) == []
    assert page(published.bank_b_officer).next == Position(4, 1)


def test_pages_of_any_size_give_the_same_items_once(published):
    agree(published, "bank_a")
    for value in ("REVOKED", "VALID", "SUSPENDED"):
        change(published.zheng, "corrected", {"QF-17": value})
    every = [item.cursor for item in page(published.lin).items]

    for size in (1, 2, 3):
        found, after = [], ""
        while True:
            part = page(published.lin, after, size)
            found += [item.cursor for item in part.items]
            if str(part.next) == after or not part.items:
                break
            after = str(part.next)
        assert found == every
    assert len(every) == len(set(every)) == 7


def test_a_large_publication_is_read_in_parts_without_loss(published):
    agree(published, "bank_a", regions=["330100"])
    codes = [f"9133020{n:04d}MA27XG5" for n in range(1500)]
    publish(published.mo, *[row(code, "330206", vals={"QF-17": "VALID"}) for code in codes])
    last = [f"9133011{n:04d}MA27XG5" for n in range(1200)]
    publish(published.zheng, *[row(code, "330110", vals={"QF-17": "VALID"}) for code in last])

    found, after, pages = [], Position(4, 1), 0
    while True:
        with acting_as(published.lin.organization_id):
            part = feed.page(after, limit=100, actor=published.lin)
        if part.next == after:
            break
        found += [item.uscc for item in part.items]
        after, pages = part.next, pages + 1

    assert found == last
    assert after == Position(6, 1200)


def test_next_passes_over_what_is_not_the_readers(published):
    agree(published, "bank_a", regions=["330206"])

    first = page(published.lin, limit=1)

    assert [item.uscc for item in first.items] == [N]
    assert page(published.lin, str(first.next)).items[0].kind == "access_opened"


def test_a_consent_gives_one_item_with_the_values_now_visible(published):
    agree(published, "bank_a")
    start = page(published.lin).next
    with acting_as(published.chen_min.organization_id):
        asked = consents.request(
            A, items=["QI-11"], purposes=["pre_loan"], actor=published.chen_min, at=NOON
        )
    assert page(published.lin, str(start)).items == []
    with acting_as(published.an.organization_id):
        consents.grant(asked.pk, actor=published.an, at=NOON)

    (item,) = page(published.lin, str(start)).items
    assert (item.uscc, item.kind, item.changes) == (A, "access_opened", {"QI-11": "4.11"})
    assert item.details == {"consent": str(asked.pk), "items": ["QI-11"]}
    assert page(published.bank_b_officer, str(start)).items == []

    with acting_as(published.an.organization_id):
        consents.withdraw(asked.pk, actor=published.an, at=NOON)
    opened, closed = page(published.lin, str(start)).items
    assert (opened.kind, opened.changes) == ("access_opened", {})
    assert (closed.kind, closed.changes, closed.details["items"]) == (
        "access_closed",
        {},
        ["QI-11"],
    )


def test_an_agreement_that_ends_says_so_and_takes_everything_with_it(published):
    agreement = agree(published, "bank_a")
    with acting_as(published.zhou.organization_id):
        agreements.end(agreement.pk, actor=published.zhou, at=NOON)

    items = page(published.lin).items

    assert [(i.uscc, i.kind) for i in items] == [("", "access_opened"), ("", "access_closed")]
    assert items[1].details["agreement"] == str(agreement.pk)


def test_what_was_withdrawn_is_gone_from_earlier_items_too(published):
    agree(published, "bank_a")
    change(published.zheng, "withdrawn", {"QC-02": None}, uscc=B, cause="withdrawal")

    about = without_identity([i for i in seen(published.lin) if i[0] == B])

    assert about == [(B, "observed", {}), (B, "withdrawn", {"QC-02": None})]


def test_details_come_only_with_the_items_they_belong_to(published):
    agree(published, "bank_b", categories=["quality_foundation"])
    change(
        published.zheng,
        "observed",
        {"QF-18": "VALID", "QC-08": "PASS"},
        details={"QF-18": {"valid_to": "2028-01-01"}, "QC-08": {"valid_to": "2027-01-01"}},
    )

    last = page(published.bank_b_officer).items[-1]

    assert (last.changes, last.details) == (
        {"QF-18": "VALID"},
        {"QF-18": {"valid_to": "2028-01-01"}},
    )


def test_regulators_and_enterprises_have_their_own_feed(published):
    assert {uscc for uscc, _, _ in seen(published.lu)} == {N}
    with pytest.raises(MissingPermission):
        page(published.an)


def test_every_page_is_logged_once(published):
    agree(published, "bank_a")
    page(published.lin)

    with acting_as(published.lin.organization_id):
        log = ReadLog.objects.get(kind="feed")
    assert (log.subjects, log.detail) == (4, {"after": "0.0", "next": "4.1"})


def test_a_position_older_than_what_is_kept_is_gone(published, monkeypatch):
    short = parameters.Parameter(
        "x", "x", "days", "x", {NOON.date() - timedelta(days=9999): {"kept_days": 0}}
    )
    monkeypatch.setattr(feed, "_retention", lambda: short)
    with acting_as(published.lin.organization_id):
        feed.check_is_kept(START, at=NOON)
        feed.check_is_kept(Position(3, 1), at=NOON)
        with pytest.raises(feed.PositionGone) as gone:
            feed.check_is_kept(Position(1, 1), at=NOON)
    assert gone.value.facts["resume"] == "3.0"


def test_reconciling_names_what_a_reader_lacks_and_what_it_should_not_hold(published):
    agree(published, "bank_a", regions=["330100"])
    change(published.zheng, "corrected", {"QF-17": "REVOKED"})

    def reconcile(**said):
        with acting_as(published.lin.organization_id):
            return feed.reconcile(actor=published.lin, **{"held": None, "groups": None, **said})

    complete = reconcile(held={A: "5.1", B: "3.1"})
    assert complete == {
        "position": "5.1",
        "expected": 2,
        "held": 2,
        "missing": [],
        "unexpected": [],
        "complete": True,
    }
    lacking = reconcile(held={A: "1.1", N: "2.1"})
    assert lacking["missing"] == [{"uscc": B, "cursor": "3.1"}, {"uscc": A, "cursor": "5.1"}]
    assert lacking["unexpected"] == [{"uscc": N, "cursor": "2.1"}]
    assert not lacking["complete"]

    groups = {}
    for item in page(published.lin).items:
        region = {A: "330113", B: "330110"}.get(item.uscc, "330000")
        groups.setdefault(region, []).append(item)
    said = [
        {
            "region": region,
            "day": (items[0].recorded_at + timedelta(hours=8)).date().isoformat(),
            "count": len(items),
            "digest": digest_of_cursors(item.cursor for item in items),
        }
        for region, items in groups.items()
    ]
    assert reconcile(groups=said)["complete"]
    said[0]["digest"] = "0" * 64
    assert [g["region"] for g in reconcile(groups=said)["missing"]] == [said[0]["region"]]


def test_a_consumer_goes_on_where_it_stored_its_cursor(published):
    agree(published, "bank_a")
    lin = published.lin
    with acting_as(lin.organization_id):
        first, second = disclosures.changed_since("risk", actor=lin, limit=2)
        cursors.advance("risk", first, actor=lin)
        again = disclosures.changed_since("risk", actor=lin, limit=10)
        assert again[0] == second
        cursors.advance("risk", again[-1], actor=lin)
        cursors.advance("risk", first, actor=lin)  # never back
        assert disclosures.changed_since("risk", actor=lin, limit=10) == []
        assert len(disclosures.changed_since("evaluation", actor=lin, limit=10)) == 4


def test_a_consumers_cursor_and_its_work_commit_together(published):
    agree(published, "bank_a")
    lin = published.lin
    with pytest.raises(RuntimeError), acting_as(lin.organization_id):
        items = disclosures.changed_since("risk", actor=lin, limit=10)
        cursors.advance("risk", items[-1], actor=lin)
        raise RuntimeError("the work failed")

    with acting_as(lin.organization_id):
        assert len(disclosures.changed_since("risk", actor=lin, limit=10)) == 4


def test_stretches_of_others_rows_are_passed_over_by_our_own_consumers(published, monkeypatch):
    agree(published, "bank_a", regions=["330110"])
    with acting_as(published.lin.organization_id), transaction.atomic():
        found = disclosures.changed_since("risk", actor=published.lin, limit=1)
        assert [item.uscc for item in found] == [B]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sharing_readlog WHERE kind = 'feed'")
            assert cursor.fetchone()[0] == 1


def test_an_import_that_is_undone_is_taken_back_through_the_feed(published):
    agree(published, "bank_a")
    before = page(published.lin).next
    first = publish_rows(
        published.zheng, row(C, "330105", vals={"QF-17": "VALID"}), import_id=uuid4()
    )
    second = publish_rows(
        published.zheng,
        row(B, "330110", vals={"QC-02": "NOT_LISTED", "QF-17": "VALID"}),
        import_id=uuid4(),
    )
    for publication, _, _ in (second, first):
        with acting_as(published.hangzhou.pk):
            publication_undo.undo(publication, actor=published.zheng, at=NOON)

    after = without_identity(seen(published.lin, after=str(before)))

    assert [entry for entry in after if entry[1] != "observed"] == [
        (B, "corrected", {"QC-02": "LISTED"}),
        (B, "withdrawn", {"QF-17": None}),
        (C, "withdrawn", {"QF-17": None}),
        (C, "delisted", {}),
    ]
