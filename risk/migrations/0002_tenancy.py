from django.db import migrations

from qfce.kernel.tenancy.rls import ProtectByTenant


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0001_initial"),
        ("tenancy", "0002_bound_organization"),
    ]

    operations = [
        ProtectByTenant("riskcase"),
        ProtectByTenant("caseaction"),
        ProtectByTenant("signal"),
        ProtectByTenant("signaloccurrence"),
        ProtectByTenant("watchedstate"),
    ]
