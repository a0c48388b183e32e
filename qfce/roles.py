"""
Every role and what it may do, on one page.

A permission is `app.thing.verb`. `PERMISSIONS` says through which OAuth scopes a program
may use it: a program's token narrows its account's role, and never widens it. A permission
without a scope is for people only.
"""

from collections.abc import Iterable
from dataclasses import dataclass

SCOPES = {
    "lists:read": "Read factor lists",
    "imports:write": "Upload enterprise lists and prepare corrections",
    "imports:release": "Release what another person uploaded",
    "profiles:read": "Read enterprises, enterprise lists and profiles",
    "feed:read": "Read the change feed",
    "exports:write": "Order bulk files",
    "consents:write": "Ask for, give and withdraw consents",
    "agreements:write": "Conclude and end sharing agreements",
    "evaluations:write": "Keep scorecards and evaluate",
    "loans:write": "Work on products, applications and loans",
    "risk:write": "Work on signals and cases",
}

PERMISSIONS: dict[str, tuple[str, ...]] = {
    "factors.list.view": ("lists:read",),
    "factors.list.comment": (),
    "factors.list.edit": (),
    "factors.list.sign": (),
    "factors.list.publish": (),
    "sharing.import.upload": ("imports:write",),
    "sharing.import.view": ("imports:write", "imports:release"),
    "sharing.import.release": ("imports:release",),
    "sharing.record.write": ("imports:write",),
    "sharing.record.release": ("imports:release",),
    "sharing.refresh.view": ("profiles:read", "imports:write"),
    "sharing.refresh.ask": ("consents:write", "risk:write"),
    "sharing.refresh.answer": ("imports:write",),
    "sharing.dispute.view": ("profiles:read", "imports:write"),
    "sharing.dispute.open": ("consents:write", "risk:write"),
    "sharing.dispute.decide": ("imports:write",),
    "sharing.declaration.view": ("profiles:read", "imports:write"),
    "sharing.declaration.submit": ("consents:write",),
    "sharing.round.write": ("imports:release", "agreements:write"),
    "sharing.migration.view": ("imports:write", "imports:release"),
    "sharing.migration.write": ("imports:write",),
    "sharing.migration.release": ("imports:release",),
    "sharing.enterprise.view": ("profiles:read",),
    "sharing.enterprise_list.view": ("profiles:read",),
    "sharing.enterprise_list.write": ("agreements:write",),
    "sharing.feed.read": ("feed:read",),
    "sharing.export.create": ("exports:write",),
    "sharing.consent.write": ("consents:write",),
    "sharing.agreement.view": ("agreements:write", "profiles:read"),
    "sharing.agreement.write": ("agreements:write",),
    "evaluation.scorecard.view": ("evaluations:write",),
    "evaluation.scorecard.write": ("evaluations:write",),
    "evaluation.scorecard.approve": ("evaluations:write",),
    "evaluation.evaluation.view": ("evaluations:write",),
    "evaluation.evaluation.create": ("evaluations:write",),
    "lending.product.view": ("loans:write",),
    "lending.product.write": ("loans:write",),
    "lending.application.view": ("loans:write",),
    "lending.application.submit": ("loans:write",),
    "lending.application.review": ("loans:write",),
    "lending.application.decide": ("loans:write",),
    "lending.contract.sign": ("loans:write",),
    "lending.loan.view": ("loans:write",),
    "lending.loan.disburse": ("loans:write",),
    "risk.signal.view": ("risk:write",),
    "risk.signal.handle": ("risk:write",),
    "risk.case.view": ("risk:write",),
    "risk.case.write": ("risk:write",),
    "risk.exposure.freeze": ("risk:write",),
    "audit.event.view": (),
    "tenancy.member.manage": (),
    "jobs.job.view": ("imports:write", "imports:release", "evaluations:write"),
}

REGULATORS = frozenset(
    {"market_regulator", "central_bank_branch", "financial_regulator", "local_finance_office"}
)
LENDERS = frozenset({"bank"})


@dataclass(frozen=True, slots=True)
class Role:
    """What a member of an organisation of one of `kinds` may do there."""

    name: str
    description: str
    kinds: frozenset[str]
    permissions: frozenset[str]


def _role(name: str, description: str, kinds: Iterable[str], *permissions: str) -> Role:
    unknown = set(permissions) - set(PERMISSIONS)
    if unknown:
        raise ValueError(f"Role {name} names unknown permissions {sorted(unknown)}.")
    return Role(name, description, frozenset(kinds), frozenset(permissions))


_MARKET = frozenset({"market_regulator"})
_READS = (
    "factors.list.view",
    "factors.list.comment",
    "sharing.enterprise.view",
    "sharing.enterprise_list.view",
)
_REGULATES = (
    *_READS,
    "sharing.import.view",
    "sharing.agreement.view",
    "sharing.feed.read",
    "sharing.refresh.view",
    "sharing.dispute.view",
    "sharing.declaration.view",
)
_BANKS = (*_READS, "sharing.agreement.view", "sharing.feed.read")
_SEES_LOANS = ("lending.product.view", "lending.application.view", "lending.loan.view")
_SEES_SCORES = ("evaluation.scorecard.view", "evaluation.evaluation.view")
_SEES_RISK = ("risk.signal.view", "risk.case.view")
_BANKER = (
    *_BANKS,
    *_SEES_LOANS,
    *_SEES_SCORES,
    *_SEES_RISK,
    "evaluation.evaluation.create",
    "sharing.refresh.view",
    "sharing.dispute.view",
)
_DECIDES = (*_BANKER, "lending.application.review", "lending.application.decide")

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        _role(
            "list_owner",
            "Keeps the provincial factor list and the sharing agreements.",
            _MARKET,
            *_REGULATES,
            "factors.list.edit",
            "factors.list.publish",
            "sharing.migration.view",
            "sharing.migration.write",
            "sharing.migration.release",
            "sharing.agreement.write",
            "sharing.enterprise_list.write",
            "sharing.round.write",
        ),
        _role(
            "signer",
            "Signs factor lists.",
            REGULATORS,
            "factors.list.view",
            "factors.list.comment",
            "factors.list.sign",
        ),
        _role(
            "uploader",
            "Uploads enterprise lists and prepares corrections.",
            _MARKET,
            *_REGULATES,
            "sharing.import.upload",
            "sharing.record.write",
            "sharing.refresh.answer",
            "sharing.dispute.decide",
            "jobs.job.view",
        ),
        _role(
            "releaser",
            "Releases what another person uploaded or prepared.",
            _MARKET,
            *_REGULATES,
            "sharing.import.release",
            "sharing.record.release",
            "sharing.round.write",
            "sharing.migration.view",
            "sharing.migration.release",
            "jobs.job.view",
        ),
        _role(
            "data_answerer",
            "Answers banks' questions about enterprises of the region.",
            _MARKET,
            *_REGULATES,
            "sharing.record.write",
            "sharing.refresh.answer",
            "sharing.dispute.decide",
        ),
        _role("regulator_viewer", "Looks, changes nothing.", REGULATORS, "factors.list.view"),
        _role(
            "relationship_manager",
            "Brings applications and pays out what was approved.",
            LENDERS,
            *_BANKER,
            "sharing.consent.write",
            "sharing.refresh.ask",
            "sharing.dispute.open",
            "lending.application.submit",
            "lending.contract.sign",
            "lending.loan.disburse",
        ),
        _role(
            "credit_officer",
            "Reviews applications, and evaluates whole lists.",
            LENDERS,
            *_DECIDES,
            "lending.product.write",
            "sharing.consent.write",
            "sharing.refresh.ask",
            "sharing.dispute.open",
            "jobs.job.view",
        ),
        _role("branch_approver", "Approves within a branch's limit.", LENDERS, *_DECIDES),
        _role("branch_president", "Approves within a president's limit.", LENDERS, *_DECIDES),
        _role(
            "head_office_approver", "Approves within the head office's limit.", LENDERS, *_DECIDES
        ),
        _role("credit_committee", "Votes on the largest loans.", LENDERS, *_DECIDES),
        _role(
            "risk_manager",
            "Handles signals and cases, and freezes what is undrawn.",
            LENDERS,
            *_BANKER,
            "sharing.refresh.ask",
            "sharing.dispute.open",
            "risk.signal.handle",
            "risk.case.write",
            "risk.exposure.freeze",
        ),
        _role(
            "head_office_risk_manager",
            "As risk manager, and allows exceptions to gates.",
            LENDERS,
            *_BANKER,
            "sharing.refresh.ask",
            "sharing.dispute.open",
            "risk.signal.handle",
            "risk.case.write",
            "risk.exposure.freeze",
        ),
        _role(
            "model_developer",
            "Writes scorecards.",
            {"bank", "credit_agency"},
            *_BANKS,
            *_SEES_SCORES,
            "evaluation.scorecard.write",
            "evaluation.evaluation.create",
            "jobs.job.view",
        ),
        _role(
            "model_approver",
            "Approves scorecards that another person wrote.",
            {"bank", "credit_agency"},
            *_BANKS,
            *_SEES_SCORES,
            "evaluation.scorecard.approve",
        ),
        _role(
            "analyst",
            "Reads what is shared with a credit agency, and recommends models.",
            {"credit_agency"},
            *_BANKS,
            *_SEES_SCORES,
            "evaluation.scorecard.write",
            "evaluation.evaluation.create",
            "jobs.job.view",
        ),
        _role(
            "guarantee_officer",
            "Keeps guarantees.",
            {"guarantor"},
            "factors.list.view",
            "factors.list.comment",
        ),
        _role(
            "enterprise_officer",
            "Sees the enterprise's own record, gives and withdraws consent.",
            {"enterprise"},
            "factors.list.view",
            "factors.list.comment",
            "sharing.enterprise.view",
            "sharing.consent.write",
            "sharing.dispute.view",
            "sharing.dispute.open",
            "sharing.declaration.view",
            "sharing.declaration.submit",
        ),
        _role(
            "auditor",
            "Reads the organisation's audit trail.",
            REGULATORS | LENDERS | {"credit_agency", "guarantor"},
            "factors.list.view",
            "audit.event.view",
        ),
        _role(
            "administrator",
            "Keeps the organisation's members and programs.",
            REGULATORS | LENDERS | {"credit_agency", "guarantor", "enterprise"},
            "factors.list.view",
            "tenancy.member.manage",
        ),
        _role("operator", "Runs the machine; reads no tenant's rows.", {"operator"}),
    )
}


def permissions_of(roles: Iterable[str], *, kind: str) -> frozenset[str]:
    """Return what these roles may do in an organisation of a kind; a misplaced role, nothing."""
    granted = (ROLES[name].permissions for name in roles if kind in ROLES[name].kinds)
    return frozenset().union(*granted)


def permissions_of_kind(kind: str) -> frozenset[str]:
    """Return everything that any role in an organisation of this kind may do."""
    return permissions_of(ROLES, kind=kind)


def within_scopes(permissions: frozenset[str], scopes: Iterable[str]) -> frozenset[str]:
    """Return those permissions that a token with these scopes may use."""
    granted = set(scopes)
    return frozenset(name for name in permissions if granted & set(PERMISSIONS[name]))
