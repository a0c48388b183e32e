"""Factor lists over HTTP: what everybody reads, and what only the parties read."""

import io

import jsonschema
from python_calamine import CalamineWorkbook

from tests.factors import lists

LISTS = "/api/v1/factor-lists/"
ZJ = f"{LISTS}ZJ-QFCE/versions/1/"
SMALL = f"{LISTS}HZ-SMALL/versions/1/"


def test_everybody_reads_the_published_list(universe, api):
    for who in ("zhou", "shen", "lin", "bank_b_officer", "analyst", "an"):
        (entry,) = api(getattr(universe, who)).get(LISTS).json()["results"]

        assert (entry["code"], entry["name_zh"]) == ("ZJ-QFCE", "浙江省质量融资增信要素清单")
        assert [version["number"] for version in entry["versions"]] == [1]


def test_programs_read_it_with_the_scope(universe, api):
    page = api(universe.client_bank_a).get(LISTS)

    assert page.status_code == 200
    assert set(page.json()) == {"next", "previous", "results"}


def test_a_version_says_everything_in_both_languages(universe, api, zj_list):
    body = api(universe.lin).get(ZJ).json()

    assert (body["code"], body["number"], body["status"]) == ("ZJ-QFCE", 1, "published")
    lines = ("evidence_zh", "evidence_en", "basis")
    assert [
        {name: member for name, member in item.items() if name not in lines}
        for item in body["items"]
    ] == zj_list.to_document()["items"]
    assert body["items"][9]["evidence_en"] == "Rectification order, Re-check report"
    assert body["rules"] == zj_list.to_document()["rules"]
    assert len(body["report_rules"]) == 5


def test_reads_carry_an_etag(universe, api):
    client = api(universe.lin)
    etag = client.get(ZJ).headers["ETag"]

    assert client.get(ZJ, **{"If-None-Match": etag}).status_code == 304


MISSING = (
    f"{LISTS}NO-SUCH/versions/1/",
    f"{LISTS}ZJ-QFCE/versions/2/",
    f"{LISTS}ZJ-QFCE/versions/2/schema.json",
    f"{LISTS}ZJ-QFCE/versions/2/template.xlsx",
    f"{LISTS}ZJ-QFCE/versions/2/signatures/",
)


def test_what_is_not_there_is_a_problem_of_404(universe, api):
    client = api(universe.lin)
    for path in MISSING:
        answer = client.get(path)

        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_found"


def test_a_draft_is_hidden_from_everybody_else(universe, api, desk):
    desk.draft()

    assert api(universe.zhou).get(SMALL).json()["status"] == "draft"
    for who in ("lin", "pboc_signer", "shen"):
        assert api(getattr(universe, who)).get(SMALL).status_code == 404
        assert len(api(getattr(universe, who)).get(LISTS).json()["results"]) == 1


def test_a_signer_reads_what_it_is_asked_to_sign(universe, api, desk):
    version = desk.in_review(universe.pboc_signer)

    assert api(universe.pboc_signer).get(SMALL).json()["digest"] == version.digest
    assert api(universe.nfra_signer).get(SMALL).status_code == 404


def test_signatures_name_who_has_signed_what(universe, api, zj_list):
    page = api(universe.lin).get(f"{ZJ}signatures/").json()

    assert len(page["results"]) == 6
    assert {entry["decision"] for entry in page["results"]} == {"signed"}
    assert {entry["digest"] for entry in page["results"]} == {
        api(universe.lin).get(ZJ).json()["digest"]
    }
    assert all(entry["is_required"] and entry["is_current"] for entry in page["results"])


def test_nobody_signed_in_reads_nothing(universe, client):
    assert client.get(LISTS).status_code == 401
    assert client.get(ZJ).status_code == 401


def test_the_schema_describes_a_record(universe, api):
    answer = api(universe.lin).get(f"{ZJ}schema.json")
    schema = answer.json()

    assert answer.headers["Content-Type"] == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"{ZJ}schema.json")
    assert set(schema["properties"]["values"]["properties"]) == set(lists.catalogue().items)


def test_the_workbook_has_a_column_for_each_item(universe, api):
    answer = api(universe.shen).get(f"{ZJ}template.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    sample, header = book.get_sheet_by_index(0).to_python()

    assert answer.headers["Content-Disposition"] == 'attachment; filename="ZJ-QFCE-1.xlsx"'
    assert sample[0].startswith("示例")
    assert "QF-17 质量管理体系认证状态 有效期至" in header
    assert "QB-02 品牌价值评价值（亿元）" in header


def test_the_workbook_comes_in_english_too(universe, api):
    answer = api(universe.shen).get(f"{ZJ}template.xlsx", {"language": "en"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))

    assert "QF-17 QMS certificate status valid to" in book.get_sheet_by_index(0).to_python()[1]


def test_another_language_is_a_problem_of_400(universe, api):
    answer = api(universe.shen).get(f"{ZJ}template.xlsx", {"language": "de"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/language"


def test_the_list_of_lists_asks_a_fixed_number_of_questions(
    universe, api, desk, django_assert_max_num_queries
):
    desk.published()
    desk.published()
    client = api(universe.lin)
    client.get(LISTS)

    with django_assert_max_num_queries(14):
        assert len(client.get(LISTS).json()["results"]) == 2
