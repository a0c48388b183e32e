"""The flat table that django-import-export imports into, and its two set-ups."""

from typing import Any

import psycopg

from benchmarks.import_file import ITEMS

TABLE = "bench_peer"
FIELDS = {
    "uscc": "统一社会信用代码",
    "name": "企业名称",
    "region": "行政区划代码",
    **{item.lower().replace("-", "_"): item for item in ITEMS},
}


def create(url: str) -> None:
    columns = ", ".join(f"{name} text NOT NULL" for name in list(FIELDS)[1:])
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE TABLE {TABLE} (uscc varchar(18) PRIMARY KEY, {columns})")
        server.execute(f"GRANT ALL ON {TABLE} TO PUBLIC")


def empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"TRUNCATE {TABLE}")


def usual_resource() -> Any:
    """Return bulk writing with unchanged rows skipped, as its documentation sets it up."""
    return _resource(batch_size=1000)


def best_resource() -> Any:
    """Return the same with one query for all instances of the file, and no report of skipped."""
    from import_export.instance_loaders import CachedInstanceLoader

    return _resource(
        batch_size=1000, instance_loader_class=CachedInstanceLoader, report_skipped=False
    )


def _resource(**options: Any) -> Any:
    from import_export import fields, resources

    model = _model()
    meta = {
        "model": model,
        "import_id_fields": ("uscc",),
        "use_bulk": True,
        "skip_unchanged": True,
        "skip_diff": True,
        "skip_html_diff": True,
        **options,
    }
    known = {
        name: fields.Field(attribute=name, column_name=column) for name, column in FIELDS.items()
    }
    made = type(
        "PeerResource", (resources.ModelResource,), {**known, "Meta": type("Meta", (), meta)}
    )
    return made()


def _model() -> Any:
    from django.apps import apps
    from django.db import models

    if "benchpeer" in apps.all_models.get("sharing", {}):
        return apps.get_model("sharing", "benchpeer")
    columns: dict[str, Any] = {name: models.TextField() for name in list(FIELDS)[1:]}
    columns["uscc"] = models.CharField(max_length=18, primary_key=True)
    meta = type("Meta", (), {"app_label": "sharing", "db_table": TABLE, "managed": False})
    return type("BenchPeer", (models.Model,), {**columns, "Meta": meta, "__module__": __name__})
