"""Units as headers name them, and the factor from a stated figure to the stored one."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

MISMATCH: Final = "mismatch"
"""The header names a unit that cannot be converted to the item's."""

_MONEY: Mapping[str, Decimal] = {
    name: Decimal(factor)
    for names, factor in (
        ("元 yuan cny rmb", 1),
        ("千元 1000元 cnythousand thousandcny thousandyuan cny1000 cny1k 1000yuan", 10**3),
        ("万元 万 1万元 10000元", 10**4),
        ("cny10k cny10000 10kcny 10000cny 10kyuan 10000yuan tenthousandyuan", 10**4),
        ("十万元 cny100k cny100000", 10**5),
        ("百万元 100万元 cny1m cny1million cnymillion millioncny millionyuan", 10**6),
        ("千万元 1000万元 cny10m cny10million", 10**7),
        ("亿元 亿 1亿元 cny100m cny100million 100millioncny 100millionyuan", 10**8),
        ("十亿元 cnybillion billioncny billionyuan cny1billion", 10**9),
    )
    for name in names.split()
}
_PER_CENT: Mapping[str, Decimal] = {
    **dict.fromkeys(("%", "百分比", "百分数", "percent", "pct"), Decimal(1)),
    **dict.fromkeys(("‰", "千分比", "permille"), Decimal("0.1")),
    **dict.fromkeys(("小数", "fraction"), Decimal(100)),
}
_MULTIPLES: Mapping[str, Decimal] = {
    "百": Decimal(100),
    "千": Decimal(1_000),
    "万": Decimal(10_000),
    "亿": Decimal(100_000_000),
}
_OTHERS = frozenset(
    "件 项 份 次 起 批 批次 个 家 人 人次 户 台 套 张 本 枚 年 月 个月 季度 天 日 周 小时 "
    "吨 千克 公斤 kg 米 平方米 美元 万美元 亿美元 欧元 万欧元 港元 万港元 日元 英镑 "
    "usd eur hkd jpy gbp times items batches years months days pieces persons 分 "
    "usd10k usdmillion".split()
)
_SAME: Mapping[str, frozenset[str]] = {
    "件": frozenset("件 项 份 个 枚 张 items pieces".split()),
    "次": frozenset("次 起 times".split()),
    "批次": frozenset("批次 批 batches".split()),
    "年": frozenset("年 years".split()),
}
_PIECES = frozenset("件项份个枚张/")
_ABBREVIATED = frozenset(("万", "亿", "cny", "yuan"))
"""Units of money that are other words too, where nothing says that a unit is meant."""

_MARKS = re.compile(r"[\s,:;、()\[\]【】<>{}¥]+")
_SAID_FIRST = re.compile(r"^(?:(?:金额|货币|计量|统计)?单位为?|金额|货币|币种|unit)")
_SAID_LAST = re.compile(r"^[以按]?(?P<unit>.+?)(?:为单位|计价|计算|计)$")
_UNIT_WORD = re.compile(r"单\s*位|金额|\bunit\b", re.IGNORECASE)
_BETWEEN_UNITS = re.compile(r"[\s,;、/和]+")
_IN_BRACKETS = re.compile(r"[(\[【<{]([^()\[\]【】]*)[)\]】>}]")
_CURRENCY = re.compile(
    r"(?<![单多公])元(?![旦月素件器])|美金|[港澳台日韩欧外]币|英镑|卢布|法郎|usd|hkd|jpy|gbp|krw|cny|rmb"
    r"|[$€£]|(?<![a-z])(?:eur|euros?|yuan|yen|won|dollars?|pounds?)(?![a-z])"
)


def squeezed(unit: str) -> str:
    """
    Return a unit without width, case, marks and what says that it is one, or in which currency.

    >>> squeezed("单位：RMB 万元"), squeezed("（万元，人民币）"), squeezed("以万元计")
    ('万元', '万元', '万元')
    """
    text = _SAID_FIRST.sub("", _MARKS.sub("", unicodedata.normalize("NFKC", unit).casefold()))
    text = text.replace("人民币", "").replace("rmb", "cny")
    if said := _SAID_LAST.match(text):
        text = said["unit"]
    bare = text.removeprefix("cny").removesuffix("cny")
    return bare if bare.endswith("元") else text


def money_factor(unit: str) -> Decimal | None:
    """
    Return how many yuan one of a unit of money is; None if it is no such unit.

    >>> money_factor("万元"), money_factor("CNY 100 million"), money_factor("件")
    (Decimal('10000'), Decimal('100000000'), None)
    """
    return _MONEY.get(squeezed(unit))


