"""
The story of the demo, told in Chromium by the people of its cast, in both languages.

One firm from its line in a county's file to the loan that is not paid out on a certificate
that no longer exists. Every click is one that a page offers; a worker does what it does.
"""

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from qfce.demo import setting
from qfce.kernel.calendar import business_day
from tests.journeys import story_lending, story_risk, story_sharing

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def stage(universe, programs):
    """What stands before the story begins: agreements, both banks' models, and a product."""
    at = timezone.now()
    setting.share("bank_a", setting.CATEGORIES, setting.LOAN_PURPOSES, at=at)
    seen_by_b = ("quality_credit", "quality_foundation")
    setting.share("bank_b", seen_by_b, setting.LOAN_PURPOSES, regions=("330100",), at=at)
    setting.publish_scorecards(at=at)
    setting.offer_product(at=at)
    return Path(programs["QFCE_DATA"]) / "mail"


@pytest.mark.parametrize(
    ("language", "scripts"), [("zh-hans", True), ("en", True), ("zh-hans", False)]
)
def test_the_twelve_steps(stage, worker, visit, api, universe, language, scripts):
    """In both languages; and once more with a browser that runs no scripts."""
    today: date = business_day(timezone.now())
    options = {"java_script_enabled": scripts}
    with visit("wide", **options) as visitor, visit("tablet", **options) as anybody:
        visitor.read(language)
        anybody.read(language)
        story_sharing.step_01_the_signed_list(visitor)
        story_sharing.step_02_the_upload(visitor, today)
        story_sharing.step_03_the_release(visitor, today)
        story_sharing.share_the_list(visitor, universe)
        story_sharing.step_04_the_delivery(visitor, api, universe)
        story_lending.step_05_the_scores(visitor, today)
        story_lending.step_05b_the_consent(visitor, anybody, stage, today)
        story_lending.step_06_the_application(visitor)
        story_lending.step_07_the_approval(visitor)
        story_lending.step_08_the_disbursement(visitor, today)
        story_lending.step_09_the_schedule(visitor)
        story_sharing.step_10_the_certificate_falls(visitor, today)
        story_risk.step_11_the_warning(visitor, today, universe.bank_a)
        story_risk.step_12_the_visitor(visitor, today)
        assert (visitor.barriers, anybody.barriers) == ({}, {})
        assert (visitor.complaints, anybody.complaints) == ([], [])
