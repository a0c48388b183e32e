"""Money, rates, numbers, days and instants as the reader is used to seeing them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from qfce.kernel.web.language import is_chinese

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTHING = "–"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: Any, places: int | None = None) -> str:
    """
    Return a number with thousands separated; all its own places where none are named.

    >>> number("1234567.50"), number(12, 2), number(None)
    ('1,234,567.5', '12.00', '–')
    """
    found = _decimal(value)
    if found is None:
        return NOTHING
    if places is None:
        text = f"{found:,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{found:,.{places}f}"


def yuan(value: Any, places: int | None = None) -> str:
    """Return an amount in yuan; with fen only where there are any, or `places` are named."""
    found = _decimal(value)
    if found is None:
        return NOTHING
    if places is None:
        places = 0 if found == found.to_integral_value() else 2
    amount = number(found, places)
    return f"{amount} 元" if is_chinese() else f"CNY {amount}"


def percent(value: Any, places: int = 2) -> str:
    """
    Return a fraction as per cents.

    >>> percent(Decimal("0.031"))
    '3.10%'
    """
    found = _decimal(value)
    return NOTHING if found is None else f"{found * 100:,.{places}f}%"


def day(value: date | datetime | str | None) -> str:
    """Return a day; of an instant, the day that it is in Shanghai."""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10]) if value else None
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    return (
        value.isoformat() if is_chinese() else f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    )


def moment(value: datetime | str | None) -> str:
    """Return an instant to the minute, on the clock of Shanghai."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if value else None
    if value is None:
        return NOTHING
    local = value.astimezone(SHANGHAI)
    return f"{day(local.date())} {local:%H:%M}"


def local(thing: Any, stem: str = "name") -> str:
    """Return `name_zh` or `name_en` of a thing, as its reader reads."""
    first, second = ("zh", "en") if is_chinese() else ("en", "zh")
    for language in (first, second):
        if text := getattr(thing, f"{stem}_{language}", ""):
            return str(text)
    return ""


def bracketed(text: Any) -> str:
    """
    Return a text in the brackets of the reader's language; nothing of nothing.

    >>> from django.utils.translation import override
    >>> with override("zh-hans"):
    ...     bracketed("万元")
    '（万元）'
    >>> with override("en"):
    ...     bracketed("CNY"), bracketed("")
    (' (CNY)', '')
    """
    if text in (None, ""):
        return ""
    return f"（{text}）" if is_chinese() else f" ({text})"


def measured(number: str, unit: str) -> str:
    """
    Return a figure with its unit; English units are plural, so one of them loses its end.

    >>> from django.utils.translation import override
    >>> with override("en"):
    ...     measured("1", "items"), measured("1", "batches"), measured("2", "years")
    ('1 item', '1 batch', '2 years')
    >>> measured("12.5", "%"), measured("1", ""), measured("1", "项")
    ('12.5%', '1', '1 项')
    """
    if unit == "%":
        return f"{number}%"
    if number == "1" and not is_chinese():
        if unit.endswith(("ches", "shes", "xes")):
            unit = unit[:-2]
        elif unit.endswith("s") and not unit.endswith("ss"):
            unit = unit[:-1]
    return f"{number} {unit}".strip()


def coded(code: str, thing: Any) -> str:
    """Return a thing's code and name, as every choice and label gives the two."""
    return f"{code} {local(thing)}"


def version(code: str, number: Any) -> str:
    """
    Return which version of a list, a scorecard or a product is meant.

    >>> from django.utils.translation import override
    >>> with override("zh-hans"):
    ...     version("ZJ-QFCE", 1)
    'ZJ-QFCE 第1版'
    """
    return gettext("%(code)s, version %(number)s") % {"code": code, "number": number}


def listed(parts: Iterable[Any]) -> str:
    """
    Return things one after the other, as the reader's language parts them.

    >>> from django.utils.translation import override
    >>> with override("zh-hans"):
    ...     listed(["A", "B"])
    'A、B'
    """
    return ("、" if is_chinese() else ", ").join(map(str, parts))


def either(parts: Sequence[str]) -> str:
    """
    Return things of which one holds.

    >>> from django.utils.translation import override
    >>> with override("zh-hans"):
    ...     either(["合格", "不合格", "未抽查"])
    '合格、不合格或未抽查'
    """
    *first, last = parts
    return f"{listed(first)}{gettext(' or ')}{last}" if first else last


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def own_half(text: str | None) -> str:
    """
    Return the reader's half of a text that the platform wrote as "Chinese / English".

    What people wrote stays as it is.
    """
    chinese, mark, english = (text or "").partition(" / ")
    if not mark or english.isascii() == chinese.isascii() or not english.isascii():
        return text or ""
    return chinese if is_chinese() else english
