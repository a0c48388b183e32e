"""
What people may type for a value, and what is no value: for files made by the thousand.

Each function gives what is typed and what is stored of it, or what is found, as the rules of
imports say; none of them looks at how the platform reads.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from factors.domain.catalogue import Item
from tests.sharing.faulty import TODAY, Cell, DaySerial

WORKBOOKS = ("xlsx", "xlsm", "xls", "et", "ods")
EMPTY = ("", "-", "—", "/", "N/A", "#N/A", "n/a", "\u00a0", " \u200b")
CLEAR = ("[clear]", "[清除]", "[CLEAR]", " [清除] ")
YES = ("是", "有", "Y", "y", "yes", "YES", "true", "1", "√", "Ｙ")
NO = ("否", "无", "N", "n", "no", "No", "false", "0", "×", "０")
ERROR_CELLS = ("#REF!", "#DIV/0!", "#VALUE!", "#NAME?")
NOT_READ = {
    "boolean": "not_boolean", "count": "not_integer", "number": "not_number",
    "money": "not_money", "date": "not_date", "enum": "not_allowed", "grade": "not_allowed",
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """A cell: what is typed, what is stored (None for nothing), and what is found."""

    cell: Cell
    stored: str | None = None
    found: frozenset[str] = frozenset()
    state: str = "given"  # given, empty, cleared, wrong


def wrong(cell: Cell, *codes: str) -> Typed:
    return Typed(cell, None, frozenset(codes), "wrong")


def empty(rng: Random) -> Typed:
    return Typed(rng.choice(EMPTY), None, frozenset(), "empty")


def cleared(rng: Random) -> Typed:
    return Typed(rng.choice(CLEAR), None, frozenset(), "cleared")


def dressed(rng: Random, text: str) -> str:
    """Return a text with what nobody sees: blanks around, invisible characters, now and then."""
    kind = rng.randrange(8)
    if kind == 0:
        return f" {text}\u00a0"
    if kind == 1:
        return f"\ufeff{text}"
    if kind == 2 and len(text) > 1:
        return f"{text[:1]}\u200b{text[1:]}"
    if kind == 3:
        return f"\u3000{text} "
    if kind == 4:
        return f"\x0b{text[:1]}\x1e{text[1:]}\x7f"
    if kind == 5:
        return f"\u202a{text}\u202c"
    return text


def wide_characters(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def plain(value: Decimal) -> str:
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def figure(rng: Random, value: Decimal, *, may_have_sign: bool) -> Cell:
    """Return a figure as people type it."""
    kind = rng.randrange(9)
    if kind == 0:
        return float(value)
    if kind == 1:
        return f"{value:,f}"
    if kind == 2:
        return wide_characters(f"{value:f}")
    if kind == 3 and may_have_sign and not 0 <= value <= 1:
        return f"{value:f}%"
    if kind == 4 and may_have_sign and not 0 <= value <= 1:
        return f"{value:f} ％"
    if kind == 5 and value == value.to_integral_value():
        return f"{value:f}.0" if "." not in f"{value:f}" else f"{value:f}0"
    if kind == 6:
        return dressed(rng, f"{value:f}")
    return f"{value:f}"


def day(rng: Random, value: dt.date, *, workbook: bool) -> Cell:
    """Return a day as people and spreadsheets write it."""
    y, m, d = value.year, value.month, value.day
    written: list[Cell] = [
        value.isoformat(), f"{y}-{m}-{d}", f"{y}/{m}/{d}", f"{y}/{m:02d}/{d:02d}", f"{y}.{m}.{d}",
        f"{y}{m:02d}{d:02d}", f"{y}年{m}月{d}日", f"{y}年{m:02d}月{d:02d}日",
        wide_characters(f"{y}/{m}/{d}"),
    ]  # fmt: skip
    if workbook:
        written += [value, DaySerial(value), value]
    return rng.choice(written)


def truth(rng: Random, yes: bool, *, workbook: bool) -> Typed:
    typed: Cell = dressed(rng, rng.choice(YES if yes else NO))
    if workbook and rng.random() < 0.2:
        typed = rng.choice([yes, float(yes)])
    return Typed(typed, "true" if yes else "false")


def coded(rng: Random, item: Item) -> Typed:
    value = rng.choice(item.values)
    words = [value.code, value.code.lower(), value.label_zh, value.label_en, value.label_en.upper()]
    words += value.aliases
    if value.code == "NONE":
        words.append("无")
    if value.code == "NOT_APPLICABLE":
        words.append("不适用")
    typed = rng.choice([word for word in words if word and word.casefold() not in EMPTY])
    return Typed(dressed(rng, typed), value.code)


def good(rng: Random, item: Item, factor: Decimal, *, workbook: bool) -> Typed:
    """Return a value of an item, somehow typed; `factor` is from the column's unit to stored."""
    kind = str(item.type)
    if item.allows_not_applicable and rng.random() < 0.1:
        return Typed(dressed(rng, "不适用"), "not_applicable")
    if kind == "boolean":
        return truth(rng, rng.random() < 0.5, workbook=workbook)
    if kind in ("enum", "grade"):
        return coded(rng, item)
    if kind == "text":
        text = rng.choice(
            ["张工，总经理", "李四 13 年", "Wang Wu (CQO)", "赵六;高级工程师", "无",
             "钱工\n总工程师\n13 年", '孙工, "总监"', "周工\t质量部"]
        )  # fmt: skip
        return Typed(dressed(rng, text), text.replace("，", ","))
    if kind == "date":
        chosen = TODAY - dt.timedelta(days=rng.choice([0, 1, 400, 5000]))
        return Typed(day(rng, chosen, workbook=workbook), chosen.isoformat())
    low, high = Decimal(item.minimum), Decimal(item.maximum)  # type: ignore[arg-type]  # a numeric item has bounds
    if kind == "count":
        value = Decimal(rng.choice([low, low, high, low + 1, min(high, low + rng.randrange(2000))]))
        value = (value // factor).max(0)
    else:
        top = min(high, Decimal(5000))
        value = Decimal(rng.choice(["0", "2", "3.5", "12.25", str(top)]))
        value = (value * item.unit_factor / factor).normalize()
    typed = figure(rng, value, may_have_sign=kind == "number")
    return Typed(typed, plain(value * factor))


def bad(rng: Random, item: Item, factor: Decimal, *, workbook: bool) -> Typed:
    """Return what is no value of an item, and what is found there."""
    kind = str(item.type)
    if kind == "text":
        return rng.choice([wrong("长" * 501, "too_long"), formula(rng)])
    code = NOT_READ[kind]
    nonsense = ["乱写", "???", "十二"]
    if workbook:
        nonsense += ERROR_CELLS
    choices = [wrong(text, code) for text in nonsense]
    choices.append(wrong(rng.choice(["=SUM(A1:A3)", "@甲", "+甲", "-甲"]), code, "formula_text"))
    if kind == "boolean":
        choices += [wrong(text, code) for text in ("也许", "2", "是的")]
    elif kind == "count":
        choices += [wrong("5%", code), wrong("12件", code)]
        choices += [wrong("3.5", code), wrong(3.25, code)] if factor == 1 else []
    elif kind == "money":
        choices += [wrong("5%", code), wrong("5万", code), wrong("¥5", code), wrong("1,23", code)]
    elif kind == "number":
        choices += [wrong("约5", code), wrong("1.2.3", code)]
    elif kind == "date":
        choices += [
            wrong("2023-02-30", code), wrong("2023-13-01", code), wrong("2024", code),
            wrong((TODAY + dt.timedelta(days=1)).isoformat(), "date_in_future"),
            wrong("1989-12-31", "out_of_range"),
        ]  # fmt: skip
    if kind in ("count", "number", "money"):
        over = plain((Decimal(item.maximum) + 1) * item.unit_factor / factor)  # type: ignore[arg-type]  # a numeric item has bounds
        choices += [wrong("-1", "out_of_range"), wrong(over, "out_of_range")]
        if not item.allows_not_applicable:
            choices.append(wrong("不适用", code))
    return rng.choice(choices)


def formula(rng: Random) -> Typed:
    text = rng.choice(["=cmd|'/c calc'!A1", "+张某", "@SUM(1)", "-李某"])
    return Typed(text, text, frozenset({"formula_text"}))
