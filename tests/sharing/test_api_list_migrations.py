"""Migrations by REST: prepared, looked at, released; another organization finds nothing."""

from tests.sharing.migrating import publish_second
from tests.sharing.shared import A, publish, row

ADDRESS = "/api/v1/list-migrations/"


def test_from_the_preview_to_the_publication(universe, api, run_tasks):
    publish(universe.zheng, row(vals={"QF-17": "VALID", "QC-19": True}))
    publish_second(universe)
    asked = api(universe.zhou).post(ADDRESS, {"factor_list": "ZJ-QFCE", "version": 2})
    assert asked.status_code == 202
    run_tasks()
    one = f"{ADDRESS}{asked.json()['id']}/"
    shown = api(universe.zhou).get(one).json()
    assert (shown["status"], shown["preview"]["concerned"]) == ("previewed", 1)
    holders = api(universe.zhou).get(f"{one}enterprises/?item=QF-17&value=VALID").json()
    assert [holder["uscc"] for holder in holders] == [A]

    own = api(universe.zhou).post(f"{one}release/", {})
    assert (own.status_code, own.json()["code"]) == (403, "sharing.migration.own")
    assert api(universe.zheng).get(one).status_code == 404
    assert api(universe.fu).post(f"{one}release/", {}).status_code == 202
    run_tasks()
    done = api(universe.fu).get(one).json()
    assert (done["status"], done["publication"]["rows"]) == ("published", 1)
    assert api(universe.fu).post(f"{one}discard/", {}).status_code == 409


def test_a_version_that_nobody_has_is_not_found(universe, api):
    asked = api(universe.zhou).post(ADDRESS, {"factor_list": "ZJ-QFCE", "version": 9})
    assert asked.status_code == 404


def test_the_version_shows_its_migration(universe, api):
    publish_second(universe)
    shown = api(universe.lin).get("/api/v1/factor-lists/ZJ-QFCE/versions/2/").json()
    assert [step["kind"] for step in shown["migration"]["steps"]].count("rename") == 3
