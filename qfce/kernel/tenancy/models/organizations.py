"""Organisations, the regions they answer for, and what it means for a row to be somebody's."""

from enum import StrEnum
from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from qfce.kernel.fields import choices_of, one_of


class OrganizationKind(StrEnum):
    MARKET_REGULATOR = "market_regulator"  # national, provincial, city, county
    CENTRAL_BANK_BRANCH = "central_bank_branch"  # PBoC
    FINANCIAL_REGULATOR = "financial_regulator"  # NFRA bureau
    LOCAL_FINANCE_OFFICE = "local_finance_office"
    BANK = "bank"  # head office, branch, sub-branch
    CREDIT_AGENCY = "credit_agency"
    GUARANTOR = "guarantor"
    ENTERPRISE = "enterprise"  # grants consent, sees and disputes its own record
    OPERATOR = "operator"  # runs the machine, reads no tenant's rows


class BankKind(StrEnum):
    POLICY = "policy"
    LARGE = "large"
    JOINT_STOCK = "joint_stock"
    CITY = "city"
    RURAL = "rural"
    FOREIGN = "foreign"


class RegionLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Region(models.Model):
    """
    An administrative division by its GB/T 2260 code, with its lineage.

    Codes nest by prefix: 33 is Zhejiang, 3301 Hangzhou, 330113 Linping. A code that was
    abolished keeps its row, the year it ended, and the codes that took its place.
    """

    code = models.CharField(primary_key=True, max_length=6)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120)
    level = models.CharField(max_length=10, choices=choices_of(RegionLevel))
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="children", db_constraint=False
    )
    valid_to = models.PositiveSmallIntegerField(null=True, help_text="The year in which it ended.")
    replaced_by = ArrayField(models.CharField(max_length=6), default=list)

    class Meta:
        constraints = [one_of("level", RegionLevel)]
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class Organization(models.Model):
    """
    A tenant: whoever keeps rows of its own here.

    Two trees share the table: market regulators by region, and bank branches under their
    head office. A member sees the rows of the organisation and of everything below it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=24, choices=choices_of(OrganizationKind))
    bank_kind = models.CharField(max_length=16, null=True, blank=True, choices=choices_of(BankKind))
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    short_name = models.CharField(max_length=40, unique=True, help_text="As programs name it.")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    region = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    uscc = models.CharField("unified social credit code", max_length=18, null=True, unique=True)
    filing_number = models.CharField(
        max_length=60, null=True, help_text="A credit agency's filing with the PBoC."
    )
    filing_scope = models.TextField(null=True)
    filing_expires_on = models.DateField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            one_of("kind", OrganizationKind),
            models.CheckConstraint(
                name="tenancy_organization_bank_kind_only_for_banks",
                condition=Q(bank_kind__isnull=True) | Q(kind=OrganizationKind.BANK.value),
            ),
            models.CheckConstraint(
                name="tenancy_organization_enterprise_has_a_code",
                condition=~Q(kind=OrganizationKind.ENTERPRISE.value) | Q(uscc__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name_en


class TenantOwned(models.Model):
    """A row that belongs to one organisation; PostgreSQL shows it to that one's members."""

    owner = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
