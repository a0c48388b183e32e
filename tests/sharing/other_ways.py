"""Workbooks as other programs write them: the same cells in other XML, under other names."""

import io
import re
import zipfile
from collections.abc import Callable
from random import Random

STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    ),
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def in_sheet(pattern: bytes, became: bytes) -> Callable[[str, bytes], bytes]:
    def change(name: str, content: bytes) -> bytes:
        return re.sub(pattern, became, content) if "worksheets/sheet" in name else content

    return change


def strict(name: str, content: bytes) -> bytes:
    for transitional, ours in STRICT.items() if not name.startswith("docProps") else ():
        content = content.replace(transitional, ours)
    return content


def with_a_long_formula(name: str, content: bytes) -> bytes:
    """An error cell that begins before the first million bytes end, and ends after."""
    if "worksheets/sheet" not in name:
        return content
    formula = b"SUM(" + b"A1," * 3_000 + b"A1)"
    content = re.sub(rb"<f>[^<]*</f>", b"<f>" + formula + b"</f>", content)
    start = content.index(b'<c r="D2"')
    padding = Random(1).randbytes((1024 * 1024 - start - 5_000) // 2).hex().encode()
    return content[:start] + b"<!--" + padding + b"-->" + content[start:]


OTHER_WAYS = {
    "indented": in_sheet(rb"(<c [^>]*>)(<f>[^<]*</f>)", rb"\1\n    \2\n    "),
    "blanks kept": in_sheet(rb"</f><v>", rb'</f><v xml:space="preserve">'),
    "attributes turned": in_sheet(rb'<c r="([A-Z]+\d+)" t="e"', rb"<c t='e' r='\1'"),
    "strict": strict,
    "long formula": with_a_long_formula,
}
OTHER_NAMES = {
    "Workbook.xml": lambda name: name.replace("workbook.xml", "Workbook.xml"),
    "Sheet1.xml": lambda name: name.replace("sheet1.xml", "Sheet1.xml"),
}


def in_another_way(seed: int, raw: bytes, format_: str) -> bytes:
    """Return a workbook as another program may write it, now and then."""
    rng = Random(seed)
    if format_ not in ("xlsx", "xlsm") or rng.random() < 0.4:
        return raw
    if rng.random() < 0.3:
        return renamed(raw, OTHER_NAMES[rng.choice(sorted(OTHER_NAMES))])
    ways = [way for way in sorted(OTHER_WAYS) if way != "long formula"]
    return rewritten(raw, OTHER_WAYS[rng.choice(ways)])


FAR = {
    "plain": b'<row r="60000"><c r="DZZ60000" t="str"><v>x</v></c></row>',
    "row without number": b'<row><c r="DZZ60000" t="str"><v>x</v></c></row>',
    "style first": b'<row r="60000"><c s="0" r="DZZ60000" t="str"><v>x</v></c></row>',
    "single quotes": b"<row r='60000'><c r='DZZ60000' t='str'><v>x</v></c></row>",
    "blanks": b'<row r = "60000"><c  r = "DZZ60000" t="str"><v>x</v></c></row>',
    "small letters": b'<row r="60000"><c r="dzz60000" t="str"><v>x</v></c></row>',
    "prefix": b'<y:row xmlns:y="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'r="60000"><y:c r="DZZ60000" t="str"><y:v>x</y:v></y:c></y:row>',
    "empty text": b'<row r="60000"><c r="DZZ60000" t="str"><v></v></c></row>',
}


def rewritten(raw: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return out.getvalue()


def renamed(raw: bytes, rename: Callable[[str], str]) -> bytes:
    """Rename parts of a package; what it says of their names stays as it is."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.infolist():
            new.writestr(rename(part.filename), old.read(part))
    return out.getvalue()
