"""Steps 11 and 12 of the story: one fact, six consequences; then the bank's question."""

import re
from datetime import date
from time import monotonic
from typing import Any

from playwright.sync_api import expect

from qfce.demo.story import HERO
from qfce.kernel.calendar import add_working_days
from qfce.kernel.jobs import outbox
from qfce.kernel.jobs.progress import client
from tests.journeys.story_lending import scores
from tests.journeys.visitors import PATIENCE, Visitor


def step_11_the_warning(v: Visitor, today: date, bank: Any) -> None:
    """The score falls by itself, W14 rings once, 何静 freezes what is undrawn."""
    v.become("he")
    until_score(v, "59")
    scores(v, 59, "C", "3,000,000")
    v.sees("18", where="#characteristics")
    v.look()
    _wait_for(v, "/risk/signals/?reset=1", "W14")
    _deliver_again(bank)
    v.menu("/risk/signals/")
    expect(v.page.locator("#main tbody tr", has_text="W14")).to_have_count(1)
    v.look()
    v.follow('#main tbody a[href*="/risk/signals/"]')
    v.sees("W14", v.say("橙", "Orange"), v.say("撤销", "Revoked"))
    v.look()
    v.press("/claim/")
    v.sees("何静")
    if v.scripts:
        v.same_after_reload("#signal")
    claim_by, answer_by = add_working_days(today, 2), add_working_days(today, 10)
    v.sees(claim_by.isoformat(), answer_by.isoformat())
    v.at["signal"] = v.page.url.removeprefix(v.site)
    v.fill(reason="核实撤销原因，暂停未用额度")
    v.press("/case/")
    v.page.wait_for_url(re.compile(r"/cases/[0-9a-f-]{36}/"))
    v.at["case"] = v.page.url.removeprefix(v.site)
    v.look()
    v.fill(kind="freeze_undrawn", text="证书已撤销，冻结未提款额度")
    v.press("/act/")
    v.sees("2,000,000")
    line = v.page.locator("#case .timeline")
    for word in ("QF-17", "59", "W14", v.say("冻结", "Freeze")):
        expect(line).to_contain_text(word)
    if v.scripts:
        v.same_after_reload("#case")
    v.look()
    v.become("chen_min")
    v.go(v.at["loan"])
    v.sees("2,000,000", v.say("冻结", "frozen"))
    assert v.page.locator('form[action$="/disburse/"]').count() == 0
    v.look()


def until_score(v: Visitor, score: str) -> None:
    """Open the firm's evaluation again until the feed has renewed it."""
    end = monotonic() + PATIENCE / 1000
    while True:
        v.go(f"/evaluation/enterprises/{HERO}/")
        if v.page.locator("#explanation .stat-value").first.inner_text() == score:
            return
        assert monotonic() < end, f"the score is {v.stats()}"
        v.page.wait_for_timeout(300)


def _wait_for(v: Visitor, path: str, text: str) -> None:
    end = monotonic() + PATIENCE / 1000
    while True:
        v.go(path)
        if v.page.locator("#main tbody tr", has_text=text).count():
            return
        assert monotonic() < end, f"no {text} on {path}"
        v.page.wait_for_timeout(300)


def _deliver_again(bank: Any) -> None:
    """Queue the bank's followers once more, as a broker that delivers twice would."""
    for _ in range(2):
        outbox.send("risk.follow_feed", {"organization_id": str(bank.pk)})
    end = monotonic() + 20
    while client().llen("feed"):
        assert monotonic() < end, "nobody takes what is queued"
