"""
Files of the long layout made by chance, one record a row, with what the rules say about them.

An enterprise has several rows: none of them is a duplicate. An item that cross rules look at
has one record an enterprise; others may have two that both hold, of which either may be stored.
"""

from collections.abc import Iterable
from random import Random

from tests.sharing import generated_cells as cells
from tests.sharing import generated_rules as rules
from tests.sharing import generated_shape as shape
from tests.sharing.faulty import MORE_FORMATS, ListFile, catalogue
from tests.sharing.generated import NAMES, RULED, Generated, Maker
from tests.sharing.generated_book import Expected, Planned, looks_like_fractions, name_key
from tests.sharing.generated_cells import Typed

ITEM_HEADS = ("信息项", "信息项代码", "item", "Item code")
VALUE_HEADS = ("取值", "值", "value")
PARTS = {
    "valid_from": ("有效期自", "valid from"),
    "valid_to": ("有效期至", "valid to"),
    "evidence": ("证据", "evidence"),
}
IDENTITY = ("uscc", "name", "region")


class LongMaker(Maker):
    """Makes one file of records, and keeps the book of it enterprise by enterprise."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = Random(seed)
        self.format = rng.choice(MORE_FORMATS)
        self.workbook = self.format in cells.WORKBOOKS
        self.expected = Expected()
        self.above, self.money_unit = [], ""
        self._things_above()
        self.money_unit, self.above = "", [line for line in self.above if len(line) < 3]
        self.header_row = len(self.above) + 1
        self.first_row = self.header_row + 1
        self.known, self.consented, self.pending = {}, {}, set()
        self.entered: dict[str, dict[str, set[str | None]]] = {}
        self.parts = [part for part in PARTS if rng.random() < 0.7]
        self.heads = {key: rng.choice(NAMES[key]) for key in IDENTITY}
        self.heads |= {part: rng.choice(PARTS[part]) for part in self.parts}
        self.heads |= {"item": rng.choice(ITEM_HEADS), "value": rng.choice(VALUE_HEADS)}
        self.columns = [Planned(key, self.heads[key]) for key in IDENTITY]

    def make(self) -> Generated:
        rng = self.rng
        items = rng.sample(RULED, 6) + rng.sample(sorted(catalogue().items), 5)
        items = list(dict.fromkeys(items))
        self.ruled = {leaf for leaf in items if leaf in _looked_at()}
        self.columns += [Planned(item, "", catalogue().items[item].unit_factor) for item in items]
        typed: list[tuple[str | None, str | None, dict[str, Typed]]] = []
        for number in range(1, rng.randrange(4, 12)):
            typed += self._records(number, items)
        if rng.random() < 0.6:
            rng.shuffle(typed)
        order = [*IDENTITY, "item", "value", *self.parts]
        rng.shuffle(order)
        file = ListFile([self.heads[key] for key in order], [], above=self.above)
        file.left = rng.choice([0, 0, 2])
        rows: list[tuple[int, str | None, dict[str, Typed]]] = []
        for _owner, item, row in typed:
            if rng.random() < 0.05:
                file.rows.append([])
            file.rows.append([row[key].cell for key in order])
            rows.append((self.header_row + len(file.rows), item, row))
        self._surround(rows)
        self._judge(rows)
        if rng.random() < 0.4:
            file.below += [[], ["填报说明"]]
            self._add(self.header_row + len(file.rows) + 2, None, "ignored_row")
        around = {
            "register": self._register(), "pending": self.pending, "consents": self.consented,
        }  # fmt: skip
        return Generated(shape.dialect(rng, file), self.format, self.expected, around)

    def _records(
        self, number: int, items: list[str]
    ) -> Iterable[tuple[str | None, str | None, dict[str, Typed]]]:
        rng = self.rng
        identity = {key: self._identity(Planned(key, ""), number) for key in IDENTITY}
        for item in rng.sample(items, rng.randrange(1, len(items))):
            for _ in range(1 if item in self.ruled else rng.choice([1, 1, 2])):
                yield identity["uscc"].stored, item, {**identity, **self._record(item)}

    def _record(self, code_: str) -> dict[str, Typed]:
        rng = self.rng
        item = catalogue().items[code_]
        if rng.random() < 0.05:
            name = wrong_item(rng)
        else:
            written = rng.choice([code_, item.name_zh, item.name_en, f"{code_} {item.name_zh}"])
            name = Typed(cells.dressed(rng, written), code_)
        planned = Planned(code_, "", item.unit_factor)
        row = {"item": name, "value": self.cell(planned, 0)}
        for part in self.parts:
            row[part] = self.cell(Planned(f"{code_}|{part}", ""), 0)
        return row

    def _surround(self, rows: list[tuple[int, str | None, dict[str, Typed]]]) -> None:
        self._surroundings([(number, row) for number, _item, row in rows])
        for facts in self.known.values():  # what is stored is tried in the wide layout
            for key in [key for key in facts if key != "name"]:
                del facts[key]

    def _judge(self, rows: list[tuple[int, str | None, dict[str, Typed]]]) -> None:
        """Note what is found row by row, then enterprise by enterprise."""
        self.expected.total = len(rows)
        states = {number: self._states(number, row) for number, _item, row in rows}
        out = {number for number, found in states.items() if "wrong" in found.values()}
        by_code: dict[str, list[tuple[int, str, dict[str, Typed]]]] = {}
        for number, item, row in rows:
            uscc = row["uscc"].stored
            if uscc is not None and row["item"].state == "given":
                by_code.setdefault(uscc, []).append((number, str(item), row))
        for records in by_code.values():
            out |= self._across(records, states)
        self.expected.invalid = out
        for uscc, records in by_code.items():
            kept = [record for record in records if record[0] not in out]
            self._enter(uscc, kept, states)
        self._as_wholes(rows, states, by_code)

    def _states(self, number: int, row: dict[str, Typed]) -> dict[str, str]:
        states = {key: typed.state for key, typed in row.items()}
        facts = self.known.get(row["uscc"].stored or "", {})
        named = row["item"].state == "given"
        for key, typed in row.items():
            if key in (*IDENTITY, "item") or named:
                for found in typed.found:
                    self._add(number, self.heads[key], found)
            else:
                states[key] = "empty"
        for key in ("name", "region"):
            if states[key] == "empty" and not facts:
                self._add(number, self.heads[key], "required")
                states[key] = "wrong"
        uscc, name = row["uscc"].stored, row["name"].stored
        if uscc in self.pending:
            self._add(number, self.heads["uscc"], "pending_elsewhere")
        compared = facts and name is not None and states["name"] == "given"
        if compared and name_key(facts["name"]) != name_key(str(name)):
            self._add(number, self.heads["name"], "name_mismatch")
        if named:
            self._companions(number, row, states)
        return states

    def _companions(self, number: int, row: dict[str, Typed], states: dict[str, str]) -> None:
        both = states.get("valid_from") == states.get("valid_to") == "given"
        if both and str(row["valid_to"].stored) < str(row["valid_from"].stored):
            self._add(number, self.heads["valid_to"], "validity_reversed")
            states["valid_to"] = "wrong"
        bare = states.get("evidence") == "empty" and states["value"] == "given"
        if bare and row["value"].stored != "not_applicable":
            self._add(number, self.heads["evidence"], "evidence_missing")

    def _across(
        self,
        records: list[tuple[int, str, dict[str, Typed]]],
        states: dict[int, dict[str, str]],
    ) -> set[int]:
        """Apply the cross rules to an enterprise; return the records with a cell in conflict."""
        said: dict[str, str | None] = {"uscc": records[0][2]["uscc"].stored}
        known = {"uscc": "given"}
        where: dict[str, tuple[int, str]] = {}
        for number, item, row in records:
            if item not in self.ruled:
                continue
            for part in ("value", *self.parts):
                key = item if part == "value" else f"{item}|{part}"
                said[key], known[key] = row[part].stored, states[number][part]
                where[key] = (number, part)
        wrong: set[int] = set()
        for key, found in rules.apply(catalogue(), said, known, {}, set(said)):
            number, part = where[key]
            self._add(number, self.heads[part], found)
            if found == "conflict":
                wrong.add(number)
        return wrong

    def _enter(
        self,
        uscc: str,
        kept: list[tuple[int, str, dict[str, Typed]]],
        states: dict[int, dict[str, str]],
    ) -> None:
        if not kept:
            return
        values: dict[str, set[str | None]] = {}
        for number, item, row in kept:
            if states[number]["value"] in ("given", "cleared"):
                values.setdefault(item, set()).add(row["value"].stored)
        self.entered[uscc] = values

    def _as_wholes(
        self,
        rows: list[tuple[int, str | None, dict[str, Typed]]],
        states: dict[int, dict[str, str]],
        by_code: dict[str, list[tuple[int, str, dict[str, Typed]]]],
    ) -> None:
        for item in catalogue().items.values():
            own = [
                (number, row)
                for number, code_, row in rows
                if code_ == item.code and row["item"].state == "given"
            ]
            if item.unit_en == "%" and looks_like_fractions(row["value"] for _, row in own):
                self.expected.findings[self.header_row, self.heads["value"], "percent_scale"] = 1
            if item.consent_required:
                have = {
                    u for u, held in self.entered.items() if held.get(item.code, {None}) != {None}
                }
                if have - self.consented.get(item.code, set()):
                    self._add(self.header_row, self.heads["value"], "consent_missing")


def wrong_item(rng: Random) -> Typed:
    return cells.wrong(rng.choice(["质量等级证书", "QF-99", "???"]), "not_allowed")


def _looked_at() -> set[str]:
    """Return the items that any rule of an import looks at."""
    found: set[str] = set()
    for rule in catalogue().rules:
        for item in rule.for_each or ("",):
            when = rules.placed(rule.when, item)
            found |= {rules.key_of(leaf).partition("|")[0] for leaf in rules.leaves_of(when)}
    return found
