"""The second wall around lending: whose rows they are, and which of them never change."""

from django.db import migrations

from qfce.kernel.tenancy.rls import AppendOnly, ProtectByTenant

OWNED = (
    "loanproduct",
    "authoritylimit",
    "loanapplication",
    "loanapplicationuserobjectpermission",
    "contract",
    "loan",
    "disbursement",
    "loanschedule",
    "schedulerow",
)
# What was signed, paid or scheduled stays as it was; a later row says what changed.
KEPT = ("authoritylimit", "contract", "disbursement", "loanschedule", "schedulerow")


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0001_initial"),
        ("tenancy", "0002_bound_organization"),
    ]

    operations = [
        *(ProtectByTenant(model) for model in OWNED),
        *(AppendOnly(model) for model in KEPT),
    ]
