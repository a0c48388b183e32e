"""Load the region codes and their lineage; running it again changes nothing."""

import csv
from pathlib import Path
from typing import Any

from django.db import migrations

SOURCE = Path(__file__).resolve().parent.parent / "regions.csv"


def load(apps: Any, schema_editor: Any) -> None:
    region = apps.get_model("tenancy", "Region")
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = [
            region(
                code=line["code"],
                name_zh=line["name_zh"],
                name_en=line["name_en"],
                level=line["level"],
                parent_id=line["parent_code"] or None,
                valid_to=int(line["valid_to"]) if line["valid_to"] else None,
                replaced_by=[code for code in line["replaced_by"].split("|") if code],
            )
            for line in csv.DictReader(file)
        ]
    region.objects.using(schema_editor.connection.alias).bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_bound_organization")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
