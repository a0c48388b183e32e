import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from qfce.kernel.tenancy.rls import AppendOnly, ProtectByTenant


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0015_collection_rounds"),
        ("tenancy", "0003_regions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="cells_corrected",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="checked_to",
            field=models.BigIntegerField(
                default=0,
                help_text="The newest correction that the last check of the whole file had.",
            ),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="corrected_to",
            field=models.BigIntegerField(default=0, help_text="The newest correction."),
        ),
        migrations.CreateModel(
            name="FileUpload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("file_name", models.CharField(max_length=255)),
                ("file_size", models.BigIntegerField(help_text="Bytes.")),
                (
                    "received",
                    models.BigIntegerField(default=0, help_text="Bytes that have arrived."),
                ),
                (
                    "sha256",
                    models.CharField(default="", help_text="Of the whole file.", max_length=64),
                ),
                ("begun_at", models.DateTimeField()),
                (
                    "begun_by",
                    models.ForeignKey(
                        db_index=False,
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
                "indexes": [models.Index(fields=["begun_at"], name="sharing_fileupload_begun")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received__gte", 0), ("received__lte", models.F("file_size"))
                        ),
                        name="sharing_fileupload_within",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportCorrection",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row", models.IntegerField()),
                ("place", models.IntegerField()),
                ("column", models.TextField()),
                ("was", models.TextField()),
                ("became", models.TextField()),
                (
                    "way",
                    models.CharField(
                        help_text="typed, suggestion, alike, workbook, row", max_length=12
                    ),
                ),
                ("corrected_at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="sharing.importbatch",
                    ),
                ),
                (
                    "corrected_by",
                    models.ForeignKey(
                        db_index=False,
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
                    models.Index(
                        fields=["batch", "row", "place", "id"], name="sharing_importcorrection_cell"
                    )
                ],
            },
        ),
        ProtectByTenant("importcorrection"),
        AppendOnly("importcorrection"),
        ProtectByTenant("fileupload"),
    ]
