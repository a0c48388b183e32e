"""
Regions (行政区划, GB/T 2260) and their lineage: finding the one that a cell means.

The table is built from rows that are given, so that it holds whatever the platform keeps. A
region that was merged or renamed stays in it, with the last year it was in force and what
replaced it.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

Answer = Literal["found", "superseded", "unknown"]

_CODE = re.compile(r"[0-9]{6}")
_LABEL = re.compile(r"([0-9]{6})\s*(\D.*)")
"""A code with its name, as a region is shown and suggested."""
_BETWEEN = re.compile(r"[\s\-/\\,;>·.、|_]+")
_CANDIDATES_SHOWN = 5
_LIKENESS, _LIKENESS_OF_CODES = 0.6, 0.8
_GUESSED_AT = 200
"""For so many unknown texts of a column is said what may be meant: in files whose every row holds
an address of its own each guess would cost, and nobody mends them one by one."""


@dataclass(frozen=True, slots=True)
class Region:
    """One region; `valid_to` is empty while it is in force."""

    code: str
    name_zh: str
    level: str
    parent: str
    valid_to: str
    replaced_by: tuple[str, ...]

    @property
    def is_live(self) -> bool:
        return not self.valid_to


@dataclass(frozen=True, slots=True)
class Resolution:
    """
    What a text about a region comes to.

    `code` is the region to store, the first successor for a superseded one, and empty for an
    unknown one. `candidates` are all successors, or regions that may have been meant.
    """

    answer: Answer
    code: str
    candidates: tuple[str, ...] = ()


class RegionTable:
    """All regions, live and superseded, by code and by name."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """
        Build the table from rows with code, name_zh, level, parent, valid_to, replaced_by.

        `replaced_by` is a list of codes, or codes with `|` between them; `parent` may also be
        called `parent_code`, as the published table does.
        """
        self._regions = {region.code: region for region in map(_region, rows)}
        self._named: dict[str, list[str]] = {}
        for region in self._regions.values():
            for path in self._paths(region):
                self._named.setdefault(path, []).append(region.code)

    def get(self, code: str) -> Region | None:
        return self._regions.get(code)

    def label(self, code: str) -> str:
        """Return the code with its full name, as people recognize it: 330113 浙江省杭州市临平区."""
        return f"{code} {self.full_name(code)}".strip()

    def full_name(self, code: str) -> str:
        """Return the names from the province down; empty for a code that is not in the table."""
        names: list[str] = []
        region = self._regions.get(code)
        while region is not None and len(names) < 3:
            names.insert(0, region.name_zh)
            region = self._regions.get(region.parent)
        return "".join(names)

    def successors(self, code: str) -> tuple[str, ...]:
        """Return the live regions that took a region's place, in order; itself if it is live."""
        found: list[str] = []
        waiting, seen = [code], set()
        while waiting:
            region = self._regions.get(waiting.pop(0))
            if region is None or region.code in seen:
                continue
            seen.add(region.code)
            if region.is_live:
                found.append(region.code)
            else:
                waiting = [*region.replaced_by, *waiting]
        return tuple(found)

    def resolve_all(self, texts: Iterable[str], *, low: str, high: str) -> list[Resolution]:
        """
        Resolve distinct regular texts: codes of six figures or Chinese names.

        A name is looked for inside the jurisdiction `low`..`high` first, and live regions
        before superseded ones; a name that then means several regions is unknown.
        """
        guess = _Guesses(self._regions, low, high)
        return [self._resolve(text, low, high) or guess(text) for text in texts]

    def _resolve(self, text: str, low: str, high: str) -> Resolution | None:
        """Return what a text comes to; None for a code or name that is not in the table."""
        if _CODE.fullmatch(text):
            return self._settle([text]) if text in self._regions else None
        if (labelled := _LABEL.fullmatch(text)) is not None:
            code, name = labelled[1], _BETWEEN.sub("", labelled[2])
            return self._settle([code]) if code in self._named.get(name, ()) else None
        matches = self._named.get(_BETWEEN.sub("", text), [])
        for inside in (True, False):
            for live in (True, False):
                chosen = [
                    code
                    for code in matches
                    if (low <= code <= high) == inside and self._regions[code].is_live == live
                ]
                if chosen:
                    return self._settle(chosen)
        return None

    def _settle(self, codes: list[str]) -> Resolution:
        successors = {code: self.successors(code) for code in codes}
        meant = {found for found in successors.values() if found}
        if len(codes) > 1 and len(meant) != 1:
            return Resolution("unknown", "", tuple(codes[:_CANDIDATES_SHOWN]))
        if not meant:
            return Resolution("unknown", "")
        found = meant.pop()
        if self._regions[codes[0]].is_live:
            return Resolution("found", found[0])
        return Resolution("superseded", found[0], found)

    def _paths(self, region: Region) -> set[str]:
        """Return every way a region is written: alone, with its city, province, or both."""
        above: list[str] = []
        parent = self._regions.get(region.parent)
        while parent is not None and len(above) < 3:
            above.insert(0, parent.name_zh)
            parent = self._regions.get(parent.parent)
        paths = {region.name_zh}
        for start in range(len(above)):
            paths.add("".join(above[start:]) + region.name_zh)
            paths.add(above[start] + region.name_zh)
        if above:  # 北京市市辖区东城区 and the like
            paths.add(above[0] + "市辖区" + region.name_zh)
        return {_BETWEEN.sub("", path) for path in paths}


def _region(row: Mapping[str, Any]) -> Region:
    replaced = row.get("replaced_by") or ()
    codes = replaced.split("|") if isinstance(replaced, str) else replaced
    parent = row.get("parent", row.get("parent_code"))
    return Region(
        code=str(row["code"]),
        name_zh=str(row["name_zh"]),
        level=str(row["level"]),
        parent=str(parent or ""),
        valid_to=str(row.get("valid_to") or ""),
        replaced_by=tuple(str(code) for code in codes if code),
    )


class _Guesses:
    """Finds the live regions of a jurisdiction that an unknown text may mean; each time costs."""

    def __init__(self, regions: Mapping[str, Region], low: str, high: str) -> None:
        self._inside = {
            code: (region.name_zh, region.name_zh.rstrip("省市区县"))
            for code, region in regions.items()
            if low <= code <= high and region.is_live
        }
        self._left = _GUESSED_AT

    def __call__(self, text: str) -> Resolution:
        if not text or self._left <= 0:
            return Resolution("unknown", "")
        self._left -= 1
        if _CODE.fullmatch(text):
            near = difflib.get_close_matches(text, self._like(text), 3, _LIKENESS_OF_CODES)
            return Resolution("unknown", "", tuple(near))
        name = _BETWEEN.sub("", text)
        meant = (code for code, names in self._inside.items() if _resembles(*names, name))
        return Resolution("unknown", "", tuple(islice(meant, _CANDIDATES_SHOWN)) if name else ())

    def _like(self, code: str) -> list[str]:
        """Return codes that share enough figures to be near, since to compare all takes long."""
        figures = set(code)
        return [known for known in self._inside if len(set(known) - figures) <= 1]


def _resembles(name: str, stem: str, typed: str) -> bool:
    """Say whether a region may have been meant: 临平 for 临平区, or one character off."""
    if len(stem) > 1 and stem in typed:
        return True
    end = typed[-len(name) :]
    shared = sum(character in end for character in name)
    if 2 * shared < _LIKENESS * (len(name) + len(end)):  # so near they cannot be
        return False
    return difflib.SequenceMatcher(None, name, end).ratio() >= _LIKENESS
