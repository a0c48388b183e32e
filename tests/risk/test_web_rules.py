"""The pages of the warning rules and of the floor of a loan's class."""

import pytest

RULES, FLOOR = "/risk/rules/", "/risk/floor/"


def facts(**given):
    plain = {
        "on": "2026-11-23", "days_past_due": "0", "months_observed": "0", "instalments_paid": "0",
        "non_performing_share": "0", "elsewhere_overdue_share": "0", "expected_loss": "0",
    }  # fmt: skip
    return plain | given


def test_every_rule_stands_there_in_the_readers_language(browser, he):
    page = browser(he).get(RULES).content.decode()
    for words in ("W01", "W36", "C02", "QMS certificate revoked", "Freeze undrawn, ask why"):
        assert words in page
    assert "质量管理体系证书被撤销" not in page
    chinese = browser(he, language="zh-hans").get(RULES).content.decode()
    for words in ("预警规则", "质量管理体系证书被撤销", "暂停未用额度，核实撤销原因"):
        assert words in chinese
    assert "QMS certificate revoked" not in chinese


def test_rules_narrow_by_level_and_state(browser, he):
    client = browser(he)
    orange = client.get(f"{RULES}?level=orange&enabled=yes").content.decode()
    assert "W14" in orange
    assert "W01" not in orange
    assert "W12" not in orange
    assert "W12" in client.get(f"{RULES}?enabled=no").content.decode()


@pytest.mark.parametrize(
    ("given", "best"),
    [
        ({}, "Normal"),
        ({"days_past_due": "1"}, "Special mention"),
        ({"days_past_due": "91"}, "Substandard"),
        ({"days_past_due": "5", "technical_slip": "on"}, "Normal"),
        ({"credit_impaired": "on", "expected_loss": "50.01"}, "Doubtful"),
    ],
)
def test_the_floor_is_computed_and_the_bank_classifies(browser, htmx, he, given, best):
    client = browser(he)
    part = client.post(FLOOR, facts(**given), headers=htmx("floor")).content.decode()
    assert f">{best}</span>" in part
    page = client.post(FLOOR, facts(**given)).content.decode()
    assert "The bank classifies" in page
    assert "Order 1 of 2023" in page


def test_what_is_no_fact_is_refused_at_its_field(browser, he):
    client = browser(he)
    assert client.post(FLOOR, facts(days_past_due="-1")).status_code == 422
    assert client.post(FLOOR, facts(expected_loss="101")).status_code == 422
    early = client.post(FLOOR, facts(on="2020-01-01"))
    assert early.status_code == 422
    assert "There are no rules for this day yet." in early.content.decode()


def test_others_than_banks_have_no_such_pages(browser, universe):
    client = browser(universe.zhou)
    assert client.get(RULES).status_code == 403
    assert client.get(FLOOR).status_code == 403
