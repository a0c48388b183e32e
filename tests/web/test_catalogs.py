"""The Chinese of the pages: compiled from what is written, and nothing left in English."""

import ast

import pytest
from django.apps import apps
from django.utils.translation import override

from qfce.kernel.errors import Refusal
from qfce.kernel.tenancy.models import TenantOwned
from qfce.kernel.web import catalogs, labels

WITH_WORDS = [app for app in catalogs.APPS if catalogs.po_file(app).exists()]


@pytest.mark.parametrize("app", WITH_WORDS)
def test_what_is_compiled_is_what_is_written(app):
    file = catalogs.po_file(app)
    assert file.with_suffix(".mo").read_bytes() == catalogs.compiled(catalogs.read(file)), (
        "run 'make messages'"
    )


def test_nothing_on_a_page_is_left_in_english():
    assert catalogs.missing() == {}


def test_no_words_have_two_meanings():
    """Catalogs are one to a page: of two that differ the later app's would win everywhere."""
    found: dict[tuple[str, str], set[str]] = {}
    for app in WITH_WORDS:
        for message in filter(lambda each: each.id, catalogs.read(catalogs.po_file(app))):
            said = (message.context or "", str(message.id))
            found.setdefault(said, set()).add(str(message.string))
    assert {said: meant for said, meant in found.items() if len(meant) > 1} == {}


def test_the_audit_trail_speaks_chinese(db):
    known = catalogs.translated()
    actions = {("action", name) for name in _recorded()}
    targets = {("target", model._meta.label_lower) for model in _owned()}
    assert len(actions) > 100
    assert (actions | targets) - known == set()


def test_what_the_platform_does_by_itself_speaks_chinese():
    services = {("service", name) for name in _services()}
    assert len(services) > 10
    assert services - catalogs.translated() == set()


@pytest.mark.parametrize(
    ("name", "channel", "shown"),
    [
        ("evaluation.renewals", "task", "评价更新"),
        ("data quality", "task", "数据质量"),
        ("Lin Wei", "task", "Lin Wei"),
        ("林涛", "task", "林涛"),
        ("risk", "web", "risk"),
        ("", "task", ""),
    ],
)
def test_who_did_it_is_a_person_or_what_the_platform_was_about(name, channel, shown):
    with override("zh-hans"):
        assert labels.who(name, channel) == shown
    with override("en"):
        assert labels.who("evaluation.renewals", "task") == "Renewals"


def test_every_refusal_has_a_chinese_title(db):
    known = {text for context, text in catalogs.translated() if context is None}
    assert {
        kind.title for kind in _kinds(Refusal) if not kind.__module__.startswith("tests.")
    } <= known


def _calls():
    """Yield every call in the source of the apps."""
    for app in catalogs.APPS:
        for file in (catalogs.ROOT / app).rglob("*.py"):
            tree = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            yield from (node for node in tree if isinstance(node, ast.Call))


def _recorded():
    """Yield the names of all events that services record."""
    for call in _calls():
        name = call.args[0] if call.args else None
        if getattr(call.func, "attr", "") == "record" and isinstance(name, ast.Constant):
            yield from (text for text in [str(name.value)] if text.count(".") == 2)


def _services():
    """Yield the names under which the platform acts by itself."""
    for call in _calls():
        name = call.args[1] if len(call.args) > 1 else None
        if getattr(call.func, "id", "") == "service_actor" and isinstance(name, ast.Constant):
            yield name.value


def _owned():
    return [model for model in apps.get_models() if issubclass(model, TenantOwned)]


def _kinds(kind):
    return {kind}.union(*(_kinds(below) for below in kind.__subclasses__()))
