"""The editor's pages: cells, forms, conflicts, many at once; and where a version goes next."""

import json

import pytest

from factors.models import FactorListVersion
from factors.services import draft_edits
from qfce.kernel.tenancy.context import acting_as
from tests.factors import lists

pytestmark = pytest.mark.django_db
DRAFT = "/factors/lists/HZ-SMALL/versions/1/"
EDIT = f"{DRAFT}edit/"


@pytest.fixture
def draft(desk):
    return desk.draft()


@pytest.fixture
def client(universe, browser, draft):
    return browser(universe.zhou)


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


def member(draft, universe, code, name):
    with acting_as(universe.zhou.organization_id):
        document = FactorListVersion.objects.get(pk=draft.pk).document
    return lists.item(document, code)[name]


def test_the_table_shows_every_item_and_how_it_is_typed(client):
    page = text_of(client.get(EDIT))

    assert page.count('<tr id="row-') == 2
    assert 'data-field="maximum"' in page
    assert "list_editor.js" in page
    narrowed = text_of(client.get(EDIT, {"q": "QF-17"}))
    assert narrowed.count('<tr id="row-') == 1


def test_a_cell_is_set_and_its_row_comes_back(universe, client, draft, htmx):
    posted = {"value": "5", "steps": "0"}
    response = client.post(f"{EDIT}items/QC-05/maximum/", posted, headers=htmx("row-QC-05"))

    row = text_of(response)
    assert row.strip().splitlines()[-1] == "</tr>"
    assert 'data-steps="1"' in row
    assert json.loads(response.headers["HX-Trigger"])["list-edited"]["steps"] == 1
    assert member(draft, universe, "QC-05", "maximum") == "5"
    # What was swapped in is what a reload shows.
    reloaded = text_of(client.get(EDIT))
    assert 'aria-label="QC-05 Largest value: 5"' in row
    assert 'aria-label="QC-05 Largest value: 5"' in reloaded


def test_the_later_of_two_is_shown_both_sides_at_the_table(universe, desk, client, draft, htmx):
    desk.as_(universe.zhou, draft_edits.set_members, draft.pk, {"QC-05": {"maximum": "6"}}, steps=0)
    posted = {"value": "7", "steps": "0"}
    response = client.post(f"{EDIT}items/QC-05/maximum/", posted, headers=htmx("row-QC-05"))

    shown = text_of(response, 409)
    assert response.headers["HX-Retarget"] == "#editor-conflict"
    for side in ("<td>6</td>", "<td>7</td>", "Take mine", "Leave theirs", 'value="1"'):
        assert side in shown
    assert member(draft, universe, "QC-05", "maximum") == "6"
    text_of(client.post(f"{EDIT}items/QC-05/maximum/", {"value": "7", "steps": "1"}))
    assert member(draft, universe, "QC-05", "maximum") == "7"


@pytest.mark.parametrize(("field", "value"), [("maximum", "many"), ("sensitivity", "very")])
def test_what_a_cell_cannot_hold_is_said(client, htmx, field, value):
    posted = {"value": value, "steps": "0"}
    response = client.post(f"{EDIT}items/QC-05/{field}/", posted, headers=htmx("row-QC-05"))

    assert value in text_of(response, 422)


def form_of(client, code):
    """Return the fields of an item's form as the page fills them in."""
    form = client.get(f"{EDIT}items/{code}/").context["form"]
    held = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in held.items()}


def test_the_form_of_an_item_works_without_javascript(universe, client, draft):
    given = form_of(client, "QC-05") | {"maximum": "5", "fill_en": "Count them."}

    assert client.post(f"{EDIT}items/QC-05/", given).status_code == 302

    assert member(draft, universe, "QC-05", "maximum") == "5"
    assert member(draft, universe, "QC-05", "fill_en") == "Count them."
    page = text_of(client.post(f"{EDIT}items/QC-05/", given | {"maximum": "x"}), 422)
    assert "This cannot stand here" in page


