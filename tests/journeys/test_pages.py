"""Every page of the site with something on it: accessible, in frame, and sparing of queries."""

import pytest

from tests.journeys.walks import screens, walk
from tests.web.test_page_matrix import address, matrix

MOST_QUERIES = 30
# Between two steps of signing in, or files and not pages.
NOT_OPENED = {
    "sign-in/code/",
    "sign-in/enrol/",
    "account/invitation/",
    "evaluation/batches/<uuid:job_id>/",
    "evaluation/scorecards/<uuid:version_id>/document/",
    "factors/lists/<str:code>/versions/<int:number>/template.xlsx",
    "factors/lists/<str:code>/versions/<int:number>/schema.json",
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
def test_every_page_is_accessible_and_takes_few_queries(populated, visit):
    greedy, barred, wide, failed = {}, {}, [], {}
    with visit("wide") as visitor:
        for opened in walk(visitor):
            name = opened.screen.name
            if opened.missed or opened.status not in {200, 404}:
                failed[name] = opened.missed or opened.status
            if opened.queries > MOST_QUERIES:
                greedy[name] = opened.queries
            if faults := visitor.faults():
                barred[name] = faults
            if visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(name)
        assert (failed, greedy, barred, wide, visitor.complaints) == ({}, {}, {}, [], [])
