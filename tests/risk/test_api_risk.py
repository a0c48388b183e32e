import pytest

from qfce.kernel.tenancy.context import acting_as
from risk.models import Signal
from tests.universe import USCC

SIGNALS, CASES = "/api/v1/signals/", "/api/v1/cases/"


@pytest.fixture
def signal(borrower):
    borrower.tell("observed", {"QF-17": "REVOKED"})
    borrower.follow()
    with acting_as(borrower.organization_id):
        return Signal.objects.get()


def test_the_list_is_filtered_and_paged(signal, api, he):
    client = api(he)
    page = client.get(SIGNALS).json()

    assert set(page) == {"next", "previous", "results"}
    [found] = page["results"]
    assert (found["rule"], found["level"], found["status"]) == ("W14", "orange", "raised")
    assert (found["name_zh"], found["name_en"]) == (
        "质量管理体系证书被撤销",
        "QMS certificate revoked",
    )
    assert (found["claim_due_on"], found["answer_due_on"]) == ("2026-12-17", "2026-12-29")
    assert found["due_by_holiday_table"] is True
    assert found["actions"] == ["claim", "release"]
    for query, hits in (
        ({"uscc": USCC, "level": "orange", "open": "true"}, 1),
        ({"rule": "W14"}, 1),
        ({"level": "red"}, 0),
        ({"open": "false"}, 0),
        ({"status": "claimed"}, 0),
        ({"mine": "true"}, 0),
    ):
        assert len(client.get(SIGNALS, query).json()["results"]) == hits


def test_a_filter_that_makes_no_sense_is_400(signal, api, he):
    assert api(he).get(SIGNALS, {"level": "purple"}).status_code == 400


def test_one_signal_explains_its_rule_and_tells_its_history(signal, api, he):
    found = api(he).get(f"{SIGNALS}{signal.pk}/").json()

    assert found["explanation"]["released_en"] == "QF-17 is “valid”"
    assert found["facts"] == {"before": "VALID", "after": "REVOKED", "kind": "observed"}
    assert [line["kind"] for line in found["history"]] == ["fact"]


def test_claim_note_and_release(signal, api, he):
    client = api(he)
    claimed = client.post(f"{SIGNALS}{signal.pk}/claim/")
    assert (claimed.status_code, claimed.json()["status"]) == (200, "claimed")
    noted = client.post(f"{SIGNALS}{signal.pk}/note/", {"text": "Called."}).json()
    assert [line["kind"] for line in noted["history"]] == ["fact", "claimed", "note"]
    released = client.post(f"{SIGNALS}{signal.pk}/release/", {"reason": "Renewed."}).json()
    assert (released["status"], released["release_cause"]) == ("released", "person")


def test_a_second_claim_is_a_conflict(signal, api, he):
    client = api(he)
    client.post(f"{SIGNALS}{signal.pk}/claim/")

    response = client.post(f"{SIGNALS}{signal.pk}/claim/")

    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "lifecycle.illegal_transition"


def test_a_release_without_a_reason_is_400(signal, api, he):
    assert api(he).post(f"{SIGNALS}{signal.pk}/release/", {}).status_code == 400


def test_other_roles_look_and_do_not_handle(signal, api, universe):
    client = api(universe.chen_min)
    assert client.get(f"{SIGNALS}{signal.pk}/").status_code == 200
    assert client.post(f"{SIGNALS}{signal.pk}/claim/").status_code == 403


def test_another_bank_gets_404_and_regulators_403(signal, api, universe):
    path = f"{SIGNALS}{signal.pk}/"
    assert api(universe.bank_b_risk).get(path).status_code == 404
    assert api(universe.bank_b_risk).post(f"{path}claim/").status_code == 404
    assert api(universe.bank_b_risk).get(SIGNALS).json()["results"] == []
    assert api(universe.zheng).get(path).status_code == 403


def test_a_withdrawn_signal_says_so_and_nothing_else(borrower, api, he):
    borrower.tell("observed", {"QC-05": 1})
    borrower.follow()
    borrower.tell("withdrawn", {"QC-05": None})
    borrower.follow()
    client = api(he)

    [listed] = client.get(SIGNALS).json()["results"]
    found = client.get(f"{SIGNALS}{listed['id']}/")

    assert listed["status"] == "withdrawn"
    assert (listed["rule"], listed["item"], listed["source"]) == (None, None, None)
    assert listed["name_en"] == "Withdrawn"
    assert found.json()["explanation"] is None
    text = found.content.decode()
    assert "QC-05" not in text
    assert "W10" not in text
    assert "penalty" not in text
    assert client.get(SIGNALS, {"rule": "W10"}).json()["results"] == []


