"""The frame of every page: sign-in, language, navigation, refusals, and what is not inline."""

import re

import pytest

PAGES = (
    "/",
    "/jobs/",
    "/audit/",
    "/members/",
    "/clients/",
    "/clients/new/",
    "/account/second-factor/",
    "/account/second-factor/enrol/",
    "/organization/",
)
EVERYTHING = ("credit_officer", "auditor", "administrator")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_shell_answers_in_the_readers_language(universe, browser, path, language):
    answer = browser(universe.lin, roles=EVERYTHING, language=language).get(path)
    assert answer.status_code == 200, answer.content.decode()[:500]
    page = answer.content.decode()
    assert f'<html lang="{"zh-Hans" if language == "zh-hans" else "en"}">' in page
    assert answer.headers["Content-Language"] == language


@pytest.mark.parametrize(
    "name",
    [
        "headers",
        "notices",
        "statuses",
        "cards",
        "stats",
        "definitions",
        "forms",
        "tables",
        "tabs",
        "progress",
        "timeline",
        "charts",
        "confirmation",
        "formats",
        "refusals",
    ],
)
def test_every_component_has_its_example(db, client, name):
    page = client.get(f"/ui/{name}/").content.decode()
    assert "<c-" not in page
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)
    assert not re.search(r"\sstyle=|\son[a-z]+=", page)


def test_where_nothing_waits_the_way_on_is_shown(universe, browser):
    page = browser(universe.tan).get("/").content.decode()
    assert "Nothing waits for you" in page
    main = page.partition('id="main"')[2]
    assert 'href="/members/"' in main and 'href="/clients/"' in main
