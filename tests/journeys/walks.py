"""The pages of `screens.csv`, opened one after the other by those who may."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.sync_api import APIResponse, Page, Response
from playwright.sync_api import Error as PageMoved

from tests.journeys.visitors import PATIENCE, Visitor

# What is still to come: of the page, of what htmx brings after it, and of its charts.
TO_COME = """() => [
  ...(document.readyState === "complete" ? [] : ["the page"]),
  ...(document.fonts.status === "loaded" ? [] : ["its fonts"]),
  ...[...document.querySelectorAll(".htmx-request")].map((part) => `a part: ${part.id}`),
  ...[...document.querySelectorAll("[data-chart]")]
    .filter((chart) => !chart.querySelector("canvas")).map((chart) => `a chart: ${chart.id}`),
  ...[...document.querySelectorAll('[hx-trigger^="every"]')].map((part) => `work: ${part.id}`),
]"""
# What does not fit into the window or its frame. A table to work in may be wider than a window.
WIDER = """() => [
  ...(document.documentElement.scrollWidth > innerWidth ? ["wider than the window"] : []),
  ...[...document.querySelectorAll(".table-scroll:not(.is-worked-in)")]
    .filter((part) => part.scrollWidth > part.clientWidth + 1)
    .map((part) => `a table is cut: ${part.getAttribute("aria-label")}`),
  ...[...document.querySelectorAll(".stat")]
    .filter((part) => part.scrollWidth > part.clientWidth + 1)
    .map((part) => `a figure is cut: ${part.innerText}`),
]"""
MATRIX = Path(__file__).with_name("screens.csv")


@dataclass(frozen=True, slots=True)
class Screen:
    """A page: who opens which address, and what they click there, ` ; ` between clicks."""

    name: str
    person: str
    path: str
    click: str
    route: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of it: the status, the queries it took, and a click that found nothing."""

    screen: Screen
    status: int
    queries: int
    missed: str


def screens() -> list[Screen]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return [Screen(**row) for row in csv.DictReader(file)]


def walk(visitor: Visitor, chosen: tuple[str, ...] = ("",)) -> Iterator[Opened]:
    """Open the screens whose names begin so; the visitor stands on each as it is yielded."""
    sessions: dict[str, list[Any]] = {}  # of whoever signed in before
    person = None
    for screen in screens():
        if not screen.name.startswith(chosen):
            continue
        if screen.person != person:
            visitor.sign_out()
            person = screen.person
            if person in sessions:
                visitor.page.context.add_cookies(sessions[person])
            elif person:
                visitor.sign_in(person)
                sessions[person] = visitor.session()
        yield _open(visitor, screen)


def _open(visitor: Visitor, screen: Screen) -> Opened:
    page = visitor.page
    answer = page.goto(visitor.site + screen.path)
    for click in filter(None, screen.click.split(" ; ")):
        if not page.locator(click).count():
            return Opened(screen, 200, 0, click)
        with page.expect_navigation() as navigation:
            page.locator(click).first.click()
        answer = navigation.value
    _wait_until_at_rest(page)
    return Opened(screen, answer.status if answer else 0, queries(answer), "")


def _wait_until_at_rest(page: Page) -> None:
    # The page's own policy lets nothing be evaluated again and again from within it.
    end = monotonic() + PATIENCE / 1000
    while to_come := _to_come(page):
        assert monotonic() < end, f"{page.url} never came to rest: {to_come}"
        page.wait_for_timeout(50)


def _to_come(page: Page) -> list[str]:
    try:
        found: list[str] = page.evaluate(TO_COME)
    except PageMoved as moved:
        if "context was destroyed" not in str(moved):
            raise
        return ["another page"]
    return found


def widths(page: Page) -> list[str]:
    """Return what is cut off at the present width of the window."""
    found: list[str] = page.evaluate(WIDER)
    return found


def queries(answer: Response | APIResponse | None) -> int:
    """Return how many queries an answer says that it took."""
    timing = answer.headers.get("server-timing", "") if answer else ""
    return int(timing.partition('desc="')[2].partition(" ")[0] or 0)
