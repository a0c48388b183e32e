"""A list taken home and brought back: the same digest, nobody's work lost, faults named."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factors.domain import interchange
from factors.models import FactorListVersion
from factors.services import interchange as services
from factors.services.interchange import DraftChanged, FileIsNoList, UnknownForm
from qfce.kernel.errors import NotPermitted
from qfce.kernel.tenancy.context import acting_as
from tests.factors import lists

FORMS = [form.value for form in interchange.Form]


def bring(desk, document, form="json", *, actor=None, **how):
    file = interchange.write(document, interchange.Form(form))
    return desk.as_(
        actor or desk.universe.zhou,
        services.import_draft,
        file,
        file_name=f"list.{form}",
        **how,
    )


@pytest.mark.parametrize("form", FORMS)
def test_what_is_exported_and_brought_back_has_the_same_digest(desk, form):
    draft = desk.draft()

    again = bring(desk, draft.document, form, digest=draft.digest)

    assert (again.pk, again.digest) == (draft.pk, draft.digest)


def test_a_file_begins_the_next_version(desk, zj_list):
    document = zj_list.to_document() | {"name_en": "Another name", "effective_from": None}

    version = bring(desk, document, "xlsx")

    assert (version.factor_list.code, version.number, version.status) == ("ZJ-QFCE", 2, "draft")
    assert version.document["name_en"] == "Another name"


def test_work_that_the_file_does_not_know_is_not_lost(desk):
    draft = desk.draft()
    changed = draft.document | {"name_en": "Other"}
    bring(desk, changed, digest=draft.digest)

    for stale in (draft.digest, ""):
        with pytest.raises(DraftChanged):
            bring(desk, draft.document, digest=stale)
    with acting_as(desk.universe.zhou.organization_id):
        kept = FactorListVersion.objects.get(pk=draft.pk)
    assert kept.document["name_en"] == "Other"


def test_a_digest_without_its_draft_begins_nothing(desk):
    with pytest.raises(DraftChanged):
        bring(desk, lists.small("HZ-NONE"), digest="0" * 64)
    with acting_as(desk.universe.zhou.organization_id):
        assert not FactorListVersion.objects.filter(factor_list__code="HZ-NONE").exists()


def test_every_fault_is_named_with_its_place(desk):
    document = lists.document() | {"code": "HZ-WHOLE"}
    lists.item(document, "QC-05")["maximum"] = "-1"
    lists.item(document, "QF-17")["values"] = []
    lists.item(document, "QI-03")["kind"] = "ladder"

    with pytest.raises(FileIsNoList) as refused:
        bring(desk, document, "xlsx")

    assert len(refused.value.errors) == 3
    assert {(error["sheet"], error["row"], error["column"]) for error in refused.value.errors} >= {
        ("信息项 items", "6", "最小值 minimum")
    }


def test_an_unfinished_list_is_taken_if_that_is_said(desk):
    document = lists.small("HZ-HALF")
    lists.item(document, "QC-05")["fill_zh"] = ""

    with pytest.raises(FileIsNoList):
        bring(desk, document)
    assert bring(desk, document, unfinished=True).status == "draft"
    lists.item(document, "QC-05")["type"] = "colour"
    with pytest.raises(FileIsNoList):
        bring(desk, document, unfinished=True)


def test_a_file_of_another_kind_is_refused(desk):
    with pytest.raises(UnknownForm):
        desk.as_(desk.universe.zhou, services.import_draft, b"x", file_name="list.docx")


def test_only_whoever_edits_lists_brings_one(desk):
    with pytest.raises(NotPermitted):
        bring(desk, lists.small(), actor=desk.universe.lin)


def test_programs_take_a_version_home_and_bring_it_back(universe, api, zj_list):
    here = "/api/v1/factor-lists/"
    for form in FORMS:
        answer = api(universe.lin).get(f"{here}ZJ-QFCE/versions/1/export.{form}")
        assert answer.status_code == 200
        found = interchange.read(answer.content, interchange.Form(form))
        assert found.document == json.loads(json.dumps(zj_list.to_document()))
    assert api(universe.lin).get(f"{here}ZJ-QFCE/versions/1/export.odt").status_code == 404

    file = interchange.write(lists.small("ZJ-API"), interchange.Form.YAML)
    sent = {"file": SimpleUploadedFile("list.yaml", file)}
    made = api(universe.zhou).post(f"{here}import/", sent, multipart=True)
    assert (made.status_code, made.json()["code"], made.json()["number"]) == (201, "ZJ-API", 1)
    sent = {"file": SimpleUploadedFile("list.yaml", file)}
    assert api(universe.zhou).post(f"{here}import/", sent, multipart=True).status_code == 409
    broken = {"file": SimpleUploadedFile("list.yaml", b"items: []\nitems: []")}
    refused = api(universe.zhou).post(f"{here}import/", broken, multipart=True)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "key_twice"


def test_a_draft_is_nobody_elses_to_take_home(desk, api):
    desk.draft()
    place = "/api/v1/factor-lists/HZ-SMALL/versions/1/export.json"

    assert api(desk.universe.zhou).get(place).status_code == 200
    assert api(desk.universe.lin).get(place).status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_programs_take_the_printed_catalogue_and_the_schemas(universe, api, zj_list, language):
    here = "/api/v1/factor-lists/ZJ-QFCE/versions/1/"
    asked = f"?language={language}"
    pdf = api(universe.lin).get(f"{here}catalogue.pdf{asked}")
    docx = api(universe.lin).get(f"{here}catalogue.docx{asked}")
    table = api(universe.lin).get(f"{here}table-schema.json{asked}").json()

    ahead = api(universe.lin).get(f"{here}schema.json?on=2026-11-23").json()
    award = ahead["properties"]["values"]["properties"]["QM-02"]
    assert re.match(award["pattern"], "2026-11-23")
    assert not re.match(award["pattern"], "2026-11-24")
    assert api(universe.lin).get(f"{here}schema.json?on=soon").status_code == 400
    assert pdf.content.startswith(b"%PDF-")
    assert docx.content.startswith(b"PK")
    assert len(table["fields"]) == 147
    assert table["primaryKey"] == [table["fields"][0]["name"]]
    assert api(universe.lin).get(f"{here}catalogue.odt").status_code == 404


def test_the_page_names_the_faults_and_opens_the_draft(desk, browser):
    client = browser(desk.universe.zhou)
    broken = lists.small("HZ-PAGE")
    lists.item(broken, "QC-05")["maximum"] = "-1"
    file = interchange.write(broken, interchange.Form.XLSX)
    refused = client.post("/factors/lists/import/", {"file": SimpleUploadedFile("list.xlsx", file)})
    assert refused.status_code == 400
    assert "最小值 minimum" in refused.text

    sound = interchange.write(lists.small("HZ-PAGE"), interchange.Form.XLSX)
    made = client.post("/factors/lists/import/", {"file": SimpleUploadedFile("list.xlsx", sound)})
    assert made.headers["Location"] == "/factors/lists/HZ-PAGE/versions/1/"
    for form in FORMS:
        answer = client.get(f"/factors/lists/HZ-PAGE/versions/1/export/{form}/")
        assert answer.status_code == 200
