"""Steps 1 to 4 and 10 of the story: the list, the file, its release, what banks get of it."""

import re
from datetime import date
from typing import Any

from playwright.sync_api import expect

from qfce.demo import story as told
from qfce.demo.setting import CATEGORIES
from qfce.kernel.tenancy.context import acting_as
from sharing.models import Enterprise
from tests.journeys.visitors import Visitor

HERO, FILE = told.HERO, told.FILE
LIST = "杭州 2026 第一批"
# From here on the file itself holds certificates that have run out.
FILE_AGES = date(2027, 1, 3)
ALL = {"QC", "QM", "QB", "QF", "QI"}


def step_01_the_signed_list(v: Visitor) -> None:
    """The province looks at its list: who signed it, what it holds, what an item means."""
    v.become("zhou")
    v.look()
    v.menu("/factors/lists/")
    v.look()
    v.follow('#main tbody a[href*="/versions/1/"]')
    v.sees("ZJ-QFCE", "90")
    v.look()
    v.follow('a[href$="/signatures/"]')
    expect(v.page.locator("#main tbody tr")).to_have_count(6)
    expect(v.page.locator("#main tbody .status-good")).to_have_count(6)
    digest = v.page.locator("#main dd code").last.inner_text()
    assert len(digest) == 64
    v.look()
    v.follow('.tabs a[href$="/versions/1/"]')
    v.page.locator('#main [name="q"]').fill("QF-17")
    v.page.locator('#main [name="q"]').press("Enter")
    v.follow('#main tbody a[href$="/items/QF-17/"]')
    v.sees(v.say("质量管理体系", "QMS certificate"), "QF-17")
    v.look()


def step_02_the_upload(v: Visitor, today: date) -> None:
    """沈洁 drops the workbook and watches; the findings name row 305 and QI-11."""
    v.become("shen")
    v.look()
    v.menu("/sharing/imports/")
    v.follow('#main a[href="/sharing/imports/new/"]')
    v.look()
    v.page.set_input_files('#main input[type="file"]', FILE)
    v.press("/sharing/imports/new/")
    v.await_("#import-release")
    if v.scripts:
        v.same_after_reload("#import")
    figures = list(v.stats().values())
    assert figures[:3] == ["300", "300", "0"]
    if today < FILE_AGES:
        v.sees(v.say("0个错误，2个警告", "0 errors, 2 warnings"))
    # Whoever uploaded does not release.
    assert v.page.locator('form[action$="/release/"]').count() == 0
    v.look()
    v.at["import"] = v.page.url.removeprefix(v.site)
    v.follow('#import-found a[href$="/findings/"]')
    v.sees("305", "300")
    v.look()


def step_03_the_release(v: Visitor, today: date) -> None:
    """郑锋 is told on his page, compares, releases, and holds a receipt."""
    v.become("zheng")
    v.follow('#main a.todo[href*="/sharing/imports/"]')
    v.follow('#main tbody a[href*="/sharing/imports/"]')
    v.follow('#import-release a[href$="/comparison/"]')
    v.sees("300")
    if today == told.STORY_DAY:
        v.sees("29", where=".gates-total")
    v.look()
    v.follow('.tabs a[href$="' + v.at["import"] + '"]')
    v.press("/release/")
    receipt = v.await_('#main .notice a[href$="/receipt/"]')
    if v.scripts:
        v.same_after_reload("#import")
    v.look()
    receipt.click()
    figures = list(v.stats().values())
    assert figures[:2] == ["300", "300"]
    expect(v.page.locator("#main dd code").first).to_have_text(re.compile("^[0-9a-f]{64}$"))
    v.look()


def share_the_list(v: Visitor, universe: Any) -> None:
    """The province shows both banks whom they may look for."""
    with acting_as(universe.hangzhou.pk):
        codes = sorted(Enterprise.objects.values_list("uscc", flat=True))
    assert len(codes) == 300
    v.become("zhou")
    v.menu("/sharing/enterprise-lists/")
    v.follow('#main a[href="/sharing/enterprise-lists/new/"]')
    v.fill(name=LIST, usccs="\n".join(codes))
    v.look()
    v.press("")
    v.sees(LIST, "300")
    for bank in (universe.bank_a, universe.bank_b):
        v.follow('#main a[href$="/share/"]')
        v.fill(recipient=str(bank.pk))
        v.press("")
        v.sees(v.say(bank.name_zh, bank.name_en))
    v.look()


