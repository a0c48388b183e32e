"""Migrations of records as pages: counted out, released by a second person, taken back."""

import pytest

from sharing.services import list_migrations
from tests.sharing.migrating import as_, draft_second, migrated, prepared, publish_second
from tests.sharing.shared import A, B, publish, row

pytestmark = pytest.mark.django_db
LIST = "/sharing/list-migrations/"


@pytest.fixture
def stored(universe, zj_list):
    publish(universe.zheng, row(A, vals={"QF-17": "VALID", "QC-19": True, "QC-05": 4}))
    publish(universe.zheng, row(B, "330110", vals={"QC-05": 0}))


def test_prepared_from_the_version_and_counted_out(universe, stored, browser, run_tasks):
    draft_second(universe)
    client = browser(universe.zhou)
    state = client.get("/factors/lists/ZJ-QFCE/versions/2/state/").content.decode()
    assert f"{LIST}prepare/ZJ-QFCE/2/" in state
    page = client.post(f"{LIST}prepare/ZJ-QFCE/2/")["Location"]
    assert "hx-get" in client.get(page).content.decode()
    run_tasks()

    shown = client.get(page).content.decode()
    assert 'hx-trigger="every 1s"' not in shown
    for text in ("QF-91", "Is collected no longer", "A few enterprises, before and after", A):
        assert text in shown, text
    assert f"{page}release/" not in shown  # whoever prepared it does not release it
    assert page in client.get(LIST).content.decode()
    holders = client.get(f"{page}enterprises/?item=QF-17&value=VALID").content.decode()
    assert A in holders and B not in holders


def test_a_second_person_releases_and_takes_it_back(universe, stored, browser, run_tasks):
    publish_second(universe)
    migration = prepared(universe, run_tasks)
    page, client = f"{LIST}{migration.pk}/", browser(universe.fu)
    assert f"{page}release/" in client.get(page).content.decode()
    assert browser(universe.zhou).post(f"{page}release/").status_code == 403
    client.post(f"{page}release/")
    run_tasks()
    shown = client.get(page).content.decode()
    assert f"{page}undo/" in shown and f"{page}release/" not in shown
    client.post(f"{page}undo/")
    run_tasks()
    assert "restored what stood before" in client.get(page).content.decode()


def test_values_that_become_nothing_are_typed(universe, stored, browser, run_tasks):
    from tests.factors import lists

    document = lists.second()
    publish_second(universe, document)
    migration = prepared(universe, run_tasks)
    with_loss(universe, migration)
    page, client = f"{LIST}{migration.pk}/", browser(universe.fu)
    assert 'name="confirm_without_target"' in client.get(page).content.decode()
    assert client.post(f"{page}release/", {"confirm_without_target": "1"}).status_code == 409


def with_loss(universe, migration):
    from qfce.kernel.tenancy.context import acting_as
    from sharing.models import ListMigration

    with acting_as(universe.zhou.organization_id):
        ListMigration.objects.filter(pk=migration.pk).update(
            preview={**migration.preview, "without_target": 2}
        )


def test_it_is_discarded(universe, stored, browser, run_tasks):
    publish_second(universe)
    migration = prepared(universe, run_tasks)
    client = browser(universe.zhou)
    client.post(f"{LIST}{migration.pk}/discard/")
    assert "Discarded" in client.get(f"{LIST}{migration.pk}/").content.decode()


def test_why_it_went_back_is_said(universe, stored, browser, run_tasks):
    publish_second(universe)
    migration = migrated(universe, run_tasks)
    publish(universe.zheng, row(A, vals={"QF-91": "REVOKED"}))
    as_(universe.fu, list_migrations.undo, migration.pk)
    run_tasks()
    shown = browser(universe.fu).get(f"{LIST}{migration.pk}/").content.decode()
    assert "This was not carried out." in shown


def test_others_find_nothing(universe, stored, browser, run_tasks):
    publish_second(universe)
    migration = prepared(universe, run_tasks)
    assert browser(universe.zheng).get(f"{LIST}{migration.pk}/").status_code == 404
    assert browser(universe.lin).get(LIST).status_code == 403


def test_why_it_went_back_is_said_in_chinese_by_its_own_code(universe, stored, browser, run_tasks):
    publish_second(universe)
    migration = prepared(universe, run_tasks)
    for code, is_later in (
        ("sharing.import.later_publication", True),
        ("tenancy.permission.missing", False),
        ("sharing.migration.of_tomorrow", False),
    ):
        noted(universe, migration, code)
        visitor = browser(universe.zhou, language="zh-hans")
        shown = visitor.get(f"{LIST}{migration.pk}/").content.decode()
        assert ("此后的发布" in shown) is is_later, code
        assert "Refused" not in shown
    assert "请求被拒绝。" in shown


def noted(universe, migration, code):
    from qfce.kernel.tenancy.context import acting_as
    from sharing.models import ListMigration

    with acting_as(universe.zhou.organization_id):
        ListMigration.objects.filter(pk=migration.pk).update(
            refusal_code=code, refusal={"en": "Refused.", "hint": "", "facts": {"permission": "x"}}
        )


def test_holders_are_asked_for_with_any_text(universe, stored, browser, run_tasks):
    publish_second(universe)
    migration = prepared(universe, run_tasks)
    page = f"{LIST}{migration.pk}/enterprises/"
    assert browser(universe.zhou).get(page, {"item": "QF-17", "value": "a\0"}).status_code == 200
