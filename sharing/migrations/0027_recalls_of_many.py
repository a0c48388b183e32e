"""The recipients of a recall are found for all of its enterprises at once."""

from pathlib import Path

from django.db import migrations

from qfce.kernel.tenancy.rls import DefinerFunction

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("sharing", "0026_disputes_follow")]

    operations = [
        migrations.RunSQL(
            # The owner creates functions that call what only the definer may call.
            sql="SET LOCAL check_function_bodies = off",
            reverse_sql=migrations.RunSQL.noop,
        ),
        DefinerFunction(
            name="qfce_recalls_of",
            arguments="text, text[], text[]",
            sql=(SQL / "qfce_recalls_of.sql").read_text(encoding="utf-8"),
        ),
    ]
