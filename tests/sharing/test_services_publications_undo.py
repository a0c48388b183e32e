"""Undoing a publication: everything stands as it stood before, whatever came before it."""

from itertools import count
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qfce.kernel.tenancy.context import acting_as
from sharing.models import Enterprise, FactorProfile, Publication, Recall
from sharing.services import publication_undo, publications
from sharing.services.publication_undo import OvertakenByLater
from sharing.services.publications import ChangeIn
from tests.sharing.shared import agree, change
from tests.sharing.test_services_publications import (
    LIST,
    A,
    B,
    C,
    check_projection,
    ledger,
    profile,
    publish_rows,
    row,
)
from tests.universe import NOON


def undo(universe, publication, who="zheng"):
    actor = getattr(universe, who)
    with acting_as(actor.organization_id):
        published = Publication.objects.get(pk=publication.pk)
        return publication_undo.undo(published, actor=actor, at=NOON)


def view(actor, usccs):
    """What a reader can tell: an empty profile off the list is no profile."""
    with acting_as(actor.organization_id):
        seen = {}
        for p in FactorProfile.objects.filter(uscc__in=usccs, factor_list=LIST):
            origins = {code: p.origins.get(code, p.base_publication_id) for code in p.values}
            if p.values or p.listed:
                seen[p.uscc] = (p.values, p.details, origins, p.listed, p.flags, p.list_version)
        return seen


def identities(actor, usccs):
    with acting_as(actor.organization_id):
        fields = ("name", "region", "industry", "size", "established_on", "registered_capital")
        return {
            e["uscc"]: e for e in Enterprise.objects.filter(pk__in=usccs).values("uscc", *fields)
        }


def test_undo_of_a_first_import_leaves_nothing_to_see(universe):
    first, _, _ = publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}), import_id=uuid4())
    undoing = undo(universe, first)

    assert (undoing.cause, undoing.import_id, undoing.number) == ("undo", first.import_id, 2)
    assert ledger(universe.zheng, undoing) == [
        (A, "withdrawn", {"QF-17": None}, None),
        (A, "delisted", {}, None),
    ]
    assert view(universe.zheng, [A]) == {}
    check_projection(universe.zheng)

    _, applied, _ = publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}))
    assert (applied.new, applied.changed) == (1, 0)
    check_projection(universe.zheng)


def test_undo_restores_values_details_origins_and_names(universe):
    old = {"QF-17": {"valid_from": "2024-01-01", "valid_to": "2026-12-31"}}
    first, _, _ = publish_rows(
        universe.zheng, row(vals={"QF-17": "VALID", "QC-05": 0}, details=old, size="small")
    )
    before = view(universe.zheng, [A])
    second, _, _ = publish_rows(
        universe.zheng,
        row(
            name="安和精工",
            vals={"QF-17": "REVOKED", "QC-06": 1},
            details={"QF-17": {"valid_from": "2026-02-01"}},
            cleared=["QC-05"],
            size="micro",
        ),
        import_id=uuid4(),
    )
    undoing = undo(universe, second)

    assert view(universe.zheng, [A]) == before
    assert profile(universe.zheng).origins == {}
    assert identities(universe.zheng, [A])[A]["size"] == "small"
    assert ledger(universe.zheng, undoing) == [
        (
            A,
            "corrected",
            {"name": row()["name"], "size": "small", "QF-17": "VALID", "QC-05": 0},
            old,
        ),
        (A, "withdrawn", {"QC-06": None}, None),
    ]
    check_projection(universe.zheng)
    assert first.pk != second.pk


def test_undo_puts_back_on_the_list_whom_a_full_file_took_off(universe):
    publish_rows(universe.zheng, row(vals={"QC-05": 0}), row(B, "甲", "330110", vals={"QC-05": 1}))
    before = view(universe.zheng, [A, B])
    full, _, _ = publish_rows(universe.zheng, row(vals={"QC-05": 0}), full=True, import_id=uuid4())
    undo(universe, full)
    assert view(universe.zheng, [A, B]) == before
    check_projection(universe.zheng)


def test_undo_is_refused_when_a_later_publication_has_the_same_fact(universe, zj_list):
    first, _, _ = publish_rows(
        universe.zheng, row(vals={"QF-17": "VALID", "QC-05": 0}), import_id=uuid4()
    )
    with acting_as(universe.hangzhou.pk):
        later = publications.publish_changes(
            [ChangeIn(A, "corrected", {"QF-17": "REVOKED"})],
            cause="correction",
            factor_list=LIST,
            actor_prepared=universe.shen,
            actor_released=universe.zheng,
            at=NOON,
        )
    with pytest.raises(OvertakenByLater, match="QF-17 of 91330113ALN0KXMQ6E") as refused:
        undo(universe, first)
    assert refused.value.facts["publications"] == [later.number]
    (fact,) = refused.value.facts["later"]
    assert (fact["number"], fact["cause"], fact["item"]) == (later.number, "correction", "QF-17")


