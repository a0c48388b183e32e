"""
Regular expressions for bounds that JSON Schema has no word for: of decimal strings and days.

A decimal here is in canonical form: no exponent, no zero at the end of its fraction, one zero.
The expressions are of the kind that every dialect knows (ECMA 262 without look-ahead).
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

ANY_FRACTION = r"(\.[0-9]*[1-9])?"
TAIL = "([0-9]*[1-9])?"


def decimal_pattern(low: Decimal, high: Decimal) -> str:
    """
    Return the expression of all canonical decimals from `low` to `high`, both included.

    >>> import re
    >>> [t for t in ("-1", "0", "2.5", "10", "10.01") if re.match(decimal_pattern(
    ...     Decimal(0), Decimal(10)), t)]
    ['0', '2.5', '10']
    """
    parts = []
    if low < 0:
        # There is no minus zero: the expression of 0 alone may not follow the sign.
        negative = _positive(max(Decimal(0), -high), -low)
        parts += [f"-({part})" for part in map(_without_zero, negative) if part]
    if high >= 0:
        parts += list(_positive(max(Decimal(0), low), high))
    return f"^({'|'.join(parts)})$"


def day_pattern(first: date | None, last: date | None) -> str:
    """
    Return the expression of the days from `first` to `last`, both included, as YYYY-MM-DD.

    That the day exists is for the schema's format to say.
    """
    low, high = (first or date.min).isoformat(), (last or date.max).isoformat()
    return f"^({'|'.join(_dashed(low, high))})$"


def _positive(low: Decimal, high: Decimal) -> Iterator[str]:
    """Yield expressions of the decimals from low to high, neither below 0."""
    first, last = int(low), int(high)
    low_part, high_part = _fraction(low), _fraction(high)
    if first == last:
        yield f"{first}{_fractions(low_part, high_part)}"
        return
    yield f"{first}{_fractions(low_part, None)}"
    if last - first > 1:
        whole = "|".join(_integers(first + 1, last - 1))
        yield f"({whole}){ANY_FRACTION}"
    yield f"{last}{_fractions('', high_part)}"


def _without_zero(pattern: str) -> str:
    """Return an expression that begins with the whole part 0 without the 0 itself."""
    if pattern == "0":
        return ""
    if pattern == f"0{ANY_FRACTION}":
        return r"0\.[0-9]*[1-9]"
    return pattern.replace("0(|", "0(", 1) if pattern.startswith("0(") else pattern


def _fraction(number: Decimal) -> str:
    """Return the digits behind the point, without the zeros at their end."""
    text = f"{number:f}"
    return text.partition(".")[2].rstrip("0")


def _fractions(low: str, high: str | None) -> str:
    """Return what may follow the whole part: fractions from `low` to `high`, None is open."""
    if not low and high is None:
        return ANY_FRACTION
    if not low and not high:
        return ""
    found = dict.fromkeys(_spans(low, high))
    return "(" + "|".join(f"\\.{part}" if part else "" for part in found) + ")"


def _spans(low: str, high: str | None) -> Iterator[str]:
    """Yield expressions of the digits, none a zero at the end, from low to high."""
    if high is None and not low:
        yield from ("", "[0-9]*[1-9]")
        return
    if not low:
        yield ""
    if high == "":
        return
    first, last = int(low[:1] or 0), int(high[0]) if high else 9
    above = high[1:] if high else None
    if first == last:
        yield from _led(first, _spans(low[1:], above))
        return
    yield from _led(first, _spans(low[1:], None))
    if last - first > 1:
        yield f"[{first + 1}-{last - 1}]{TAIL}"
    yield from _led(last, _spans("", above))


def _led(digit: int, rests: Iterator[str]) -> Iterator[str]:
    yield from (f"{digit}{rest}" for rest in rests if rest or digit)


def _integers(first: int, last: int) -> Iterator[str]:
    """Yield expressions of the whole numbers from first to last, without leading zeros."""
    for length in range(len(str(first)), len(str(last)) + 1):
        low = max(first, 10 ** (length - 1) if length > 1 else 0)
        high = min(last, 10**length - 1)
        if low <= high:
            yield from _between(str(low), str(high))


def _between(low: str, high: str) -> Iterator[str]:
    """Yield expressions of the digit strings from low to high, all of one length."""
    if low == high:
        yield low
        return
    if not low.strip("0") and not high.strip("9"):
        yield f"[0-9]{{{len(low)}}}" if len(low) > 1 else "[0-9]"
        return
    if low[0] == high[0]:
        yield from (low[0] + rest for rest in _between(low[1:], high[1:]))
        return
    rest = len(low) - 1
    start, end = int(low[0]), int(high[0])
    if rest and low[1:].strip("0"):
        yield from (low[0] + part for part in _between(low[1:], "9" * rest))
        start += 1
    if rest and high[1:].strip("9"):
        end -= 1
    if start <= end:
        digits = str(start) if start == end else f"[{start}-{end}]"
        yield digits + (f"[0-9]{{{rest}}}" if rest > 1 else "[0-9]" if rest else "")
    if end < int(high[0]):
        yield from (high[0] + part for part in _between("0" * rest, high[1:]))


def _dashed(low: str, high: str) -> Iterator[str]:
    """Yield expressions of the days from low to high, year by year, month by month."""
    years = low[:4], high[:4]
    if years[0] == years[1]:
        yield from (f"{years[0]}-{rest}" for rest in _months(low[5:], high[5:]))
        return
    yield from (f"{years[0]}-{rest}" for rest in _months(low[5:], "12-31"))
    between = (int(years[0]) + 1, int(years[1]) - 1)
    if between[0] <= between[1]:
        whole = "|".join(_between(f"{between[0]:04}", f"{between[1]:04}"))
        yield f"({whole})-[0-9]{{2}}-[0-9]{{2}}"
    yield from (f"{years[1]}-{rest}" for rest in _months("01-01", high[5:]))


def _months(low: str, high: str) -> Iterator[str]:
    """Yield expressions of the days of one year, as MM-DD."""
    first, last = low[:2], high[:2]
    if first == last:
        yield f"{first}-({'|'.join(_between(low[3:], high[3:]))})"
        return
    yield f"{first}-({'|'.join(_between(low[3:], '31'))})"
    if int(last) - int(first) > 1:
        whole = "|".join(_between(f"{int(first) + 1:02}", f"{int(last) - 1:02}"))
        yield f"({whole})-[0-9]{{2}}"
    yield f"{last}-({'|'.join(_between('01', high[3:]))})"
