"""A newer list version makes a draft from a published scorecard; the card itself never changes."""

import pytest
from django.urls import reverse

from evaluation import policies
from evaluation.domain.carrying import carried
from evaluation.domain.scorecard_checks import faults_of
from evaluation.domain.scorecard_documents import from_document
from evaluation.models import ScorecardVersion
from evaluation.services import scorecard_carrying
from factors.domain.catalogue import Catalogue
from factors.domain.ways_forward import Blocked, Forward, forward, joined
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import document
from tests.evaluation.test_two_versions import renames_only
from tests.factors import lists
from tests.sharing.migrating import publish_second
from tests.universe import NOON


def versions(second=None):
    new = Catalogue.from_document(second or lists.second())
    return lists.catalogue(), new.numbered(2, effective_from=None)


def carry(card=None, second=None):
    base, new = versions(second)
    made = carried(card or document(), forward(base, new), new, from_version=1)
    return made, new


def reasons(made):
    return {(each["part"], each["reason"]) for each in made["carried"]["left_out"]}


def test_where_items_go_on():
    ways = forward(*versions())
    assert ways["QF-17"] == Forward("QF-91")
    assert ways["QC-19"] == Forward("QC-19", {"true": "ENROLLED", "false": "NOT_ENROLLED"})
    assert (ways["QC-05"], ways["QC-13"]) == (Blocked.THRESHOLDS, Blocked.DROPPED)
    assert "QC-01" not in ways


def test_ways_lead_through_several_versions():
    first = {"A": Forward("B"), "C": Forward("C", {"X": "Y"})}
    second = {"B": Forward("D", {"1": "2"}), "C": Forward("E", {"Y": "Z"}), "F": Blocked.SPLIT}
    assert joined([first, second]) == {
        "A": Forward("D", {"1": "2"}),
        "C": Forward("E", {"X": "Z"}),
        "F": Blocked.SPLIT,
    }


def test_renamed_items_are_followed_everywhere():
    made, new = carry(second=renames_only())
    text = str({name: part for name, part in made.items() if name != "carried"})
    assert "QF-17" not in text and "QF-91" in text
    assert made["binds"]["version"] == 2
    assert made["carried"]["renamed"]["QF-17"] == "QF-91"
    assert not faults_of(from_document(made), new)


def test_values_follow_their_table_in_bins_and_conditions():
    card = document()
    sourced = next(c for c in card["characteristics"] if c["source"] == ["QF-17"])
    boolean = {
        **sourced, "code": "C90", "source": ["QC-19"], "kind": "boolean", "special": [],
        "bins": [
            {"values": [True], "points": 1, "zh": "是", "en": "Yes"},
            {"values": [False], "points": 0, "zh": "否", "en": "No"},
        ], "missing": 0,
    }  # fmt: skip
    card["characteristics"].append(boolean)
    for category in card["categories"]:
        category.pop("possible_before_cap", None)
    card["gates"].append(
        {"code": "G90", "outcome": "refer", "when": {"item": "QC-19", "equals": False},
         "zh": "试", "en": "Try", "exception": None, "why": ""}
    )  # fmt: skip
    made, _ = carry(card)
    added = next(c for c in made["characteristics"] if c["code"] == "C90")
    assert added["kind"] == "enum"
    assert [bin_["values"] for bin_ in added["bins"]] == [["ENROLLED"], ["NOT_ENROLLED"]]
    gate = next(g for g in made["gates"] if g["code"] == "G90")
    assert gate["when"] == {"item": "QC-19", "equals": "NOT_ENROLLED"}


def test_what_cannot_be_carried_is_left_out_and_listed():
    card = document()
    card["gates"].append(
        {"code": "G91", "outcome": "refer", "when": {"item": "QC-13", "in": ["LISTED"]},
         "zh": "试", "en": "Try", "exception": None, "why": ""}
    )  # fmt: skip
    made, new = carry(card)
    assert ("G91", "dropped") in reasons(made)
    assert "G91" not in {gate["code"] for gate in made["gates"]}
    lost = {part for part, reason in reasons(made) if reason == "thresholds"}
    used = [c["code"] for c in card["characteristics"] if "QC-05" in c["source"]]
    assert set(used) <= lost
    assert not faults_of(from_document(made), new)


def test_a_new_value_has_a_bin_of_its_own_until_somebody_decides():
    second = renames_only()
    lists.item(second, "QC-08")["values"].append(lists.value("POSTPONED"))
    made, new = carry(second=second)
    sampled = next(c for c in made["characteristics"] if c["source"] == ["QC-08"])
    added = sampled["bins"][-1]
    assert (added["values"], added["points"]) == (["POSTPONED"], sampled["missing"])
    assert ("C01: POSTPONED", "new_values") in reasons(made)
    assert not faults_of(from_document(made), new)


