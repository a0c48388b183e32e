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


RENAMED = {"QF-17": "QF-91", "QM-08": "QM-91", "QC-07": "QC-91"}
GONE = "QC-13"
STEPS: list[dict[str, Any]] = [
    *({"kind": "rename", "item": old, "to": new} for old, new in RENAMED.items()),
    {
        "kind": "map",
        "item": "QC-19",
        "to": "QC-19",
        "table": [{"from": True, "to": "ENROLLED"}, {"from": False, "to": "NOT_ENROLLED"}],
    },
    {
        "kind": "map",
        "item": "QC-05",
        "to": "QC-05",
        "thresholds": [
            {"below": "1", "to": "NEVER"},
            {"below": "3", "to": "SELDOM"},
            {"below": None, "to": "OFTEN"},
        ],
    },
    {"kind": "drop", "item": GONE},
]


def value(code: str, rank: int | None = None) -> dict[str, Any]:
    word = code.replace("_", " ").lower()
    return {"code": code, "label_zh": word, "label_en": word, "rank": rank, "aliases": []}


def second() -> dict[str, Any]:
    """Version 2 of ZJ-QFCE: three items renamed, two retyped, one dropped, and how."""
    whole = document()
    touched = {*RENAMED, GONE, "QC-19", "QC-05"}
    whole["items"] = [entry for entry in whole["items"] if entry["code"] != GONE]
    for old, new in RENAMED.items():
        item(whole, old).update(code=new, suggested_gate=None)
    item(whole, "QC-19").update(
        type="enum",
        suggested_gate=None,
        values=[value("ENROLLED", 1), value("NOT_ENROLLED", 2)],
    )
    item(whole, "QC-05").update(
        type="grade",
        suggested_gate=None,
        values=[value(code, rank) for rank, code in enumerate(("NEVER", "SELDOM", "OFTEN"), 1)],
    )
    for name in ("rules", "report_rules"):
        whole[name] = [rule for rule in whole[name] if not touched & set(_named(rule))]
    for entry in whole["items"]:
        gate = entry["suggested_gate"]
        if gate and touched & set(_items_of(gate["when"])):
            entry["suggested_gate"] = None
    whole["migration"] = {"from_version": 1, "steps": STEPS}
    return whole


def _named(rule: dict[str, Any]) -> list[str]:
    return [*_items_of(rule["when"]), rule["yields"].split(" ")[0], *rule["for_each"]]


def _items_of(condition: Any) -> list[str]:
    """Every text in a condition that may be an item's code."""
    if isinstance(condition, dict):
        return [code for inner in condition.values() for code in _items_of(inner)]
    if isinstance(condition, list | tuple):
        return [code for inner in condition for code in _items_of(inner)]
    return [condition.rstrip(">")] if isinstance(condition, str) else []