@pytest.mark.parametrize(
    ("language", "order", "owner", "required"),
    [
        ("en", "province; National register", "City | 市局 | City bureau", "yes"),
        ("zh-hans", "省级；register", "市级 | 市局 | City bureau", "是"),
    ],
)
def test_parts_of_an_item_are_typed_in_the_readers_words(
    universe, browser, draft, language, order, owner, required
):
    client = browser(universe.zhou, language=language)
    given = form_of(client, "QC-05") | {"source_order": order, "owners": owner}
    given["evidences"] = f"决定书 | Decision | {required}"

    assert client.post(f"{EDIT}items/QC-05/", given).status_code == 302

    assert member(draft, universe, "QC-05", "source_order") == ["province", "register"]
    [held] = member(draft, universe, "QC-05", "owners")
    assert held["level"] == "city"
    [held] = member(draft, universe, "QC-05", "evidences")
    assert held["required"] is True
    shown = form_of(client, "QC-05")
    assert shown["source_order"].startswith("省级；" if language == "zh-hans" else "Province; ")
    assert shown["owners"] == owner
    assert client.post(f"{EDIT}items/QC-05/", shown | {"steps": "1"}).status_code == 302
    unknown = given | {"source_order": "elsewhere", "steps": "1"}
    assert "elsewhere" in text_of(client.post(f"{EDIT}items/QC-05/", unknown), 422)


def test_the_form_merges_what_differs_and_shows_what_meets(universe, desk, client, draft):
    given = form_of(client, "QC-05")
    theirs = {"QC-05": {"maximum": "6", "minimum": "1"}}
    desk.as_(universe.zhou, draft_edits.set_members, draft.pk, theirs, steps=0)

    merged = client.post(f"{EDIT}items/QC-05/", given | {"fill_en": "Count them."})
    assert merged.status_code == 302
    assert member(draft, universe, "QC-05", "maximum") == "6"

    page = text_of(client.post(f"{EDIT}items/QC-05/", given | {"maximum": "7"}), 409)
    assert "Somebody else has changed the same" in page
    assert 'name="steps" value="2"' in page  # to save again is to choose
    given |= {"maximum": "7", "minimum": "1", "fill_en": "Count them.", "steps": "2"}
    assert client.post(f"{EDIT}items/QC-05/", given).status_code == 302
    assert member(draft, universe, "QC-05", "maximum") == "7"


def test_many_are_set_moved_removed_and_taken_back(universe, client, draft):
    posted = {"codes": ["QC-05", "QF-17"], "field": "max_age_days", "value": "77", "steps": "0"}
    client.post(f"{EDIT}bulk/", posted)
    assert member(draft, universe, "QF-17", "max_age_days") == 77

    client.post(f"{EDIT}bulk/", {"action": "down", "code": "QC-05", "steps": "1"})
    page = text_of(client.get(EDIT))
    assert page.index("row-QF-17") < page.index("row-QC-05")
    client.post(f"{EDIT}bulk/", {"action": "remove", "codes": ["QC-05"], "steps": "2"})
    assert "row-QC-05" not in text_of(client.get(EDIT))
    for _ in range(3):
        client.post(f"{EDIT}undo/")
    assert member(draft, universe, "QF-17", "max_age_days") != 77


def test_items_are_added_and_copied(universe, client, draft, zj_list):
    new = {
        "code": "QC-90", "name_zh": "新项", "name_en": "New item", "category": "quality_credit",
        "type": "count", "steps": "0",
    }  # fmt: skip
    response = client.post(f"{EDIT}add/", new)
    assert response.headers["Location"] == f"{EDIT}items/QC-90/"
    assert "QC-90 has no" in text_of(client.get(response.headers["Location"]))
    assert text_of(client.post(f"{EDIT}add/", new), 409)

    copied = {"source": "ZJ-QFCE/1", "codes": ["QC-08"], "steps": "1"}
    assert client.post(f"{EDIT}copy/", copied).status_code == 302
    assert "row-QC-08" in text_of(client.get(EDIT))


def test_the_preview_shows_the_columns_and_the_form(client):
    page = text_of(client.get(f"{EDIT}preview/"))

    assert "QC-05 Product-quality penalties" in page
    assert 'id="preview-QF-17"' in page


