"""The Chinese of the pages: compiled from what is written, and nothing left in English."""

import ast

import pytest
from django.apps import apps

from qfce.kernel.errors import Refusal
from qfce.kernel.tenancy.models import TenantOwned
from qfce.kernel.web import catalogs

WITH_WORDS = [app for app in catalogs.APPS if catalogs.po_file(app).exists()]


@pytest.mark.parametrize("app", WITH_WORDS)
def test_what_is_compiled_is_what_is_written(app):
    file = catalogs.po_file(app)
    assert file.with_suffix(".mo").read_bytes() == catalogs.compiled(catalogs.read(file)), (
        "run 'make messages'"
    )


def test_nothing_on_a_page_is_left_in_english():
    assert catalogs.missing() == {}


def test_the_audit_trail_speaks_chinese(db):
    known = catalogs.translated()
    actions = {("action", name) for name in _recorded()}
    targets = {("target", model._meta.label_lower) for model in _owned()}
    assert len(actions) > 100
    assert (actions | targets) - known == set()


def test_every_refusal_has_a_chinese_title(db):
    known = {text for context, text in catalogs.translated() if context is None}
    assert {
        kind.title for kind in _kinds(Refusal) if not kind.__module__.startswith("tests.")
    } <= known


def _recorded():
    """Yield the names of all events that services record."""
    for app in catalogs.APPS:
        for file in (catalogs.ROOT / app).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "record":
                    first = call.args[0] if call.args else None
                    if isinstance(first, ast.Constant) and str(first.value).count(".") == 2:
                        yield first.value


def _owned():
    return [model for model in apps.get_models() if issubclass(model, TenantOwned)]


def _kinds(kind):
    return {kind}.union(*(_kinds(below) for below in kind.__subclasses__()))
