"""From a draft to records in new words and back, by clicking, with scripts and without."""

import pytest
from django.utils import timezone

from factors.services import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import User
from tests.factors import lists
from tests.sharing.shared import A, B, publish, row

VERSION = "/factors/lists/ZJ-QFCE/versions/2/"
STEPS = f"{VERSION}edit/migration/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(universe, zj_list):
    """Version 2 without a word about the records that there are."""
    User.objects.update(language="en")
    publish(universe.zheng, row(A, vals={"QF-17": "VALID", "QC-19": True, "QC-05": 4}))
    publish(universe.zheng, row(B, "330110", vals={"QC-05": 0, "QC-13": "LISTED"}))
    document = lists.second()
    del document["migration"]
    zhou, at = universe.zhou, timezone.now()
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        factor_lists.set_signers("ZJ-QFCE", [], actor=zhou, at=at)
        return factor_lists.create_draft(
            document, effective_from=business_day(at), actor=zhou, at=at
        )


def complete(visitor):
    """Have steps proposed, and say what two items' values become."""
    page = visitor.go(f"{VERSION}edit/")
    page.get_by_role("link", name="Migration of records").click()
    visitor.sees("not said yet")
    page.get_by_role("button", name="Propose steps").click()
    visitor.sees("Goes on under another code", "Is collected no longer")
    page.get_by_role("link", name="QC-19", exact=True).click()
    visitor.fill(v0_0="ENROLLED", v0_1="NOT_ENROLLED")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="QC-05", exact=True).click()
    for place, (below, becomes) in enumerate((("1", "NEVER"), ("3", "SELDOM"), ("", "OFTEN"))):
        page.locator('[name="below0"]').nth(place).fill(below)
        page.locator('[name="band0"]').nth(place).select_option(becomes)
    visitor.look()
    page.get_by_role("button", name="Save", exact=True).click()
    visitor.misses("not said yet")


def publish_version(visitor):
    visitor.go(f"{VERSION}state/")
    visitor.press("submit/")
    visitor.await_('form[action$="/publish/"]')
    visitor.press("publish/")
    visitor.await_('form[action$="/prepare/ZJ-QFCE/2/"]')


@pytest.mark.parametrize("scripts", [True, False])
def test_records_are_migrated_and_taken_back(draft, worker, visit, scripts):
    with visit("wide", java_script_enabled=scripts) as visitor:
        visitor.language = "en"
        visitor.sign_in("zhou")
        visitor.go(f"{VERSION}state/")
        visitor.sees("no migration says what becomes of them")
        complete(visitor)
        publish_version(visitor)
        visitor.press("prepare/ZJ-QFCE/2/")
        visitor.await_("text=A few enterprises, before and after")
        visitor.sees("Waiting for release", "QF-91", "somebody else has to release it")
        visitor.look()

        visitor.become("fu")
        visitor.menu("/sharing/list-migrations/")
        visitor.follow("#main tbody a")
        visitor.press("release/")
        visitor.await_('form[action$="/undo/"]')
        visitor.look()
        visitor.press("undo/")
        visitor.await_("text=restored what stood before")
        assert visitor.barriers == {}
        assert visitor.complaints == []
