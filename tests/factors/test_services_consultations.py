"""Consultations: who reads a draft before it is signed, who says what, and what is answered."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection

from factors import policies
from factors.domain.consultations import Outcome
from factors.models import Consultation, ConsultationComment, FactorListVersion
from factors.permissions import NotInvited, NotListOwner
from factors.selectors import consultations as selectors
from factors.services import consultations, draft_edits, factor_lists, reminders
from factors.services.factor_lists import VersionNotDraft
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import User
from tests.factors.conftest import LATER, TODAY

pytestmark = pytest.mark.django_db
DEADLINE = TODAY + timedelta(days=7)


@pytest.fixture
def draft(desk):
    return desk.draft()


@pytest.fixture
def held(universe, desk, draft):
    invited = [universe.lin.organization_id, universe.shen.organization_id]
    return desk.as_(
        universe.zhou, consultations.open_, draft.pk, invited_ids=invited, closes_on=DEADLINE
    )


def said(desk, actor, held, text="Too strict.", item="QC-05"):
    return desk.as_(actor, consultations.comment, held.pk, text=text, item=item)


def test_the_invited_read_the_text_and_not_the_draft(universe, desk, draft, held):
    desk.as_(universe.zhou, draft_edits.set_members, draft.pk, {"QC-05": {"maximum": "5"}}, steps=0)

    with acting_as(universe.lin.organization_id):
        found = selectors.get(held.pk, actor=universe.lin)
        assert found.digest == draft.digest  # as it was laid before them
        assert set(selectors.content(found).items) == {"QC-05", "QF-17"}
        assert [row.pk for row in selectors.awaiting(actor=universe.lin, on=TODAY)] == [held.pk]
        assert not FactorListVersion.objects.filter(pk=draft.pk).exists()


def test_nobody_else_reads_it(universe, held):
    for actor in (universe.bank_b_officer, universe.an, universe.pboc_signer):
        with acting_as(actor.organization_id):
            with pytest.raises(NoSuchRecord):
                selectors.get(held.pk, actor=actor)
            assert selectors.list_for(actor=actor) == []


def test_comments_are_their_makers_and_the_owners(universe, desk, held):
    said(desk, universe.lin, held)
    said(desk, universe.shen, held, text="Fine.", item="")

    def read(actor):
        with acting_as(actor.organization_id):
            found = selectors.get(held.pk, actor=actor)
            return [(row.item, row.text) for row in selectors.comments(found, actor=actor)], [
                row.comments for row in selectors.invited(found, actor=actor)
            ]

    assert read(universe.zhou) == ([("", "Fine."), ("QC-05", "Too strict.")], [1, 1])
    assert read(universe.lin) == ([("QC-05", "Too strict.")], [1])
    with acting_as(universe.bank_b_officer.organization_id):
        assert not ConsultationComment.objects.exists()


def test_each_comment_is_answered_once_and_its_maker_reads_it(universe, desk, held):
    comment = said(desk, universe.lin, held)
    answer = {"outcome": Outcome.PARTLY, "text": "Bounded at 12."}
    desk.as_(universe.zhou, consultations.answer, comment.pk, **answer)

    with acting_as(universe.lin.organization_id):
        found = selectors.get(held.pk, actor=universe.lin)
        [row] = selectors.comments(found, actor=universe.lin)
    assert (row.outcome, row.answer) == ("partly", "Bounded at 12.")
    with pytest.raises(consultations.AnsweredAlready):
        desk.as_(universe.zhou, consultations.answer, comment.pk, **answer)


def test_nobody_is_asked_to_sign_before_everybody_has_been_answered(universe, desk, draft, held):
    comment = said(desk, universe.lin, held)
    zhou = universe.zhou
    with pytest.raises(policies.CommentsUnanswered):
        desk.as_(zhou, factor_lists.submit_for_review, draft.pk)
    desk.as_(zhou, consultations.close, held.pk)
    with pytest.raises(policies.CommentsUnanswered):
        desk.as_(zhou, factor_lists.submit_for_review, draft.pk)
    desk.as_(zhou, consultations.answer, comment.pk, outcome=Outcome.NOTED, text="Thank you.")

    assert desk.as_(zhou, factor_lists.submit_for_review, draft.pk).status == "signed"


def test_after_the_deadline_nothing_more_is_said_until_it_is_moved(universe, desk, held):
    later = LATER + timedelta(days=8)

    def late(text):
        with acting_as(universe.lin.organization_id, user_id=universe.lin.user_id):
            return consultations.comment(held.pk, text=text, actor=universe.lin, at=later)

    with pytest.raises(consultations.ConsultationClosed):
        late("Late.")
    with acting_as(universe.zhou.organization_id, user_id=universe.zhou.user_id):
        moved = DEADLINE + timedelta(days=7)
        consultations.extend(held.pk, closes_on=moved, actor=universe.zhou, at=later)
    assert late("In time after all.").text == "In time after all."
    desk.as_(universe.zhou, consultations.close, held.pk)
    with pytest.raises(consultations.ConsultationClosed):
        late("Too late.")
    with pytest.raises(consultations.ConsultationClosed):
        desk.as_(universe.zhou, consultations.close, held.pk)


def test_what_cannot_be_opened(universe, desk, draft, held):
    zhou = universe.zhou
    invited = [universe.lin.organization_id]
    open_ = {"invited_ids": invited, "closes_on": DEADLINE}
    with pytest.raises(consultations.ConsultationOpen):
        desk.as_(zhou, consultations.open_, draft.pk, **open_)
    desk.as_(zhou, consultations.close, held.pk)
    for wrong, refusal in (
        ({"invited_ids": []}, consultations.NobodyInvited),
        ({"invited_ids": [zhou.organization_id]}, consultations.NobodyInvited),
        ({"closes_on": TODAY - timedelta(days=1)}, policies.DeadlinePassed),
    ):
        with pytest.raises(refusal):
            desk.as_(zhou, consultations.open_, draft.pk, **open_ | wrong)
    desk.as_(zhou, factor_lists.submit_for_review, draft.pk)
    with pytest.raises(VersionNotDraft):
        desk.as_(zhou, consultations.open_, draft.pk, **open_)


def test_what_cannot_be_said(universe, desk, held):
    with pytest.raises(consultations.NoSuchItem):
        said(desk, universe.lin, held, item="QX-1")
    with pytest.raises(policies.ReasonMissing):
        said(desk, universe.lin, held, text="  ")
    with pytest.raises(NoSuchRecord):
        said(desk, universe.bank_b_officer, held)
    with pytest.raises(NotInvited):
        said(desk, universe.zhou, held)


def test_a_draft_that_others_were_asked_about_is_not_deleted(universe, desk, draft, held):
    with pytest.raises(VersionNotDraft):
        desk.as_(universe.zhou, factor_lists.discard_draft, draft.pk)


def test_only_the_owner_answers_moves_and_closes(universe, desk, held):
    comment = said(desk, universe.shen, held)
    from dataclasses import replace

    both = replace(universe.shen, permissions=universe.shen.permissions | universe.zhou.permissions)
    with pytest.raises((NotListOwner, NoSuchRecord, AttributeError)):
        desk.as_(both, consultations.answer, comment.pk, outcome=Outcome.NOTED, text="Own.")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE factors_consultation SET document = '{}'",
        "UPDATE factors_consultation SET closed_at = now() , digest = 'x'",
    ],
)
def test_the_database_keeps_the_text(universe, held, statement):
    with pytest.raises(DatabaseError):
        with acting_as(universe.zhou.organization_id), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_database_lets_no_uninvited_bank_comment(universe, held):
    other = universe.bank_b_officer
    with pytest.raises(DatabaseError):
        with acting_as(other.organization_id):
            ConsultationComment.objects.create(
                owner_id=other.organization_id,
                consultation_id=held.pk,
                text="Let me in.",
                made_at=LATER,
                made_by_id=other.user_id,
                made_by_name="x",
            )


def test_the_silent_are_reminded_once_before_the_deadline(universe, desk, held):
    User.objects.filter(pk__in=[universe.lin.user_id, universe.shen.user_id]).update(
        email="somebody@example.org"
    )
    said(desk, universe.shen, held)
    zhou = universe.zhou

    def remind(days):
        at = LATER + timedelta(days=days)
        with acting_as(zhou.organization_id):
            return reminders.remind(actor=zhou, at=at)

    assert remind(1) == 0
    assert (remind(5), remind(5), remind(6)) == (1, 0, 0)
    assert [message.to for message in mail.outbox] == [["somebody@example.org"]]
    assert "QC-05" not in mail.outbox[0].body
    with acting_as(zhou.organization_id):
        assert Consultation.objects.get(pk=held.pk).reminded_on == TODAY + timedelta(days=5)
