"""
Files made by chance from a seed, each with what the rules of imports say about it.

What is planted is noted while the file is made; nothing here asks the platform's own checks.
A file has a format, a layout of columns, rows above and below the list, and cells that are
typed in all the ways that are made regular, or are wrong.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd

from factors.domain.catalogue import Item
from factors.domain.item_types import Source
from tests.sharing import generated_cells as cells
from tests.sharing import generated_shape as shape
from tests.sharing.faulty import (
    MORE_FORMATS,
    TODAY,
    Cell,
    ListFile,
    Percent,
    catalogue,
    code,
)
from tests.sharing.generated_book import Book, Expected, Planned
from tests.sharing.generated_cells import Typed, wrong

NAMES = {
    "uscc": ("统一社会信用代码", "USCC", "credit code"),
    "name": ("企业名称", "enterprise name"),
    "region": ("行政区划代码", "所在地区", "region"),
    "industry": ("行业代码", "industry"),
    "size": ("企业规模", "size"),
    "established_on": ("成立日期", "established"),
    "registered_capital": ("注册资本(万元)", "registered capital (CNY 10k)"),
}
ENDS = {
    "valid_from": ("有效期自", "valid from"),
    "valid_to": ("有效期至", "valid to"),
    "evidence": ("证据", "evidence"),
}
REGIONS = {
    "330113": ("330113", "临平区", "杭州市临平区", "浙江省杭州市临平区"),
    "330106": ("330106", "西湖区", "浙江省杭州市西湖区"),
    "330127": ("330127", "淳安县", "330127 浙江省杭州市淳安县"),
}
SUPERSEDED = {"330103": "330105", "330104": "330102", "330184": "330110"}
SIZES = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}
UNITS = {
    "money": {"元": "1", "万元": "10000", "亿元": "100000000", "CNY 10k": "10000", "千元": "1000"},
    "count": {"万件": "10000"},
}
YIELDING = (("name", "单位名称"), ("region", "所属地区"), ("size", "规模"),
            ("established_on", "注册日期"), ("registered_capital", "注册资金"))  # fmt: skip
UNIT_WAYS = ("（{}）", "({})", " [{}]", "（单位：{}）", " 单位:{}", "（2025年，{}）")
OTHER_UNITS = {
    "money": ("美元", "件", "韩元", "单位：美金"),
    "count": ("万元", "元"),
    "number": ("万元",),
}
NOTES = ("填报说明：以上信息截至2026年9月30日", "制表：李某", "共12家")
RULED = (
    "QM-01", "QM-02", "QM-03", "QM-04", "QI-05", "QI-06", "QF-11", "QF-12", "QC-08", "QC-09",
    "QC-10", "QB-09", "QI-01", "QI-03", "QC-17", "QM-12", "QF-04", "QI-02", "QI-07", "QI-08",
    "QB-04", "QB-05", "QB-06", "QM-13", "QM-14", "QF-23", "QF-26", "QF-28", "QF-17", "QC-01",
)  # fmt: skip


@dataclass
class Generated:
    file: ListFile
    format: str
    expected: Expected
    around: dict[str, Any]


class Maker(Book):
    """Makes one file of the wide layout, and keeps the book of it."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.format = self.rng.choice(MORE_FORMATS)
        self.workbook = self.format in cells.WORKBOOKS
        self.expected = Expected()
        self.above: list[list[Cell]] = []
        self.money_unit = ""
        self._things_above()
        self.columns = self._columns()
        self.header_row = len(self.above) + 1
        self.two_rows = self.rng.random() < 0.25
        self.first_row = self.header_row + 1 + self.two_rows
        self.known: dict[str, dict[str, str]] = {}
        self.consented: dict[str, set[str]] = {}
        self.pending: set[str] = set()

    # Above the list, and its columns

    def _things_above(self) -> None:
        rng = self.rng
        for _ in range(rng.choice([0, 0, 1, 2])):
            self.above.append([])
        if rng.random() < 0.5:
            self.above.append([rng.choice(["杭州市企业质量信息汇总表", "2026年第三季度名单"])])
        if rng.random() < 0.5:
            self.money_unit = rng.choice(["万元", "元", "亿元"])
            line = rng.choice(["单位：{}", "(单位: {})", "（{}）", "单位（{}）", "单位：{}人民币"])
            self.above.append(["", "", line.format(self.money_unit)])
        if rng.random() < 0.1:
            self.above += [[] for _ in range(19 - len(self.above))]

    def _columns(self) -> list[Planned]:
        rng = self.rng
        keys = ["uscc", "name", "region"]
        keys += [key for key in list(NAMES)[3:] if rng.random() < 0.6]
        chosen = rng.sample(RULED, 7) + rng.sample(sorted(catalogue().items), 6)
        for item in dict.fromkeys(chosen):
            keys.append(item)
            keys += [f"{item}|{part}" for part in ENDS if rng.random() < 0.3]
        if rng.random() < 0.4:
            keys[3:] = rng.sample(keys[3:], len(keys) - 3)
        return [self._column(key) for key in keys]

    def _column(self, key: str) -> Planned:
        rng = self.rng
        if key in NAMES:
            text = rng.choice(NAMES[key])
            if rng.random() < 0.15:
                text = NAMES[key][0] + rng.choice([" ", "", "/"]) + NAMES[key][-1]
            planned = Planned(key, text)
            if key == "registered_capital":
                planned.factor = Decimal(10_000)
                if rng.random() < 0.3:
                    unit = rng.choice(["元", "亿元"])
                    planned.header = f"注册资本{rng.choice(UNIT_WAYS).format(unit)}"
                    planned.factor = _money(unit)
            return planned
        item = catalogue().items[key.partition("|")[0]]
        head = rng.choice(
            [item.code, item.name_zh, item.name_en, f"{item.code} {item.name_zh}",
             f"{item.name_zh}{item.code}", cells.wide_characters(item.code), item.code.lower(),
             f"{item.name_zh} {item.name_en}", f" {item.code}  {item.name_zh} "]
        )  # fmt: skip
        planned = Planned(key, head)
        if planned.part:
            planned.header = f"{head.strip()} {rng.choice(ENDS[planned.part])}"
        else:
            self._unit(planned, item)
        return planned

    def _unit(self, planned: Planned, item: Item) -> None:
        rng, kind = self.rng, str(item.type)
        planned.factor = item.unit_factor
        if kind == "money" and self.money_unit:
            planned.factor = _money(self.money_unit)
        if kind == "money" or (kind == "count" and item.unit_zh.startswith("件")):
            if rng.random() < 0.4:
                unit, factor = rng.choice(sorted(UNITS[kind].items()))
                planned.header += rng.choice(UNIT_WAYS).format(unit)
                planned.factor = Decimal(factor)
        elif item.unit_zh == "%":
            planned.header += rng.choice(["", "（%）", "(%)"])
            planned.fractions = rng.random() < 0.3
        if kind in OTHER_UNITS and rng.random() < 0.05:
            planned.header = f"{item.code}（{rng.choice(OTHER_UNITS[kind])}）"
            planned.mismatch = True

    # The cells of a row

    def cell(self, column: Planned, number: int) -> Typed:
        """Return a cell of a column, with what is stored and found if it stands alone."""
        rng, item = self.rng, column.item
        if item is None:
            return self._identity(column, number)
        chance = rng.random()
        if chance < 0.15:
            return cells.empty(rng)
        if chance < 0.18:
            return cells.cleared(rng)
        if column.part in ("valid_from", "valid_to"):
            return self._end(column.part)
        if column.part == "evidence":
            return rng.choice(
                [Typed("证书1；证书2", "证书1;证书2"), Typed("编号 A-1", "编号 A-1"),
                 wrong("证" * 501, "too_long"), cells.formula(rng), cells.empty(rng)]
            )  # fmt: skip
        if column.fractions and chance > 0.95:
            return Typed("0.5%", "0.5")
        if column.fractions:
            value = rng.choice([0.0, 0.0411, 0.97, 1.0])
            return Typed(Percent(value), cells.plain(Decimal(str(value))))
        if chance < 0.3:
            return cells.bad(rng, item, column.factor, workbook=self.workbook)
        return cells.good(rng, item, column.factor, workbook=self.workbook)

    def _end(self, part: str) -> Typed:
        rng = self.rng
        if rng.random() < 0.15:
            return wrong(rng.choice(["长期", "2025-13-01", "2025", "永久有效"]), "not_date")
        ahead = rng.choice([-800, -1, 0, 1, 40, 90, 91, 700])
        chosen = TODAY + dt.timedelta(days=ahead - (600 if part == "valid_from" else 0))
        typed = cells.day(rng, chosen, workbook=self.workbook)
        expired = part == "valid_to" and chosen < TODAY
        return Typed(
            typed, chosen.isoformat(), frozenset({"already_expired"} if expired else set())
        )

    def _identity(self, column: Planned, number: int) -> Typed:
        rng = self.rng
        if column.key == "uscc":
            return self._code(number)
        if column.key == "name":
            return self._name(number)
        if column.key == "region":
            return self._region()
        if rng.random() < 0.15:
            return cells.empty(rng)
        if column.key == "industry":
            stored = rng.choice(["C3812", "C1310", "M7452", "F51"])
            return Typed(cells.dressed(rng, rng.choice([stored, stored.lower()])), stored)
        if column.key == "size":
            stored = rng.choice(sorted(SIZES))
            if rng.random() < 0.1:
                return wrong(rng.choice(["巨型", "huge"]), "not_allowed")
            return Typed(cells.dressed(rng, rng.choice([stored, SIZES[stored]])), stored)
        if column.key == "established_on":
            return self._founded()
        if rng.random() < 0.1:
            return rng.choice([wrong("一百万", "not_money"), wrong("-5", "out_of_range")])
        value = Decimal(rng.choice(["0", "100", "12000", "1234567.89"]))
        typed = cells.figure(rng, value, may_have_sign=False)
        return Typed(typed, cells.plain(value * column.factor))

    def _founded(self) -> Typed:
        rng = self.rng
        if rng.random() < 0.15:
            tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
            return rng.choice([wrong("去年", "not_date"), wrong(tomorrow, "date_in_future")])
        chosen = rng.choice(
            [TODAY, dt.date(2026, 1, 5), dt.date(2024, 7, 1), dt.date(2025, 11, 23),
             dt.date(2025, 11, 24), dt.date(1999, 12, 31)]
        )  # fmt: skip
        return Typed(cells.day(rng, chosen, workbook=self.workbook), chosen.isoformat())

    def _code(self, number: int) -> Typed:
        rng = self.rng
        chance = rng.random()
        if chance < 0.03:
            return wrong(rng.choice(["", "-", "/"]), "required")
        if chance < 0.06:
            damaged: list[Cell] = ["9.13301E+17", "913301060000123000"]
            damaged += [9.13301060000123e17] if self.workbook else []
            return wrong(rng.choice(damaged), "uscc_damaged")
        if chance < 0.09:
            return wrong(
                rng.choice(["91330106MA27", "9133011IOSVZ567890", "无", "913301130000000001X"]),
                "uscc_format",
            )
        stored = code(number, rng.choice(["91330113", "92330113", "91330106MA"]))
        found: set[str] = set()
        if chance < 0.13:
            stored = stored[:-1] + ("1" if stored[-1] == "0" else "0")
            found = {"uscc_check_digit"}
        typed = rng.choice(
            [stored, stored, stored.lower(), f"{stored[:8]}-{stored[8:]}", f" {stored} ",
             f"{stored[:6]} {stored[6:]}", cells.wide_characters(stored), f"\ufeff{stored}",
             f"{stored[:5]}\u200b\x1e{stored[5:]}"]
        )  # fmt: skip
        if typed.isdigit() and not self.workbook:
            typed = stored
        return Typed(typed, stored, frozenset(found))

    def _name(self, number: int) -> Typed:
        rng = self.rng
        if rng.random() < 0.06:
            return Typed(rng.choice(["", "—", "\u00a0"]), None, frozenset(), "empty")
        if rng.random() < 0.05:
            return wrong("厂" * 501, "too_long")
        if rng.random() < 0.05:
            text = f"=厂{number}"
            return Typed(text, text, frozenset({"formula_text"}))
        text = rng.choice([f"杭州（临平）第{number}厂", f"甲 {number} Co. Ltd", f"Ａ股份{number}"])
        return Typed(rng.choice([text, f" {text}\u00a0", f"{text[:2]}\u200b{text[2:]}"]), text)

    def _region(self) -> Typed:
        rng = self.rng
        chance = rng.random()
        if chance < 0.05:
            return Typed(rng.choice(["", "-"]), None, frozenset(), "empty")
        if chance < 0.1:
            return wrong(rng.choice(["339999", "朝阳区", "不知道"]), "region_unknown")
        if chance < 0.15:
            return wrong(rng.choice(["440305", "330203", "浙江省宁波市海曙区"]), "region_outside")
        if chance < 0.22:
            old = rng.choice(sorted(SUPERSEDED))
            return Typed(old, SUPERSEDED[old], frozenset({"region_superseded"}))
        stored = rng.choice(sorted(REGIONS))
        return Typed(cells.dressed(rng, rng.choice(REGIONS[stored])), stored)

    # The whole file

    def make(self) -> Generated:
        rng = self.rng
        lines: list[list[Cell]] = []
        typed_rows: list[tuple[int, dict[str, Typed]]] = []
        unknown = [text for text in ("备注", "联系人", "填报人") if rng.random() < 0.3]
        keys = {column.key for column in self.columns}
        unknown += [text for key, text in YIELDING if key in keys and rng.random() < 0.1]
        file = ListFile([], lines, above=self.above, left=rng.choice([0, 0, 0, 1, 3]))
        file.is_1904 = self.format in ("xlsx", "xlsm", "xls", "et") and rng.random() < 0.15
        if self.two_rows:
            shape.in_two_rows(rng, self.columns, unknown, file, merges=self.workbook)
        else:
            file.header = [column.header for column in self.columns] + unknown
        for number in range(1, rng.randrange(8, 30)):
            if rng.random() < 0.05:
                lines.append([])
            if typed_rows and rng.random() < 0.06:
                row = dict(typed_rows[rng.randrange(len(typed_rows))][1])
                for column in self.columns[1:]:
                    row[column.key] = self.cell(column, number)
            else:
                row = {column.key: self.cell(column, number) for column in self.columns}
            if all(typed.state == "empty" for typed in row.values()):
                continue
            extra: list[Cell] = [rng.choice(["x", ""]) for _ in unknown]
            lines.append([*(row[column.key].cell for column in self.columns), *extra])
            typed_rows.append((self.first_row - 1 + len(lines), row))
        lines.append(self._sound_row(typed_rows, len(lines)) + [""] * len(unknown))
        if self.workbook and rng.random() < 0.5:
            shape.merge_below(rng, self.columns, lines, typed_rows, file)
        if self.workbook:
            shape.as_formulas(rng, lines, set())
        if rng.random() < 0.2:
            lines.append(self._bare_row(typed_rows, len(lines)))
        self._surroundings(typed_rows)
        self._note(unknown)
        self._check(typed_rows)
        self._below(file, len(lines))
        file = shape.dialect(rng, file)
        around = {
            "register": self._register(),
            "pending": self.pending,
            "consents": self.consented,
            "stored": self._stored(),
            "source": Source.CITY,
        }
        return Generated(file, self.format, self.expected, around)

    def _sound_row(self, typed_rows: list[tuple[int, dict[str, Typed]]], lines: int) -> list[Cell]:
        """Return a last row with a code and a name, so that what stands below are notes."""
        row = {column.key: cells.Typed("", None, frozenset(), "empty") for column in self.columns}
        uscc, name = code(9_000), "末行"
        row["uscc"], row["name"] = Typed(uscc, uscc), Typed(name, name)
        row["region"] = Typed("330113", "330113")
        typed_rows.append((self.first_row + lines, row))
        return [row[column.key].cell for column in self.columns]

    def _bare_row(self, typed_rows: list[tuple[int, dict[str, Typed]]], lines: int) -> list[Cell]:
        """Return a row below the list with a code alone, which makes it no note."""
        row = {column.key: cells.Typed("", None, frozenset(), "empty") for column in self.columns}
        row["uscc"] = Typed(code(9_001).lower(), code(9_001))
        typed_rows.append((self.first_row + lines, row))
        return [row[column.key].cell for column in self.columns]

    def _surroundings(self, typed_rows: list[tuple[int, dict[str, Typed]]]) -> None:
        rng = self.rng
        for _, row in typed_rows:
            uscc = row["uscc"].stored
            if uscc is None or uscc in self.known:
                continue
            if rng.random() < 0.1:
                self.pending.add(uscc)
            for item in catalogue().items.values():
                if item.consent_required and rng.random() < 0.5:
                    self.consented.setdefault(item.code, set()).add(uscc)
            if rng.random() < 0.5:
                self.known[uscc] = {"name": self._registered_name(row["name"].stored)}
                if rng.random() < 0.7:
                    self._store(self.known[uscc])

    def _registered_name(self, name: str | None) -> str:
        rng = self.rng
        if name is None or rng.random() < 0.3:
            return "另一家厂"
        return rng.choice([name, name.replace("（", "(").replace("）", ")"), name.upper()])

    def _store(self, facts: dict[str, str]) -> None:
        rng = self.rng
        for column in self.columns:
            item = column.item
            if item is None or column.part or rng.random() < 0.4:
                continue
            held = cells.good(rng, item, item.unit_factor, workbook=False).stored
            if held is not None:
                facts[item.code] = held
                facts[f"{item.code}|source"] = str(rng.choice(item.source_order))
        for key in ("industry", "size", "established_on"):
            if rng.random() < 0.5:
                held = {"industry": "C1310", "size": "large", "established_on": "2025-12-01"}[key]
                facts[key] = held

    def _register(self) -> pd.DataFrame | None:
        rows = [
            {"uscc": uscc, "name": facts["name"], "region": "330113"}
            for uscc, facts in self.known.items()
        ]
        return pd.DataFrame(rows) if rows else None

    def _stored(self) -> pd.DataFrame | None:
        rows = {
            uscc: {key: held for key, held in facts.items() if key != "name"}
            for uscc, facts in self.known.items()
        }
        rows = {uscc: facts for uscc, facts in rows.items() if facts}
        if not rows:
            return None
        return pd.DataFrame.from_dict(rows, orient="index", dtype=object).rename_axis("uscc")

    def _note(self, unknown: list[str]) -> None:
        for text in unknown:
            self.expected.findings[self.header_row, text, "unknown_column"] += 1

    def _below(self, file: ListFile, lines: int) -> None:
        rng = self.rng
        row = self.first_row + lines
        for note in rng.sample(NOTES, rng.choice([0, 1, 1, 3])):
            blank = rng.random() < 0.5
            file.below += [[], [note]] if blank else [[note]]
            row += 1 + blank
            self.expected.findings[row - 1, None, "ignored_row"] += 1
        if self.workbook and rng.random() < 0.4:
            file.hidden_sheets["码表"] = [["统一社会信用代码", "企业名称"], ["x", "y"]]
        if self.workbook and rng.random() < 0.4:
            file.other_sheets["其他"] = [["说明", "内容"], ["甲", "乙"]]
            self.expected.findings[None, None, "other_sheet"] += 1
        if self.workbook and rng.random() < 0.3:
            file.sheets_before["封面"] = [[], ["2026年第三季度"], ["企业名称与统一社会信用代码"]]
            self.expected.findings[None, None, "other_sheet"] += 1
        if self.workbook and rng.random() < 0.2:
            file.other_sheets["名单二"] = [["统一社会信用代码", "企业名称"], [code(1), "甲"]]
            self.expected.findings[None, None, "other_sheet"] += 1
        if self.workbook and rng.random() < 0.2:
            file.sheets_before["空表"] = [[]]


def _money(unit: str) -> Decimal:
    return Decimal(UNITS["money"][unit])


def generate(seed: int) -> Generated:
    """Make the file of a seed, with what must come out of it."""
    return Maker(seed).make()
