from pathlib import Path

from django.db import migrations

from qfce.kernel.tenancy.rls import DefinerFunction

SQL = Path(__file__).parent.parent / "sql"

# What the application may call, whoever is bound: each answers for the bound organisation.
DOORS = {
    "qfce_population_rights": "text, text",
    "qfce_population_consents": "text, text",
    "qfce_population_rows": "text, text, bigint, integer",
    "qfce_is_anchor": "text, bigint, bigint, text",
    "qfce_log_population": "text, text, text[], bigint, integer, text",
}


def function(name, arguments):
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    return DefinerFunction(name=name, arguments=arguments, sql=text)


class Migration(migrations.Migration):
    dependencies = [("sharing", "0022_disputes")]

    operations = [
        migrations.RunSQL(
            # The owner creates functions that call what only the definer may call.
            sql="SET LOCAL check_function_bodies = off",
            reverse_sql=migrations.RunSQL.noop,
        ),
        *(function(name, arguments) for name, arguments in DOORS.items()),
    ]