def test_undo_is_possible_once_the_later_import_is_undone(universe):
    first, _, _ = publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}), import_id=uuid4())
    second, _, _ = publish_rows(universe.zheng, row(vals={"QF-17": "REVOKED"}), import_id=uuid4())
    with pytest.raises(OvertakenByLater):
        undo(universe, first)
    undo(universe, second)
    undo(universe, first)
    assert view(universe.zheng, [A]) == {}
    check_projection(universe.zheng)


def test_undo_leaves_what_a_later_publication_added(universe):
    first, _, _ = publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}), import_id=uuid4())
    publish_rows(universe.zheng, row(vals={"QC-05": 1}))
    undo(universe, first)
    assert profile(universe.zheng).values == {"QC-05": 1}
    check_projection(universe.zheng)


ITEMS = ("QF-17", "QF-18", "QC-05")
facts = st.dictionaries(
    st.sampled_from(ITEMS),
    st.tuples(
        st.sampled_from(["VALID", "REVOKED", None]),
        st.sampled_from([None, "2024-01-01", "2025-01-01", "2027-06-01"]),
        st.sampled_from([None, "2028-12-31"]),
    ),
    max_size=3,
)
imports = st.tuples(
    st.sampled_from(["zhou", "zheng"]),
    st.dictionaries(st.integers(0, 2), facts, min_size=1, max_size=3),
    st.sampled_from([False, False, True]),
)
corrections = st.tuples(
    st.sampled_from(["corrected", "withdrawn", "cleared", "reverified"]),
    st.integers(0, 2),
    st.sampled_from(ITEMS),
    st.sampled_from(["VALID", "REVOKED"]),
)
NAMES = (("安和", "330113"), ("甲", "330110"), ("乙", "330105"))
places = count()


def rows_of(import_, usccs):
    for place, said in import_.items():
        name, region = NAMES[place]
        details = {
            code: {
                key: day
                for key, day in (("valid_from", since), ("valid_to", until))
                if day is not None
            }
            for code, (value, since, until) in said.items()
            if value is not None and (since or until)
        }
        yield row(
            usccs[place],
            name,
            region,
            vals={code: value for code, (value, _, _) in said.items() if value is not None},
            details=details,
            cleared=[code for code, (value, _, _) in said.items() if value is None],
        )


@pytest.mark.usefixtures("zj_list")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    history=st.lists(st.one_of(imports, corrections), max_size=4),
    mistaken=imports,
    redo=st.booleans(),
)
def test_undo_restores_exactly_whatever_came_before(universe, history, mistaken, redo):
    place = next(places)
    usccs = [f"{uscc[:8]}{place:05d}{uscc[13:]}" for uscc in (A, B, C)]
    for step in history:
        if isinstance(step[1], dict):
            who, said, _ = step
            publish_rows(getattr(universe, who), *rows_of(said, usccs), import_id=uuid4())
        else:
            _publish_correction(universe, step, usccs)
    check_projection(universe.zheng, usccs)
    before = view(universe.zheng, usccs)

    who, said, full = mistaken
    publication, _, _ = publish_rows(
        universe.zheng, *rows_of(said, usccs), full=full, import_id=uuid4()
    )
    check_projection(universe.zheng, usccs)
    after = view(universe.zheng, usccs)
    undo(universe, publication)
    check_projection(universe.zheng, usccs)

    assert view(universe.zheng, usccs) == before
    if redo:
        publish_rows(universe.zheng, *rows_of(said, usccs), full=full, import_id=uuid4())
        check_projection(universe.zheng, usccs)
        again = view(universe.zheng, usccs)
        assert _facts(again) == _facts(after)


def _facts(seen):
    return {
        uscc: (values, details, listed) for uscc, (values, details, _, listed, *_) in seen.items()
    }


def _publish_correction(universe, step, usccs):
    kind, place, code, value = step
    with acting_as(universe.hangzhou.pk):
        stored = FactorProfile.objects.filter(uscc=usccs[place], factor_list=LIST).first()
        if stored is None or (kind == "reverified" and code not in stored.values):
            return
        changes = {
            "corrected": {code: value},
            "withdrawn": {code: None},
            "cleared": {code: None},
            "reverified": {code: stored.values.get(code)},
        }
        publications.publish_changes(
            [ChangeIn(usccs[place], kind, changes[kind])],
            cause="correction",
            factor_list=LIST,
            actor_prepared=universe.shen,
            actor_released=universe.zheng,
            at=NOON,
        )


def test_what_an_undoing_withdraws_is_called_back_once_from_each_reader(universe, zj_list):
    agree(universe, "bank_a")
    first, _, _ = publish_rows(
        universe.zheng, row(vals={"QF-17": "VALID"}), row(B, "330110", vals={}), import_id=uuid4()
    )
    undo(universe, first)
    with acting_as(universe.hangzhou.pk):
        (recall,) = Recall.objects.all()
    assert (recall.uscc, recall.items) == (A, ["QF-17"])
    assert recall.recipient_id == universe.organizations["bank_a"].pk


def test_a_mark_hinders_no_undoing(universe, zj_list):
    first, _, _ = publish_rows(universe.zheng, row(vals={"QF-17": "VALID"}), import_id=uuid4())
    change(universe.zheng, "flagged", {"QF-17": "disputed"}, cause="dispute")
    undo(universe, first)
