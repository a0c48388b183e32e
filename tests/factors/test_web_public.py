"""The public catalogue: facts for whoever asks, in both languages, known by its digest."""

import io
import json
import re
import zipfile

import jsonschema
import pytest
from django.conf import settings

from factors.domain.printed_catalogue import sections_of
from tests.factors import lists

HERE = "/factors/catalogue/ZJ-QFCE/1/"
ADVICE = re.compile(r"推荐(?!任何)|首选|值得|优先选择|best choice|recommended|we recommend", re.I)


@pytest.fixture
def visitor(client, zj_list):
    def get(path, language="zh-hans", **headers):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return client.get(path, headers=headers)

    return get


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ["公开目录", "质量管理体系认证状态", "银行如何理解", "由谁采集"]),
        (
            "en",
            [
                "Public catalogue",
                "QMS certificate status",
                "What it tells a bank",
                "Who collects it",
            ],
        ),
    ],
)
def test_anybody_reads_lists_and_items(visitor, language, said):
    pages = [visitor(path, language) for path in ("/factors/catalogue/", HERE, f"{HERE}QF-17/")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    text = "".join(page.text for page in pages)
    assert [word for word in said if word not in text] == []
    if language == "en":
        body = re.sub(r"(?s)<header class=.top.*?</header>", "", pages[2].text)
        assert not re.search("[\u4e00-\u9fff]", body)


def test_search_finds_items_by_their_words(visitor):
    found = visitor(f"{HERE}?q=专利", "zh-hans").text

    assert "QI-05" in found
    assert "QF-17" not in found
    assert "QF-17" in visitor(f"{HERE}?q=qms certificate", "en").text


def test_a_copy_that_is_current_is_not_sent_again(visitor):
    first = visitor(f"{HERE}QF-17/")
    again = visitor(f"{HERE}QF-17/", **{"If-None-Match": first.headers["ETag"]})
    other = visitor(f"{HERE}QF-17/", "en", **{"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, other.status_code) == (304, 200)
    assert "max-age=300" in first.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/factors/catalogue/ZJ-QFCE/9/",
        "/factors/catalogue/NO-LIST/1/",
        f"{HERE}QX-99/",
        f"{HERE}files/list.exe",
        "/factors/catalogue/ZJ-QFCE/9/files/catalogue.pdf",
    ],
)
def test_what_is_not_public_is_not_there(visitor, path):
    assert visitor(path).status_code == 404


def test_a_draft_is_not_public(desk, visitor):
    desk.draft()

    assert visitor("/factors/catalogue/HZ-SMALL/1/").status_code == 404
    assert "HZ-SMALL" not in visitor("/factors/catalogue/").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_files_are_made_once_and_may_be_kept(visitor, language):
    def take(file):
        answer = visitor(f"{HERE}files/{file}?language={language}")
        assert answer.status_code == 200, file
        assert "public" in answer.headers["Cache-Control"]
        assert not answer.cookies
        return answer

    pdf = take("catalogue.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert take("catalogue.pdf").content == pdf.content
    with zipfile.ZipFile(io.BytesIO(take("catalogue.docx").content)) as archive:
        text = archive.read("word/document.xml").decode()
    assert text.count('w:val="Heading2"') == 90
    assert take("workbook.xlsx").content.startswith(b"PK")
    jsonschema.Draft202012Validator.check_schema(json.loads(take("record.schema.json").content))
    assert json.loads(take("table.schema.json").content)["fields"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_recommended(language):
    for section in sections_of(lists.catalogue(), language):
        for item in section.items:
            said = " ".join([item.what, item.why, *(text for _, text in item.facts)])
            assert not ADVICE.search(said), item.code


def test_the_english_catalogue_holds_no_chinese():
    for section in sections_of(lists.catalogue(), "en"):
        for item in section.items:
            texts = [section.name, item.name, item.what, item.why, *item.values]
            texts += [part for fact in item.facts for part in fact]
            assert not re.search("[\u4e00-\u9fff]", " ".join(texts)), item.code
