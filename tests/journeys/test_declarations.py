"""A county asks for what a round lacks, enterprises declare on a phone, and it becomes a fact."""

import re

import pytest
from playwright.sync_api import expect

from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import User
from sharing.models import Declaration, FactorProfile
from tests.journeys.visitors import Visitor
from tests.sharing.declaring import SAID, round_of
from tests.sharing.shared import LIST, A, publish, row

SECOND = "91330113MA2KJ0XT5H"
pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(universe, zj_list):
    """A round of the province that two enterprises of Linping have nothing for."""
    User.objects.update(language="zh-hans")
    publish(universe.shen, row(A, name="临平安和精工", vals={"QC-05": 0}))
    publish(universe.shen, row(SECOND, name="临平云岭轴承", vals={"QC-05": 1}))
    return round_of(universe, "QC-05", "QM-13", "QI-11")


def hand_over(officer: Visitor, name: str) -> str:
    """Open the list, have a link shown, and return it."""
    officer.menu("/sharing/declarations/")
    officer.row(name).locator("a").first.click()
    officer.press("/link/")
    officer.sees("链接只显示这一次")
    officer.look()
    place = officer.page.locator("#handed-link")
    expect(place).to_contain_text("by-link/#")
    officer.page.locator("[data-copy]").click()
    officer.sees("已复制")
    return place.inner_text()


def declare(firm: Visitor, link: str, bureau: str) -> None:
    """On a phone: a fault, which is said at its field, mended, and sent."""
    firm.page.goto(link)
    if not firm.scripts:  # the reader copies what stands behind the #
        firm.fill(token=link.partition("#")[2])
        firm.press("/by-link/")
    firm.sees(bureau, "十二月归集", "研发投入强度", "一次交验合格率")
    firm.look()
    assert firm.page.evaluate("document.documentElement.scrollWidth") <= 360
    firm.page.locator('[name="QM-13"]').fill("98.5")
    firm.page.locator('[name="QI-11"]').fill("百分之四")
    firm.fill(declarer_name=SAID.name, declarer_phone=SAID.phone)
    firm.tick("agrees")
    firm.press("/declare/")
    expect(firm.page.locator("#f-QI-11")).to_be_visible()
    expect(firm.page.locator('[name="QM-13"]')).to_have_value("98.5")
    firm.look()
    firm.page.locator('[name="QI-11"]').fill("4.2")
    firm.press("/declare/")
    firm.sees("填报已提交", bureau)
    firm.page.goto(link)
    if firm.scripts:
        firm.sees("已经填报")


def ask(officer: Visitor) -> None:
    """From the round's page of what is missing, all of them at once."""
    officer.sign_in("wu")
    officer.menu("/sharing/collection-rounds/")
    officer.follow("#main tbody a")
    officer.follow('#main a[href*="/missing/"]')
    officer.follow('#main a[href*="/for-round/"]')
    assert officer.stats() == {"本次将发出": "2", "此前已发出": "0"}
    officer.look()
    officer.press("")
    officer.sees("已请2家企业填报")
    officer.look()


def release(officer: Visitor) -> None:
    """By a second person, of the city above."""
    officer.become("zheng")
    officer.menu("/sharing/imports/")
    officer.row("企业自报").locator("a").first.click()
    officer.sees("2份企业自报")
    officer.press("/release/")
    officer.await_("text=使用方已可查看")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_enterprises_declare_becomes_a_fact(asked, universe, site, worker, visit, scripts):
    with (
        visit("wide") as officer,
        visit("phone", java_script_enabled=scripts) as firm,
    ):
        ask(officer)
        for name in ("临平安和精工", "临平云岭轴承"):
            declare(firm, hand_over(officer, name), "临平区市场监督管理局")
        officer.menu("/sharing/declarations/")
        for box in officer.page.locator('[name="chosen"]').all():
            box.check()
        officer.look()
        officer.press("/take/")
        officer.await_("#import-release")
        officer.sees("2份企业自报")
        officer.look()
        release(officer)
        with acting_as(universe.linping.pk):
            assert set(Declaration.objects.values_list("status", flat=True)) == {"taken"}
            assert FactorProfile.objects.get(uscc=A, factor_list=LIST).values["QI-11"] == "4.2"
        officer.go(f"/sharing/enterprises/{A}/?purpose=supervision&show=known")
        expect(officer.row("研发投入强度")).to_contain_text(re.compile(r"4\.2\s*%"))
        for visitor in (officer, firm):
            assert visitor.barriers == {}
            assert visitor.complaints == []
