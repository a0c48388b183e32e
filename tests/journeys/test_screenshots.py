"""
Pictures of every page in both languages and two widths, for `make screenshots`.

`screens.csv` says who opens what. QFCE_SITE names a running demo; without it the demo's
population is brought in first, so that no page is empty. QFCE_SCREENS picks pages by the
beginnings of their names, with commas between.
"""

import os
from pathlib import Path

import pytest

from tests.journeys.visitors import WIDTHS, visit
from tests.journeys.walks import walk, widths

LOCALES = {"zh-hans": "zh_CN", "en": "en_GB"}  # what the browser's own widgets speak
FOLDER = Path(__file__).resolve().parents[2] / "var" / "screenshots"

pytestmark = [
    pytest.mark.skipif("QFCE_SCREENSHOTS" not in os.environ, reason="only for make screenshots"),
    pytest.mark.timeout(3600),
]


@pytest.fixture
def pictured(request):
    return os.environ.get("QFCE_SITE") or request.getfixturevalue("populated")


def test_every_page_is_pictured(browsers, pictured):
    chosen = tuple(os.environ.get("QFCE_SCREENS", "").split(","))
    wrong = []
    for language in os.environ.get("QFCE_LANGUAGES", "zh-hans,en").split(","):
        for width in WIDTHS:
            folder = FOLDER / language / str(WIDTHS[width]["width"])
            folder.mkdir(parents=True, exist_ok=True)
            with visit(browsers(LOCALES[language]), pictured, width) as visitor:
                visitor.read(language)
                for opened in walk(visitor, chosen):
                    page, name = visitor.page, opened.screen.name
                    page.wait_for_load_state("networkidle")  # what moves has come to its end
                    if opened.missed:
                        wrong.append(f"{language} {width} {name}: no {opened.missed}")
                    wrong += [f"{language} {width} {name}: {fault}" for fault in widths(page)]
                    page.screenshot(path=folder / f"{name}.png", full_page=True)
                wrong += visitor.complaints
    assert wrong == []
