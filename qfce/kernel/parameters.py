"""Numbers that policy sets: dated, with unit and source, kept as TOML beside the code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """Values by the day from which each is in force, oldest first."""

    name: str
    description: str
    unit: str
    source: str
    values: Mapping[date, Mapping[str, Any]]

    def on(self, day: date) -> Mapping[str, Any]:
        """
        Return what is in force on a day, so that the past is always judged by its own rules.

        :raises LookupError: if the day is before the first value.
        """
        in_force = [start for start in self.values if start <= day]
        if not in_force:
            raise LookupError(
                f"{self.name} has no value for {day}; the first is from {min(self.values)}."
            )
        return self.values[max(in_force)]


def load(path: Path) -> Parameter:
    """
    Read one parameter file: description, unit, source, and `[[values]]` each with `from`.

    :raises ValueError: if a citation, a unit or a first value is missing.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    missing = [key for key in ("description", "unit", "source", "values") if not document.get(key)]
    if missing:
        raise ValueError(f"{path.name} lacks {', '.join(missing)}.")
    values = {
        entry["from"]: {name: value for name, value in entry.items() if name != "from"}
        for entry in sorted(document["values"], key=lambda entry: entry["from"])
    }
    return Parameter(
        path.stem, document["description"], document["unit"], document["source"], values
    )
