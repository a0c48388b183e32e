"""Every page of the site with something on it: accessible, in frame, and sparing of queries."""

import pytest

from tests.journeys.keys import faults_of_walking
from tests.journeys.visitors import Visitor
from tests.journeys.walks import queries, screens, walk
from tests.web.test_page_matrix import address, matrix

MOST_QUERIES = 30
VERSION = "factors/lists/<str:code>/versions/<int:number>/"
# Between two steps of something, where a walk does not come, or files and not pages.
NOT_OPENED = {
    "sign-in/code/",
    "sign-in/enrol/",
    "evaluation/batches/<uuid:job_id>/",
    "sharing/imports/<uuid:import_id>/columns/",
    "sharing/imports/<uuid:import_id>/workbook/",
    "evaluation/scorecards/<uuid:version_id>/document/",
    f"{VERSION}template.xlsx",
    f"{VERSION}schema.json",
    f"{VERSION}export/<slug:form>/",
    "factors/catalogue/<str:code>/<int:number>/files/<str:file>",
    # With a draft of a list, a consultation or a register's file, none of which the demo has.
    "factors/consultations/<uuid:consultation_id>/",
    f"{VERSION}edit/",
    f"{VERSION}edit/add/",
    f"{VERSION}edit/bulk/",
    f"{VERSION}edit/copy/",
    f"{VERSION}edit/preview/",
    f"{VERSION}edit/items/<str:item_code>/",
    f"{VERSION}edit/items/<str:item_code>/<slug:field>/",
    f"{VERSION}edit/items/<str:item_code>/row/",
    f"{VERSION}edit/rules/",
    f"{VERSION}edit/rules/<str:rule_code>/",
    f"{VERSION}consult/",
    "sharing/rule-trials/<str:code>/<int:number>/<str:rule_code>/",
    "sharing/data-quality/without/",
    "sharing/source-runs/new/",
    # With a doubt about two codes, a merger or a rule's difference, none of which the demo has.
    "sharing/duplicates/<uuid:candidate_id>/",
    "sharing/merges/<uuid:merge_id>/",
    "sharing/list-runs/<uuid:run_id>/",
    # With a dispute, of which the demo has none: its mark would change what banks see there.
    "sharing/disputes/<uuid:dispute_id>/",
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
            if visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append("wider than the window")
            faults += _grows(visitor)
            if faults:
                wrong[opened.screen.name] = faults
        assert (wrong, visitor.complaints) == ({}, [])


def _grows(visitor: Visitor) -> list[str]:
    """Compare what a list asks of the database for its shortest and its longest page."""
    sizes = [link.get_attribute("href") for link in visitor.page.locator(".pager-sizes a").all()]
    if len(sizes) < 2:
        return []
    short, long = (visitor.page.goto(f"{visitor.site}{sizes[place]}") for place in (0, -1))
    if queries(long) > queries(short):
        return [f"{queries(short)} queries grow to {queries(long)} with the rows"]
    return []
