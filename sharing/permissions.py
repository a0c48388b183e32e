"""May this actor do this to this object? Never what state the object is in."""

from uuid import UUID

from qfce.kernel.errors import NotPermitted
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import OrganizationKind
from sharing.domain.agreements import lies_within
from sharing.models import (
    Agreement,
    Consent,
    Dispute,
    EnterpriseList,
    ImportBatch,
    ImportCorrection,
    ListMigration,
    RecordChange,
    RefreshRequest,
)

VIEW_ENTERPRISE = "sharing.enterprise.view"
READ_FEED = "sharing.feed.read"
VIEW_AGREEMENT = "sharing.agreement.view"
WRITE_AGREEMENT = "sharing.agreement.write"
WRITE_CONSENT = "sharing.consent.write"
VIEW_ENTERPRISE_LIST = "sharing.enterprise_list.view"
WRITE_ENTERPRISE_LIST = "sharing.enterprise_list.write"
UPLOAD_IMPORT = "sharing.import.upload"
VIEW_IMPORT = "sharing.import.view"
RELEASE_IMPORT = "sharing.import.release"
WRITE_RECORD = "sharing.record.write"
RELEASE_RECORD = "sharing.record.release"
VIEW_REFRESH = "sharing.refresh.view"
ASK_REFRESH = "sharing.refresh.ask"
ANSWER_REFRESH = "sharing.refresh.answer"
VIEW_DISPUTE = "sharing.dispute.view"
OPEN_DISPUTE = "sharing.dispute.open"
DECIDE_DISPUTE = "sharing.dispute.decide"
VIEW_DECLARATION = "sharing.declaration.view"
SUBMIT_DECLARATION = "sharing.declaration.submit"
WRITE_ROUND = "sharing.round.write"
VIEW_MIGRATION = "sharing.migration.view"
WRITE_MIGRATION = "sharing.migration.write"
RELEASE_MIGRATION = "sharing.migration.release"


class NotTheSharingParty(NotPermitted):
    code = "sharing.agreement.not_the_sharing_party"
    title = "Only the regulator that shares may do this to an agreement."


class NotTheEnterprise(NotPermitted):
    code = "sharing.consent.not_the_enterprise"
    title = "Only the enterprise itself gives and withdraws its consent."


class NotAReader(NotPermitted):
    code = "sharing.consent.not_a_reader"
    title = "This organisation has no use for a consent."


class NotTheKeeper(NotPermitted):
    code = "sharing.enterprise_list.not_the_keeper"
    title = "Only the regulator that keeps a list changes or shares it."


def check_can_conclude(actor: Actor) -> None:
    """
    Only a market regulator shares what it holds.

    :raises MissingPermission: if the actor's role concludes no agreements.
    :raises NotTheSharingParty: if the actor's organisation is no market regulator.
    """
    actor.require(WRITE_AGREEMENT)
    if actor.organization_kind != "market_regulator":
        raise NotTheSharingParty(
            "Agreements are concluded by the market regulator that holds the data.",
            hint="Ask the regulator of your region for an agreement.",
        )


def check_can_change(actor: Actor, agreement: Agreement) -> None:
    """
    :raises MissingPermission: if the actor's role concludes no agreements.
    :raises NotTheSharingParty: if it is another organisation's agreement.
    """
    check_can_conclude(actor)
    if agreement.owner_id != actor.organization_id:
        raise NotTheSharingParty(
            "This agreement was concluded by another regulator.",
            hint="Ask the organisation that concluded it.",
        )


def check_can_request_consent(actor: Actor) -> None:
    """
    :raises MissingPermission: if the actor's role asks for no consents.
    :raises NotAReader: if the actor is an enterprise or a market regulator.
    """
    actor.require(WRITE_CONSENT)
    if actor.organization_kind in {"enterprise", "market_regulator", "operator"}:
        raise NotAReader(
            "A consent opens an enterprise's items to a bank, an agency or a guarantor.",
            hint="The organisation that wants to read asks for the consent.",
        )