def test_what_the_new_list_refuses_is_listed_at_its_place_in_the_older_card():
    def gate(code, when):
        return {"code": code, "outcome": "refer", "when": when, "zh": "试", "en": "Try",
                "exception": None, "why": ""}  # fmt: skip

    card = document()
    card["gates"][:0] = [
        gate("G80", {"item": "QC-13", "in": ["LISTED"]}),
        gate("G81", {"item": "QC-01", "equals": "NONSENSE"}),
        gate("G82", {"item": "QC-01", "equals": "NONSENSE"}),
    ]
    made, new = carry(card)
    places = {each["part"]: each["pointer"] for each in made["carried"]["left_out"]}
    assert (places["G80"], places["G81"], places["G82"]) == ("/gates/0", "/gates/1", "/gates/2")
    assert not faults_of(from_document(made), new)


def test_values_that_became_one_are_not_told_apart_by_guessing():
    second = lists.second()
    second["migration"]["steps"] = [
        *lists.STEPS[:3],
        {**lists.STEPS[3], "table": [{"from": True, "to": "ENROLLED"},
                                     {"from": False, "to": "ENROLLED"}]},
        *lists.STEPS[4:],
    ]  # fmt: skip
    card = document()
    card["gates"].append(
        {"code": "G92", "outcome": "refer", "when": {"item": "QC-19", "equals": False},
         "zh": "试", "en": "Try", "exception": None, "why": ""}
    )  # fmt: skip
    assert ("G92", "merged") in reasons(carry(card, second)[0])


@pytest.mark.django_db
def test_a_draft_is_made_and_the_published_card_stays(universe, published_card):
    publish_second(universe, renames_only())
    liang = universe.liang
    with acting_as(liang.organization_id):
        draft = scorecard_carrying.carry(published_card.pk, actor=liang, at=NOON)
        old = ScorecardVersion.objects.get(pk=published_card.pk)

    assert (draft.status, draft.number, draft.list_version) == ("draft", 2, 2)
    assert draft.document["carried"]["from_version"] == 1
    assert (old.digest, old.list_version, old.status) == (published_card.digest, 1, "published")
    with acting_as(liang.organization_id), pytest.raises(policies.VersionOpen):
        scorecard_carrying.carry(published_card.pk, actor=liang, at=NOON)


@pytest.mark.django_db
def test_there_has_to_be_something_newer_and_a_published_card(universe, published_card):
    liang = universe.liang
    with acting_as(liang.organization_id), pytest.raises(scorecard_carrying.NothingNewer):
        scorecard_carrying.carry(published_card.pk, actor=liang, at=NOON)
    publish_second(universe, renames_only())
    with acting_as(liang.organization_id):
        draft = scorecard_carrying.carry(published_card.pk, actor=liang, at=NOON)
        with pytest.raises(scorecard_carrying.NotPublished):
            scorecard_carrying.carry(draft.pk, actor=liang, at=NOON)
    with acting_as(universe.lin.organization_id), pytest.raises(MissingPermission):
        scorecard_carrying.carry(published_card.pk, actor=universe.lin, at=NOON)


@pytest.mark.django_db
def test_one_click_on_the_page(universe, published_card, browser):
    person, page = (
        browser(universe.liang),
        reverse("evaluation:scorecard", args=[published_card.pk]),
    )
    carry_ = reverse("evaluation:carry-scorecard", args=[published_card.pk])
    assert carry_ not in person.get(page).content.decode()
    publish_second(universe)
    assert carry_ in person.get(page).content.decode()
    assert carry_ not in browser(universe.xu).get(page).content.decode()

    draft = person.post(carry_)["Location"]
    shown = person.get(draft).content.decode()
    assert "QF-91" in shown and "Bands took the place of its numbers." in shown
    refused = person.post(carry_)
    assert refused.status_code == 409


@pytest.mark.django_db
def test_by_rest(universe, published_card, api):
    address = f"/api/v1/scorecards/{published_card.pk}/carry/"
    nothing = api(universe.liang).post(address, {})
    assert (nothing.status_code, nothing.json()["code"]) == (
        409, "evaluation.scorecard.nothing_newer",
    )  # fmt: skip
    publish_second(universe)
    made = api(universe.liang).post(address, {"list_version": 2})
    assert made.status_code == 201
    assert made.json()["document"]["carried"]["left_out"]
    assert api(universe.lin).post(address, {}).status_code == 403
