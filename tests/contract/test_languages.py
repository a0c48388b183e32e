"""A problem is wholly in the caller's language: no English sentence in a Chinese answer."""

import re
from typing import Any

import pytest

USCC = "91330113ALN0KXMQ6E"
NOBODY = "11111111-2222-4333-8444-555555555555"
QUOTE = {
    "principal": "120000",
    "annual_rate": "2",
    "method": "flat",
    "start_date": "2026-01-01",
    "periods": 0,
    "fixed_instalment": "1",
    "rate_changes": [{"date": "2026-02-01", "annual_rate": "0.1"}],
}
# Two English words in a row; names of members, codes and values stand alone.
ENGLISH = re.compile(r"[A-Za-z]{2,}[,;]? [a-z]{2,}")
CALLS: list[tuple[str, str, Any]] = [
    ("client_bank_a", "loan-schedules/quote/", QUOTE),
    ("client_bank_a", "loan-schedules/quote/", {}),
    ("client_bank_a", "loan-schedules/quote/", {**QUOTE, "annual_rate": "0.1", "periods": 3}),
    ("client_bank_a", "loan-schedules/quote/", {**QUOTE, "principal": "x", "method": 5}),
    ("client_bank_a", "enterprises/lookup/", {"uscc": [], "purpose": "none"}),
    ("client_bank_a", "enterprises/lookup/", {"uscc": ["x" * 30], "purpose": "pre_loan"}),
    ("client_bank_a", "changes/reconcile/", {}),
    ("client_bank_a", "changes/reconcile/", {"held": {USCC: "x"}}),
    ("client_bank_a", "consents/", {"uscc": USCC, "items": ["X"], "purposes": ["pre_loan"]}),
    ("client_bank_a", "evaluations/", {"uscc": USCC, "scorecard": "X", "purpose": "pre_loan"}),
    ("client_bank_a", "evaluations/batch/", {"scorecard": "X", "purpose": "pre_loan"}),
    ("client_bank_a", "scorecards/", {"document": {"code": 1}}),
    ("client_bank_a", "scorecards/", {"document": []}),
    ("client_bank_a", "loan-applications/", {"uscc": USCC, "product": NOBODY}),
    ("client_bank_a", "loan-products/", {"code": "?", "max_months": 0}),
    ("client_bank_a", "signals/arrears/", {"on": "2026-11-23", "loans": [{}]}),
    ("client_bank_a", "signals/", {"rule": "W99", "uscc": USCC, "fact": "a", "text": "b"}),
    ("client_bank_a", "cases/", {"signal": NOBODY, "reason": "a"}),
    ("client_bank_a", "agreements/", {}),
    ("client_bank_a", f"loans/{NOBODY}/disburse/", {}),
    ("client_bank_a", "refresh-requests/", {"uscc": USCC, "items": []}),
    ("client_province", "agreements/", {"recipient": "nobody"}),
    (
        "client_province",
        "agreements/",
        {
            "recipient": "bank_a",
            "factor_list": "ZJ-QFCE",
            "categories": ["x"],
            "purposes": ["pre_loan"],
        },
    ),
    (
        "client_province",
        "agreements/",
        {
            "recipient": "bank_a",
            "factor_list": "ZJ-QFCE",
            "categories": ["quality_credit"],
            "purposes": ["pre_loan"],
            "starts_on": "2026-12-31",
            "ends_on": "2026-01-01",
        },
    ),
    ("client_county_uploader", "record-changes/", {"uscc": USCC, "factor_list": "ZJ-QFCE"}),
    ("client_county_uploader", "imports/", {}),
    ("client_county_uploader", f"imports/{NOBODY}/publish/", {}),
]


@pytest.mark.parametrize(
    ("caller", "path", "body"), CALLS, ids=[f"{n}-{c[1]}" for n, c in enumerate(CALLS)]
)
def test_a_chinese_problem_has_no_english_sentence(
    universe: Any, api: Any, caller: str, path: str, body: Any
) -> None:
    client = api(getattr(universe, caller))
    answer = client.post(f"/api/v1/{path}", body, **{"Accept-Language": "zh-CN"})

    assert 400 <= answer.status_code < 500
    problem = answer.json()
    said = [problem["detail"], problem["hint"], *(e["detail"] for e in problem["errors"])]
    assert [text for text in said if ENGLISH.search(text)] == []
    assert any("一" <= letter <= "鿿" for letter in problem["detail"])


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b'{"a": NaN}', b'{"a": 1, "a": 2}', b'{"a": "\\u0000"}', b"[" * 90_000],
)
def test_what_cannot_be_read_is_said_in_chinese_too(universe: Any, api: Any, body: bytes) -> None:
    client = api(universe.client_bank_a)
    answer = client.request("POST", "/api/v1/evaluations/", body, **{"Accept-Language": "zh-Hans"})
    assert answer.status_code == 400
    assert not ENGLISH.search(answer.json()["detail"])


@pytest.mark.parametrize(
    "path", ["nothing/", "factor-lists/NONE/versions/1/", "evaluations/?limit=0"]
)
def test_what_is_not_there_is_said_in_chinese_too(universe: Any, api: Any, path: str) -> None:
    answer = api(universe.client_bank_a).get(f"/api/v1/{path}", **{"Accept-Language": "zh"})
    problem = answer.json()
    said = [problem["detail"], problem["hint"], *(e["detail"] for e in problem["errors"])]
    assert [text for text in said if ENGLISH.search(text)] == []
