"""Scorecards: who writes, who approves, what never changes."""

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from evaluation.domain.scorecard_documents import InvalidScorecard
from evaluation.models import ScorecardVersion
from evaluation.permissions import OwnScorecard
from evaluation.policies import FirstDayPassed, VectorsDisagree, VersionOpen
from evaluation.selectors import scorecards as selectors
from evaluation.services import scorecards
from evaluation.services.scorecards import CodeDiffers
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.canonical import digest
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import document
from tests.evaluation.conftest import CARD, publish_card
from tests.universe import NOON

TODAY = date(2026, 11, 23)


def act(service, *arguments, actor, at=NOON, **named):
    with acting_as(actor.organization_id):
        return service(*arguments, actor=actor, at=at, **named)


@pytest.fixture
def draft(universe, zj_list):
    return act(scorecards.create, document(), actor=universe.liang)


@pytest.fixture
def submitted(universe, draft):
    return act(scorecards.submit, draft.pk, actor=universe.liang)


def test_a_draft_keeps_the_document_its_digest_and_what_it_binds(universe, draft):
    assert (draft.number, draft.status) == (1, "draft")
    assert (draft.factor_list, draft.list_version) == ("ZJ-QFCE", 1)
    assert draft.digest == digest(draft.document)
    assert draft.prepared_by_id == universe.liang.user_id


def test_a_document_that_does_not_hold_together_is_not_kept(universe, zj_list):
    spoiled = document()
    spoiled["grades"][0]["to"] = 99
    with pytest.raises(InvalidScorecard):
        act(scorecards.create, spoiled, actor=universe.liang)
    with acting_as(universe.liang.organization_id):
        assert not ScorecardVersion.objects.exists()


def test_a_list_version_that_was_never_published_cannot_be_bound(universe, zj_list):
    spoiled = document()
    spoiled["binds"]["version"] = 7
    with pytest.raises(InvalidScorecard) as refusal:
        act(scorecards.create, spoiled, actor=universe.liang)
    assert refusal.value.errors[0]["pointer"] == "/binds/version"


def test_only_a_model_developer_writes(universe, zj_list):
    with pytest.raises(MissingPermission):
        act(scorecards.create, document(), actor=universe.chen_min)


def test_one_version_is_open_at_a_time(universe, draft):
    with pytest.raises(VersionOpen):
        act(scorecards.create, document(), actor=universe.liang)


def test_a_draft_can_be_revised_and_its_digest_follows(universe, draft):
    changed = document()
    changed["name_en"] = "Another name"
    revised = act(scorecards.revise, draft.pk, changed, actor=universe.liang)

    assert (revised.name_en, revised.digest != draft.digest) == ("Another name", True)


def test_a_version_keeps_its_code(universe, draft):
    changed = document() | {"code": "HF-QF-02"}
    with pytest.raises(CodeDiffers):
        act(scorecards.revise, draft.pk, changed, actor=universe.liang)


def test_a_card_that_disagrees_with_its_own_examples_is_not_submitted(universe, zj_list):
    spoiled = document()
    spoiled["vectors"][1]["expected"]["score"] = 70
    version = act(scorecards.create, spoiled, actor=universe.liang)
    with pytest.raises(VectorsDisagree) as refusal:
        act(scorecards.submit, version.pk, actor=universe.liang)
    assert refusal.value.errors == [
        {"pointer": "/vectors/1/expected/score", "detail": "The card gives 68, not 70."}
    ]


def test_what_is_submitted_is_not_revised(universe, submitted):
    with pytest.raises(IllegalTransition):
        act(scorecards.revise, submitted.pk, document(), actor=universe.liang)


def test_approval_publishes_from_today_and_is_recorded(universe, submitted):
    version = act(scorecards.approve, submitted.pk, actor=universe.xu)

    assert (version.status, version.effective_from) == ("published", TODAY)
    assert version.approved_by_id == universe.xu.user_id
    with acting_as(universe.xu.organization_id):
        event = AuditEvent.objects.get(action="evaluation.scorecard.published")
        found = selectors.in_force(CARD, TODAY, actor=universe.xu)
    assert event.detail["digest"] == version.digest
    assert found.pk == version.pk


def test_a_developer_does_not_approve(universe, submitted):
    with pytest.raises(MissingPermission):
        act(scorecards.approve, submitted.pk, actor=universe.liang)


def test_whoever_prepared_a_version_does_not_approve_it(universe, zj_list):
    client = universe.client_bank_a
    both = type(client)(
        **{
            **{name: getattr(client, name) for name in client.__dataclass_fields__},
            "permissions": client.permissions | universe.xu.permissions,
        }
    )
    version = act(scorecards.create, document(), actor=both)
    act(scorecards.submit, version.pk, actor=both)
    with pytest.raises(OwnScorecard):
        act(scorecards.approve, version.pk, actor=both)


