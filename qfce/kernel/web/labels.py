"""Words for the codes of the kernel: roles, kinds of organization, states, actions."""

from django.apps import apps
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

ROLES = {
    "list_owner": _("List owner"),
    "signer": _("Signer"),
    "uploader": _("Uploader"),
    "releaser": _("Releaser"),
    "data_answerer": _("Data answerer"),
    "regulator_viewer": _("Regulator, viewing"),
    "relationship_manager": _("Relationship manager"),
    "credit_officer": _("Credit officer"),
    "branch_approver": _("Branch approver"),
    "branch_president": _("Branch president"),
    "head_office_approver": _("Head-office approver"),
    "credit_committee": _("Credit committee"),
    "risk_manager": _("Risk manager"),
    "head_office_risk_manager": _("Head-office risk manager"),
    "model_developer": _("Model developer"),
    "model_approver": _("Model approver"),
    "analyst": _("Analyst"),
    "guarantee_officer": _("Guarantee officer"),
    "enterprise_officer": _("Enterprise officer"),
    "auditor": _("Auditor"),
    "administrator": _("Administrator"),
    "operator": _("Operator"),
}
KINDS = {
    "market_regulator": _("Market regulator"),
    "central_bank_branch": _("Central bank branch"),
    "financial_regulator": _("Financial regulator"),
    "local_finance_office": _("Local finance office"),
    "bank": _("Bank"),
    "credit_agency": _("Credit agency"),
    "guarantor": _("Guarantor"),
    "enterprise": _("Enterprise"),
    "operator": _("Platform operator"),
}
JOB_STATES = {
    "queued": _("Queued"),
    "running": _("Running"),
    "succeeded": _("Succeeded"),
    "failed": _("Failed"),
    "cancelled": _("Cancelled"),
}
JOB_TONES = {"queued": "muted", "running": "info", "succeeded": "good", "failed": "bad"}
CHANNELS = {"web": pgettext_lazy("channel", "Page"), "api": _("API"), "task": _("Background work")}

SCOPES = {
    "lists:read": _("Read factor lists"),
    "imports:write": _("Upload enterprise lists and prepare corrections"),
    "imports:release": _("Release what another person uploaded"),
    "profiles:read": _("Read enterprises, enterprise lists and profiles"),
    "feed:read": _("Read the change feed"),
    "exports:write": _("Order bulk files"),
    "consents:write": _("Ask for, give and withdraw consents"),
    "agreements:write": _("Conclude and end sharing agreements"),
    "evaluations:write": _("Keep scorecards and evaluate"),
    "loans:write": _("Work on products, applications and loans"),
    "risk:write": _("Work on signals and cases"),
}


def scope(name: str) -> str:
    return str(SCOPES.get(name, name))


def scopes(held: list[str]) -> str:
    """Return what a program may do, in the reader's language and punctuation."""
    return pgettext("between scopes", "; ").join(scope(name) for name in held)


def role(name: str) -> str:
    return str(ROLES.get(name, name))


def roles(held: list[str]) -> str:
    """Return the roles that somebody holds, in the reader's language and punctuation."""
    return pgettext("between roles", ", ").join(role(name) for name in held)


def organization_kind(name: str) -> str:
    return str(KINDS.get(name, name))


def job_state(name: str) -> str:
    return str(JOB_STATES.get(name, name))


def job_state_tone(name: str) -> str:
    return JOB_TONES.get(name, "muted")


def channel(name: str) -> str:
    return str(CHANNELS.get(name, name))


def who(name: str, channel: str) -> str:
    """
    Return who did something: a person by name, the platform by what it was about.

    Apps name what they do by themselves in their message files, context `service`.
    """
    if channel != "task" or name != name.lower() or not name.isascii():
        return name  # a person, for whom a worker did it
    said = pgettext("service", name)
    return said if said != name else _plain(name)


def job_kind(name: str) -> str:
    """Return a kind of work; apps name theirs in their message files, context `job`."""
    said = pgettext("job", name) if name else ""
    return said if said != name else _words(name)


def job_phase(name: str) -> str:
    """Return a phase of work; apps name theirs in their message files, context `phase`."""
    said = pgettext("phase", name) if name else ""
    return said if said != name else _words(name)


def action(name: str) -> str:
    """Return an action of the audit trail; apps name theirs, context `action`."""
    said = pgettext("action", name) if name else ""
    if said != name:
        return said
    # English has no words for these beyond the name itself: app, what, and what befell it.
    return name.partition(".")[2].replace("_", " ").replace(".", " ").capitalize()


def target(name: str) -> str:
    """Return what an entry of the audit trail is about; apps name theirs, context `target`."""
    said = pgettext("target", name) if name else ""
    if said != name:
        return said
    try:
        return _words(str(apps.get_model(name)._meta.verbose_name))
    except (LookupError, ValueError):
        return _plain(name)


def job_result(name: str) -> str:
    """Return what a figure among the results of a job counts, context `job result`."""
    said = pgettext("job result", name) if name else ""
    return said if said != name else _plain(name)


def _words(name: str) -> str:
    """Make words of a whole name, its app and all."""
    return name.replace(".", " ").replace("_", " ").capitalize()


def _plain(name: str) -> str:
    """Make words of a name: what stands behind its app, with blanks. English needs no more."""
    return name.rpartition(".")[2].replace("_", " ").capitalize()
