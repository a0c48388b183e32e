"""Steps 5 to 9 of the story: the scores, the consent, the application, the loan, its schedule."""

import email
import re
from datetime import date, timedelta
from email.policy import default
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from qfce.demo import story as told
from tests.journeys.visitors import Visitor

HERO = told.HERO
INSTALMENTS = ["254,217.77"] * 11 + ["254,217.81"]


def step_05_the_scores(v: Visitor, today: date) -> None:
    """林涛 has the whole list scored and opens the firm: 66, B."""
    v.become("lin")
    v.menu("/evaluation/enterprises/")
    v.look()
    v.follow('#main a[href="/evaluation/batches/new/"]')
    v.look()
    v.press("/evaluation/batches/new/")
    v.await_("#batch .stats")
    if v.scripts:
        v.same_after_reload("#batch")
    scored, *by_outcome = v.stats().values()
    assert scored == "300"
    if today == told.STORY_DAY:
        # graded, referred, declined: of the 271 graded 116 are referred to a person.
        assert sorted(by_outcome) == sorted(["155", "116", "29"])
        figures = v.page.locator("#batch-grades-figures tbody tr").all_inner_texts()
        found = dict(line.split()[:2] for line in figures)
        assert {k: int(n) for k, n in found.items() if len(k) == 1} == {
            grade: n for grade, n in told.GRADES.items() if n
        }
    v.look()
    v.menu("/evaluation/enterprises/")
    v.look()
    v.page.locator('#main [name="q"]').fill(HERO)
    v.page.locator('#main [name="q"]').press("Enter")
    v.follow(f'#main tbody a[href="/evaluation/enterprises/{HERO}/"]')
    scores(v, 66, "B", "6,000,000")
    expect(v.page.locator("#missing tr", has_text="QI-11")).to_contain_text(
        v.say("未授权", "Not authorized")
    )
    v.look()


def step_05b_the_consent(v: Visitor, anybody: Visitor, mail: Path, today: date) -> None:
    """林涛 asks; 安工 decides by the one-time link of a mail, without signing in; 68, B."""
    v.follow('#missing a[href*="/consents/new/"]')
    v.fill(ends_on=(today + timedelta(days=364)).isoformat())
    v.look()
    v.press("")
    v.page.wait_for_url(re.compile(r"/consents/[0-9a-f-]{36}/"))
    v.look()
    link = _link(mail)
    anybody.page.goto(link)
    if not anybody.scripts:  # the reader copies what stands behind the #
        anybody.fill(token=link.partition("#")[2])
        anybody.press("/by-link/")
    anybody.sees("QI-11", anybody.say("禾丰农村商业银行", "Hefeng Rural Commercial Bank"))
    anybody.look()
    anybody.page.click('button[name="decision"][value="grant"]')
    anybody.sees(anybody.say("已同意授权", "The consent is given"))
    anybody.look()
    open_evaluation(v)
    v.press("/again/")
    scores(v, 68, "B", "6,000,000")
    path = v.page.locator("#path")
    v.page.locator("#path details").evaluate_all("all => all.forEach(d => (d.open = true))")
    for gain in ("+3", "+2", "+1"):
        expect(path).to_contain_text(gain)
    v.look()


def step_06_the_application(v: Visitor) -> None:
    """陈敏 applies for five million to pay two suppliers of castings."""
    v.become("chen_min")
    open_evaluation(v)
    v.follow('#main a[href*="/lending/applications/new/"]')
    first, second = told.SUPPLIERS
    v.fill(
        requested_principal="5000000",
        requested_months="12",
        purpose="采购铸件",
        payees__0__name=first["name"],
        payees__0__account=first["account"],
        payees__1__name=second["name"],
        payees__1__account=second["account"],
    )
    for box in v.page.locator('#main [name="documents"]').all()[:2]:
        box.check()
    v.look()
    v.press("/lending/applications/new/", 'button[name="submit"]')
    v.page.wait_for_url(re.compile(r"/applications/[0-9a-f-]{36}/"))
    v.sees("5,000,000", first["name"], second["name"], "68")
    v.look()
    v.at["application"] = v.page.url.removeprefix(v.site)


