"""What the rules of imports say about a file that was made by chance."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from factors.domain.catalogue import Item
from tests.sharing import generated_rules as rules
from tests.sharing.faulty import catalogue
from tests.sharing.generated_cells import Typed


@dataclass
class Planned:
    """A column: its field, its header, and from what is stated in it to what is stored."""

    key: str
    header: str
    factor: Decimal = Decimal(1)
    mismatch: bool = False
    fractions: bool = False

    @property
    def item(self) -> Item | None:
        return catalogue().items.get(self.key.partition("|")[0])

    @property
    def part(self) -> str:
        return self.key.partition("|")[2]


@dataclass
class Expected:
    """What must come out: findings by (row, column, code), rows kept out, values let in."""

    findings: Counter[tuple[int | None, str | None, str]] = field(default_factory=Counter)
    invalid: set[int] = field(default_factory=set)
    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    cleared: dict[int, set[str]] = field(default_factory=dict)
    total: int = 0


class Book:
    """Keeps the book of a file while it is made."""

    columns: list[Planned]
    header_row: int
    expected: Expected
    known: dict[str, dict[str, str]]
    consented: dict[str, set[str]]
    pending: set[str]

    def _check(self, typed_rows: list[tuple[int, dict[str, Typed]]]) -> None:
        seen: set[str] = set()
        outcomes: list[tuple[int, dict[str, Typed], dict[str, str]]] = []
        for number, row in typed_rows:
            outcomes.append((number, row, self._row(number, row, seen)))
        self.expected.total = len(typed_rows)
        for number, row, states in outcomes:
            if "wrong" in states.values():
                self.expected.invalid.add(number)
            else:
                given = {k for k, state in states.items() if state == "given"}
                self.expected.rows[number] = {
                    key: typed.stored
                    for key, typed in row.items()
                    if key in given and typed.stored is not None
                }
                gone = {k for k, state in states.items() if state == "cleared"}
                self.expected.cleared[number] = gone
        self._columns_as_wholes(outcomes)

    def _add(self, number: int | None, column: str | None, found: str) -> None:
        self.expected.findings[number, column, found] += 1

    def _row(self, number: int, row: dict[str, Typed], seen: set[str]) -> dict[str, str]:
        """Note what is found in a row, and return the states of its cells."""
        heads = {column.key: column.header.strip() for column in self.columns}
        states = {key: typed.state for key, typed in row.items()}
        uscc = row["uscc"].stored
        facts = self.known.get(uscc or "", {})
        for column in self.columns:
            typed, key = row[column.key], column.key
            if column.mismatch and typed.state != "empty":
                states[key] = "wrong"
            for found in typed.found - (set() if not column.mismatch else typed.found):
                self._add(number, heads[key], found)
            if column.mismatch and "formula_text" in typed.found:
                self._add(number, heads[key], "formula_text")
            if key in ("name", "region") and typed.state == "empty" and "name" not in facts:
                self._add(number, heads[key], "required")
                states[key] = "wrong"
        if uscc is not None:
            self._about_the_code(number, row, states, uscc, seen, heads)
        self._beside_one_another(number, row, states, heads)
        if states["uscc"] == "wrong":  # a repeated code: whose row this is nobody knows
            facts = {}
        self._beside_the_store(number, row, states, facts, heads)
        said = {key: typed.stored for key, typed in row.items()}
        stored = {k: v for k, v in facts.items() if k != "name" and "|" not in k}
        for key, found in rules.apply(catalogue(), said, states, stored, set(row)):
            self._add(number, heads[key], found)
        return states

    def _about_the_code(
        self,
        number: int,
        row: dict[str, Typed],
        states: dict[str, str],
        uscc: str,
        seen: set[str],
        heads: dict[str, str],
    ) -> None:
        if uscc in self.pending:
            self._add(number, heads["uscc"], "pending_elsewhere")
        name = row["name"].stored
        named = uscc in self.known and name is not None and states["name"] == "given"
        if named and name_key(self.known[uscc]["name"]) != name_key(str(name)):
            self._add(number, heads["name"], "name_mismatch")
        if uscc in seen:
            self._add(number, heads["uscc"], "duplicate_uscc")
            states["uscc"] = "wrong"
        seen.add(uscc)

    def _beside_one_another(
        self, number: int, row: dict[str, Typed], states: dict[str, str], heads: dict[str, str]
    ) -> None:
        for column in self.columns:
            if column.item is None or column.part:
                continue
            start, end = f"{column.key}|valid_from", f"{column.key}|valid_to"
            both = start in row and end in row and states[start] == states[end] == "given"
            if both and str(row[end].stored) < str(row[start].stored):
                self._add(number, heads[end], "validity_reversed")
                states[end] = "wrong"
            proof = f"{column.key}|evidence"
            bare = proof in row and states[proof] == "empty" and states[column.key] == "given"
            if bare and row[column.key].stored != "not_applicable":
                self._add(number, heads[proof], "evidence_missing")

    def _beside_the_store(
        self,
        number: int,
        row: dict[str, Typed],
        states: dict[str, str],
        facts: dict[str, str],
        heads: dict[str, str],
    ) -> None:
        for column in self.columns:
            item, key = column.item, column.key
            if item is None or column.part or states[key] != "given" or key not in facts:
                continue
            order = [str(source) for source in item.source_order]
            held, sender, ours = facts[key], facts[f"{key}|source"], row[key].stored
            assert ours is not None
            if order.index(sender) < order.index("city") and held != ours:
                self._add(number, heads[key], "not_owner")
                states[key] = "empty"
            elif item.implausible_jump and _is_jump(item, held, ours):
                self._add(number, heads[key], "implausible")

    def _columns_as_wholes(
        self, outcomes: list[tuple[int, dict[str, Typed], dict[str, str]]]
    ) -> None:
        for column in self.columns:
            item, key, head = column.item, column.key, column.header.strip()
            if item is None or column.part:
                continue
            if column.mismatch:
                self._add(self.header_row, head, "unit_mismatch")
                continue
            figures = [row[key] for _, row, _ in outcomes]
            if item.unit_en == "%" and looks_like_fractions(figures):
                self._add(self.header_row, head, "percent_scale")
            if item.consent_required:
                lacking = {
                    row["uscc"].stored
                    for number, row, states in outcomes
                    if number in self.expected.rows and states[key] == "given"
                } - self.consented.get(key, set())
                if lacking:
                    self._add(self.header_row, head, "consent_missing")


def _is_jump(item: Item, held: str, ours: str) -> bool:
    """A count that falls to nothing, or a figure more than ten times another."""
    if "not_applicable" in (held, ours):
        return False
    old, new = Decimal(held), Decimal(ours)
    if old <= 0:
        return False
    if str(item.type) == "count":
        if new == 0:
            return True
        old, new = max(old, Decimal(10)), max(new, Decimal(10))
    return new > 10 * old or old > 10 * new


def looks_like_fractions(cells: Iterable[Typed]) -> bool:
    """Whether all figures without a sign lie within 0 and 1; zeros beside signs say nothing."""
    given = [c for c in cells if c.state == "given" and c.stored != "not_applicable"]
    bare = [Decimal(str(c.stored)) for c in given if not name_key(str(c.cell)).endswith("%")]
    if not bare or min(bare) < 0 or max(bare) > 1:
        return False
    return max(bare) > 0 or len(bare) == len(given)


def name_key(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).lower().split())
