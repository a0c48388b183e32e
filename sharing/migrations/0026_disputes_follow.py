"""A population names nobody who was never on the agreed list."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"
POPULATION = (SQL / "qfce_population_rows.sql").read_text(encoding="utf-8")
SIGNATURE = "qfce_population_rows(text, text, bigint, integer)"


class Migration(migrations.Migration):
    dependencies = [("sharing", "0024_statistics")]

    operations = [
        # Replaced where it is; what it is and whose stays.
        migrations.RunSQL(
            sql=[
                "SET LOCAL ROLE qfce_definer",
                POPULATION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
                f"ALTER FUNCTION {SIGNATURE} SECURITY DEFINER",
                f"ALTER FUNCTION {SIGNATURE} SET search_path = pg_catalog, public, pg_temp",
                "RESET ROLE",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