def step_04_the_delivery(v: Visitor, api: Any, universe: Any) -> None:
    """Both banks read the feed to its end and reconcile; people see the same on their pages."""
    assert _read(api(universe.client_bank_a)) == ALL
    assert _read(api(universe.client_bank_b)) == {"QC", "QF"}
    v.become("bank_b_officer")
    v.menu("/sharing/enterprise-lists/")
    v.follow("#main tbody a")
    v.sees("300")
    v.look()
    _open_record(v)
    for category in ("quality_management", "quality_brand", "quality_innovation"):
        section = v.page.locator(f"#{category}")
        expect(section).to_contain_text(v.say("未共享", "Not shared"))
        assert section.locator("tbody tr:not(.row-not_shared)").count() == 0
    v.look()
    v.become("lin")
    _open_record(v)
    for category in CATEGORIES:
        assert v.page.locator(f"#{category} tbody tr:not([class])").count(), category
    expect(v.page.locator("#main tr.row-not_authorised", has_text="QI-11")).to_have_count(1)
    v.look()


def step_10_the_certificate_falls(v: Visitor, today: date) -> None:
    """The bureau records that the certificate was revoked; a second person releases it."""
    record_change(v, "QF-17", "REVOKED", reason="认证机构已撤销证书", valid_from=today.isoformat())
    v.sees(v.say("有效", "Valid"), v.say("撤销", "Revoked"))
    v.look()
    release_change(v)
    v.look()


def record_change(v: Visitor, code: str, value: str, *, reason: str, **days: str) -> None:
    """沈洁 opens the firm's item and prepares a new fact."""
    v.become("shen")
    v.menu("/sharing/enterprises/")
    v.page.locator('#main [name="q"]').fill(HERO)
    v.page.locator('#main [name="q"]').press("Enter")
    v.follow(f'#main tbody a[href*="{HERO}"]')
    v.follow(f'#main tbody a[href*="/items/{code}/"]')
    v.look()
    v.follow('#main a[href*="/record-changes/new/"]')
    v.page.locator('#main [name="action"][value="observe"]').check()
    v.fill(value=value, reason=reason, **days)
    v.look()
    v.press("")
    v.page.wait_for_url("**/record-changes/*-*/")


def release_change(v: Visitor) -> None:
    """郑锋 finds it on his page of today, and releases it."""
    v.become("zheng")
    v.follow('#main a.todo[href*="/record-changes/"]')
    v.follow('#main tbody a[href*="/record-changes/"]')
    v.press("/release/")
    v.sees(v.say("已发布", "Released"))


def _open_record(v: Visitor) -> None:
    """Open the firm's record the way that a bank reads: with a purpose, which is logged."""
    v.menu("/sharing/enterprises/")
    v.page.locator('#main [name="q"]').fill(HERO)
    v.page.locator('#main [name="q"]').press("Enter")
    v.look()
    v.follow(f'#main tbody a[href*="{HERO}"]')
    v.fill(purpose="pre_loan")
    v.page.click("#reading button[type=submit]")
    v.sees("QI-11")


def _read(program: Any) -> set[str]:
    """Read the feed to its end and reconcile; return the categories that came."""
    items: list[Any] = []
    after = ""
    while True:
        page = program.get("/api/v1/changes/", {"after": after}).json()
        items += page["items"]
        if page["next"] == after:
            break
        after = page["next"]
    held = {item["uscc"]: item["cursor"] for item in items if item["uscc"]}
    assert len(held) == 300
    answer = program.post("/api/v1/changes/reconcile/", {"held": held}).json()
    assert (answer["complete"], answer["missing"]) == (True, [])
    return {code[:2] for item in items for code in item["changes"] if code[2:3] == "-"}