def test_a_draft_is_not_approved(universe, draft):
    with pytest.raises(IllegalTransition):
        act(scorecards.approve, draft.pk, actor=universe.xu)


def test_a_card_does_not_begin_in_the_past(universe, submitted):
    with pytest.raises(FirstDayPassed):
        act(
            scorecards.approve,
            submitted.pk,
            actor=universe.xu,
            effective_from=TODAY - timedelta(days=1),
        )


def test_a_version_that_is_returned_says_why_and_can_be_revised(universe, submitted):
    version = act(scorecards.return_, submitted.pk, reason="Too steep.", actor=universe.xu)

    assert (version.status, version.return_reason) == ("draft", "Too steep.")
    act(scorecards.revise, version.pk, document(), actor=universe.liang)


def test_a_later_version_supersedes_from_its_first_day(universe, published_card):
    second = act(scorecards.create, document(), actor=universe.liang)
    act(scorecards.submit, second.pk, actor=universe.liang)
    later = TODAY + timedelta(days=30)
    act(scorecards.approve, second.pk, actor=universe.xu, effective_from=later)

    with acting_as(universe.xu.organization_id):
        published_card.refresh_from_db()
        numbers = [
            selectors.in_force(CARD, day, actor=universe.xu).number for day in (TODAY, later)
        ]
    assert published_card.status == "superseded"
    assert numbers == [1, 2]


def test_a_withdrawn_version_counts_no_longer(universe, published_card):
    act(scorecards.withdraw, published_card.pk, reason="Wrong.", actor=universe.xu)
    with acting_as(universe.xu.organization_id), pytest.raises(NoSuchRecord):
        selectors.in_force(CARD, TODAY, actor=universe.xu)


@pytest.mark.parametrize("column", ["document", "digest", "effective_from", "number"])
def test_the_database_keeps_a_published_version_as_it_is(universe, published_card, column):
    other = {"document": {}, "digest": "0" * 64, "effective_from": date(2027, 1, 1), "number": 9}
    with (
        pytest.raises(IntegrityError, match="version of a scorecard cannot"),
        acting_as(universe.liang.organization_id),
    ):
        ScorecardVersion.objects.filter(pk=published_card.pk).update(**{column: other[column]})


def test_the_database_deletes_drafts_alone(universe, published_card):
    with (
        pytest.raises(IntegrityError, match="Only a draft"),
        acting_as(universe.liang.organization_id),
    ):
        ScorecardVersion.objects.filter(pk=published_card.pk).delete()


def test_the_database_holds_four_eyes_too(universe, submitted):
    with pytest.raises(IntegrityError, match="four_eyes"), acting_as(universe.xu.organization_id):
        ScorecardVersion.objects.filter(pk=submitted.pk).update(
            status="published",
            approved_at=NOON,
            approved_by_id=universe.liang.user_id,
            effective_from=TODAY,
        )


def test_another_bank_sees_nothing_of_it(universe, published_card):
    with acting_as(universe.bank_b_officer.organization_id):
        assert not ScorecardVersion.objects.exists()
        with pytest.raises(NoSuchRecord):
            selectors.get(published_card.pk, actor=universe.bank_b_officer)


def test_two_banks_may_use_the_same_code(universe, published_card):
    version = publish_card(universe.bank_b_officer, universe.bank_b_risk, document())

    assert version.number == 1


def test_of_two_approvals_at_once_one_is_refused(universe, submitted):
    at_once, outcomes = threading.Barrier(2), []

    def approve():
        try:
            at_once.wait(timeout=10)
            act(scorecards.approve, submitted.pk, actor=universe.xu)
            outcomes.append("published")
        except IllegalTransition:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=approve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["published", "refused"]


def test_of_two_drafts_at_once_one_is_refused(universe, zj_list):
    at_once, outcomes = threading.Barrier(2), []

    def create():
        try:
            at_once.wait(timeout=10)
            act(scorecards.create, document(), actor=universe.liang)
            outcomes.append("drafted")
        except (VersionOpen, scorecards.CreatedTwice):
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["drafted", "refused"]


def test_nothing_is_kept_if_the_event_cannot_be_recorded(universe, submitted, monkeypatch):
    def fail(*arguments, **named):
        raise IntegrityError

    monkeypatch.setattr(AuditEvent.objects, "create", fail)
    with pytest.raises(IntegrityError), transaction.atomic():
        act(scorecards.approve, submitted.pk, actor=universe.xu)
    with acting_as(universe.xu.organization_id):
        submitted.refresh_from_db()
    assert submitted.status == "under_review"
