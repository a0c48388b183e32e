"""Single changes of a record: two persons, the list's values, and what becomes visible."""

import pytest

from qfce.kernel.tenancy.context import acting_as
from sharing.models import FactorChange, FactorProfile, Publication
from tests.sharing.test_services_publications import A, publish_rows, row

PATH = "/api/v1/record-changes/"


@pytest.fixture
def enterprise(universe, zj_list):
    publish_rows(
        universe.zheng,
        row(vals={"QF-17": "VALID", "QC-05": 2}, details={"QF-17": {"valid_to": "2027-05-01"}}),
    )


def asked(**changes):
    return {
        "uscc": A,
        "factor_list": "ZJ-QFCE",
        "cause": "correction",
        "changes": {"QC-05": 1},
        "reason": "录入有误",
        **changes,
    }


@pytest.fixture
def prepared(enterprise, api, universe):
    def send(who="shen", **changes):
        response = api(getattr(universe, who)).post(PATH, asked(**changes))
        assert response.status_code == 201, response.content
        return response.json()

    return send


def values(universe):
    with acting_as(universe.hangzhou.pk):
        return FactorProfile.objects.get(uscc=A).values


def last_row(universe):
    with acting_as(universe.hangzhou.pk):
        publication = Publication.objects.order_by("-number").first()
        change = FactorChange.objects.get(publication_id=publication.pk)
        return publication.cause, change.kind, change.changes


def release(api, universe, change, who="zheng"):
    return api(getattr(universe, who)).post(f"{PATH}{change['id']}/release/")


def test_a_correction_is_visible_only_after_another_person_released_it(prepared, api, universe):
    change = prepared()
    assert (change["status"], change["kind"]) == ("prepared", "corrected")
    assert values(universe)["QC-05"] == 2

    released = release(api, universe, change)
    assert (released.status_code, released.json()["status"]) == (200, "released")
    assert released.json()["publication"]["number"] == 2
    assert values(universe)["QC-05"] == 1
    assert last_row(universe) == ("correction", "corrected", {"QC-05": 1})


def test_whoever_prepared_it_does_not_release_it(prepared, api, universe):
    refused = release(api, universe, prepared(), who="shen")
    assert (refused.status_code, refused.json()["code"]) == (403, "sharing.record.own")


@pytest.mark.parametrize(
    ("cause", "changes", "row"),
    [
        ("reverification", {"QF-17": "VALID"}, ("reverification", "reverified")),
        ("reverification", {"QF-17": "REVOKED"}, ("reverification", "observed")),
        ("withdrawal", {"QC-05": None}, ("withdrawal", "withdrawn")),
        ("withdrawal", {"QC-05": 0}, ("withdrawal", "withdrawn")),
        ("dispute", {"QC-05": 0}, ("dispute", "corrected")),
    ],
)
def test_the_cause_suggests_the_kind(prepared, api, universe, cause, changes, row):
    assert release(api, universe, prepared(cause=cause, changes=changes)).status_code == 200
    assert last_row(universe) == (*row, changes)
    for code, value in changes.items():
        assert values(universe).get(code) == value


def test_a_verified_value_keeps_its_end_of_validity(prepared, api, universe):
    release(api, universe, prepared(cause="reverification", changes={"QF-17": "VALID"}))
    with acting_as(universe.hangzhou.pk):
        profile = FactorProfile.objects.get(uscc=A)
        newest = Publication.objects.order_by("-number").first()
    assert profile.details == {"QF-17": {"valid_to": "2027-05-01"}}
    assert profile.origins == {"QF-17": newest.pk}


@pytest.mark.parametrize(
    ("changes", "pointer", "detail"),
    [
        ({"changes": {"QF-17": "GREEN"}}, "/changes/QF-17", "not_allowed"),
        ({"changes": {"QC-05": "2"}}, "/changes/QC-05", "not_integer"),
        ({"changes": {"XX-99": 1}}, "/changes/XX-99", "unknown_item"),
        ({"changes": {"QC-05": None}}, "/changes/QC-05", "required"),
        ({"changes": {}}, "/changes", "Name at least one item."),
        ({"details": {"QC-05": {"valid_to": "soon"}}}, "/details/QC-05", "not_date"),
        ({"details": {"QF-17": {"valid_to": "2027-01-01"}}}, "/details/QF-17", "no_value"),
    ],
)
def test_values_that_do_not_fit_are_refused_with_their_place(
    enterprise, api, universe, changes, pointer, detail
):
    refused = api(universe.shen).post(PATH, asked(**changes))
    assert (refused.status_code, refused.json()["code"]) == (400, "sharing.record.values")
    assert {"pointer": pointer, "detail": detail} in refused.json()["errors"]


def test_a_kind_that_does_not_go_with_the_cause_is_refused(enterprise, api, universe):
    refused = api(universe.shen).post(PATH, asked(kind="withdrawn"))
    assert (refused.status_code, refused.json()["code"]) == (400, "sharing.record.kind")


def test_only_what_is_stored_can_be_verified(enterprise, api, universe):
    body = asked(cause="reverification", kind="reverified", changes={"QC-05": 7})
    refused = api(universe.shen).post(PATH, body)
    assert (refused.status_code, refused.json()["code"]) == (
        409,
        "sharing.record.nothing_to_verify",
    )


def test_another_bureau_sees_neither_enterprise_nor_change(prepared, api, universe):
    assert api(universe.lu).post(PATH, asked()).json()["code"] == (
        "sharing.enterprise.not_registered"
    )
    change = prepared()
    assert release(api, universe, change, who="mo").status_code == 404
    assert api(universe.mo).get(PATH).json()["results"] == []


def test_a_bank_prepares_nothing(enterprise, api, universe):
    assert api(universe.chen_min).post(PATH, asked()).status_code == 403


def test_a_bureau_releases_for_the_one_below_it(prepared, api, universe):
    assert release(api, universe, prepared(who="wu")).status_code == 200
    with acting_as(universe.hangzhou.pk):
        publication = Publication.objects.order_by("-number").first()
    assert publication.owner_id == universe.linping.pk
    assert publication.region == "330113"
    assert publication.released_by_id == universe.zheng.user_id


def test_a_released_change_is_released_once(prepared, api, universe):
    change = prepared()
    release(api, universe, change)
    again = release(api, universe, change)
    assert (again.status_code, again.json()["code"]) == (409, "lifecycle.illegal_transition")


def test_a_dropped_change_is_never_released(prepared, api, universe):
    change = prepared()
    dropped = api(universe.shen).post(f"{PATH}{change['id']}/cancel/")
    assert (dropped.status_code, dropped.json()["status"]) == (200, "cancelled")
    assert release(api, universe, change).status_code == 409


def test_changes_are_listed_by_state(prepared, api, universe):
    first, second = prepared(), prepared(changes={"QC-05": 0})
    release(api, universe, first)
    waiting = api(universe.zheng).get(f"{PATH}?status=prepared").json()["results"]
    assert [change["id"] for change in waiting] == [second["id"]]
