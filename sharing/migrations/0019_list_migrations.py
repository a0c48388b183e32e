"""Migrations of a list's records, and what an item goes on as for whoever may read it."""

from pathlib import Path

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from qfce.kernel.tenancy.rls import (
    BOUND,
    READABLE,
    LetDefinerRead,
    ProtectBy,
    ProtectByTenant,
)

SQL = Path(__file__).parent.parent / "sql"

# By the database's own clock, which is that of `recorded_at`, as with agreements.
SPAN = """
ALTER TABLE sharing_itemlineage
    ADD COLUMN in_force tstzrange NOT NULL DEFAULT tstzrange(clock_timestamp(), NULL);
"""
ANEW = {
    "qfce_rights": "text, timestamptz",
    "qfce_matched": "text[], text, timestamptz",
}


def anew(name, arguments):
    """Replace a definer function where it is; what it is and whose stays."""
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    return [
        text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
        f"ALTER FUNCTION {name}({arguments}) SECURITY DEFINER",
        f"ALTER FUNCTION {name}({arguments}) SET search_path = pg_catalog, public, pg_temp",
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0018_data_quality"),
        ("tenancy", "0003_regions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ListMigration",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("factor_list", models.CharField(max_length=40)),
                ("list_version", models.PositiveIntegerField()),
                ("from_version", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("previewing", "previewing"),
                            ("previewed", "previewed"),
                            ("releasing", "releasing"),
                            ("published", "published"),
                            ("undoing", "undoing"),
                            ("undone", "undone"),
                            ("discarded", "discarded"),
                        ],
                        default="previewing",
                        max_length=12,
                    ),
                ),
                ("preview", models.JSONField(default=dict)),
                (
                    "position",
                    models.BigIntegerField(
                        default=0, help_text="The list's newest publication when it was previewed."
                    ),
                ),
                ("prepared_at", models.DateTimeField()),
                ("previewed_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("confirmed_without_target", models.PositiveIntegerField(default=0)),
                ("published_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("discarded_at", models.DateTimeField(null=True)),
                ("refusal_code", models.CharField(default="", max_length=60)),
                (
                    "refusal",
                    models.JSONField(default=dict, help_text="Why it went back, in words."),
                ),
                ("job_id", models.UUIDField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sharing.publication",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undo_publication",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sharing.publication",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "previewing",
                                    "previewed",
                                    "releasing",
                                    "published",
                                    "undoing",
                                    "undone",
                                    "discarded",
                                ],
                            )
                        ),
                        name="sharing_listmigration_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("released_at__isnull", True), ("released_by__isnull", True)),
                            models.Q(
                                ("released_at__isnull", False), ("released_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="sharing_listmigration_release_all_or_none",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publication__isnull", True), ("published_at__isnull", True)),
                            models.Q(
                                ("publication__isnull", False), ("published_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="sharing_listmigration_publishing_all_or_none",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("undo_publication__isnull", True), ("undone_at__isnull", True)
                            ),
                            models.Q(
                                ("undo_publication__isnull", False), ("undone_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="sharing_listmigration_undoing_all_or_none",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_by__isnull", True),
                            models.Q(("released_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="sharing_listmigration_four_eyes",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["previewed", "previewing", "published", "releasing", "undoing"],
                            )
                        ),
                        fields=("factor_list", "list_version"),
                        name="sharing_listmigration_one_open",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="ItemLineage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("factor_list", models.CharField(max_length=40)),
                ("list_version", models.PositiveIntegerField()),
                ("source", models.CharField(max_length=20)),
                ("target", models.CharField(max_length=20)),
                ("terms", models.CharField(max_length=10)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
                (
                    "migration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sharing.listmigration",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["factor_list"], name="sharing_itemlineage_list")]
            },
        ),
        migrations.RunSQL(
            sql=SPAN, reverse_sql="ALTER TABLE sharing_itemlineage DROP COLUMN in_force"
        ),
        ProtectByTenant("listmigration"),
        ProtectBy(
            "itemlineage",
            reads=f"owner_id = {READABLE} OR (SELECT qfce_bound_kind()) = 'market_regulator'",
            inserts=f"owner_id = {BOUND}",
            updates=f"owner_id = {BOUND}",
        ),
        LetDefinerRead("itemlineage"),
        migrations.RunSQL(
            sql=[
                "SET LOCAL ROLE qfce_definer",
                *(
                    statement
                    for name, arguments in ANEW.items()
                    for statement in anew(name, arguments)
                ),
                "RESET ROLE",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
