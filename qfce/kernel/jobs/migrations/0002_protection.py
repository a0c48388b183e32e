from django.db import migrations

from qfce.kernel.tenancy.rls import ProtectByTenant


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial"), ("tenancy", "0002_bound_organization")]

    operations = [ProtectByTenant("job")]
