"""Sizes, tags, merged codes and doubts of the register, and rules of enterprise lists."""

import django.contrib.postgres.fields
import django.db.models.deletion
import sharing.models.list_criteria
import uuid
from django.conf import settings
from django.db import migrations, models

from pathlib import Path

from qfce.kernel.tenancy.rls import DefinerFunction, ProtectByTenant

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0020_covering_agreements"),
        ("tenancy", "0003_regions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ListCriteria",
            fields=[
                (
                    "list",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="criteria",
                        serialize=False,
                        to="sharing.enterpriselist",
                    ),
                ),
                ("factor_list", models.CharField(max_length=40)),
                ("condition", models.JSONField()),
                (
                    "regions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6),
                        default=sharing.models.list_criteria.nobody,
                        size=None,
                    ),
                ),
                ("saved_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DuplicateCandidate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "first",
                    models.CharField(
                        help_text="The smaller of the two codes.",
                        max_length=18,
                        verbose_name="unified social credit code",
                    ),
                ),
                (
                    "second",
                    models.CharField(max_length=18, verbose_name="unified social credit code"),
                ),
                ("reason", models.CharField(max_length=20)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("dismissed", "dismissed"),
                            ("merged", "merged"),
                        ],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("found_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("note", models.TextField(default="")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "indexes": [
                    models.Index(fields=["owner", "status"], name="sharing_duplicate_queue")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["open", "dismissed", "merged"])),
                        name="sharing_duplicatecandidate_status_known",
                    ),
                    models.UniqueConstraint(
                        fields=("owner", "first", "second"), name="sharing_duplicatecandidate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="sharing_duplicatecandidate_ordered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EnterpriseMerge",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kept",
                    models.CharField(max_length=18, verbose_name="unified social credit code"),
                ),
                (
                    "former",
                    models.CharField(max_length=18, verbose_name="unified social credit code"),
                ),
                ("reason", models.TextField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("released", "released"),
                            ("cancelled", "cancelled"),
                            ("undo_prepared", "undo prepared"),
                            ("undone", "undone"),
                        ],
                        default="prepared",
                        max_length=20,
                    ),
                ),
                ("prepared_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
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
                    "undo_prepared_by",
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
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kept"], name="sharing_enterprisemerge_kept")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["prepared", "released", "cancelled", "undo_prepared", "undone"],
                            )
                        ),
                        name="sharing_enterprisemerge_status_known",
                    ),
                    models.CheckConstraint(
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
                        name="sharing_enterprisemerge_release_all_or_none",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("undo_publication__isnull", True),
                                ("undone_at__isnull", True),
                                ("undone_by__isnull", True),
                            ),
                            models.Q(
                                ("undo_publication__isnull", False),
                                ("undone_at__isnull", False),
                                ("undone_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="sharing_enterprisemerge_undo_all_or_none",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_by__isnull", True),
                            models.Q(("released_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="sharing_enterprisemerge_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("undone_by__isnull", True),
                            models.Q(("undone_by", models.F("undo_prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="sharing_enterprisemerge_undo_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kept", models.F("former")), _negated=True),
                        name="sharing_enterprisemerge_two_codes",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("status__in", ["prepared", "released", "undo_prepared"])
                        ),
                        fields=("former",),
                        name="sharing_enterprisemerge_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EnterpriseSizing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "uscc",
                    models.CharField(max_length=18, verbose_name="unified social credit code"),
                ),
                ("day", models.DateField(help_text="Of the figures: the end of their year.")),
                ("industry", models.CharField(help_text="GB/T 4754-2017.", max_length=10)),
                ("sector", models.CharField(max_length=30)),
                ("employees", models.IntegerField(help_text="Persons.", null=True)),
                (
                    "revenue",
                    models.DecimalField(
                        decimal_places=2, help_text="Yuan.", max_digits=20, null=True
                    ),
                ),
                (
                    "assets",
                    models.DecimalField(
                        decimal_places=2, help_text="Yuan.", max_digits=20, null=True
                    ),
                ),
                ("size", models.CharField(max_length=10)),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sharing.recordchange",
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
                "indexes": [models.Index(fields=["uscc"], name="sharing_enterprisesizing_uscc")],
            },
        ),
        migrations.CreateModel(
            name="EnterpriseTag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "uscc",
                    models.CharField(max_length=18, verbose_name="unified social credit code"),
                ),
                ("kind", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=60)),
                ("set_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["uscc"], name="sharing_enterprisetag_uscc"),
                    models.Index(fields=["kind", "name"], name="sharing_enterprisetag_name"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "uscc", "kind", "name"), name="sharing_enterprisetag_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("factor_list", models.CharField(max_length=40)),
                ("condition", models.JSONField(help_text="As it was when the run was asked for.")),
                (
                    "regions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6),
                        default=sharing.models.list_criteria.nobody,
                        size=None,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("running", "running"),
                            ("ready", "ready"),
                            ("adopted", "adopted"),
                            ("discarded", "discarded"),
                            ("overtaken", "overtaken"),
                        ],
                        default="running",
                        max_length=20,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("matched", models.IntegerField(null=True)),
                (
                    "coming",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=18),
                        default=sharing.models.list_criteria.nobody,
                        size=None,
                    ),
                ),
                (
                    "going",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=18),
                        default=sharing.models.list_criteria.nobody,
                        size=None,
                    ),
                ),
                ("adopted_at", models.DateTimeField(null=True)),
                (
                    "adopted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="sharing.enterpriselist",
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
                "indexes": [models.Index(fields=["list", "asked_at"], name="sharing_listrun_list")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["running", "ready", "adopted", "discarded", "overtaken"],
                            )
                        ),
                        name="sharing_listrun_status_known",
                    )
                ],
            },
        ),
        ProtectByTenant("enterprisesizing"),
        ProtectByTenant("enterprisetag"),
        ProtectByTenant("enterprisemerge"),
        ProtectByTenant("duplicatecandidate"),
        ProtectByTenant("listcriteria"),
        ProtectByTenant("listrun"),
        migrations.RunSQL(
            sql=[
                "SET LOCAL ROLE qfce_definer",
                "DROP FUNCTION qfce_identity()",
                "RESET ROLE",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
        # The code that an enterprise goes by from now on says who it is, as its name does.
        DefinerFunction(
            name="qfce_identity",
            arguments="",
            sql=(SQL / "qfce_identity.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunSQL(
            sql=[
                "SET LOCAL ROLE qfce_definer",
                "REVOKE EXECUTE ON FUNCTION qfce_identity() FROM qfce_app",
                "RESET ROLE",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
