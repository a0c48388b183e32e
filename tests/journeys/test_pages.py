"""Every page of the site with something on it: accessible, in frame, and sparing of queries."""

import pytest
from playwright.sync_api import Page

from tests.journeys.keys import faults_of_walking
from tests.journeys.visitors import WIDTHS, Visitor
from tests.journeys.walks import queries, screens, walk, widths
from tests.web.test_page_matrix import address, matrix

MOST_QUERIES = 30
VERSION = "factors/lists/<str:code>/versions/<int:number>/"
# What a walk does not open, and why.
NOT_OPENED = {
    "sign-in/code/": "a step of signing in that only follows a right password, once",
    "sign-in/enrol/": "a step of signing in that only follows a right password, once",
    "sharing/imports/<uuid:import_id>/workbook/": "a file",
    "evaluation/scorecards/<uuid:version_id>/document/": "a file",
    "factors/catalogue/<str:code>/<int:number>/files/<str:file>": "a file",
    f"{VERSION}template.xlsx": "a file",
    f"{VERSION}schema.json": "a file",
    f"{VERSION}export/<slug:form>/": "a file",
    f"{VERSION}edit/items/<str:item_code>/row/": "a row of the editor, which is pictured whole",
    "sharing/list-migrations/<uuid:migration_id>/": "needs two versions: test_list_migrations.py",
    "sharing/list-migrations/<uuid:migration_id>/enterprises/": "likewise",
}


def test_every_page_is_among_the_screens(db, client):
    named = {screen.route for screen in screens() if screen.route}
    pages = {
        route
        for route in matrix()
        if route and client.get(address(route)).status_code != 405 and route not in NOT_OPENED
    }
    assert pages - named == set()
    assert named - set(matrix()) == set()


@pytest.mark.timeout(900)
def test_every_page_is_accessible_by_eye_ear_and_key_and_takes_few_queries(populated, visit):
    wrong: dict[str, list[object]] = {}
    with visit("wide") as visitor:
        for opened in walk(visitor):
            faults = [*visitor.faults(), *faults_of_walking(visitor.page)]
            if opened.missed or opened.status not in {200, 404}:
                faults.append(f"{opened.status} {opened.missed}")
            if opened.queries > MOST_QUERIES:
                faults.append(f"{opened.queries} queries")
            faults += [*widths(visitor.page), *_cut_on_a_tablet(visitor.page)]
            faults += _grows(visitor)
            if faults:
                wrong[opened.screen.name] = faults
        assert (wrong, visitor.complaints) == ({}, [])


def _cut_on_a_tablet(page: Page) -> list[str]:
    page.set_viewport_size(WIDTHS["tablet"])
    found = widths(page)
    page.set_viewport_size(WIDTHS["wide"])
    return [f"on a tablet {fault}" for fault in found]


def _grows(visitor: Visitor) -> list[str]:
    """Compare what a list asks of the database for its shortest and its longest page."""
    sizes = [link.get_attribute("href") for link in visitor.page.locator(".pager-sizes a").all()]
    if len(sizes) < 2:
        return []
    ask = visitor.page.request.get  # as the browser would, without drawing the page
    short, long = (ask(f"{visitor.site}{sizes[place]}") for place in (0, -1))
    if queries(long) > queries(short):
        return [f"{queries(short)} queries grow to {queries(long)} with the rows"]
    return []
