"""May this actor do this to this object? Never what state the object is in."""

from qfce.kernel.errors import NotPermitted
from qfce.kernel.tenancy.actors import Actor
from sharing.models import Agreement, Consent, EnterpriseList

VIEW_ENTERPRISE = "sharing.enterprise.view"
READ_FEED = "sharing.feed.read"
VIEW_AGREEMENT = "sharing.agreement.view"
WRITE_AGREEMENT = "sharing.agreement.write"
WRITE_CONSENT = "sharing.consent.write"
VIEW_ENTERPRISE_LIST = "sharing.enterprise_list.view"
WRITE_ENTERPRISE_LIST = "sharing.enterprise_list.write"


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