def test_nobody_else_edits(universe, browser, draft, client):
    for actor in (universe.fang, universe.lin):
        assert browser(actor).get(EDIT).status_code == 403
    assert client.get("/factors/lists/ZJ-QFCE/versions/1/edit/").status_code == 404


def test_a_list_is_begun_submitted_returned_and_published(universe, browser, zj_list):
    client = browser(universe.zhou)
    new = {
        "code": "ZJ-NEW", "name_zh": "新清单", "name_en": "New list", "region": "330000",
        "effective_from": "2030-01-01", "source": "ZJ-QFCE/1",
    }  # fmt: skip
    place = "/factors/lists/ZJ-NEW/versions/1/"
    assert client.post("/factors/lists/new/", new).headers["Location"] == f"{place}edit/"
    assert text_of(client.post("/factors/lists/new/", new), 409)
    assert "Submit to the signers" in text_of(client.get(f"{place}state/"))

    assert client.post(f"{place}submit/", {"sign_by": ""}).status_code == 302
    assert client.post(f"{place}return/", {"reason": "Not yet."}).status_code == 302
    assert text_of(client.post(f"{place}return/", {"reason": "Again."}), 409)
    assert client.post(f"{place}first-day/", {"effective_from": "2030-02-01"}).status_code == 302
    assert client.post(f"{place}submit/", {"sign_by": ""}).status_code == 302
    assert client.post(f"{place}publish/").status_code == 302
    assert client.post("/factors/lists/ZJ-NEW/next/").headers["Location"].endswith("/2/edit/")
    assert client.post("/factors/lists/ZJ-NEW/versions/2/discard/").status_code == 302
    assert client.post(f"{place}withdraw/", {"reason": "Wrong."}).status_code == 302
    assert "never counts again" not in text_of(client.get(f"{place}state/"))


def test_a_list_with_faults_is_not_submitted_and_each_is_named(client, universe, draft):
    client.post(f"{EDIT}items/QC-05/name_zh/", {"value": "", "steps": "0"})

    page = text_of(client.post(f"{DRAFT}submit/", {"sign_by": ""}), 400)
    assert "QC-05 has no name_zh" in page


def test_the_signers_are_a_setting_of_the_list(universe, client, draft):
    signers = [str(universe.pboc_signer.organization_id), str(universe.fang.organization_id)]
    address = "/factors/lists/HZ-SMALL/signers/"
    assert client.post(address, {"signers": signers, "signing_days": "7"}).status_code == 302

    page = text_of(client.get(f"{DRAFT}state/"))
    assert "2 organizations sign this list; they have 7 working days." in page


def test_consultation_pages(universe, client, browser, draft):
    given = {"closes_on": "2099-01-01", "invited": [str(universe.lin.organization_id)]}
    response = client.post(f"{DRAFT}consult/", given)
    address = response.headers["Location"]
    bank = browser(universe.lin)
    assert "HZ-SMALL" in text_of(bank.get("/factors/consultations/"))
    assert bank.post(f"{address}comment/", {"item": "QC-05", "text": "Why?"}).status_code == 302
    assert "Why?" in text_of(bank.get(address))
    assert browser(universe.bank_b_officer).get(address).status_code == 404

    owner = client.get(address)
    comment = owner.context["comments"][0][0].id
    answer = {"outcome": "accepted", "text": "Because."}
    assert client.post(f"{address}comments/{comment}/answer/", answer).status_code == 302
    assert text_of(client.post(f"{address}comments/{comment}/answer/", answer), 409)
    assert "Because." in text_of(bank.get(address))
    assert client.post(f"{address}close/").status_code == 302
    assert text_of(bank.post(f"{address}comment/", {"item": "", "text": "More."}), 409)


def test_versions_are_compared_side_by_side(universe, client, desk, draft):
    page = text_of(client.get("/factors/lists/HZ-SMALL/compare/"))
    assert "The two versions say the same" in page
    assert client.get("/factors/lists/NO-LIST/compare/").status_code == 404