def money_unit_in(line: str) -> str:
    """
    Return the unit of money that a line above a list names, in any of the usual ways; or nothing.

    >>> money_unit_in("填报单位：某局 货币单位：人民币（万元）"), money_unit_in("名单（万元）")
    ('万元', '万元')
    """
    text = unicodedata.normalize("NFKC", line).strip()
    whole: tuple[str, ...] = (text, *_IN_BRACKETS.findall(text))
    for said in whole:
        if money_factor(said) is not None and squeezed(said) not in _ABBREVIATED:
            return said
    for words in _UNIT_WORD.split(text)[1:]:
        rest = words.strip(" :为)")
        parts: tuple[str, ...] = (rest, *_BETWEEN_UNITS.split(rest))
        for said in parts:
            if money_factor(said) is not None:
                return said
    return ""


def named_in(remark: str) -> str:
    """
    Return the unit that a text in a header's brackets names; nothing if it is a mere remark.

    What names a currency counts as a unit, if an unknown one: no figure is taken for yuan there.

    >>> named_in("单位：万元"), named_in("2025年，万元"), named_in("百万韩元"), named_in("含税")
    ('单位：万元', '万元', '百万韩元', '')
    """
    if is_unit(remark):
        return remark
    parts = {part for part in re.split("[,，;；、]", remark) if is_unit(part)}
    if len(parts) == 1:
        return parts.pop()
    return remark if _names_currency(remark) else ""


def is_unit(text: str) -> bool:
    """Say whether a text in a header's brackets is a unit and no remark."""
    unit = squeezed(text)
    return (
        unit in _MONEY
        or unit in _PER_CENT
        or unit in _OTHERS
        or _is_pieces(unit)
        or _multiple(unit) is not None
        or _per_money(unit) is not None
    )


def factor(stated: str, *, own: str, own_factor: Decimal) -> Decimal | str | None:
    """
    Return what to multiply a stated figure by, to have it in the unit that is stored.

    :param own: the item's unit in Chinese; `own_factor` is from that to the stored one.
    :returns: None if `stated` is no unit at all; `MISMATCH` if it is another than the item's
        and cannot be converted.

    >>> factor("万元", own="亿元", own_factor=Decimal(10**8))
    Decimal('10000')
    >>> factor("美元", own="亿元", own_factor=Decimal(10**8))
    'mismatch'
    """
    unit, mine = squeezed(stated), squeezed(own)
    if not is_unit(stated):
        return MISMATCH if mine in _MONEY and _names_currency(stated) else None
    if mine in _MONEY:
        return _MONEY.get(unit, MISMATCH)
    if mine in _PER_CENT:
        return _PER_CENT.get(unit, MISMATCH)
    if unit == mine:
        return own_factor
    mine_per, stated_per = _per_money(mine), _per_money(unit)
    if mine_per is not None:
        return own_factor * mine_per / stated_per if stated_per else MISMATCH
    return _counted(unit, mine, own_factor)


def _counted(unit: str, mine: str, own_factor: Decimal) -> Decimal | str:
    """Return the factor between units of counting: 件 and 项 count alike, 万件 ten thousand."""
    alike = next((same for head, same in _SAME.items() if mine.startswith(head)), frozenset())
    if unit in alike or (_is_pieces(unit) and "件" in alike):
        return own_factor
    found = _multiple(unit)
    if found is not None and found[1] in alike:
        return own_factor * found[0]
    return MISMATCH


def _is_pieces(unit: str) -> bool:
    """Say whether several words for a piece stand there, which count alike: 件（项、份）, 件/项."""
    return len(unit) > 1 and set(unit) <= _PIECES


def _names_currency(text: str) -> bool:
    """Say whether a text names a currency, whatever else it says."""
    return _CURRENCY.search(unicodedata.normalize("NFKC", text).casefold()) is not None


def _multiple(unit: str) -> tuple[Decimal, str] | None:
    """Split 万件 into ten thousand and 件."""
    if len(unit) > 1 and unit[0] in _MULTIPLES and unit[1:] in _OTHERS:
        return _MULTIPLES[unit[0]], unit[1:]
    return None


def _per_money(unit: str) -> Decimal | None:
    """Return the yuan that 件/千万元 counts its complaints by."""
    counted, slash, money = unit.partition("/")
    if not slash or counted not in ("件", "起", "次", "complaints", "items"):
        return None
    return _MONEY.get(money)
