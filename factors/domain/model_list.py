"""
Building version 1 of the list of Zhejiang, `ZJ-QFCE`, from the tables that describe it.

The tables (CSV and JSON, UTF-8) are what people review and correct, each in one matter:
items, bounds, values, explanations, terms and rules. This is the only place that joins them.
"""

import csv
import io
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Row = Mapping[str, str]
Tables = Mapping[str, bytes]

FILES = (
    "list.json",
    "items.csv",
    "bounds.csv",
    "values.csv",
    "explanations.csv",
    "publication.csv",
    "evidences.csv",
    "citations.csv",
    "owners.csv",
    "terms.csv",
    "rules.json",
)
NOT_PUBLISHED = dict.fromkeys(("publication_zh", "publication_en", "repair_zh", "repair_en"), "")
"""Of an item for which no rule of publication or repair is recorded."""


def document(tables: Tables) -> dict[str, Any]:
    """
    Return the document of the list, in the form that `Catalogue.from_document` reads.

    `tables` maps each name of `FILES` to the bytes of that file.

    :raises KeyError: if a table lacks an item or a term that another one names.
    """
    head = json.loads(tables["list.json"])
    bounds = {row["code"]: row for row in _rows(tables, "bounds.csv")}
    explanations = {row["code"]: row for row in _rows(tables, "explanations.csv")}
    terms = {(row["column"], row["en"]): row["zh"] for row in _rows(tables, "terms.csv")}
    values = _values(_rows(tables, "values.csv"))
    evidences = _of_items(_rows(tables, "evidences.csv"))
    citations = _of_items(_rows(tables, "citations.csv"))
    published = _of_items(_rows(tables, "publication.csv"))
    owners = {row["level"]: row for row in _rows(tables, "owners.csv")}
    rules = json.loads(tables["rules.json"])
    return {
        **head,
        "effective_from": None,
        "items": [
            {
                **_identity(row, terms),
                **_sharing(row),
                **_bounds(bounds[row["code"]]),
                **explanations[row["code"]],
                **published.get(row["code"], [NOT_PUBLISHED])[0],
                "evidences": [_evidence(each) for each in evidences[row["code"]]],
                "citations": [_citation(each) for each in citations[row["code"]]],
                "owners": [_owner(level, row, owners, terms) for level in _levels(row)],
                "values": values.get(row["code"], []),
            }
            for row in _rows(tables, "items.csv")
        ],
        "rules": [rule for rule in rules if rule["severity"] != "report"],
        "report_rules": [rule for rule in rules if rule["severity"] == "report"],
    }


def _rows(tables: Tables, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(tables[name].decode("utf-8"), newline="")))


def _identity(row: Row, terms: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    plain = ("code", "category", "extension", "core_item", "kind", "type", "polarity")
    named = ("name_zh", "name_en", "update_frequency", "collected_by_level")
    termed = ("issuing_authority", "source_system")
    return {
        **{name: row[name] for name in plain + named},
        "former_names": _split(row["former_names"]),
        **{f"{name}_en": row[f"{name}_en"] for name in termed},
        **{f"{name}_zh": terms[name, row[f"{name}_en"]] for name in termed},
        "source_order": _levels(row),
    }


def _levels(row: Row) -> list[str]:
    return _split(row["source_order"])


def _owner(
    level: str, row: Row, owners: Mapping[str, Row], terms: Mapping[tuple[str, str], str]
) -> dict[str, str]:
    """Whoever keeps a register answers for what it says; below it, the bureau of each level."""
    if level in owners:
        return dict(owners[level])
    keeper = row["issuing_authority_en"]
    zh = terms["issuing_authority", keeper]
    return {"level": level, "agency_zh": zh, "agency_en": keeper}


def _evidence(row: Row) -> dict[str, Any]:
    return {**row, "required": row["required"] == "yes"}


def _citation(row: Row) -> dict[str, Any]:
    return {**row, "dated": row["dated"] or None}


def _of_items(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Return the rows of each item, without the item's code."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        found.setdefault(row.pop("item"), []).append(row)
    return found


def _sharing(row: Row) -> dict[str, Any]:
    return {
        "sensitivity": row["sensitivity"],
        "consent_required": row["consent_required"] == "yes",
        "consent_when_zh": row["consent_when_zh"],
        "consent_when": row["consent_when"],
        "bank_default": row["bank_default"],
        "in_workbook": row["in_workbook"] == "yes",
        "implausible_jump": row["implausible_jump"] == "yes",
    }


def _bounds(row: Row) -> dict[str, Any]:
    return {
        "unit_zh": row["unit_zh"],
        "unit_en": row["unit_en"],
        "unit_factor": row["unit_factor"],
        "minimum": row["minimum"] or None,
        "maximum": row["maximum"] or None,
        "no_future": row["no_future"] == "yes",
        "decimals": int(row["decimals"]),
        "max_length": int(row["max_length"]),
        "validity_kind": row["validity_kind"],
        "validity_months": int(row["validity_months"]) if row["validity_months"] else None,
        "max_age_days": int(row["max_age_days"]),
        "empty_means": row["empty_means"],
        "allows_not_applicable": row["allows_not_applicable"] == "yes",
        "suggested_gate": _gate(row),
    }


def _gate(row: Row) -> dict[str, Any] | None:
    if not row["gate_outcome"]:
        return None
    when: dict[str, Any] = {"item": row["code"]}
    if row["gate_in"]:
        when["in"] = _split(row["gate_in"])
    for word in ("at_least", "below"):
        if row[f"gate_{word}"]:
            when[word] = int(Decimal(row[f"gate_{word}"]))
    return {"outcome": row["gate_outcome"], "when": when}


def _values(rows: list[dict[str, str]]) -> dict[str, list[dict[str, Any]]]:
    values: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        values.setdefault(row["item"], []).append(
            {
                "code": row["value"],
                "label_zh": row["label_zh"],
                "label_en": row["label_en"],
                "rank": int(row["rank"]) if row["rank"] else None,
                "aliases": _split(row["aliases"]),
            }
        )
    return values


def _split(joined: str) -> list[str]:
    return joined.split("|") if joined else []
