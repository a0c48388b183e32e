"""The database's own word: who sees a version, and that a published one never changes."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from factors.models import FactorList, FactorListVersion, SignOff
from qfce.kernel.tenancy.context import acting_as
from tests.factors.conftest import LATER


def seen_by(actor):
    with acting_as(actor.organization_id):
        versions = FactorListVersion.objects.filter(factor_list__code="HZ-SMALL")
        return (
            list(versions.values_list("number", flat=True)),
            FactorList.objects.filter(code="HZ-SMALL").exists(),
        )


def test_a_draft_is_its_owners(universe, desk):
    desk.draft()

    assert seen_by(universe.zhou) == ([1], True)
    for who in ("shen", "pboc_signer", "lin", "analyst", "an"):
        assert seen_by(getattr(universe, who)) == ([], False), who


def test_a_version_in_review_is_its_signers_too(universe, desk):
    desk.in_review(universe.pboc_signer)

    assert seen_by(universe.pboc_signer) == ([1], True)
    for who in ("shen", "nfra_signer", "lin"):
        assert seen_by(getattr(universe, who)) == ([], False), who


def test_a_published_version_is_everybodys(universe, desk):
    desk.published()

    for who in ("zhou", "shen", "pboc_signer", "lin", "bank_b_officer", "analyst", "an"):
        assert seen_by(getattr(universe, who)) == ([1], True), who


def test_a_published_version_is_there_with_no_tenant_bound(zj_list):
    versions = FactorListVersion.objects.filter(factor_list__code="ZJ-QFCE")

    assert list(versions.values_list("number", "status")) == [(1, "published")]
    assert SignOff.objects.count() == 6


CHANGES = (
    "document = jsonb_set(document, '{name_en}', '\"Mine\"')",
    "digest = repeat('0', 64)",
    "number = 2",
    "effective_from = effective_from - 1",
    "published_at = now()",
    "signer_ids = '{}'",
    "status = 'draft'",
    "status = 'signed'",
)


def test_a_published_version_never_changes(universe):
    for change in CHANGES:
        statement = f"UPDATE factors_factorlistversion SET {change} WHERE status = 'published'"
        with (
            pytest.raises(IntegrityError, match=r"factor list cannot"),
            acting_as(universe.zhou.organization_id),
        ):
            run(statement)


def test_a_withdrawn_version_never_comes_back(universe, desk):
    from factors.services import factor_lists

    version = desk.published()
    desk.as_(universe.zhou, factor_lists.withdraw, version.pk, reason="Wrong.")

    with pytest.raises(IntegrityError), acting_as(universe.zhou.organization_id):
        run("UPDATE factors_factorlistversion SET status = 'published' WHERE status = 'withdrawn'")


def test_a_version_that_left_its_draft_is_never_deleted(universe, desk):
    version = desk.in_review(universe.pboc_signer)

    with acting_as(universe.zhou.organization_id):
        # Row security finds nothing to delete; the trigger refuses whoever is exempt from it.
        mine = FactorListVersion.objects.filter(pk=version.pk)
        assert mine._raw_delete("default") == 0
    with pytest.raises(IntegrityError, match="draft"), transaction.atomic(using="owner"):
        FactorListVersion.objects.using("owner").filter(pk=version.pk)._raw_delete("owner")


def test_what_is_in_review_cannot_change_under_its_signers(universe, desk):
    desk.in_review(universe.pboc_signer)

    with pytest.raises(IntegrityError), acting_as(universe.zhou.organization_id):
        run("UPDATE factors_factorlistversion SET digest = 'x' WHERE status = 'in_review'")


def test_a_signer_can_do_nothing_but_sign(universe, desk):
    desk.in_review(universe.pboc_signer, universe.nfra_signer)

    for change in ("digest = 'x'", "status = 'draft'", "status = 'signed'", "signer_ids = '{}'"):
        with (
            pytest.raises(IntegrityError),
            acting_as(universe.pboc_signer.organization_id),
        ):
            run(f"UPDATE factors_factorlistversion SET {change} WHERE status = 'in_review'")


def test_even_the_owner_cannot_call_a_version_signed(universe, desk):
    desk.in_review(universe.pboc_signer)

    with pytest.raises(IntegrityError), acting_as(universe.zhou.organization_id):
        run("UPDATE factors_factorlistversion SET status = 'signed' WHERE status = 'in_review'")


def test_others_write_nothing(universe, desk):
    desk.published()

    with acting_as(universe.lin.organization_id):
        assert run("UPDATE factors_factorlist SET name_en = 'Mine'") == 0
        assert run("UPDATE factors_factorlistversion SET status = 'withdrawn'") == 0
        assert run("DELETE FROM factors_factorlistversion") == 0


def test_signatures_are_only_added(universe, desk):
    version = desk.in_review(universe.pboc_signer, universe.nfra_signer)
    desk.sign(version, universe.pboc_signer)

    for statement in ("UPDATE factors_signoff SET reason = 'x'", "DELETE FROM factors_signoff"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            acting_as(universe.pboc_signer.organization_id),
        ):
            run(statement)


def test_a_signature_cannot_be_given_for_another(universe, desk):
    version = desk.in_review(universe.pboc_signer, universe.nfra_signer)
    nfra = universe.nfra_signer
    forged = SignOff(
        owner_id=nfra.organization_id,
        version=version,
        signer_id=nfra.user_id,
        signer_name=nfra.name,
        digest=version.digest,
        decision="signed",
        signed_at=LATER,
    )
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        acting_as(universe.pboc_signer.organization_id),
    ):
        forged.save(force_insert=True)


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount
