"""
The cast: the organisations, people and programs of demo, sandbox and tests. All invented.

One province with its agencies, a city and two of its counties, Ningbo with its own agencies,
two banks, a credit agency, a guarantor and an enterprise.
"""

import secrets
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from oauth2_provider.generators import generate_client_id, generate_client_secret

from qfce import roles
from qfce.kernel.tenancy.models import (
    BankKind,
    Client,
    Membership,
    Organization,
    OrganizationKind,
    User,
    UserKind,
)

K = OrganizationKind

# short name: (kind, Chinese, English, parent, region, further columns)
ORGANIZATIONS: dict[str, tuple[K, str, str, str | None, str | None, dict[str, object]]] = {
    "province": (K.MARKET_REGULATOR, "浙江省市场监督管理局", "Zhejiang market regulator", None, "330000", {}),
    "hangzhou": (K.MARKET_REGULATOR, "杭州市市场监督管理局", "Hangzhou bureau", "province", "330100", {}),
    "linping": (K.MARKET_REGULATOR, "临平区市场监督管理局", "Linping bureau", "hangzhou", "330113", {}),
    "ningbo": (K.MARKET_REGULATOR, "宁波市市场监督管理局", "Ningbo bureau", "province", "330200", {}),
    "pboc": (K.CENTRAL_BANK_BRANCH, "中国人民银行浙江省分行", "PBoC Zhejiang branch", None, "330000", {}),
    "nfra": (K.FINANCIAL_REGULATOR, "国家金融监督管理总局浙江监管局", "NFRA Zhejiang bureau", None, "330000", {}),
    "finance_office": (K.LOCAL_FINANCE_OFFICE, "浙江省地方金融管理局", "Zhejiang local finance office", None, "330000", {}),
    "ningbo_pboc": (K.CENTRAL_BANK_BRANCH, "中国人民银行宁波市分行", "PBoC Ningbo branch", None, "330200", {}),
    "ningbo_nfra": (K.FINANCIAL_REGULATOR, "国家金融监督管理总局宁波监管局", "NFRA Ningbo bureau", None, "330200", {}),
    "bank_a": (K.BANK, "禾丰农村商业银行", "Hefeng Rural Commercial Bank", None, "330100", {"bank_kind": BankKind.RURAL.value}),
    "bank_b": (K.BANK, "临江商业银行", "Linjiang Bank", None, "330100", {"bank_kind": BankKind.CITY.value}),
    "credit_agency": (
        K.CREDIT_AGENCY, "浙衡企业征信", "Zheheng Credit", None, "330000",
        {"filing_number": "ZJ-2021-007", "filing_scope": "企业征信", "filing_expires_on": date(2028, 12, 31)},
    ),
    "guarantor": (K.GUARANTOR, "惠质融资担保", "Huizhi Guarantee", None, "330100", {}),
    "enterprise": (
        K.ENTERPRISE, "临平安和精工汽车零部件股份有限公司", "Linping Anhe Precision Auto Parts", None, "330113",
        {"uscc": "91330113ALN0KXMQ6E"},
    ),
    "operator": (K.OPERATOR, "平台运维", "Platform operator", None, None, {}),
}  # fmt: skip

# user name: (display name, organisation, roles)
PEOPLE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "zhou": ("周岚", "province", ("list_owner",)),
    "fang": ("方旭", "province", ("signer", "auditor")),
    "fu": ("傅源", "province", ("releaser",)),
    "pboc_signer": ("戚楠", "pboc", ("signer",)),
    "nfra_signer": ("庄毅", "nfra", ("signer",)),
    "finance_signer": ("柳青禾", "finance_office", ("signer",)),
    "ningbo_pboc_signer": ("虞哲", "ningbo_pboc", ("signer",)),
    "ningbo_nfra_signer": ("乐宁", "ningbo_nfra", ("signer",)),
    "shen": ("沈洁", "hangzhou", ("uploader",)),
    "zheng": ("郑锋", "hangzhou", ("releaser",)),
    "ge": ("葛彤", "hangzhou", ("administrator",)),
    "wu": ("吴晓", "linping", ("uploader", "data_answerer")),
    "lu": ("陆鸣", "ningbo", ("uploader",)),
    "mo": ("莫言清", "ningbo", ("releaser",)),
    "chen_min": ("陈敏", "bank_a", ("relationship_manager",)),
    "lin": ("林涛", "bank_a", ("credit_officer",)),
    "gao": ("高远", "bank_a", ("head_office_approver",)),
    "he": ("何静", "bank_a", ("risk_manager",)),
    "shao": ("邵衡", "bank_a", ("head_office_risk_manager",)),
    "liang": ("梁思", "bank_a", ("model_developer",)),
    "xu": ("许衡", "bank_a", ("model_approver", "auditor")),
    "tan": ("谭雪", "bank_a", ("administrator",)),
    "bank_b_officer": ("秦悦", "bank_b", ("relationship_manager", "credit_officer", "model_developer")),
    "bank_b_risk": ("孟川", "bank_b", ("risk_manager", "model_approver")),
    "analyst": ("蒋衡", "credit_agency", ("analyst",)),
    "guarantee_officer": ("闻惠", "guarantor", ("guarantee_officer",)),
    "an": ("安工", "enterprise", ("enterprise_officer",)),
    "ops": ("运维值班", "operator", ("operator",)),
}  # fmt: skip

_READS = ("lists:read", "profiles:read", "feed:read")
_BANK = (
    *_READS,
    "consents:write",
    "evaluations:write",
    "loans:write",
    "risk:write",
    "exports:write",
)
_OFFICERS = ("relationship_manager", "credit_officer", "risk_manager", "model_developer")

# client: (organisation, roles of its account, scopes)
CLIENTS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "county_uploader": ("hangzhou", ("uploader",), (*_READS, "imports:write")),
    "county_releaser": ("hangzhou", ("releaser",), (*_READS, "imports:release")),
    "ningbo_uploader": ("ningbo", ("uploader",), (*_READS, "imports:write")),
    "ningbo_releaser": ("ningbo", ("releaser",), (*_READS, "imports:release")),
    "province": ("province", ("list_owner",), (*_READS, "agreements:write")),
    "bank_a": ("bank_a", _OFFICERS, _BANK),
    "bank_a_approver": ("bank_a", ("head_office_approver", "model_approver"), _BANK),
    "bank_b": ("bank_b", _OFFICERS, _BANK),
    "bank_b_approver": ("bank_b", ("head_office_approver", "model_approver"), _BANK),
    "credit_agency": ("credit_agency", ("analyst",), (*_READS, "evaluations:write")),
    "enterprise": ("enterprise", ("enterprise_officer",), ("lists:read", "profiles:read", "consents:write")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is there, and how each signs in; passwords and secrets are known only here."""

    organizations: dict[str, Organization]
    users: dict[str, dict[str, str | None]] = field(default_factory=dict)
    clients: dict[str, dict[str, object]] = field(default_factory=dict)


@transaction.atomic
def build() -> Cast:
    """Create the cast with fresh passwords and secrets; existing members keep their rows."""
    organizations: dict[str, Organization] = {}
    for name, (kind, name_zh, name_en, parent, region, further) in ORGANIZATIONS.items():
        organizations[name], _ = Organization.objects.update_or_create(
            short_name=name,
            defaults={
                "kind": kind.value,
                "name_zh": name_zh,
                "name_en": name_en,
                "parent": organizations[parent] if parent else None,
                "region_id": region,
                **further,
            },
        )
    cast = Cast(organizations)
    for username, (display, organization, held) in PEOPLE.items():
        password = secrets.token_urlsafe(12)
        _member(username, display, organizations[organization], held, UserKind.PERSON, password)
        cast.users[username] = {
            "username": username,
            "password": password,
            "totp_secret": None,
            "organization": organization,
        }
    for name, (organization, held, scopes) in CLIENTS.items():
        account = _member(
            f"client-{name}", name, organizations[organization], held, UserKind.CLIENT, None
        )
        cast.clients[name] = _client(name, organizations[organization], account, scopes)
    return cast


def _member(
    username: str,
    display: str,
    organization: Organization,
    held: tuple[str, ...],
    kind: UserKind,
    password: str | None,
) -> User:
    unknown = set(held) - set(roles.ROLES)
    assert not unknown, f"{username} has roles that do not exist: {unknown}."
    user, _ = User.objects.get_or_create(username=username)
    user.kind, user.display_name = kind.value, display
    user.set_password(password)
    user.save()
    Membership.objects.update_or_create(
        user=user, organization=organization, defaults={"roles": list(held)}
    )
    return user


def _client(
    name: str, organization: Organization, account: User, scopes: tuple[str, ...]
) -> dict[str, object]:
    secret = generate_client_secret()
    client, _ = Client.objects.update_or_create(
        name=name,
        organization=organization,
        defaults={
            "user": account,
            "client_type": Client.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Client.GRANT_CLIENT_CREDENTIALS,
            "client_secret": secret,
            "scopes": list(scopes),
            "client_id": generate_client_id(),
        },
    )
    return {"client_id": client.client_id, "client_secret": secret, "scopes": list(scopes)}
