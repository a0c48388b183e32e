from pathlib import Path

from django.db import migrations

from qfce.kernel.tenancy.rls import DefinerFunction

SQL = Path(__file__).parent.parent / "sql" / "qfce_covering_agreements.sql"


class Migration(migrations.Migration):
    dependencies = [("sharing", "0019_list_migrations")]

    operations = [
        DefinerFunction(
            name="qfce_covering_agreements",
            arguments="text, date, text[], text[], text[]",
            sql=SQL.read_text(encoding="utf-8"),
        ),
    ]
