"""Products and authority limits in the browser."""

from datetime import timedelta

import pytest

from lending.models import LoanProduct
from lending.selectors import products
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from tests.universe import NOW

NEW = {
    "code": "KJD",
    "name_zh": "科技贷",
    "name_en": "Technology loan",
    "regime": "corporate_working_capital",
    "min_principal": "100000",
    "max_principal": "3,000,000",
    "amount_step": "10000",
    "max_months": "24",
    "method": "equal_principal",
    "day_count": "actual/360",
    "rounding": "half_up",
    "rounding_unit": "0.01",
    "conditions": "insurance in force\n\ncontract of purchase on file",
    "spread_A": "-15",
    "spread_B": "10",
}


def product(universe, code="KJD"):
    with acting_as(universe.lin.organization_id):
        return LoanProduct.objects.get(code=code)


def test_product_is_drafted_published_and_retired(desk, universe, browser):
    lin = browser(universe.lin)
    answer = lin.post("/lending/products/new/", NEW)
    assert answer.status_code == 302
    draft = product(universe)
    assert (draft.status, draft.spreads_bp["B"], draft.spreads_bp["E"]) == ("draft", 10, None)
    assert draft.conditions == ["insurance in force", "contract of purchase on file"]
    page = lin.get(answer.headers["Location"]).content.decode()
    assert "+10 basis points" in page
    base = f"/lending/products/{draft.pk}/"
    lin.post(f"{base}publish/")
    assert product(universe).status == "published"
    assert lin.post(f"{base}publish/").status_code == 409
    lin.post(f"{base}retire/")
    assert product(universe).status == "retired"


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"max_principal": "1"}, 400), ({"code": "ZHD"}, 409), ({"code": "質"}, 422)],
)
def test_product_that_makes_no_sense_is_refused(desk, universe, browser, htmx, changed, status):
    client = browser(universe.lin)
    sent = {**NEW, **changed}
    answer = client.post("/lending/products/new/", sent, headers=htmx("new-product"))
    assert answer.status_code == status
    assert answer.content.decode().lstrip().startswith('<div id="new-product"')


# Far enough ahead to be to come, whatever the day is.
AHEAD = business_day(NOW) + timedelta(days=40)


def limits(*rows, day=AHEAD):
    sent = {
        "effective_from": str(day),
        "form-TOTAL_FORMS": str(len(rows)),
        "form-INITIAL_FORMS": str(len(rows)),
    }
    for number, row in enumerate(rows):
        sent |= {f"form-{number}-{name}": value for name, value in row.items()}
    return sent


def test_limits_in_force_and_to_come_are_shown(desk, universe, browser):
    lin = browser(universe.lin)
    sent = limits(
        {"role": "branch_approver", "up_to": "2,000,000", "grades": ["A", "B"]},
        {"role": "branch_president", "up_to": ""},
        {
            "role": "credit_committee",
            "up_to": "20000000",
            "grades": ["A"],
            "votes_required": "3",
            "votes_of": "5",
        },
    )
    assert lin.post("/lending/limits/new/", sent).status_code == 302
    page = lin.get("/lending/limits/").content.decode()
    assert "CNY 6,000,000" in page
    assert "CNY 20,000,000" in page
    assert "3 of 5 votes" in page
    with acting_as(universe.lin.organization_id):
        known = products.limits(actor=universe.lin, on=AHEAD)
    assert [limit.role for limit in known] == ["branch_approver", "credit_committee"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (limits({"role": "branch_approver", "up_to": "1", "grades": []}), 422),
        (limits({"role": "auditor", "up_to": "1", "grades": ["A"]}), 422),
        (limits({"role": "branch_approver", "up_to": ""}), 400),
        (limits({"role": "branch_approver", "up_to": "1", "grades": ["A"]}, day="2026-11-01"), 400),
    ],
)
def test_limits_that_cannot_be_set_are_refused(desk, universe, browser, sent, status):
    assert browser(universe.lin).post("/lending/limits/new/", sent).status_code == status


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_answer_in_both_languages(desk, universe, browser, language):
    lin = browser(universe.lin, language=language)
    for path in ("products/", "products/new/", f"products/{desk.product.pk}/", "limits/new/"):
        answer = lin.get(f"/lending/{path}")
        assert answer.status_code == 200
        assert "<c-" not in answer.content.decode()


def test_only_who_keeps_products_changes_them(desk, universe, browser):
    chen = browser(universe.chen_min)
    assert chen.get("/lending/products/").status_code == 200
    assert chen.get("/lending/products/new/").status_code == 403
    assert chen.post(f"/lending/products/{desk.product.pk}/retire/").status_code == 403
    assert chen.get("/lending/limits/new/").status_code == 403
