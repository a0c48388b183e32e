"""How much of what exists a new version would touch, and who may know."""

import pytest

from factors.domain.catalogue import Catalogue
from factors.domain.comparison import compare
from factors.selectors.comparisons import comparison
from factors.services import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from tests.factors import lists
from tests.sharing.shared import A, B, N, publish, row
from tests.universe import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def next_version(universe, zj_list):
    """A draft of version 2: one item gone, one tightened, one value gone."""
    document = lists.document()
    document["items"] = [item for item in document["items"] if item["code"] != "QB-07"]
    lists.item(document, "QC-05")["maximum"] = "3"
    values = lists.item(document, "QC-08")["values"]
    lists.item(document, "QC-08")["values"] = [v for v in values if v["code"] != "REFUSED"]
    zhou = universe.zhou
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        return factor_lists.create_draft(
            document, effective_from=business_day(NOON), actor=zhou, at=NOON
        )


def touched(actor):
    with acting_as(actor.organization_id):
        found = comparison("ZJ-QFCE", 1, 2, actor=actor).changes
    return {(t.change.code, t.change.field): t for t in found}


def test_profiles_of_the_jurisdiction_are_counted(universe, next_version):
    publish(universe.shen, row(A, vals={"QC-05": 5, "QC-08": "REFUSED"}))
    publish(universe.shen, row(B, "330110", vals={"QC-05": 2, "QC-08": "PASS", "QB-07": 3}))
    publish(universe.lu, row(N, "330206", vals={"QC-05": 9}))

    found = touched(universe.zhou)

    assert found["QC-05", "maximum"].records == 2  # above 3; the one with 2 is not touched
    assert found["QC-08", "values.REFUSED"].records == 1
    assert found["QB-07", ""].records == 1


def test_open_imports_and_scorecards_are_a_figure_and_a_yes_or_no(universe, next_version):
    found = touched(universe.zhou)

    assert found["QC-05", "maximum"].imports == 0
    assert found["QC-05", "maximum"].scorecards is False


def test_others_learn_no_figure(universe, zj_list):
    old = lists.catalogue()
    document = lists.document()
    document["items"].pop()
    changes = compare(old, Catalogue.from_document(document))
    from evaluation.selectors import list_consequences as scored
    from sharing.selectors import list_consequences as stored

    for actor in (universe.lin, universe.pboc_signer):
        with acting_as(actor.organization_id):
            asked = {"old": old, "new": old, "changes": changes, "actor": actor}
            assert stored.records(**asked) == {}
            assert scored.in_use(**asked) == {}


def test_the_function_answers_nobody_else(universe, db):
    from django.db import connection

    with acting_as(universe.lin.organization_id), connection.cursor() as cursor:
        cursor.execute("SELECT qfce_items_scored('ZJ-QFCE', '{QC-05}')")
        assert cursor.fetchone()[0] == []
