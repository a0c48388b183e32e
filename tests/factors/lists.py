"""The list that tests of this app begin from, and small ways to change its document."""

from pathlib import Path
from typing import Any

from factors.domain import model_list
from factors.domain.catalogue import Catalogue

FOLDER = Path(__file__).parents[2] / "factors" / "data" / "zj-qfce-1"


def document() -> dict[str, Any]:
    """The document of ZJ-QFCE version 1, a fresh copy each time."""
    return model_list.document({name: (FOLDER / name).read_bytes() for name in model_list.FILES})


def catalogue() -> Catalogue:
    return Catalogue.from_document(document())


def small(code: str = "HZ-SMALL", *, items: tuple[str, ...] = ("QC-05", "QF-17")) -> dict[str, Any]:
    """A list of a few items under another code, for what does not need ninety."""
    whole = document()
    whole["code"] = code
    whole["items"] = [item for item in whole["items"] if item["code"] in items]
    whole["rules"], whole["report_rules"] = [], []
    return whole


def item(of: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in of["items"] if entry["code"] == code)
    return found
