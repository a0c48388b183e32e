"""Imports through the API: a file from upload to publication, and every refusal on the way."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qfce.kernel.tenancy.context import acting_as
from sharing.models import ColumnMapping, Enterprise, FactorProfile, ImportBatch
from sharing.services import mending_files
from tests.universe import USCC

B, C = "91330110MA2B0C8X3K", "91330105MA27XG5T1D"
HEADER = "统一社会信用代码,企业名称,行政区划代码,QF-17,QC-05"
GOOD = f"{USCC},临平安和精工汽车零部件股份有限公司,330113,VALID,0"
OTHER = f"{B},杭州某某精密机械有限公司,330110,VALID,1"
FAULTY = f"{C},杭州另一家有限公司,330105,VALID,很多"


def csv(*lines, header=HEADER):
    return "\n".join((header, *lines)).encode()


@pytest.fixture
def upload(zj_list, api, universe):
    def send(content, *, name="list.csv", who="shen", mode="delta", **further):
        actor = getattr(universe, who) if isinstance(who, str) else who
        data = {
            "file": SimpleUploadedFile(name, content),
            "factor_list": "ZJ-QFCE",
            "mode": mode,
            **further,
        }
        return api(actor).post("/api/v1/imports/", data, multipart=True)

    return send


@pytest.fixture
def imported(upload, run_tasks):
    """Upload and check a file; its id."""

    def send(content, **how):
        response = upload(content, **how)
        assert response.status_code == 202, response.content
        run_tasks()
        return response.json()["id"]

    return send


@pytest.fixture
def published(imported, api, universe, run_tasks):
    """Upload, check and publish a file; its id."""

    def send(content, *, release=None, **how):
        import_id = imported(content, **how)
        response = api(universe.zheng).post(f"/api/v1/imports/{import_id}/publish/", release)
        assert response.status_code == 202, response.content
        run_tasks()
        return import_id

    return send


def shown(api, actor, import_id, **headers):
    response = api(actor).get(f"/api/v1/imports/{import_id}/", **headers)
    assert response.status_code == 200, response.content
    return response.json()


def post(api, actor, import_id, what, body=None):
    return api(actor).post(f"/api/v1/imports/{import_id}/{what}/", body)


def test_a_file_is_received_checked_and_published(upload, api, universe, run_tasks):
    response = upload(csv(GOOD, OTHER))
    assert response.status_code == 202
    body = response.json()
    assert (body["status"], body["progress"]) == ("received", 0.0)
    assert response.headers["Location"].endswith(f"/api/v1/imports/{body['id']}/")

    run_tasks()
    checked = shown(api, universe.shen, body["id"])
    assert checked["status"] == "ready"
    assert checked["progress"] == 1.0
    assert checked["rows"] == {
        "total": 2, "valid": 2, "invalid": 0, "new": 2, "changed": 0, "unchanged": 0,
    }  # fmt: skip
    with acting_as(universe.hangzhou.pk):
        assert not FactorProfile.objects.exists(), "nothing is visible before the release"

    assert post(api, universe.zheng, body["id"], "publish").status_code == 202
    run_tasks()
    done = shown(api, universe.shen, body["id"])
    assert done["status"] == "published"
    assert (done["publication"]["number"], done["publication"]["rows"]) == (1, 2)
    with acting_as(universe.hangzhou.pk):
        profile = FactorProfile.objects.get(uscc=USCC)
    assert profile.values == {"QF-17": "VALID", "QC-05": 0}


def test_the_same_file_again_changes_nothing(published, api, universe):
    published(csv(GOOD, OTHER))
    again = shown(api, universe.shen, published(csv(GOOD, OTHER)))
    assert again["rows"]["unchanged"] == again["rows"]["valid"] == 2
    assert (again["publication"]["number"], again["publication"]["rows"]) == (2, 0)


def test_rows_add_up_when_some_are_new_some_changed_some_wrong(published, imported, api, universe):
    published(csv(GOOD, OTHER))
    import_id = imported(csv(GOOD, OTHER.replace(",1", ",2"), FAULTY))
    body = shown(api, universe.shen, import_id)
    assert body["status"] == "needs_attention"
    assert body["rows"] == {
        "total": 3, "valid": 2, "invalid": 1, "new": 0, "changed": 1, "unchanged": 1,
    }  # fmt: skip
    assert body["findings"]["by_code"]["not_integer"] == 1


def test_findings_come_in_the_readers_language(imported, api, universe):
    import_id = imported(csv(GOOD, FAULTY))
    path = f"/api/v1/imports/{import_id}/errors/?severity=error"
    english = api(universe.shen).get(path, **{"Accept-Language": "en"}).json()
    chinese = api(universe.shen).get(path, **{"Accept-Language": "zh"}).json()
    assert set(english) == {"next", "previous", "results"}
    (found,) = english["results"]
    assert {name: found[name] for name in ("row", "column", "code", "severity", "value")} == {
        "row": 3,
        "column": "QC-05",
        "code": "not_integer",
        "severity": "error",
        "value": "很多",
    }
    assert found["message"].isascii()
    assert not chinese["results"][0]["message"].isascii()


def test_findings_are_paged_in_the_order_of_the_file(imported, api, universe):
    import_id = imported(csv(*(FAULTY.replace("很多", f"x{n}") for n in range(7)), GOOD))
    path, rows = f"/api/v1/imports/{import_id}/errors/?limit=3", []
    while path:
        page = api(universe.shen).get(path).json()
        rows += [(found["row"], found["code"]) for found in page["results"]]
        path = page["next"]
    assert [row for row, _ in rows] == sorted(row for row, _ in rows)
    assert shown(api, universe.shen, import_id)["findings"]["errors"] == len(
        [1 for _, code in rows if code in {"not_integer", "duplicate_uscc"}]
    )


def test_rows_in_error_are_left_out_only_if_somebody_says_so(imported, api, universe, run_tasks):
    import_id = imported(csv(GOOD, FAULTY))
    refused = post(api, universe.zheng, import_id, "publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "sharing.import.has_errors")

    released = post(api, universe.zheng, import_id, "publish", {"leave_out_errors": True})
    assert released.status_code == 202
    run_tasks()
    body = shown(api, universe.shen, import_id)
    assert (body["status"], body["publication"]["rows"]) == ("published", 1)


def test_a_file_of_errors_alone_cannot_be_published(imported, api, universe):
    import_id = imported(csv(FAULTY))
    refused = post(api, universe.zheng, import_id, "publish", {"leave_out_errors": True})
    assert refused.status_code == 409
    assert refused.json()["code"] == "sharing.import.nothing_to_publish"


@pytest.mark.parametrize("what", ["publish", "undo"])
def test_whoever_uploaded_releases_nothing(imported, api, universe, what):
    import_id = imported(csv(GOOD))
    refused = post(api, universe.shen, import_id, what)
    assert refused.status_code == 403
    assert refused.json()["code"] == "sharing.import.own"


def test_another_bureau_and_a_bank_see_no_import(imported, api, universe):
    import_id = imported(csv(GOOD))
    assert api(universe.mo).get(f"/api/v1/imports/{import_id}/").status_code == 404
    assert post(api, universe.mo, import_id, "publish").status_code == 404
    assert api(universe.mo).get(f"/api/v1/imports/{import_id}/errors/").status_code == 404
    assert api(universe.chen_min).get(f"/api/v1/imports/{import_id}/").status_code == 403
    assert shown(api, universe.zhou, import_id)["status"] == "ready", "the province stands above"


def test_a_bureau_releases_for_the_one_below_it(imported, api, universe, run_tasks):
    import_id = imported(csv(GOOD), who="wu")
    assert post(api, universe.zheng, import_id, "publish").status_code == 202
    run_tasks()
    body = shown(api, universe.zheng, import_id)
    assert body["status"] == "published"
    with acting_as(universe.linping.pk):
        batch = ImportBatch.objects.select_related("publication").get(pk=import_id)
    assert batch.publication.owner_id == universe.linping.pk
    assert batch.publication.released_by_id == universe.zheng.user_id


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("list.csv", b"", "file_empty"),
        ("list.pdf", b"%PDF-1.7", "file_type"),
    ],
)
def test_what_the_upload_shows_is_refused_at_once(upload, name, content, code):
    response = upload(content, name=name)
    assert response.status_code == 400
    assert response.json()["code"] == code
    assert response.json()["errors"][0]["pointer"] == "/file"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("list.xlsx", b"this is no workbook", "file_damaged"),
        ("list.csv", b"a,b\n1,2\n", "header_not_found"),
        ("list.csv", csv(), "file_empty"),
    ],
)
def test_what_only_reading_shows_ends_the_import(imported, api, universe, name, content, code):
    import_id = imported(content, name=name)
    body = shown(api, universe.shen, import_id, **{"Accept-Language": "en"})
    assert (body["status"], body["refusal"]["code"]) == ("failed", code)
    assert body["refusal"]["message"]
    found = api(universe.shen).get(f"/api/v1/imports/{import_id}/errors/").json()["results"]
    assert [(f["row"], f["column"], f["code"]) for f in found] == [(None, None, code)]
    assert post(api, universe.zheng, import_id, "publish").status_code == 409


def test_an_unknown_list_is_refused(upload):
    response = upload(csv(GOOD), factor_list="XX-QFCE")
    assert response.status_code == 400
    assert response.json()["code"] == "sharing.import.unknown_list"


def test_a_full_file_that_removes_many_is_confirmed_by_number(
    published, imported, api, universe, run_tasks
):
    published(csv(GOOD, OTHER))
    import_id = imported(csv(GOOD), mode="full")
    assert shown(api, universe.shen, import_id)["removals"] == 1
    for body in (None, {"confirm_removals": 2}):
        refused = post(api, universe.zheng, import_id, "publish", body)
        assert refused.status_code == 409
        assert refused.json()["code"] == "sharing.import.removals_not_confirmed"
    confirmed = post(api, universe.zheng, import_id, "publish", {"confirm_removals": 1})
    assert confirmed.status_code == 202
    run_tasks()
    assert shown(api, universe.shen, import_id)["status"] == "published"
    with acting_as(universe.hangzhou.pk):
        assert FactorProfile.objects.get(uscc=B).listed is False


def test_an_enterprise_whose_row_is_wrong_is_not_left_out(published, imported, api, universe):
    published(csv(GOOD, OTHER))
    import_id = imported(csv(GOOD, OTHER.replace(",1", ",x")), mode="full")
    assert shown(api, universe.shen, import_id)["removals"] == 0


def test_removals_that_changed_meanwhile_go_back_to_the_releaser(
    published, imported, api, universe, run_tasks
):
    published(csv(GOOD, OTHER))
    import_id = imported(csv(GOOD), mode="full")
    assert (
        post(api, universe.zheng, import_id, "publish", {"confirm_removals": 1}).status_code == 202
    )
    with acting_as(universe.hangzhou.pk):
        ImportBatch.objects.filter(pk=import_id).update(status="ready", released_at=None,
                                                        released_by=None)  # fmt: skip
    run_tasks()
    published(csv(FAULTY.replace("很多", "0")))
    with acting_as(universe.hangzhou.pk):
        assert ImportBatch.objects.get(pk=import_id).status == "ready"


def test_undo_takes_everything_back(published, api, universe, run_tasks):
    import_id = published(csv(GOOD))
    assert post(api, universe.zheng, import_id, "undo").status_code == 202
    run_tasks()
    body = shown(api, universe.shen, import_id)
    assert (body["status"], body["undo_publication"]["number"]) == ("undone", 2)
    with acting_as(universe.hangzhou.pk):
        assert FactorProfile.objects.get(uscc=USCC).values == {}


def test_undo_is_refused_when_a_later_publication_has_the_same_fact(published, api, universe):
    first = published(csv(GOOD))
    published(csv(GOOD.replace("VALID", "REVOKED")))
    refused = post(api, universe.zheng, first, "undo")
    assert refused.status_code == 409
    body = refused.json()
    assert body["code"] == "sharing.import.later_publication"
    assert "Publication 2" in body["detail"]
    assert "QF-17" in body["detail"]


def test_a_cancelled_import_is_over(imported, api, universe, run_tasks):
    import_id = imported(csv(GOOD))
    response = post(api, universe.shen, import_id, "cancel")
    assert (response.status_code, response.json()["status"]) == (202, "cancelled")
    assert post(api, universe.zheng, import_id, "publish").status_code == 409
    assert post(api, universe.shen, import_id, "cancel").status_code == 409


def test_an_import_cancelled_before_its_check_is_never_checked(upload, api, universe, run_tasks):
    import_id = upload(csv(GOOD)).json()["id"]
    assert post(api, universe.shen, import_id, "cancel").status_code == 202
    run_tasks()
    assert shown(api, universe.shen, import_id)["status"] == "cancelled"


def test_another_bureaus_waiting_import_is_told_without_saying_whose(imported, api, universe):
    imported(csv(GOOD), who="wu")
    import_id = imported(csv(GOOD, OTHER))
    found = api(universe.shen).get(f"/api/v1/imports/{import_id}/errors/").json()["results"]
    assert [(f["row"], f["code"]) for f in found if f["code"] == "pending_elsewhere"] == [
        (2, "pending_elsewhere")
    ]


def test_an_enterprise_registered_elsewhere_is_kept_out(published, imported, api, universe):
    published(csv(GOOD))
    theirs = GOOD.replace(",330113,", ",330203,")
    import_id = imported(csv(theirs, OTHER.replace("330110", "330203")), who="lu")
    body = shown(api, universe.mo, import_id)
    assert body["rows"]["invalid"] == 1
    assert body["findings"]["by_code"]["region_outside"] == 1


def test_a_column_mapped_by_hand_is_remembered(imported, api, universe):
    header = HEADER.replace("QF-17", "体系情况")
    first = imported(csv(GOOD, header=header), mapping=json.dumps({"体系情况": "QF-17"}))
    second = imported(csv(GOOD, header=header))
    for import_id in (first, second):
        body = shown(api, universe.shen, import_id)
        assert body["mapping"] == {"体系情况": "QF-17"}
        assert "unknown_column" not in body["findings"]["by_code"]


def test_what_is_remembered_of_another_version_is_passed_over(imported, api, universe):
    header = HEADER.replace("QF-17", "体系情况")
    first = imported(csv(GOOD, header=header), mapping=json.dumps({"体系情况": "QF-17"}))
    with acting_as(universe.hangzhou.pk):
        assert ColumnMapping.objects.filter(header="体系情况").update(field="QX-99") == 1
    body = shown(api, universe.shen, imported(csv(GOOD, header=header)))
    assert first and body["mapping"] == {}
    assert body["findings"]["by_code"]["unknown_column"] == 1


def test_a_key_makes_an_upload_happen_once(api, universe, zj_list):
    def send():
        data = {
            "file": SimpleUploadedFile("list.csv", csv(GOOD)),
            "factor_list": "ZJ-QFCE",
            "mode": "delta",
        }
        client = api(universe.shen)
        return client.post("/api/v1/imports/", data, multipart=True, **{"Idempotency-Key": "a"})

    assert send().json()["id"] == send().json()["id"]


@pytest.mark.parametrize("character", ["\u200b", "\ufeff", "\u202a", "\u00ad"])
def test_a_code_with_a_character_nobody_sees_is_known_to_all_look_ups(
    published, imported, api, universe, character
):
    published(csv(GOOD, OTHER))
    imported(csv(OTHER), who="wu")
    hidden = f"{USCC[:4]}{character}{USCC[4:]}"
    import_id = imported(csv(GOOD, OTHER.replace(B, f"{character}{B}")), mode="full")
    body = shown(api, universe.shen, import_id)
    assert (body["removals"], body["rows"]["invalid"]) == (0, 0)
    assert body["findings"]["by_code"]["pending_elsewhere"] == 1
    theirs = imported(csv(GOOD.replace(USCC, hidden).replace(",330113,", ",330203,")), who="lu")
    assert shown(api, universe.mo, theirs)["findings"]["by_code"]["region_outside"] == 1


@pytest.mark.parametrize(
    ("stored", "given"),
    [("\x1e", ""), ("\t", ""), ("\n", ""), ("\\", "\\"), ("\\N", "\\N"), ('"', '""')],
)
def test_a_name_with_a_separator_breaks_no_later_import(
    published, imported, api, universe, stored, given
):
    """No file brings one in; a register or another program may."""
    name = "杭州某某精密机械有限公司"
    published(csv(GOOD, OTHER))
    with acting_as(universe.hangzhou.pk):
        Enterprise.objects.filter(uscc=B).update(name=name.replace("精", f"{stored}精"))
    other = OTHER.replace(name, f'"{name.replace("精", f"{given}精")}"')
    import_id = imported(csv(GOOD.replace("VALID", "NONE"), other))
    body = shown(api, universe.shen, import_id)
    assert (body["status"], body["rows"]["valid"]) == ("ready", 2)
    assert "name_mismatch" not in body["findings"]["by_code"]


def test_every_row_of_an_enterprise_registered_elsewhere_can_be_mended(
    published, imported, api, universe
):
    """Also in the long layout, in which it has several."""
    published(csv(GOOD))
    header = "统一社会信用代码,企业名称,行政区划代码,信息项,值"
    lines = [
        ",".join([*GOOD.split(",")[:2], "330203", item]) for item in ("QF-17,VALID", "QC-05,0")
    ]
    ours = f"{B},杭州某某精密机械有限公司,330203,QC-05,1"
    import_id = imported(csv(lines[0], ours, lines[1], header=header), who="lu")
    body = shown(api, universe.mo, import_id)
    assert (body["rows"]["valid"], body["rows"]["invalid"]) == (1, 2)
    found = api(universe.lu).get(f"/api/v1/imports/{import_id}/errors/").json()["results"]
    assert [f["row"] for f in found if f["code"] == "region_outside"] == [2, 4]
    with acting_as(universe.lu.organization_id):
        assert mending_files.rows(import_id, {2, 3, 4})["row"].to_pylist() == [2, 3, 4]
