"""Signing and refusing: the document looked at, one signature each, four eyes."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import DatabaseError

from factors import policies
from factors.models import FactorListVersion
from factors.permissions import NotASigner, OwnSubmission, PersonNeeded, can_sign
from factors.selectors import sign_offs as selectors
from factors.services import draft_edits, factor_lists, reminders, sign_offs
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.calendar import add_working_days
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import User
from tests.factors import lists
from tests.factors.conftest import TODAY


@pytest.fixture
def signers(universe):
    return universe.pboc_signer, universe.nfra_signer


@pytest.fixture
def version(desk, signers):
    return desk.in_review(*signers)


def status_of(version, actor):
    with acting_as(actor.organization_id):
        return FactorListVersion.objects.get(pk=version.pk).status


def test_the_last_signature_makes_it_signed(universe, desk, version, signers):
    first, second = signers
    desk.sign(version, first)
    assert status_of(version, universe.zhou) == "in_review"

    answer = desk.sign(version, second)

    assert status_of(version, universe.zhou) == "signed"
    assert (answer.digest, answer.signer_id) == (version.digest, second.user_id)
    with acting_as(second.organization_id):
        event = AuditEvent.objects.filter(action="factors.list_version.signed").last()
    assert event.detail == {"digest": version.digest, "complete": True}
    published = desk.as_(universe.zhou, factor_lists.publish, version.pk)
    assert published.status == "published"


def test_a_signature_is_for_the_document_looked_at(universe, desk, version, signers):
    first, second = signers
    looked_at = version.digest
    desk.sign(version, first)
    zhou = universe.zhou
    desk.as_(zhou, factor_lists.return_to_draft, version.pk, reason="A label is wrong.")
    document = lists.small(items=("QC-05",))
    desk.as_(zhou, factor_lists.change_draft, version.pk, document, effective_from=TODAY)
    changed = desk.as_(zhou, factor_lists.submit_for_review, version.pk)

    with pytest.raises(policies.DigestChanged):
        desk.as_(second, sign_offs.sign, version.pk, digest=looked_at)

    # The earlier signature is on record and counts for nothing.
    desk.sign(changed, second)
    assert status_of(version, zhou) == "in_review"
    desk.sign(changed, first)
    assert status_of(version, zhou) == "signed"


def test_an_organization_signs_once(universe, desk, version, signers):
    desk.sign(version, signers[0])
    colleague = replace(signers[0], user_id=universe.fang.user_id)

    with pytest.raises(policies.AlreadySigned):
        desk.sign(version, colleague)


def test_a_person_signs_for_one_organization(desk, version, signers):
    first, second = signers
    desk.sign(version, first)
    both = replace(second, user_id=first.user_id)

    with pytest.raises(policies.AlreadySigned):
        desk.sign(version, both)


def test_whoever_submitted_cannot_sign(universe, desk):
    zhou, fang = universe.zhou, universe.fang
    version = desk.in_review(fang)
    herself = replace(zhou, permissions=zhou.permissions | fang.permissions)

    with pytest.raises(OwnSubmission):
        desk.sign(version, herself)
    assert not can_sign(herself, version)
    assert can_sign(fang, version)
    desk.sign(version, fang)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param({"permissions": frozenset()}, MissingPermission, id="no signer's role"),
        pytest.param({"user_id": None}, PersonNeeded, id="a task"),
        pytest.param({"client_id": "county_uploader"}, PersonNeeded, id="a program"),
    ],
)
def test_people_with_the_role_sign(desk, version, signers, change, refusal):
    actor = replace(signers[0], **change)

    with pytest.raises(refusal):
        desk.sign(version, actor)


def test_only_the_named_organizations_sign(universe, desk, version):
    # Another agency does not even see what is before others.
    with pytest.raises(NoSuchRecord):
        desk.sign(version, universe.finance_signer)
    # The owner sees it, and is no signer unless it is named.
    with pytest.raises(NotASigner):
        desk.sign(version, universe.fang)


def test_nothing_is_signed_twice_over(universe, desk, version, signers):
    for signer in signers:
        desk.sign(version, signer)

    with pytest.raises(IllegalTransition):
        desk.sign(version, signers[0])
    desk.as_(universe.zhou, factor_lists.publish, version.pk)
    with pytest.raises(IllegalTransition):
        desk.sign(version, signers[0])


def test_a_refusal_says_why_and_leaves_the_version_in_review(universe, desk, version, signers):
    first, second = signers
    with pytest.raises(policies.ReasonMissing):
        desk.as_(first, sign_offs.refuse, version.pk, digest=version.digest, reason="")

    desk.as_(first, sign_offs.refuse, version.pk, digest=version.digest, reason="QC-05 is unclear.")
    desk.sign(version, second)

    assert status_of(version, universe.zhou) == "in_review"
    with acting_as(universe.zhou.organization_id):
        answers = selectors.signatures("HZ-SMALL", 1, actor=universe.zhou, on=TODAY)
    # Both answers are of one moment, so either may stand first.
    assert sorted((a.decision, a.reason) for a in answers) == [
        ("refused", "QC-05 is unclear."),
        ("signed", ""),
    ]
    desk.sign(version, first)  # convinced after all
    assert status_of(version, universe.zhou) == "signed"


def test_signers_find_what_waits_for_them(universe, desk, version, signers):
    first, second = signers
    for signer in signers:
        with acting_as(signer.organization_id):
            assert [v.pk for v in selectors.awaiting(actor=signer)] == [version.pk]
    desk.sign(version, first)

    with acting_as(first.organization_id):
        assert selectors.awaiting(actor=first) == []
    with acting_as(second.organization_id):
        assert [v.pk for v in selectors.awaiting(actor=second)] == [version.pk]


def test_the_owner_moves_the_signers_last_day_and_nobody_else(universe, desk, version, signers):
    later = TODAY + timedelta(days=60)
    moved = desk.as_(universe.zhou, sign_offs.set_deadline, version.pk, sign_by=later)
    assert moved.sign_by == later

    with pytest.raises(policies.DeadlinePassed):
        desk.as_(
            universe.zhou, sign_offs.set_deadline, version.pk, sign_by=TODAY - timedelta(days=1)
        )
    with pytest.raises(MissingPermission):
        desk.as_(signers[0], sign_offs.set_deadline, version.pk, sign_by=later)
    with pytest.raises(DatabaseError):
        with acting_as(signers[0].organization_id):
            FactorListVersion.objects.filter(pk=version.pk).update(sign_by=later)


def test_signers_have_the_days_that_the_list_gives_them(desk, version):
    assert version.sign_by == add_working_days(TODAY, version.factor_list.signing_days)


def test_asking_for_changes_is_an_answer_and_a_remark_is_none(universe, desk, version, signers):
    first, second = signers
    given = {"digest": version.digest, "reason": "Bound QC-05."}
    desk.as_(first, sign_offs.ask_for_changes, version.pk, **given)
    desk.as_(second, sign_offs.comment, version.pk, **given)
    with pytest.raises(policies.ReasonMissing):
        desk.as_(second, sign_offs.comment, version.pk, digest=version.digest, reason=" ")

    with acting_as(universe.zhou.organization_id):
        answers = selectors.signatures("HZ-SMALL", 1, actor=universe.zhou, on=TODAY)
        late = selectors.signatures(
            "HZ-SMALL", 1, actor=universe.zhou, on=version.sign_by + timedelta(days=1)
        )
    awaited = [a.organization_id for a in answers if a.decision == "awaited"]
    assert awaited == [second.organization_id]
    assert [a.is_late for a in answers] == [False, False, False]
    assert [a.is_late for a in late if a.decision == "awaited"] == [True]


def test_a_signer_is_told_what_changed_since_the_text_that_was_looked_at(
    universe, desk, version, signers
):
    zhou, looked_at = universe.zhou, version.digest
    desk.as_(zhou, factor_lists.return_to_draft, version.pk, reason="A bound.")
    change = {"QC-05": {"maximum": "12"}}
    desk.as_(zhou, draft_edits.set_members, version.pk, change, steps=0)
    changed = desk.as_(zhou, factor_lists.submit_for_review, version.pk)

    with acting_as(signers[0].organization_id):
        [found] = selectors.changed_since(changed, digest=looked_at)
        assert (found.code, found.field, found.after) == ("QC-05", "maximum", "12")
        assert selectors.changed_since(changed, digest="0" * 64) is None


def test_the_signers_are_reminded_before_their_last_day_and_once_after(
    universe, desk, version, signers
):
    User.objects.filter(pk__in=[signer.user_id for signer in signers]).update(
        email="signer@example.org"
    )
    desk.sign(version, signers[0])
    zhou = universe.zhou

    def remind(day):
        at = datetime.combine(day, time(4), tzinfo=UTC)
        with acting_as(zhou.organization_id):
            return reminders.remind(actor=zhou, at=at)

    last = version.sign_by
    assert remind(TODAY) == 0
    assert [remind(last), remind(last)] == [1, 0]
    assert [remind(last + timedelta(days=1)), remind(last + timedelta(days=2))] == [1, 0]
    assert len(mail.outbox) == 2
