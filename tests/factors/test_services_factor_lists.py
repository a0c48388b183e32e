"""Drafting, submitting and publishing a list: each outcome, each refusal."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError

from factors import policies
from factors.models import FactorList, FactorListVersion
from factors.permissions import NotListOwner
from factors.selectors import factor_lists as selectors
from factors.services import factor_lists, model_list
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.canonical import digest
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from tests.factors import lists
from tests.factors.conftest import LATER, TODAY
from tests.universe import NOON


def events(actor, action):
    with acting_as(actor.organization_id):
        return list(AuditEvent.objects.filter(action=action).order_by("pk"))


def test_a_new_code_starts_a_list_with_version_one(universe, desk):
    version = desk.draft()

    assert (version.number, version.status) == (1, "draft")
    assert version.owner_id == universe.zhou.organization_id
    assert version.document["effective_from"] == TODAY.isoformat()
    assert version.digest == digest(version.document)
    (event,) = events(universe.zhou, "factors.list_version.drafted")[-1:]
    assert event.detail["digest"] == version.digest


def test_the_number_is_the_next_one_whatever_the_document_says(desk):
    desk.published()
    document = lists.small() | {"version": 17}

    version = desk.draft(document)

    assert version.number == 2
    assert version.document["version"] == 2


def test_a_list_has_one_open_version_at_a_time(desk):
    desk.draft()

    with pytest.raises(policies.VersionOpen):
        desk.draft()


def test_a_document_that_is_no_list_is_refused(desk):
    with pytest.raises(policies.ListCannotWork) as refusal:
        desk.draft({"code": "HZ-SMALL"})
    assert refusal.value.errors


def test_an_unfinished_draft_is_kept_and_not_sent_out(universe, desk):
    document = lists.small()
    lists.item(document, "QC-05")["fill_en"] = ""
    version = desk.draft(document)

    with pytest.raises(policies.ListCannotWork) as refusal:
        desk.as_(universe.zhou, factor_lists.submit_for_review, version.pk)
    assert refusal.value.errors[0]["pointer"] == "/items/0/fill_en"


@pytest.mark.parametrize("who", ["fang", "shen", "lin", "analyst"])
def test_only_list_owners_draft(universe, desk, who):
    with pytest.raises(MissingPermission):
        desk.draft(actor=getattr(universe, who))


def test_another_regulators_list_cannot_be_taken_over(universe, desk):
    from dataclasses import replace

    desk.published()
    stranger = replace(universe.shen, permissions=universe.zhou.permissions)

    with pytest.raises(NotListOwner):
        desk.draft(actor=stranger)


def test_a_code_that_a_hidden_list_has_is_taken(universe, desk):
    from dataclasses import replace

    desk.draft()
    stranger = replace(universe.shen, permissions=universe.zhou.permissions)

    with pytest.raises(factor_lists.CodeTaken):
        desk.draft(actor=stranger)


def test_a_draft_can_be_changed(universe, desk):
    version = desk.draft()
    document = lists.small(items=("QC-05",))
    tomorrow = TODAY + timedelta(days=1)

    changed = desk.as_(
        universe.zhou, factor_lists.change_draft, version.pk, document, effective_from=tomorrow
    )

    assert [item["code"] for item in changed.document["items"]] == ["QC-05"]
    assert changed.effective_from == tomorrow
    assert changed.digest != version.digest


def test_a_version_in_review_is_not_changed(universe, desk):
    version = desk.in_review(universe.pboc_signer)

    with pytest.raises(factor_lists.VersionNotDraft):
        desk.as_(
            universe.zhou,
            factor_lists.change_draft,
            version.pk,
            lists.small(),
            effective_from=TODAY,
        )


def test_a_draft_stays_with_its_list(universe, desk):
    version = desk.draft()

    with pytest.raises(policies.ListCannotWork):
        desk.as_(
            universe.zhou,
            factor_lists.change_draft,
            version.pk,
            lists.small("HZ-OTHER"),
            effective_from=TODAY,
        )


def test_a_draft_can_be_discarded_and_leaves_an_event(universe, desk):
    version = desk.draft()
    desk.as_(universe.zhou, factor_lists.discard_draft, version.pk)

    with acting_as(universe.zhou.organization_id):
        assert not FactorListVersion.objects.filter(pk=version.pk).exists()
    assert events(universe.zhou, "factors.list_version.discarded")


def test_a_draft_that_was_answered_stays(universe, desk):
    version = desk.in_review(universe.pboc_signer, universe.nfra_signer)
    desk.sign(version, universe.pboc_signer)
    desk.as_(universe.zhou, factor_lists.return_to_draft, version.pk, reason="A label is wrong.")

    with pytest.raises(factor_lists.VersionNotDraft):
        desk.as_(universe.zhou, factor_lists.discard_draft, version.pk)


def test_submission_freezes_who_has_to_sign(universe, desk):
    version = desk.in_review(universe.pboc_signer)
    desk.as_(universe.zhou, factor_lists.set_signers, "HZ-SMALL", [])

    with acting_as(universe.zhou.organization_id):
        version.refresh_from_db()
    assert version.signer_ids == [universe.pboc_signer.organization_id]
    assert version.status == "in_review"


def test_a_list_without_signers_counts_as_signed(desk):
    assert desk.in_review().status == "signed"


def test_a_first_day_that_has_passed_is_refused(universe, desk):
    version = desk.draft(effective_from=TODAY - timedelta(days=1))

    with pytest.raises(policies.FirstDayPassed):
        desk.as_(universe.zhou, factor_lists.submit_for_review, version.pk)


def test_publishing_late_is_refused_too(universe, desk):
    version = desk.in_review()
    zhou = universe.zhou

    with acting_as(zhou.organization_id), pytest.raises(policies.FirstDayPassed):
        factor_lists.publish(version.pk, actor=zhou, at=LATER + timedelta(days=1))


def test_returning_needs_a_reason_and_gives_the_draft_back(universe, desk):
    version = desk.in_review(universe.pboc_signer)

    with pytest.raises(policies.ReasonMissing):
        desk.as_(universe.zhou, factor_lists.return_to_draft, version.pk, reason="  ")
    back = desk.as_(universe.zhou, factor_lists.return_to_draft, version.pk, reason="Typo.")
    assert (back.status, back.submitted_by_id) == ("draft", None)


def test_publication_supersedes_the_version_before(universe, desk):
    first = desk.published()
    second = desk.published()

    with acting_as(universe.lin.organization_id):
        statuses = dict(
            FactorListVersion.objects.filter(factor_list__code="HZ-SMALL").values_list(
                "number", "status"
            )
        )
    assert statuses == {1: "superseded", 2: "published"}
    assert second.published_at == LATER
    assert first.digest != second.digest
    (event,) = events(universe.zhou, "factors.list_version.published")[-1:]
    assert event.target_id == str(second.pk)


def test_a_version_to_come_leaves_the_one_before_in_force(universe, desk):
    desk.published()
    zhou, later = universe.zhou, TODAY + timedelta(days=30)
    version = desk.draft(effective_from=later)
    desk.as_(zhou, factor_lists.submit_for_review, version.pk)
    desk.as_(zhou, factor_lists.publish, version.pk)

    assert selectors.in_force("HZ-SMALL", TODAY).version == 1
    assert selectors.in_force("HZ-SMALL", later - timedelta(days=1)).version == 1
    assert selectors.in_force("HZ-SMALL", later).version == 2
    assert selectors.newest("HZ-SMALL").version == 2


@pytest.mark.parametrize("state", ["draft", "in_review"])
def test_only_a_signed_version_is_published(universe, desk, state):
    version = desk.draft() if state == "draft" else desk.in_review(universe.pboc_signer)

    with pytest.raises(IllegalTransition):
        desk.as_(universe.zhou, factor_lists.publish, version.pk)


def test_a_withdrawn_version_is_out_of_force_and_stays_readable(universe, desk):
    version = desk.published()
    desk.as_(universe.zhou, factor_lists.withdraw, version.pk, reason="Two units are wrong.")

    with pytest.raises(NoSuchRecord):
        selectors.in_force("HZ-SMALL", TODAY)
    with pytest.raises(NoSuchRecord):
        selectors.newest("HZ-SMALL")
    assert selectors.catalogue("HZ-SMALL", 1).version == 1
    with pytest.raises(IllegalTransition):
        desk.as_(universe.zhou, factor_lists.withdraw, version.pk, reason="Once more.")


def test_what_is_not_there_is_not_found(universe, desk):
    with pytest.raises(NoSuchRecord):
        desk.as_(universe.zhou, factor_lists.publish, uuid4())
    with pytest.raises(NoSuchRecord):
        desk.as_(universe.zhou, factor_lists.set_signers, "NO-SUCH", [])


def test_nothing_is_kept_if_the_event_cannot_be_recorded(universe, desk, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(AuditEvent.objects, "create", fail)
    with pytest.raises(IntegrityError):
        desk.draft()
    with acting_as(universe.zhou.organization_id):
        assert not FactorList.objects.filter(code="HZ-SMALL").exists()


def test_installing_the_model_list_again_changes_nothing(universe, zj_list):
    again = model_list.install(actor=universe.zhou, at=NOON + timedelta(days=3))

    assert again.number == 1
    assert selectors.newest("ZJ-QFCE") == zj_list
    assert again.digest == digest(zj_list.to_document())


def test_a_catalogue_is_read_once(universe, zj_list, django_assert_num_queries):
    with django_assert_num_queries(1):
        again = selectors.catalogue("ZJ-QFCE", 1)
    assert again is zj_list


def test_a_draft_is_no_catalogue_yet(desk):
    desk.draft()

    with pytest.raises(NoSuchRecord):
        selectors.catalogue("HZ-SMALL", 1)


def test_a_migration_that_leads_nowhere_is_not_sent_out(universe, desk):
    desk.published()
    renamed = lists.small()
    lists.item(renamed, "QF-17").update(code="QF-91")
    renamed["migration"] = {"from_version": 1, "steps": [{"kind": "drop", "item": "QC-05"}]}
    version = desk.draft(renamed)

    with pytest.raises(policies.ListCannotWork) as refusal:
        desk.as_(universe.zhou, factor_lists.submit_for_review, version.pk)
    assert {error["pointer"] for error in refusal.value.errors} == {
        "/migration/steps/0/item",
        "/migration/steps",
    }


def test_a_first_version_has_nothing_to_migrate(universe, desk):
    first = lists.small() | {"migration": {"from_version": 1, "steps": []}}

    with pytest.raises(policies.ListCannotWork) as refusal:
        desk.as_(universe.zhou, factor_lists.submit_for_review, desk.draft(first).pk)
    assert refusal.value.errors[0]["pointer"] == "/migration/from_version"
