"""Reading a day in the ways that people and spreadsheets write it."""

import datetime as dt
import re

_DATE = re.compile(
    r"(?P<y>\d{4})(?:-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})|/(?P<m2>\d{1,2})/(?P<d2>\d{1,2})"
    r"|\.(?P<m3>\d{1,2})\.(?P<d3>\d{1,2})|(?P<m4>\d{2})(?P<d4>\d{2})"
    r"|\s*年\s*(?P<m5>\d{1,2})\s*月\s*(?P<d5>\d{1,2})\s*日?)"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_SERIAL = re.compile(r"[1-9]\d{4}")
_EXCEL_EPOCH = dt.date(1899, 12, 30)


def read_date(text: str, *, serials: bool) -> dt.date | None:
    """Read a day in one of the accepted ways; None if it is none."""
    found = _DATE.fullmatch(text)
    if found is None:
        if serials and _SERIAL.fullmatch(text):
            return _EXCEL_EPOCH + dt.timedelta(days=int(text))
        return None
    month = next(part for part in found.group("m1", "m2", "m3", "m4", "m5") if part)
    day = next(part for part in found.group("d1", "d2", "d3", "d4", "d5") if part)
    try:
        return dt.date(int(found["y"]), int(month), int(day))
    except ValueError:
        return None
