"""Every record that is published fits the JSON Schema of its list version."""

from pathlib import Path

import jsonschema
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factors.domain.record_schema import record_schema
from factors.selectors import factor_lists
from qfce.kernel.tenancy.context import acting_as
from sharing.models import Enterprise, FactorChange, FactorProfile, Publication

FILE = Path(__file__).parents[1] / "vectors" / "imports" / "hangzhou-2026-batch-1.xlsx"
IDENTITY = ("name", "region", "industry", "size", "established_on", "registered_capital")


@pytest.fixture
def published(zj_list, api, universe, run_tasks):
    """The file of the demonstration, uploaded, checked and released."""
    sent = {
        "file": SimpleUploadedFile(FILE.name, FILE.read_bytes()),
        "factor_list": "ZJ-QFCE",
        "mode": "delta",
    }
    answer = api(universe.shen).post("/api/v1/imports/", sent, multipart=True)
    run_tasks()
    place = f"/api/v1/imports/{answer.json()['id']}/publish/"
    assert api(universe.zheng).post(place).status_code == 202
    run_tasks()
    return universe


def validator(code, version):
    schema = record_schema(factor_lists.catalogue(code, version))
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(schema, format_checker=checker)


def test_every_row_of_the_ledger_fits_the_schema_of_its_version(published):
    with acting_as(published.hangzhou.pk):
        versions = {row.pk: row for row in Publication.objects.all()}
        rows = list(FactorChange.objects.all())
        fits = {
            (each.factor_list, each.list_version): validator(each.factor_list, each.list_version)
            for each in versions.values()
        }
    assert len(rows) > 250
    for row in rows:
        said = {name: value for name, value in row.changes.items() if value is not None}
        identity = {name: said.pop(name) for name in IDENTITY if name in said}
        record = {"uscc": row.uscc, **identity, "values": said, "details": row.details or {}}
        publication = versions[row.publication_id]
        fits[publication.factor_list, publication.list_version].validate(record)


def test_every_profile_fits_the_schema_of_its_version(published):
    with acting_as(published.hangzhou.pk):
        profiles = list(FactorProfile.objects.all())
        known = Enterprise.objects.in_bulk([profile.uscc for profile in profiles])
        check = validator("ZJ-QFCE", 1)
    assert len(profiles) > 250
    for profile in profiles:
        enterprise = known[profile.uscc]
        check.validate(
            {
                "uscc": profile.uscc,
                "name": enterprise.name,
                "region": enterprise.region,
                "values": profile.values,
                "details": profile.details,
            }
        )