def test_an_officer_reports_an_evasion(borrower, api, he):
    response = api(he).post(
        SIGNALS, {"rule": "W07", "uscc": USCC, "fact": "report 12", "text": "Machines moved."}
    )

    assert response.status_code == 201
    assert response.json()["level"] == "red"
    refused = api(he).post(SIGNALS, {"rule": "W14", "uscc": USCC, "fact": "x", "text": "y"})
    assert (refused.status_code, refused.json()["code"]) == (400, "risk.rule.raised_by_itself")


def test_servicing_reports_the_arrears_of_a_day(borrower, api, he):
    loan = {"loan_id": "loan-1", "uscc": USCC, "days_past_due": 3}
    path = f"{SIGNALS}arrears/"
    assert api(he).post(path, {"on": "2026-12-15", "loans": [loan]}).status_code == 400
    loan["first_unpaid_due_on"] = "2026-12-12"

    response = api(he).post(path, {"on": "2026-12-15", "loans": [loan]})

    assert response.status_code == 200
    assert len(response.json()["raised"]) == 1


def test_a_case_from_opening_to_closing(signal, borrower, api, he, second):
    client, colleague = api(he), api(second)
    opened = client.post(CASES, {"signal": str(signal.pk), "reason": "Certificate revoked."})
    assert opened.status_code == 201
    path = f"{CASES}{opened.json()['id']}/"
    frozen = client.post(f"{path}actions/", {"kind": "freeze_undrawn", "text": "Stop."})
    assert frozen.status_code == 201
    assert borrower.frozen == [(USCC, "Stop.")]

    refused = client.post(f"{path}close/", {"result": "Done."})
    assert (refused.status_code, refused.json()["code"]) == (409, "risk.case.unfinished")
    client.post(f"{SIGNALS}{signal.pk}/release/", {"reason": "New certificate."})
    lift = client.post(f"{path}actions/", {"kind": "lift_freeze", "text": "Back."}).json()
    assert lift["awaits_second"] is True
    confirm = f"{path}actions/{lift['id']}/confirm/"
    assert client.post(confirm).status_code == 403
    assert colleague.post(confirm).status_code == 200
    closed = client.post(f"{path}close/", {"result": "Settled."}).json()

    assert (closed["status"], closed["result"]) == ("closed", "Settled.")
    assert closed["signals"] == [str(signal.pk)]
    assert [step["kind"] for step in closed["actions"]] == ["freeze_undrawn", "lift_freeze"]
    assert len(client.get(CASES, {"status": "closed", "uscc": USCC}).json()["results"]) == 1
    assert client.get(path).json() == closed


def test_another_bank_has_no_such_case(signal, api, he, universe):
    opened = api(he).post(CASES, {"signal": str(signal.pk), "reason": "Ours."}).json()
    path = f"{CASES}{opened['id']}/"
    other = api(universe.bank_b_risk)

    assert other.get(path).status_code == 404
    assert other.post(f"{path}close/", {"result": "Whose?"}).status_code == 404
    assert other.post(CASES, {"signal": str(signal.pk), "reason": "Whose?"}).status_code == 404
    assert other.get(CASES).json()["results"] == []


FLOOR = "/api/v1/classifications/floor/"


def test_the_floor_of_a_class_quotes_its_rule_and_leaves_the_class_to_the_bank(api, universe):
    response = api(universe.he).post(FLOOR, {"days_past_due": 91})

    assert response.status_code == 200
    body = response.json()
    assert body["floor"] == "substandard"
    assert body["rules"][0]["article"] == "art. 11"
    assert "90 days" in body["rules"][0]["text_en"]
    assert "The bank classifies" in body["statement_en"]
    assert "银行" in body["statement_zh"]
    assert "2023" in body["source"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"days_past_due": -1},
        {"days_past_due": 1, "expected_loss": "1.2"},
        {"days_past_due": 1, "on": "2020-01-01"},
    ],
)
def test_a_floor_of_facts_that_cannot_be_is_400(api, universe, body):
    assert api(universe.he).post(FLOOR, body).status_code == 400


def test_a_floor_is_for_those_who_see_signals(api, universe):
    assert api(universe.zheng).post(FLOOR, {"days_past_due": 1}).status_code == 403