def check_is_the_enterprise(actor: Actor, consent: Consent) -> None:
    """
    :raises MissingPermission: if the actor's role handles no consents.
    :raises NotTheEnterprise: if the consent is not about the actor's own enterprise.
    """
    actor.require(WRITE_CONSENT)
    if actor.organization_kind != "enterprise" or actor.uscc != consent.uscc:
        raise NotTheEnterprise(
            "A consent is the enterprise's to give, to refuse and to withdraw.",
            hint="The enterprise signs in, or uses the link that was sent to it.",
        )


def check_keeps(actor: Actor, kept: EnterpriseList) -> None:
    """
    :raises MissingPermission: if the actor's role keeps no lists.
    :raises NotTheKeeper: if another organisation keeps it.
    """
    actor.require(WRITE_ENTERPRISE_LIST)
    if kept.owner_id != actor.organization_id:
        raise NotTheKeeper(
            "Another regulator keeps this list.", hint="Ask the organisation that keeps it."
        )


class OwnImport(NotPermitted):
    code = "sharing.import.own"
    title = "Whoever uploaded a file does not release it."


class OwnCorrections(OwnImport):
    code = "sharing.import.own_corrections"
    title = "Whoever corrected cells of a file does not release it."


class AnotherBureausImport(NotPermitted):
    code = "sharing.import.another_bureaus"
    title = "A file is mended by the bureau that sent it."


class OwnRecordChange(NotPermitted):
    code = "sharing.record.own"
    title = "Whoever prepared a change does not release it."


class NoJurisdiction(NotPermitted):
    code = "sharing.import.no_jurisdiction"
    title = "Only a market regulator brings facts into the ledger."


def check_can_upload(actor: Actor) -> None:
    """
    A market regulator's uploader brings files in.

    :raises MissingPermission: if the actor's role uploads nothing.
    :raises NoJurisdiction: if the organization answers for no region.
    """
    actor.require(UPLOAD_IMPORT)
    _check_jurisdiction(actor)


def check_can_release_import(actor: Actor, batch: ImportBatch) -> None:
    """
    Two persons: the one who uploaded a file neither publishes nor undoes it.

    Said first, because it holds whatever role the uploader has besides.

    :raises OwnImport: if the actor uploaded it, or corrected cells of it.
    :raises MissingPermission: if the actor's role releases no imports.
    """
    if batch.uploaded_by_id == actor.user_id:
        raise OwnImport(
            "You uploaded this file, so somebody else has to release it.",
            hint="Ask another person with the role releaser.",
        )
    actor.require(RELEASE_IMPORT)
    if ImportCorrection.objects.filter(batch=batch, corrected_by=actor.account_id).exists():
        raise OwnCorrections(
            "You corrected cells of this file, so somebody else has to release it.",
            hint="Ask another person with the role releaser.",
        )


def check_can_mend(actor: Actor, batch: ImportBatch) -> None:
    """
    Whoever brings files in mends those of their own bureau.

    :raises MissingPermission: if the actor's role uploads nothing.
    :raises NoJurisdiction: if the organization answers for no region.
    :raises AnotherBureausImport: if another bureau sent it.
    """
    check_can_upload(actor)
    if batch.owner_id != actor.organization_id:
        raise AnotherBureausImport(
            "This file was sent by another bureau, which mends it.",
            hint="Cancel it with a reason, or ask that bureau.",
        )


def check_can_cancel_import(actor: Actor) -> None:
    """
    Whoever may upload or release may stop what is not published yet.

    :raises MissingPermission: if the actor may do neither.
    """
    if not actor.may(RELEASE_IMPORT):
        actor.require(UPLOAD_IMPORT)


def check_can_prepare_record(actor: Actor) -> None:
    """
    :raises MissingPermission: if the actor's role prepares no changes.
    :raises NoJurisdiction: if the organization answers for no region.
    """
    actor.require(WRITE_RECORD)
    _check_jurisdiction(actor)


def check_can_release_record(actor: Actor, change: RecordChange) -> None:
    """
    :raises OwnRecordChange: if the actor prepared it (four eyes).
    :raises MissingPermission: if the actor's role releases no changes.
    """
    if change.prepared_by_id == actor.user_id:
        raise OwnRecordChange(
            "You prepared this change, so somebody else has to release it.",
            hint="Ask another person with the role releaser.",
        )
    actor.require(RELEASE_RECORD)


