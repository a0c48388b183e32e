"""The example scorecard, the list it binds, and facts in the shape of its vectors."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from evaluation.domain import vectors as vectors_module
from evaluation.domain.facts import Facts
from evaluation.domain.scorecard_documents import from_document
from evaluation.domain.scorecards import Scorecard
from factors.domain import model_list
from factors.domain.catalogue import Catalogue

ROOT = Path(__file__).resolve().parents[2]
ON = date(2026, 11, 23)
HERO = "91330113ALN0KXMQ6E"


def document() -> dict[str, Any]:
    """The document afresh, so that a test may spoil its own."""
    path = ROOT / "qfce/demo/data/demo_scorecard.json"
    return json.loads(path.read_text(encoding="utf-8"))


def vectors() -> list[dict[str, Any]]:
    return document()["vectors"]


def vector(name: str) -> dict[str, Any]:
    return next(each for each in vectors() if each["name"] == name)


@cache
def catalogue() -> Catalogue:
    folder = ROOT / "factors/data/zj-qfce-1"
    tables = {name: (folder / name).read_bytes() for name in model_list.FILES}
    return Catalogue.from_document(model_list.document(tables))


@cache
def card() -> Scorecard:
    return from_document(document())


def facts_of(record: dict[str, Any]) -> Facts:
    """What a bank would see of a vector's record: every value visible and in force."""
    return vectors_module.facts_of(record, catalogue())
