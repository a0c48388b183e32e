"""Somebody at a browser, who clicks what a page offers and remembers what was wrong with it."""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as PageMoved

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"wide": {"width": 1440, "height": 900}, "tablet": {"width": 820, "height": 1100}}
PHONE = {"width": 360, "height": 740}  # for what an enterprise opens from a message
PATIENCE = 30_000.0  # milliseconds, for what a worker does
# The words of a part of the page, and where its links and forms lead.
SUBSTANCE = """part => [
  part.innerText.replace(/\\s+/g, " ").trim(),
  [...part.querySelectorAll("[href], form")].map((e) => e.getAttribute("href") ?? e.action),
  [...part.querySelectorAll("input:not([type=hidden]), select, textarea")].map((e) => e.value),
]"""
# What was found is sifted where it was found: a page's whole result is megabytes.
SERIOUS = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"], selectors: false});
  return found.violations
    .filter((entry) => ["serious", "critical"].includes(entry.impact))
    .flatMap((entry) => entry.nodes.slice(0, 3)
      .map((node) => `${entry.id}: ${node.html.slice(0, 160)}`));
}"""
# A breach of the policy is on the console too, unless it is only reported.
LISTEN = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("policy violated: " + event.violatedDirective + " " + event.blockedURI));"""


@dataclass
class Visitor:
    """Somebody at a browser; whatever its console complains of is kept."""

    site: str
    page: Page
    language: str = "zh-hans"
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)
    barriers: dict[str, list[str]] = field(default_factory=dict)
    at: dict[str, Any] = field(default_factory=dict)

    def go(self, path: str) -> Page:
        self.page.goto(self.site + path)
        return self.page

    def sign_in(self, username: str) -> Page:
        """Sign in as one of the cast, in one click."""
        self.go("/sign-in/")
        self.page.click(f'form[action="/sign-in/as/{username}/"] button')
        return self.page

    def sign_out(self) -> None:
        self.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    def session(self) -> list[Any]:
        """Return the cookies by which the site knows who signed in."""
        kept = self.page.context.cookies(self.site)
        return [cookie for cookie in kept if cookie["name"] == settings.SESSION_COOKIE_NAME]

    def become(self, username: str) -> Page:
        """Leave the machine to somebody else, who signs in."""
        self.sign_out()
        return self.sign_in(username)

    def read(self, language: str) -> None:
        """Choose the language, as the cookie of an earlier visit would."""
        self.language = language
        cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": self.site}
        self.page.context.add_cookies([cookie])  # type: ignore[list-item]  # a cookie by its three members

    def say(self, chinese: str, english: str) -> str:
        """Return the words that stand on the page in the reader's language."""
        return chinese if self.language == "zh-hans" else english

    def day(self, day: date) -> str:
        """Return a day as pages write it."""
        return self.say(day.isoformat(), f"{day.day} {day:%b} {day.year}")

    def menu(self, path: str) -> Page:
        """Choose an entry of the navigation."""
        self.page.locator(f'#navigation a[href="{path}"]').click()
        return self.page

    def follow(self, selector: str) -> Page:
        """Click the first link that fits."""
        self.page.locator(selector).first.click()
        return self.page

    def fill(self, **values: str) -> None:
        """Fill fields of the page by their names; `payees__0__name` for a dashed one."""
        for name, value in values.items():
            place = self.page.locator(f'#main [name="{name.replace("__", "-")}"]').first
            if place.evaluate("place => place.tagName") == "SELECT":
                place.select_option(value)
            else:
                place.fill(value)

    def tick(self, name: str, value: str = "") -> None:
        exact = f'[value="{value}"]' if value else ""
        self.page.locator(f'#main [name="{name}"]{exact}').check()

    def press(self, action: str, button: str = "button[type=submit]") -> None:
        """Send the form whose address ends so, and say yes where the page asks; "": its own."""
        which = f'[action$="{action}"]' if action else '[method="post"]:not([action])'
        form = self.page.locator(f"#main form{which}").first
        asks = form.get_attribute("data-confirm")
        form.locator(button).first.click()
        if asks and self.scripts:
            self.page.click("#confirmation-yes")

    def sees(self, *texts: str, where: str = "#main", patience: float | None = None) -> None:
        """Expect these texts on the page, blanks and all."""
        place = self.page.locator(where).first
        for text in texts:
            try:
                expect(place).to_contain_text(text, timeout=patience)
            except AssertionError:
                shown = re.sub(r"\s+", " ", place.inner_text())
                raise AssertionError(f"{text!r} is not on {self.page.url}: {shown}") from None

    def await_(self, selector: str) -> Locator:
        """Wait for what a worker brings about; without scripts the reader reloads the page."""
        place = self.page.locator(selector).first
        end = monotonic() + PATIENCE / 1000
        while not self.scripts and not place.count():
            assert monotonic() < end, f"no {selector} on {self.page.url}"
            self.page.wait_for_timeout(300)
            self.page.reload()
        place.wait_for(timeout=PATIENCE)
        return place

    def same_after_reload(self, selector: str) -> None:
        """Expect that what was swapped in is what the page shows when it is loaded again."""
        self.page.wait_for_load_state("networkidle")
        swapped = self.page.locator(selector).evaluate(SUBSTANCE)
        self.page.reload()
        assert self.page.locator(selector).evaluate(SUBSTANCE) == swapped

    def misses(self, *texts: str, where: str = "#main") -> None:
        for text in texts:
            expect(self.page.locator(where).first).not_to_contain_text(text)

    def row(self, text: str) -> Locator:
        """Return the first row of a table with this text."""
        return self.page.locator("#main tbody tr", has_text=text).first

    def stats(self) -> dict[str, str]:
        """Return the figures at the head of the page by their labels."""
        return dict(
            zip(
                self.page.locator(".stat-label").all_inner_texts(),
                [text.strip() for text in self.page.locator(".stat-value").all_inner_texts()],
                strict=True,
            )
        )

    def look(self) -> None:
        """Keep what axe finds serious or critical on the page."""
        if not self.scripts:
            return
        found = self._found_when_at_rest()
        if found:
            self.barriers[re.sub(r"[0-9a-f-]{36}", "…", self.page.url)] = found

    def _found_when_at_rest(self) -> list[str]:
        # A form sent a moment ago may only now bring its page, under the look's eyes.
        for _ in range(3):
            self.page.wait_for_load_state("networkidle")
            try:
                return self.faults()
            except PageMoved as moved:
                if "context was destroyed" not in str(moved):
                    raise
        raise AssertionError(f"the page never came to rest: {self.page.url}")

    def faults(self) -> list[str]:
        """Return what axe finds serious or critical on the page."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = self.page.evaluate(SERIOUS)
        return found


class visit:  # noqa: N801 reads as a word of the language
    """A browser of some width for as long as a block runs."""

    def __init__(self, chromium: Browser, site: str, width: str, **options: Any) -> None:
        self.chromium, self.site, self.width, self.options = chromium, site, width, options

    def __enter__(self) -> Visitor:
        viewport: Any = {**WIDTHS, "phone": PHONE}[self.width]
        self.context = self.chromium.new_context(
            viewport=viewport, timezone_id="Asia/Shanghai", **self.options
        )
        self.context.add_init_script(LISTEN)
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        scripts = bool(self.options.get("java_script_enabled", True))
        somebody = Visitor(self.site, page, scripts=scripts)
        page.on("console", lambda said: _keep(somebody, said))
        page.on("pageerror", lambda error: somebody.complaints.append(str(error)))
        return somebody

    def __exit__(self, *exc: object) -> None:
        self.context.close()


def _keep(visitor: Visitor, said: Any) -> None:
    # A refusal that a form gets is a 4xx, which Chromium reports as if it were a fault.
    if said.type in {"error", "warning"} and "status of 4" not in said.text:
        visitor.complaints.append(f"{said.text} ({visitor.page.url})")