def step_07_the_approval(v: Visitor) -> None:
    """林涛 holds it and sees why he may not approve it; 高远 may, to the yuan."""
    v.become("lin")
    v.follow('#main a.todo[href*="/lending/applications/"]')
    v.follow(f'#main tbody a[href="{v.at["application"]}"]')
    v.press("/review/")
    v.sees(v.say("您不能批准", "You may not approve"))
    assert v.page.locator('form[action$="/approve/"]').count() == 0
    v.look()
    v.become("gao")
    v.follow('#main a.todo[href*="/lending/applications/"]')
    v.follow(f'#main tbody a[href="{v.at["application"]}"]')
    v.sees("6,000,000", v.say("您可以", "You may approve"))
    v.look()
    v.fill(
        principal="5000000",
        months="12",
        base_rate="3.00",
        drawdowns="2",
        reason="订单充足，质量体系健全。",
    )
    v.press("/approve/")
    v.sees("5,000,000", "3.10", "高远")
    v.look()


def step_08_the_disbursement(v: Visitor, today: date) -> None:
    """陈敏 records the contract and pays three million to a supplier named, and to nobody else."""
    v.become("chen_min")
    v.menu("/lending/applications/")
    v.follow(f'#main tbody a[href="{v.at["application"]}"]')
    v.fill(
        number="HF-2026-0001",
        base_rate="3.00",
        base_rate_on=today.isoformat(),
        signed_for_enterprise_by="安工",
    )
    v.look()
    v.press("/contract/", "button.btn-primary")
    v.page.wait_for_url(re.compile(r"/loans/[0-9a-f-]{36}/"))
    v.look()
    v.at["loan"] = v.page.url.removeprefix(v.site)
    v.fill(
        amount="3000000",
        paid_on=today.isoformat(),
        payee_name="某房地产开发有限公司",
        payee_account="1",
    )
    v.press("/disburse/")
    v.page.locator("#payments .notice-refusal, #payments .field-error").first.wait_for()
    v.look()
    named = told.SUPPLIERS[0]
    v.fill(
        amount="3000000",
        paid_on=today.isoformat(),
        payee_name=named["name"],
        payee_account=named["account"],
    )
    v.press("/disburse/")
    v.sees("3,000,000.00", named["name"])


def step_09_the_schedule(v: Visitor) -> None:
    """Twelve instalments to the fen, with the convention that gives them."""
    v.go(v.at["loan"])
    rows = v.page.locator("table.schedule tbody tr")
    totals = [row for text in rows.all_inner_texts() for row in INSTALMENTS[::11] if row in text]
    assert totals == INSTALMENTS
    v.sees("7,750.00", "50,613.28", "3.14", "2,000,000")
    v.look()


def scores(v: Visitor, score: int, grade: str, cap: str) -> None:
    """Expect these figures at the head of the firm's page."""
    figures = v.page.locator("#explanation .stat-value")
    expect(figures.nth(0)).to_have_text(str(score))
    expect(figures.nth(1)).to_have_text(grade)
    expect(figures.nth(2)).to_contain_text(cap)


def open_evaluation(v: Visitor) -> None:
    """Find the firm among those evaluated."""
    v.menu("/evaluation/enterprises/")
    v.page.locator('#main [name="q"]').fill(HERO)
    v.page.locator('#main [name="q"]').press("Enter")
    v.follow(f'#main tbody a[href="/evaluation/enterprises/{HERO}/"]')


def _link(mail: Path) -> str:
    """Return the link in the newest mail."""
    newest = max(mail.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    message: Any = email.message_from_bytes(newest.read_bytes(), policy=default)
    found = re.search(r"https?://\S+", message.get_content())
    assert found, "the mail has no link"
    return found[0]
