from pathlib import Path

from django.db import migrations

from qfce.kernel.tenancy.rls import DefinerFunction

SQL = Path(__file__).parent.parent / "sql"

# What the doors are built from. They tell nobody anything by themselves.
INTERNAL = {
    "qfce_prefix": "text",
    "qfce_identity": "",
    "qfce_is_repaired": "jsonb, bigint, integer, date",
    "qfce_rights": "text, timestamptz",
    "qfce_matched": "text[], text, timestamptz",
    "qfce_added_up": "text[], text, timestamptz",
    "qfce_repairs": "text[]",
    "qfce_history": "text[], text[], jsonb, bigint",
    "qfce_log_read": "text, text, text[], text[], integer, bigint, jsonb",
    "qfce_visible": "bigint, integer, bigint, integer",
}

# What the application may call, whoever is bound.
DOORS = {
    "qfce_disclose": "text, text[], date, timestamptz, date, text, boolean, timestamptz",
    "qfce_feed": "bigint, integer, integer",
    "qfce_feed_kept_from": "integer",
    "qfce_reconcile": "jsonb, jsonb",
    "qfce_search_enterprises": "text, integer, text",
    "qfce_list_members": "uuid, text, integer",
    "qfce_issue_consent_token": "uuid, text, timestamptz",
    "qfce_consent_by_token": "text",
    "qfce_decide_by_token": "text, text, text, boolean, timestamptz",
    "qfce_consent_reach": "uuid",
    "qfce_end_consents": "timestamptz",
    "qfce_recall_recipients": "text, text, text[]",
    "qfce_acknowledge_recall": "uuid, timestamptz",
}


def function(name, arguments):
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    return DefinerFunction(name=name, arguments=arguments, sql=text)


class Migration(migrations.Migration):
    dependencies = [("sharing", "0011_access_walls")]

    operations = [
        migrations.RunSQL(
            # The owner creates functions that call what only the definer may call.
            sql="GRANT SELECT ON sharing_feedcounter TO qfce_definer;"
            " SET LOCAL check_function_bodies = off",
            reverse_sql=migrations.RunSQL.noop,
        ),
        *(function(name, arguments) for name, arguments in INTERNAL.items()),
        migrations.RunSQL(
            sql=[
                "SET LOCAL ROLE qfce_definer",
                *(
                    f"REVOKE EXECUTE ON FUNCTION {name}({arguments}) FROM qfce_app"
                    for name, arguments in INTERNAL.items()
                ),
                "RESET ROLE",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
        *(function(name, arguments) for name, arguments in DOORS.items()),
    ]
