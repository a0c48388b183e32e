"""Files in pieces, pasted rows, and the same file twice."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qfce.kernel.tenancy.context import acting_as
from sharing.models import FileUpload, ImportBatch
from sharing.services import file_uploads
from tests.sharing.test_api_imports import GOOD, OTHER, csv

pytestmark = pytest.mark.django_db
CONTENT = csv(GOOD, OTHER)
SIZE = len(CONTENT)
UPLOADS = "/api/v1/uploads/"


@pytest.fixture
def begun(zj_list, api, universe):
    """Begin an upload; what it is."""

    def begin(name="list.csv", size=SIZE, who="shen"):
        body = {"file_name": name, "file_size": size}
        return api(getattr(universe, who)).post(UPLOADS, body)

    return begin


def put(api, actor, upload_id, piece, offset, digest=None):
    client = api(actor)
    return client.client.generic(
        "PUT",
        f"{UPLOADS}{upload_id}/",
        piece,
        content_type="application/octet-stream",
        headers={
            **client.headers,
            "Upload-Offset": str(offset),
            "Upload-Sha256": digest or hashlib.sha256(piece).hexdigest(),
        },
    )


def take_in(api, actor, upload_id):
    body = {"upload": upload_id, "factor_list": "ZJ-QFCE", "mode": "delta"}
    return api(actor).post("/api/v1/imports/", body)


def test_pieces_become_the_file_and_the_import(begun, api, universe, run_tasks):
    upload = begun().json()
    assert put(api, universe.shen, upload["id"], CONTENT[:40], 0).json()["received"] == 40
    assert take_in(api, universe.shen, upload["id"]).status_code == 409

    # The line broke: whoever begins the same file again goes on where it stopped.
    again = begun().json()
    assert (again["id"], again["received"]) == (upload["id"], 40)
    assert put(api, universe.shen, upload["id"], CONTENT[:40], 0).json()["received"] == 40
    done = put(api, universe.shen, upload["id"], CONTENT[40:], 40)
    assert done.json()["received"] == len(CONTENT)

    answer = take_in(api, universe.shen, upload["id"])
    assert answer.status_code == 202, answer.content
    run_tasks()
    whole = api(universe.shen).get(f"/api/v1/imports/{answer.json()['id']}/").json()
    assert whole["status"] == "ready"
    assert whole["file_sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_a_piece_is_refused_that_is_damaged_out_of_place_or_too_large(begun, api, universe):
    upload_id = begun().json()["id"]
    shen = universe.shen
    damaged = put(api, shen, upload_id, b"abc", 0, "0" * 64)
    assert (damaged.status_code, damaged.json()["code"]) == (400, "sharing.upload.piece_damaged")
    late = put(api, shen, upload_id, b"abc", 10)
    assert (late.status_code, late.json()["code"]) == (409, "sharing.upload.wrong_offset")
    beyond = put(api, shen, upload_id, CONTENT + b"x", 0)
    assert (beyond.status_code, beyond.json()["code"]) == (400, "sharing.upload.piece_too_large")
    assert put(api, shen, uuid4(), b"abc", 0).status_code == 404
    assert put(api, universe.wu, upload_id, b"abc", 0).status_code in {403, 404}


def test_an_upload_is_refused_by_name_size_and_number(begun):
    assert begun("list.pdf").json()["code"] == "file_type"
    assert begun(size=0).json()["code"] == "file_empty"
    assert begun(size=300_000_000).json()["code"] == "file_too_large"
    for number in range(file_uploads.MOST_OPEN):
        assert begun(f"{number}.csv").status_code == 201
    assert begun("one more.csv").json()["code"] == "sharing.upload.too_many"


def test_what_nobody_takes_within_a_day_is_removed(begun, api, universe):
    upload_id = begun().json()["id"]
    put(api, universe.shen, upload_id, CONTENT[:9], 0)
    with acting_as(universe.hangzhou.pk):
        upload = FileUpload.objects.get()
        at = upload.begun_at + timedelta(hours=23)
        assert file_uploads.sweep(actor=universe.shen, at=at) == 0
        assert file_uploads.path_of(upload.pk).exists()
        assert file_uploads.sweep(actor=universe.shen, at=at + timedelta(hours=2)) == 1
        assert not FileUpload.objects.exists()
        assert not file_uploads.path_of(upload.pk).exists()


def test_rows_pasted_from_a_spreadsheet_are_an_import(zj_list, browser, universe, run_tasks):
    pasted = CONTENT.decode().replace(",", "\t")
    given = {"pasted": pasted, "factor_list": "ZJ-QFCE", "mode": "delta"}
    answer = browser(universe.shen).post("/sharing/imports/new/", given)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    run_tasks()
    with acting_as(universe.hangzhou.pk):
        batch = ImportBatch.objects.get()
    assert (batch.status, batch.rows_valid) == ("ready", 2)
    assert batch.file_name.endswith(".txt")


def test_nothing_at_all_is_refused_in_words(zj_list, browser, universe):
    given = {"factor_list": "ZJ-QFCE", "mode": "delta"}
    answer = browser(universe.shen).post("/sharing/imports/new/", given)
    assert answer.status_code == 422
    assert "Choose a file, or paste rows." in answer.content.decode()


def test_the_same_file_again_is_noticed_and_let_on(zj_list, browser, universe, run_tasks, api):
    pages = []
    for _ in range(2):
        file = SimpleUploadedFile("list.csv", CONTENT)
        data = {"file": file, "factor_list": "ZJ-QFCE", "mode": "delta"}
        pages.append(browser(universe.shen).post("/sharing/imports/new/", data)["Location"])
    run_tasks()
    shen = browser(universe.shen)
    words = "The very same file was uploaded before."
    assert words not in shen.get(pages[0]).content.decode()
    second = shen.get(pages[1]).content.decode()
    assert words in second
    assert universe.shen.name in second
    path = f"/api/v1/imports/{pages[1].split('/')[-2]}/"
    earlier = api(universe.shen).get(path).json()["same_file_before"]
    assert earlier["uploaded_by"] == universe.shen.name
