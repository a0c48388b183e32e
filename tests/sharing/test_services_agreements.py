"""Agreements: their terms, their life, and who may touch them."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from sharing import policies
from sharing.domain.agreements import compile_terms
from sharing.models import Agreement, FactorChange, Publication
from sharing.permissions import NotTheSharingParty
from sharing.services import agreements
from tests.sharing.shared import ALL, LIST, STARTED, agree
from tests.universe import NOON


def draft(universe, actor=None, **terms):
    actor = actor or universe.zhou
    given = {
        "recipient_id": universe.organizations["bank_a"].pk,
        "factor_list": LIST,
        "categories": ALL,
        "purposes": ["pre_loan"],
        **terms,
    }
    with acting_as(actor.organization_id):
        return agreements.draft(actor=actor, at=NOON, **given)


def test_terms_are_compiled_from_the_list_when_it_is_activated(universe, zj_list):
    agreement = agree(universe, "bank_a")

    terms = compile_terms(zj_list, ALL)
    assert tuple(agreement.items) == terms.items
    assert tuple(agreement.consent_items) == terms.consent_items
    assert "QI-11" in terms.consent_items
    assert "QC-04" in terms.withheld_items  # never shown to a bank
    sorted_out = [*terms.items, *terms.consent_items, *terms.withheld_items]
    assert sorted(sorted_out) == sorted(zj_list.items)
    assert (agreement.status, agreement.list_version) == ("active", 1)
    with acting_as(universe.zhou.organization_id):
        actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"sharing.agreement.drafted", "sharing.agreement.activated"} <= actions


def test_activating_publishes_an_access_row_for_the_recipient(universe):
    agreement = agree(universe, "bank_a")

    with acting_as(universe.zhou.organization_id):
        publication = Publication.objects.get(cause="access")
        change = FactorChange.objects.get(publication_id=publication.pk)
    assert publication.recipient_id == universe.organizations["bank_a"].pk
    assert (change.uscc, change.kind, change.changes) == ("", "access_opened", {})
    assert change.details["agreement"] == str(agreement.pk)


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"categories": ["quality_of_life"]}, policies.UnknownCategory),
        ({"categories": []}, policies.UnknownCategory),
        ({"purposes": ["supervision"]}, policies.PurposeNotGrantable),
        ({"purposes": ["own_record"]}, policies.PurposeNotGrantable),
        ({"purposes": []}, policies.PurposeNotGrantable),
        ({"regions": ["320100"]}, policies.RegionOutside),
        ({"ends_on": date(2020, 1, 1)}, policies.TermUnfit),
        ({"factor_list": "NO-SUCH-LIST"}, NoSuchRecord),
    ],
)
def test_impossible_terms_are_refused(universe, terms, refusal):
    with pytest.raises(refusal):
        draft(universe, **terms)


@pytest.mark.parametrize("name", ["hangzhou", "enterprise", "operator"])
def test_some_organisations_are_given_nothing_by_agreement(universe, name):
    with pytest.raises(policies.RecipientUnfit):
        draft(universe, recipient_id=universe.organizations[name].pk)


def test_only_a_regulator_with_the_role_concludes(universe):
    with pytest.raises(MissingPermission):
        draft(universe, actor=universe.shen)
    with pytest.raises(MissingPermission):
        draft(universe, actor=universe.lin)


def test_the_recipient_reads_its_agreement_and_changes_nothing(universe):
    agreement = agree(universe, "bank_a")

    with acting_as(universe.lin.organization_id):
        assert Agreement.objects.get().pk == agreement.pk
    with acting_as(universe.bank_b_officer.organization_id):
        assert not Agreement.objects.exists()
    with (
        pytest.raises((NotTheSharingParty, MissingPermission)),
        acting_as(universe.lin.organization_id),
    ):
        agreements.end(agreement.pk, actor=universe.lin, at=NOON)


def test_the_life_of_an_agreement(universe):
    agreement = agree(universe, "bank_a")
    zhou = universe.zhou

    def do(action):
        with acting_as(zhou.organization_id):
            return action(agreement.pk, actor=zhou, at=NOON)

    with pytest.raises(IllegalTransition):
        do(agreements.activate)
    assert do(agreements.suspend).status == "suspended"
    assert do(agreements.activate).status == "active"
    assert do(agreements.end).ended_at == NOON
    for action in (agreements.activate, agreements.suspend, agreements.end):
        with pytest.raises(IllegalTransition):
            do(action)
    with acting_as(zhou.organization_id):
        kinds = list(
            FactorChange.objects.filter(uscc="").order_by("publication_id").values_list("kind")
        )
    assert [kind for (kind,) in kinds] == [
        "access_opened",
        "access_closed",
        "access_opened",
        "access_closed",
    ]


def test_agreements_end_by_themselves_when_their_last_day_has_passed(universe):
    agree(universe, "bank_a", ends_on=NOON.date())
    zhou = universe.zhou
    with acting_as(zhou.organization_id):
        assert agreements.end_due(actor=zhou, at=NOON) == 0
        assert agreements.end_due(actor=zhou, at=NOON + timedelta(days=1)) == 1
        assert agreements.end_due(actor=zhou, at=NOON + timedelta(days=1)) == 0
        assert Agreement.objects.get().status == "ended"


def test_the_database_keeps_the_terms_too(universe):
    agreement = agree(universe, "bank_a", starts_on=STARTED)
    with (
        pytest.raises(IntegrityError, match="do not change"),
        acting_as(universe.zhou.organization_id),
    ):
        Agreement.objects.filter(pk=agreement.pk).update(items=["QC-04"])
