"""Files that cannot be read at all, made by chance: each with the one reason that is given."""

import io
import struct
import zipfile
from random import Random

from tests.sharing.faulty import MORE_FORMATS, Cell, ListFile, code
from tests.sharing.generated_cells import WORKBOOKS
from tests.sharing.other_ways import FAR, in_another_way, in_sheet, rewritten

HEADER = ["统一社会信用代码", "企业名称", "行政区划代码"]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refused(seed: int) -> tuple[bytes, str, str]:
    """Return a file's bytes, its name, and the code of the refusal."""
    rng = Random(seed)
    made = rng.choice([_empty, _type, _damaged, _mistaken, _cut, _bomb, _repeats, _no_header, _far])
    return made(rng)


def _list(rng: Random, rows: int = 5) -> ListFile:
    lines: list[list[Cell]] = [[code(n), f"第{n}厂", "330113"] for n in range(1, rows + 1)]
    return ListFile(list(HEADER), lines, above=[[]] * rng.choice([0, 0, 2]))


def _empty(rng: Random) -> tuple[bytes, str, str]:
    format_ = rng.choice(MORE_FORMATS)
    file = _list(rng, 0)
    if rng.random() < 0.4:
        file.rows += [["", " ", "-"], []]
    if rng.random() < 0.4:
        file.below = [["填报说明：本季度无变化"]]
    if rng.random() < 0.3 and format_ not in WORKBOOKS:
        return (
            rng.choice([b"", b"\xef\xbb\xbf", b"\r\n\r\n", b" ,,\n"]),
            "a.csv",
            "file_empty",
        )
    return (*file.write(format_), "file_empty")


def _type(rng: Random) -> tuple[bytes, str, str]:
    raw, name = _list(rng).write(rng.choice(["xlsx", "csv", "ods"]))
    return (
        raw,
        rng.choice(["list.pdf", "list", "list.xlsb", "list.docx", f"{name}.zip"]),
        "file_type",
    )


def _damaged(rng: Random) -> tuple[bytes, str, str]:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as parts:
        parts.writestr("word/document.xml", "<w/>")
    text = ("统一社会信用代码,企业名称\n" + code(1) + ",甲").encode()
    broken = rng.choice(
        [package.getvalue(), OLE + rng.randbytes(600), b"PK\x03\x04" + rng.randbytes(80)]
    )
    raw, name = rng.choice(
        [(broken, "a.xlsx"), (broken, "a.csv"), (broken, "a.et"), (text, "a.xlsx"), (text, "a.xls"),
         (text.decode().encode("utf-16"), "a.csv"), (text + b"\0", "a.txt"), (text[:-1], "a.csv")]
    )  # fmt: skip
    return raw, name, "file_damaged"


def _mistaken(rng: Random) -> tuple[bytes, str, str]:
    """Return text in which a quotation mark is never closed, or closes in a later record."""
    lines = [f"{code(n)},第{n}厂,330113" for n in range(1, 9)]
    at = rng.randrange(0, 5)
    lines[at] = lines[at].replace(",第", ',"第')
    chance = rng.random()
    if chance < 0.4:
        lines[at + 2] = lines[at + 2].replace(",第", ',"第').replace("厂,", '厂",')
    elif chance < 0.6:  # so late that one row alone follows
        lines = lines[: at + 2]
    end = rng.choice(["", "\n"])
    return ("\n".join([",".join(HEADER), *lines]) + end).encode(), "a.csv", "file_damaged"


def _cut(rng: Random) -> tuple[bytes, str, str]:
    raw, name = _list(rng).write(rng.choice(["xlsx", "xlsm", "ods", "xls"]))
    return raw[: int(len(raw) * rng.uniform(0.2, 0.8))], name, "file_damaged"


def _bomb(rng: Random) -> tuple[bytes, str, str]:
    """Return a workbook that unpacks to more than 100 times its size."""
    raw, name = _list(rng).write(rng.choice(["xlsx", "ods"]))
    package = io.BytesIO(raw)
    with zipfile.ZipFile(package, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as parts:
        parts.writestr("padding.xml", b" " * 4_000_000)
    raw = package.getvalue()
    if rng.random() < 0.3:  # which says that it unpacks to 5 GB beside a file of its size
        raw = raw.replace(struct.pack("<I", 4_000_000), struct.pack("<I", 4_200_000_000))
    return raw, name, "file_damaged"


def _repeats(rng: Random) -> tuple[bytes, str, str]:
    """Return an .ods in which a few bytes say that a cell stands there a billion times."""
    raw, name = _list(rng).write("ods")
    rows, columns = rng.choice([(1_000_000, 1_000), (1, 16_000_000), (1_000_000, 16_000)])
    cell = (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'office:value-type="string" table:number-columns-repeated="{columns}">'
        "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
    )
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(changed, "w", 8) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "content.xml":
                content = content.replace(b"</table:table>", cell.encode())
            new.writestr(part.filename, content)
    return changed.getvalue(), name, "file_damaged"


def _far(rng: Random) -> tuple[bytes, str, str]:
    """Return a workbook with a stray cell so far out that what lies between fills the memory."""
    raw, name = _list(rng).write(rng.choice(["xlsx", "xlsm"]))
    far = FAR[rng.choice(sorted(FAR))]
    changed = rewritten(raw, in_sheet(rb"</sheetData>", far + b"</sheetData>"))
    return in_another_way(rng.randrange(1000), changed, "xlsx"), name, "file_too_large"


def _no_header(rng: Random) -> tuple[bytes, str, str]:
    file = _list(rng)
    kind = rng.randrange(3)
    if kind == 0:  # it is looked for in the first twenty rows
        file.above = [[f"说明{n}"] for n in range(20)]
    elif kind == 1:
        file.header = ["统一社会信用代码", "甲", "乙"]
    else:
        file.header = ["代号", "联系人", "电话"]
    return (*file.write(rng.choice(MORE_FORMATS)), "header_not_found")


def with_faulty_header(seed: int) -> tuple[ListFile, int, str | None]:
    """Return a list whose header lacks the credit code, or names a column a second time."""
    rng = Random(seed)
    file = _list(rng)
    if rng.random() < 0.3:
        file.header[0] = rng.choice(["代号", "联系人"])
        return file, 0, None
    again = rng.choice(
        ["信用代码", " USCC ", "企业　名称", "enterprise name", "ｒｅｇｉｏｎ", "region code"]
    )
    file.header.append(again)
    for row in file.rows:
        row.append("x")
    return file, 3, again.strip()


def format_of(seed: int) -> str:
    return Random(seed).choice(MORE_FORMATS)
