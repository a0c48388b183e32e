"""The Chinese of the pages: compiled from what is written, and nothing left in English."""

import pytest

from qfce.kernel.errors import Refusal
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


def test_every_refusal_has_a_chinese_title(db):
    known = {text for context, text in catalogs.translated() if context is None}
    assert {
        kind.title for kind in _kinds(Refusal) if not kind.__module__.startswith("tests.")
    } <= known


def _kinds(kind):
    return {kind}.union(*(_kinds(below) for below in kind.__subclasses__()))
