from django.db import migrations

# Whoever publishes a large file has the planner's statistics taken anew before its commit.
TABLES = "sharing_enterprise, sharing_factorprofile"


class Migration(migrations.Migration):
    dependencies = [("sharing", "0023_populations")]

    operations = [
        migrations.RunSQL(
            sql=f"GRANT MAINTAIN ON {TABLES} TO qfce_app",
            reverse_sql=f"REVOKE MAINTAIN ON {TABLES} FROM qfce_app",
        ),
    ]
