"""Names for searching, beside the register, and the search that stays inside the rights."""

from pathlib import Path

from django.db import migrations, models

from qfce.kernel.tenancy.rls import DefinerFunction, LetDefinerRead, ProtectByRegion

SQL = Path(__file__).parent.parent / "sql"

TABLE = """
CREATE TABLE sharing_enterprisename (
    uscc varchar(18) NOT NULL,
    name text NOT NULL,
    region varchar(6) NOT NULL,
    sought text NOT NULL,
    is_current boolean NOT NULL,
    publication_id bigint NOT NULL,
    PRIMARY KEY (uscc, name)
);
CREATE INDEX sharing_enterprisename_region ON sharing_enterprisename (region, uscc);
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX sharing_enterprisename_code ON sharing_enterprisename USING gin (uscc gin_trgm_ops);
"""
GRAMS = """
CREATE INDEX sharing_enterprisename_grams
    ON sharing_enterprisename USING gin (qfce_grams(sought, region));
"""
INTERNAL = {
    "qfce_names_within": "text, text, text, integer",
    "qfce_names_on": "text, jsonb, integer",
}


def function(name, arguments):
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    return DefinerFunction(name=name, arguments=arguments, sql=text)


class Migration(migrations.Migration):
    dependencies = [("sharing", "0012_disclosures")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(sql=TABLE, reverse_sql="DROP TABLE sharing_enterprisename"),
                # No more than text is worked out in it, so it needs nobody else's rights.
                migrations.RunSQL(
                    sql=(SQL / "qfce_grams.sql").read_text(encoding="utf-8"),
                    reverse_sql="DROP FUNCTION qfce_grams(text, text)",
                ),
                migrations.RunSQL(sql=GRAMS, reverse_sql=migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="EnterpriseName",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "uscc",
                                "name",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "uscc",
                            models.CharField(
                                max_length=18, verbose_name="unified social credit code"
                            ),
                        ),
                        ("name", models.TextField()),
                        ("region", models.CharField(max_length=6)),
                        ("sought", models.TextField()),
                        ("is_current", models.BooleanField()),
                        (
                            "publication_id",
                            models.BigIntegerField(help_text="The first that says it."),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["region", "uscc"], name="sharing_enterprisename_region"
                            )
                        ],
                    },
                ),
            ],
        ),
        ProtectByRegion("enterprisename"),
        LetDefinerRead("enterprisename"),
        migrations.RunSQL(
            sql=[
                "SET LOCAL check_function_bodies = off",
                "SET LOCAL ROLE qfce_definer",
                "DROP FUNCTION IF EXISTS qfce_search_enterprises(text, integer)",
                "DROP FUNCTION IF EXISTS qfce_search_enterprises(text, integer, text)",
                "RESET ROLE",
            ],
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
        function("qfce_search_enterprises", "text, integer, text"),
    ]
