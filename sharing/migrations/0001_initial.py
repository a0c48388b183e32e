import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


PROVINCES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46"
    " 50 51 52 53 54 61 62 63 64 65 71 81 82"
).split()

LEDGER = """
CREATE TABLE sharing_factorchange (
    publication_id bigint NOT NULL,
    "row" integer NOT NULL,
    uscc varchar(18) NOT NULL,
    region varchar(6) NOT NULL,
    province varchar(2) NOT NULL,
    kind varchar(14) NOT NULL,
    changes jsonb NOT NULL,
    details jsonb,
    PRIMARY KEY (publication_id, "row", province)
) PARTITION BY LIST (province);
CREATE INDEX sharing_factorchange_uscc ON sharing_factorchange (uscc);
"""


def partition(code):
    return (
        f"CREATE TABLE sharing_factorchange_{code}"
        f" PARTITION OF sharing_factorchange FOR VALUES IN ('{code}')"
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Enterprise",
            fields=[
                (
                    "uscc",
                    models.CharField(
                        max_length=18,
                        primary_key=True,
                        serialize=False,
                        verbose_name="unified social credit code",
                    ),
                ),
                ("name", models.TextField()),
                (
                    "region",
                    models.CharField(
                        help_text="Administrative division code, GB/T 2260.", max_length=6
                    ),
                ),
                ("industry", models.CharField(max_length=10, null=True)),
                ("size", models.CharField(max_length=10, null=True)),
                ("established_on", models.DateField(null=True)),
                (
                    "registered_capital",
                    models.DecimalField(
                        decimal_places=2, help_text="Yuan.", max_digits=20, null=True
                    ),
                ),
                ("successor_uscc", models.CharField(max_length=18, null=True)),
                ("first_publication_id", models.BigIntegerField()),
                ("last_publication_id", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["region"], name="sharing_enterprise_region")],
            },
        ),
        # Partitioned by province, which the schema editor can't say.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(sql=LEDGER, reverse_sql="DROP TABLE sharing_factorchange"),
                migrations.RunSQL(
                    sql=[partition(code) for code in PROVINCES]
                    + [
                        "CREATE TABLE sharing_factorchange_other"
                        " PARTITION OF sharing_factorchange DEFAULT"
                    ],
                    reverse_sql=migrations.RunSQL.noop,
                ),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="FactorChange",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "publication_id",
                                "row",
                                "province",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("publication_id", models.BigIntegerField()),
                        ("row", models.IntegerField()),
                        ("uscc", models.CharField(max_length=18)),
                        ("region", models.CharField(max_length=6)),
                        ("province", models.CharField(max_length=2)),
                        ("kind", models.CharField(max_length=14)),
                        ("changes", models.JSONField()),
                        ("details", models.JSONField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["uscc"], name="sharing_factorchange_uscc")
                        ],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="FactorProfile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "uscc",
                        "factor_list",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("uscc", models.CharField(max_length=18)),
                ("factor_list", models.CharField(max_length=40)),
                ("region", models.CharField(max_length=6)),
                ("list_version", models.PositiveIntegerField()),
                ("values", models.JSONField(default=dict)),
                ("details", models.JSONField(default=dict)),
                ("base_publication_id", models.BigIntegerField()),
                ("origins", models.JSONField(default=dict)),
                ("publication_id", models.BigIntegerField()),
                ("row", models.IntegerField()),
                ("row_digest", models.BinaryField(null=True)),
                ("flags", models.JSONField(default=dict)),
                ("listed", models.BooleanField(default=True)),
            ],
            options={
                "indexes": [models.Index(fields=["region"], name="sharing_factorprofile_region")],
            },
        ),
        migrations.CreateModel(
            name="FeedCounter",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("n", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="sharing_feedcounter_one_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportKeys",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "batch_id",
                        "part",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("batch_id", models.UUIDField()),
                ("part", models.IntegerField()),
                ("factor_list", models.CharField(max_length=40)),
                (
                    "usccs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=18), size=None
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "import keys",
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "region",
                    models.CharField(help_text="Of the publishing organization.", max_length=6),
                ),
                ("factor_list", models.CharField(max_length=40)),
                ("list_version", models.PositiveIntegerField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("import", "import"),
                            ("correction", "correction"),
                            ("reverification", "reverification"),
                            ("expiry", "expiry"),
                            ("withdrawal", "withdrawal"),
                            ("dispute", "dispute"),
                            ("undo", "undo"),
                            ("migration", "migration"),
                            ("merge", "merge"),
                            ("listing", "listing"),
                            ("access", "access"),
                        ],
                        max_length=20,
                    ),
                ),
                ("import_id", models.UUIDField(null=True)),
                ("number", models.BigIntegerField(null=True, unique=True)),
                ("recorded_at", models.DateTimeField(null=True)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("digest", models.CharField(default="", max_length=64)),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
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
            ],
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("factor_list", models.CharField(max_length=40)),
                ("list_version", models.PositiveIntegerField()),
                (
                    "mode",
                    models.CharField(choices=[("delta", "delta"), ("full", "full")], max_length=10),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("validating", "validating"),
                            ("needs_attention", "needs attention"),
                            ("ready", "ready"),
                            ("publishing", "publishing"),
                            ("published", "published"),
                            ("undone", "undone"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="received",
                        max_length=20,
                    ),
                ),
                ("file_sha256", models.CharField(max_length=64)),
                ("file_name", models.CharField(max_length=255)),
                ("file_size", models.BigIntegerField(help_text="Bytes.")),
                (
                    "mapping",
                    models.JSONField(default=dict, help_text="Header text to field or item code."),
                ),
                ("rows_total", models.PositiveIntegerField(default=0)),
                ("rows_valid", models.PositiveIntegerField(default=0)),
                ("rows_invalid", models.PositiveIntegerField(default=0)),
                ("rows_new", models.PositiveIntegerField(default=0)),
                ("rows_changed", models.PositiveIntegerField(default=0)),
                ("rows_unchanged", models.PositiveIntegerField(default=0)),
                (
                    "removals",
                    models.PositiveIntegerField(
                        default=0, help_text="Enterprises that a full file leaves out."
                    ),
                ),
                (
                    "listed_before",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Enterprises on the list in the jurisdiction when it was checked.",
                    ),
                ),
                (
                    "finding_counts",
                    models.JSONField(default=dict, help_text="Code to exact number."),
                ),
                (
                    "regularized",
                    models.JSONField(
                        default=dict, help_text="What was made regular, and how often."
                    ),
                ),
                ("error_count", models.PositiveIntegerField(default=0)),
                ("warning_count", models.PositiveIntegerField(default=0)),
                ("refusal_code", models.CharField(default="", max_length=40)),
                (
                    "refusal",
                    models.JSONField(
                        default=dict, help_text="The facts of the refusal's sentence."
                    ),
                ),
                ("staged_digest", models.CharField(default="", max_length=64)),
                ("received_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("leave_out_errors", models.BooleanField(default=False)),
                ("confirmed_removals", models.PositiveIntegerField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
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
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
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
                    "undo_publication",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sharing.publication",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecordChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("uscc", models.CharField(max_length=18)),
                ("factor_list", models.CharField(max_length=40)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("import", "import"),
                            ("correction", "correction"),
                            ("reverification", "reverification"),
                            ("expiry", "expiry"),
                            ("withdrawal", "withdrawal"),
                            ("dispute", "dispute"),
                            ("undo", "undo"),
                            ("migration", "migration"),
                            ("merge", "merge"),
                            ("listing", "listing"),
                            ("access", "access"),
                        ],
                        max_length=20,
                    ),
                ),
                ("kind", models.CharField(max_length=14)),
                ("changes", models.JSONField()),
                ("details", models.JSONField(default=dict)),
                ("reason", models.TextField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("released", "released"),
                            ("cancelled", "cancelled"),
                        ],
                        default="prepared",
                        max_length=20,
                    ),
                ),
                ("prepared_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
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
            ],
        ),
        migrations.CreateModel(
            name="ColumnMapping",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("factor_list", models.CharField(max_length=40)),
                ("header", models.TextField()),
                ("field", models.CharField(max_length=60)),
                ("updated_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "factor_list", "header"), name="sharing_columnmapping_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportFinding",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row", models.IntegerField(null=True)),
                ("column", models.TextField(null=True)),
                ("code", models.CharField(max_length=40)),
                ("severity", models.CharField(max_length=10)),
                ("value", models.TextField(null=True)),
                ("suggestion", models.TextField(null=True)),
                ("params", models.JSONField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="sharing.importbatch",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["batch", "id"], name="sharing_importfinding_batch")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["import_id"], name="sharing_publication_import"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["factor_list", "number"], name="sharing_publication_list"),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cause__in",
                        [
                            "import",
                            "correction",
                            "reverification",
                            "expiry",
                            "withdrawal",
                            "dispute",
                            "undo",
                            "migration",
                            "merge",
                            "listing",
                            "access",
                        ],
                    )
                ),
                name="sharing_publication_cause_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("number__isnull", True), ("recorded_at__isnull", True)),
                    models.Q(("number__isnull", False), ("recorded_at__isnull", False)),
                    _connector="OR",
                ),
                name="sharing_publication_position_all_or_none",
            ),
        ),
        migrations.AddIndex(
            model_name="importbatch",
            index=models.Index(
                fields=["owner", "status", "received_at"], name="sharing_importbatch_queue"
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "received",
                            "validating",
                            "needs_attention",
                            "ready",
                            "publishing",
                            "published",
                            "undone",
                            "failed",
                            "cancelled",
                        ],
                    )
                ),
                name="sharing_importbatch_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["delta", "full"])),
                name="sharing_importbatch_mode_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("released_at__isnull", True), ("released_by__isnull", True)),
                    models.Q(("released_at__isnull", False), ("released_by__isnull", False)),
                    _connector="OR",
                ),
                name="sharing_importbatch_release_all_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undo_publication__isnull", True), ("undone_at__isnull", True)),
                    models.Q(("undo_publication__isnull", False), ("undone_at__isnull", False)),
                    _connector="OR",
                ),
                name="sharing_importbatch_undoing_all_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released_by__isnull", True),
                    models.Q(("released_by", models.F("uploaded_by")), _negated=True),
                    _connector="OR",
                ),
                name="sharing_importbatch_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "rows_total",
                        django.db.models.expressions.CombinedExpression(
                            models.F("rows_valid"), "+", models.F("rows_invalid")
                        ),
                    ),
                    (
                        "rows_valid",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("rows_new"), "+", models.F("rows_changed")
                            ),
                            "+",
                            models.F("rows_unchanged"),
                        ),
                    ),
                ),
                name="sharing_importbatch_rows_add_up",
            ),
        ),
        migrations.AddIndex(
            model_name="recordchange",
            index=models.Index(fields=["owner", "status"], name="sharing_recordchange_queue"),
        ),
        migrations.AddConstraint(
            model_name="recordchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["prepared", "released", "cancelled"])),
                name="sharing_recordchange_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("publication__isnull", True),
                        ("released_at__isnull", True),
                        ("released_by__isnull", True),
                    ),
                    models.Q(
                        ("publication__isnull", False),
                        ("released_at__isnull", False),
                        ("released_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="sharing_recordchange_release_all_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released_by__isnull", True),
                    models.Q(("released_by", models.F("prepared_by")), _negated=True),
                    _connector="OR",
                ),
                name="sharing_recordchange_four_eyes",
            ),
        ),
    ]
