"""Steps 11 and 12 of the story: one fact, six consequences; then the bank's question."""

import re
from datetime import date
from time import monotonic, sleep
from typing import Any

from playwright.sync_api import expect

from qfce.demo.story import HERO
from qfce.kernel.calendar import add_working_days
from qfce.kernel.jobs import outbox
from qfce.kernel.jobs.progress import client
from tests.journeys.story_lending import open_evaluation, scores
from tests.journeys.story_sharing import record_change, release_change
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
    v.sees(v.day(claim_by), v.day(answer_by))
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
    queued, end = set(client().lrange("feed", 0, -1)), monotonic() + PATIENCE / 1000
    while queued & set(client().lrange("feed", 0, -1)):
        assert monotonic() < end, "nobody takes what is queued"
        sleep(0.2)


def step_12_the_visitor(v: Visitor, today: date) -> None:
    """Three people, four actions: the bank asks, the county answers, the grade comes back."""
    _ask_the_bureau(v)
    _answer_the_bank(v)
    _grade_and_signal_are_two_things(v)
    _a_new_certificate(v, today)


def _ask_the_bureau(v: Visitor) -> None:
    v.become("he")
    open_evaluation(v)
    v.follow('#missing a[href*="/refresh-requests/new/"][href*="QC-17"]')
    v.fill(question="近三年年度报告公示情况")
    v.look()
    v.press("")
    v.page.wait_for_url(re.compile(r"/refresh-requests/[0-9a-f-]{36}/"))
    v.sees("临平区市场监督管理局" if v.language == "zh-hans" else "Linping bureau")
    v.look()


def _answer_the_bank(v: Visitor) -> None:
    v.become("wu")
    v.follow('#main a.todo[href*="/refresh-requests/"]')
    v.follow('#main tbody a[href*="/refresh-requests/"]')
    v.page.locator('#answer [name$="-action"][value="value"]').check()
    v.fill(**{"QC-17__value": "3"})
    v.look()
    v.press("/answer/")
    v.sees(v.say("已答复", "Answered. The bank has it now."))
    v.look()


def _grade_and_signal_are_two_things(v: Visitor) -> None:
    v.become("he")
    until_score(v, "62")
    scores(v, 62, "B", "6,000,000")
    v.look()
    v.go(v.at["signal"])
    v.sees("W14", v.say("处置中", "Being acted on"))
    v.go(v.at["loan"])
    v.sees("2,000,000", v.say("冻结", "frozen"))


def _a_new_certificate(v: Visitor, today: date) -> None:
    """Two people release it; the signal ends by its condition, two lift the freeze, one closes."""
    ends = today.replace(year=today.year + 3)
    days = {"valid_from": today.isoformat(), "valid_to": ends.isoformat()}
    record_change(v, "QF-17", "VALID", reason="取得新证书", **days)
    release_change(v)
    v.become("he")
    until_score(v, "71")
    scores(v, 71, "A", "10,000,000")
    v.look()
    _wait_for(v, "/risk/signals/?status=released", "W14")
    v.go(v.at["case"])
    v.fill(kind="lift_freeze", text="已取得新证书，恢复提款")
    v.press("/act/")
    v.sees("已取得新证书")
    v.become("shao")
    v.menu("/risk/cases/")
    v.follow(f'#main tbody a[href="{v.at["case"]}"]')
    v.press("/confirm/")
    v.page.locator('#main form[action$="/confirm/"]').wait_for(state="detached")
    v.become("he")
    v.go(v.at["case"])
    v.fill(result="证书已更新，额度恢复")
    v.press("/close/")
    v.sees(v.say("已结案", "Closed"))
    v.look()
    v.go(v.at["loan"])
    v.misses(v.say("已冻结", "is frozen"))
