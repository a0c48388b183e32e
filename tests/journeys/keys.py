"""What the Tab key reaches, and whether the reader can see where they are."""

from playwright.sync_api import Page

MOST_STOPS = 40
FAR = 250
STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const shown = box.width > 0 && box.height > 0 && style.visibility === "visible";
  const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== "none" || at.id === "main" || at.tagName === "DIALOG";
  at.dataset.stops = Number(at.dataset.stops ?? 0) + 1;
  return {
    html: at.outerHTML.slice(0, 120), shown, marked, again: at.dataset.stops > 1,
    // Round once: a browser may go from the last stop to the first without leaving the page.
    around: at.classList.contains("skip-link"),
    // The parts of a date or time are stops of their own within one field.
    parts: at.matches("input[type^=date], input[type=time]"),
  };
}"""


# Where a page has given the focus to a field, Tab would go on from there.
FROM_THE_TOP = """() => {
  const first = document.createElement("button");
  document.body.prepend(first);
  first.focus();
  first.remove();
  scrollTo(0, 0);
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector} on {page.url}")


def faults_of_walking(page: Page) -> list[str]:
    """Walk a page from its skip link on, and return where the reader gets lost or trapped."""
    page.evaluate(FROM_THE_TOP)
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.className") != "skip-link":
        return ["the first stop is not the skip link"]
    page.keyboard.press("Enter")
    if page.evaluate("document.activeElement.id") != "main":
        return ["the skip link does not lead to the content"]
    faults = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None or stop["around"]:
            break
        if not stop["shown"]:
            faults.append(f"unseen: {stop['html']}")
        if not stop["marked"]:
            faults.append(f"unmarked: {stop['html']}")
        if stop["again"] and not stop["parts"]:
            faults.append(f"a trap: {stop['html']}")
            break
    return faults
