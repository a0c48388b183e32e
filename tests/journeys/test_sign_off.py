"""Six organizations sign a list: one refuses, one looked before the text changed, all are late."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from factors.models import FactorListVersion
from factors.services import factor_lists, reminders
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import User
from tests.factors import lists

CODE = "ZJ-PILOT"
VERSION = f"/factors/lists/{CODE}/versions/1/"
SIGNERS = (
    "fang", "pboc_signer", "nfra_signer", "finance_signer", "ningbo_pboc_signer",
    "ningbo_nfra_signer",
)  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(universe, zj_list):
    """A draft put before six organizations three weeks ago, whose last day has passed."""
    User.objects.update(language="en")
    zhou = universe.zhou
    then = timezone.now() - timedelta(days=21)
    first_day = business_day(timezone.now()) + timedelta(days=60)
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        draft = factor_lists.create_draft(
            lists.small(CODE), effective_from=first_day, actor=zhou, at=then
        )
        organizations = [getattr(universe, name).organization_id for name in SIGNERS]
        factor_lists.set_signers(CODE, organizations, actor=zhou, at=then, signing_days=5)
        return factor_lists.submit_for_review(draft.pk, actor=zhou, at=then)


def answer(visitor, form, *, reason="", read=False):
    """Give an answer on the signatures page, in the form whose address ends so."""
    page = visitor.page
    where = page.locator(f'form[action$="/{form}/"]')
    if read:
        where.locator("input[type=checkbox]").check()
    if reason:
        where.locator("textarea").fill(reason)
    where.locator("button[type=submit]").click()
    if page.locator("#confirmation[open]").count():
        page.click("#confirmation-yes")


def sign(visitor):
    answer(visitor, "sign", read=True)
    visitor.page.get_by_text("Your organization has signed this version.").wait_for()


def as_(visitor, name, path=f"{VERSION}signatures/"):
    visitor.sign_out()
    visitor.sign_in(name)
    return visitor.go(path)


def test_six_sign_after_a_refusal_a_change_and_a_missed_deadline(
    universe, submitted, visitor, visit
):
    # The deadline has passed: everybody is late, is reminded once, and may still answer.
    page = as_(visitor, "zhou", f"{VERSION}state/")
    assert page.locator("li", has_text="late").count() == 6
    with acting_as(universe.zhou.organization_id):
        assert reminders.remind(actor=universe.zhou, at=timezone.now()) == 6
        assert reminders.remind(actor=universe.zhou, at=timezone.now()) == 0

    page = as_(visitor, "pboc_signer")
    assert page.get_by_text("An answer still counts.").is_visible()
    assert visitor.faults() == []
    sign(visitor)

    # One refuses, with its reason; one asks for a change.
    as_(visitor, "nfra_signer")
    answer(visitor, "refuse", reason="QC-05 has no sensible largest value.")
    visitor.page.get_by_text("QC-05 has no sensible largest value.").first.wait_for()
    as_(visitor, "finance_signer")
    answer(visitor, "ask-for-changes", reason="Please bound QC-05.")
    visitor.page.get_by_text("Changes asked for").first.wait_for()

    # Another looks, and leaves the page open while the owner changes the text.
    with visit("wide") as looking:
        as_(looking, "ningbo_pboc_signer")
        assert looking.page.get_by_text("Refused").count()

        page = as_(visitor, "zhou", f"{VERSION}state/")
        page.locator('form[action$="/return/"] textarea').fill("QC-05 gets a bound.")
        page.click('form[action$="/return/"] button[type=submit]')
        page.get_by_text("Submit to the signers").wait_for()
        page = visitor.go(f"{VERSION}edit/")
        cell = page.locator("#row-QC-05 td[data-field=maximum]")
        cell.click()
        page.keyboard.type("12")
        page.keyboard.press("Enter")
        page.locator('#row-QC-05[data-steps="1"] td[data-field=maximum]', has_text="12").wait_for()
        assert visitor.faults() == []
        page = visitor.go(f"{VERSION}state/")
        tomorrow = business_day(timezone.now()) + timedelta(days=7)
        page.fill('form[action$="/submit/"] input[type=date]', tomorrow.isoformat())
        page.click('form[action$="/submit/"] button[type=submit]')
        page.click("#confirmation-yes")
        page.get_by_text("Still to answer").wait_for()

        # What is signed is the text that was looked at: refused, with what has changed.
        answer(looking, "sign", read=True)
        looking.page.get_by_text("What has changed since you looked").first.wait_for()
        changed = looking.page.locator("#answer table tbody tr")
        assert changed.count() == 1
        assert "Largest value" in changed.inner_text()
        assert "12" in changed.inner_text()
        assert looking.page.locator('form[action$="/sign/"] button').is_visible()
        sign(looking)
        assert looking.complaints == []

    # Whoever answered the earlier text is asked anew, and shown what is new to them.
    for name in ("fang", "pboc_signer", "nfra_signer", "finance_signer", "ningbo_nfra_signer"):
        page = as_(visitor, name)
        seen = page.get_by_text("What has changed since you looked").count() > 0
        assert seen == (name not in ("fang", "ningbo_nfra_signer"))
        sign(visitor)

    page = as_(visitor, "zhou", f"{VERSION}state/")
    page.click('form[action$="/publish/"] button[type=submit]')
    page.click("#confirmation-yes")
    page.get_by_role("heading", name="Take it out of force").wait_for()
    page = visitor.go(f"{VERSION}signatures/")
    assert page.get_by_text("6 of 6 organizations").is_visible()
    with acting_as(universe.zhou.organization_id):
        version = FactorListVersion.objects.get(pk=submitted.pk)
    assert version.status == "published"
    assert version.digest != submitted.digest
    shown = page.locator("td.cell-code", has_text=version.digest[:12])
    assert shown.count() == 6
    assert len(mail.outbox) == 0  # nobody of the cast has an address
