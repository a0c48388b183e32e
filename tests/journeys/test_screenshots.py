"""
Pictures of every page in both languages and two widths, for `make screenshots`.

`screens.csv` says who opens what, and what they click there. QFCE_SITE names a running demo,
so that no page is empty; without it a fresh site is pictured.
"""

import csv
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "screenshots"
with Path(__file__).with_name("screens.csv").open(encoding="utf-8", newline="") as file:
    SCREENS = list(csv.DictReader(file))

pytestmark = [
    pytest.mark.skipif("QFCE_SCREENSHOTS" not in os.environ, reason="only for make screenshots"),
    pytest.mark.timeout(3600),
]


@pytest.fixture
def pictured(request):
    return os.environ.get("QFCE_SITE") or request.getfixturevalue("site")


@pytest.mark.parametrize("width", ["wide", "tablet"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_pictured(chromium, pictured, width, language):
    from tests.journeys.conftest import WIDTHS, _visit

    folder = FOLDER / language / str(WIDTHS[width]["width"])
    folder.mkdir(parents=True, exist_ok=True)
    person = None
    with _visit(chromium, pictured, width) as visitor:
        visitor.read(language)
        for screen in SCREENS:
            if screen["person"] and screen["person"] != person:
                visitor.sign_out()
                visitor.sign_in(screen["person"])
                person = screen["person"]
            page = visitor.go(screen["path"])
            if screen["click"]:
                page.locator(screen["click"]).first.click()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{screen['name']}.png", full_page=True)
        assert visitor.complaints == []