def _check_jurisdiction(actor: Actor) -> None:
    if actor.organization_kind != OrganizationKind.MARKET_REGULATOR:
        raise NoJurisdiction("Your organization answers for no region of the register.")


def check_can_cancel_record(actor: Actor) -> None:
    """
    Whoever may prepare or release a change may drop one that is not released.

    :raises MissingPermission: if the actor may do neither.
    """
    if not actor.may(RELEASE_RECORD):
        actor.require(WRITE_RECORD)


class NotTheAddressee(NotPermitted):
    code = "sharing.refresh.not_the_addressee"
    title = "Another bureau answers this question."


def check_can_answer_refresh(actor: Actor, asked: RefreshRequest) -> None:
    """
    The bureau that a question went to answers it, or one above that bureau in its place.

    :raises MissingPermission: if the actor's role answers no questions.
    :raises NotTheAddressee: if it went to another bureau.
    """
    actor.require(ANSWER_REFRESH)
    _check_jurisdiction(actor)
    is_below = actor.region and lies_within(asked.addressee.region_id or "", actor.region)
    if asked.addressee_id != actor.organization_id and not is_below:
        raise NotTheAddressee(
            "This question was forwarded to another bureau.",
            hint="Ask that bureau, or wait for its answer.",
        )


class NotTheDecidingBureau(NotPermitted):
    code = "sharing.dispute.not_the_bureau"
    title = "Another bureau decides this dispute."


def check_can_decide_dispute(actor: Actor, dispute: Dispute) -> None:
    """
    The bureau nearest to the enterprise decides, or one above that bureau in its place.

    :raises MissingPermission: if the actor's role decides no disputes.
    :raises NotTheDecidingBureau: if it went to a bureau that is not below the actor's.
    """
    actor.require(DECIDE_DISPUTE)
    _check_jurisdiction(actor)
    is_below = actor.region and lies_within(dispute.addressee.region_id or "", actor.region)
    if dispute.addressee_id != actor.organization_id and not is_below:
        raise NotTheDecidingBureau(
            "This dispute is another bureau's to decide.", hint="Ask that bureau."
        )


def check_can_open_round(actor: Actor) -> None:
    """
    :raises MissingPermission: if the actor's role opens and closes no collection rounds.
    :raises NoJurisdiction: if the organization answers for no region.
    """
    actor.require(WRITE_ROUND)
    _check_jurisdiction(actor)


class NotTheListOwner(NotPermitted):
    code = "sharing.migration.not_the_list_owner"
    title = "Only the organization that keeps a list migrates its records."


class OwnMigration(NotPermitted):
    code = "sharing.migration.own"
    title = "Whoever prepared a migration does not release it."


def check_can_prepare_migration(actor: Actor, owner_id: UUID) -> None:
    """
    :param owner_id: the organization that keeps the list.
    :raises MissingPermission: if the actor's role prepares no migrations.
    :raises NotTheListOwner: if the list is another organization's.
    """
    actor.require(WRITE_MIGRATION)
    if actor.organization_id != owner_id:
        raise NotTheListOwner(
            "The list is kept by another organization.",
            hint="Ask the organization that keeps it.",
        )


def check_can_release_migration(actor: Actor, migration: ListMigration) -> None:
    """
    Two persons: whoever prepared a migration neither publishes nor undoes it.

    :raises OwnMigration: if the actor prepared it.
    :raises MissingPermission: if the actor's role releases no migrations.
    """
    if migration.prepared_by_id == actor.user_id:
        raise OwnMigration(
            "You prepared this migration, so somebody else has to release it.",
            hint="Ask another person with the role releaser.",
        )
    actor.require(RELEASE_MIGRATION)


def can_release_migration(actor: Actor, migration: ListMigration) -> bool:
    """Test whether the buttons of a release are worth showing."""
    return actor.may(RELEASE_MIGRATION) and migration.prepared_by_id != actor.user_id


def check_can_discard_migration(actor: Actor) -> None:
    """
    Whoever may prepare or release a migration may drop one that is not released.

    :raises MissingPermission: if the actor may do neither.
    """
    if not actor.may(RELEASE_MIGRATION):
        actor.require(WRITE_MIGRATION)
