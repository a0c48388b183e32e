"""
How the same list may lie in a file: headers of two rows, merged cells, formulas, dialects.

None of it changes what the rules say about a cell; it changes where the cell stands, and how
it is written down.
"""

from dataclasses import replace
from random import Random

from tests.sharing.faulty import Cell, Formula, ListFile, Percent
from tests.sharing.generated_book import Planned
from tests.sharing.generated_cells import Typed

BELOW = ("状态", "值", "等级", "value")
PARTS = {
    "valid_from": ("有效期自", "valid from"),
    "valid_to": ("有效期至", "valid to"),
    "evidence": ("证据", "evidence"),
}
Typing = list[tuple[int, dict[str, Typed]]]


def in_two_rows(
    rng: Random, columns: list[Planned], unknown: list[str], file: ListFile, *, merges: bool
) -> None:
    """
    Write the header over two rows: an item above, what of it below, everything else merged.

    The text of a companion's column is then that of both its cells.
    """
    top, left = len(file.above), file.left
    upper: list[str] = []
    lower: list[Cell] = []
    place = 0
    while place < len(columns):
        column, end = columns[place], place + 1
        while end < len(columns) and columns[end].key.startswith(f"{column.key}|"):
            end += 1
        head = column.header.strip() if end > place + 1 else column.header
        upper += [head] + [""] * (end - place - 1)
        if end > place + 1:
            column.header = head
            lower.append(rng.choice(BELOW))
            for companion in columns[place + 1 : end]:
                below = rng.choice(PARTS[companion.part])
                companion.header = f"{head} {below}"
                lower.append(below)
            if merges:
                file.merged.append((top, left + place, top, left + end - 1))
        else:
            lower.append("")
            if merges:
                file.merged.append((top, left + place, top + 1, left + place))
        place = end
    if merges:
        for extra in range(len(columns), len(columns) + len(unknown)):
            file.merged.append((top, left + extra, top + 1, left + extra))
    if any(lower) and rng.random() < 0.3:
        _name_below(columns, upper, lower, file, merges=merges)
    file.header = upper + unknown
    file.second = [*lower, *[""] * len(unknown)]


def _name_below(
    columns: list[Planned], upper: list[str], lower: list[Cell], file: ListFile, *, merges: bool
) -> None:
    """Name code, name and region in the second row, below a word for all three."""
    top, left = len(file.above), file.left
    upper[:3] = ["企业信息", "", ""]
    lower[:3] = [column.header for column in columns[:3]]
    if merges:
        alone = [(top, left + place, top + 1, left + place) for place in range(3)]
        file.merged = [span for span in file.merged if span not in alone]
        file.merged.append((top, left, top, left + 2))


def merge_below(
    rng: Random, columns: list[Planned], lines: list[list[Cell]], typed: Typing, file: ListFile
) -> None:
    """Merge some cells of rows that lie one below the other: the lower rows say the same."""
    first = file.header_row + 1 + bool(file.second)
    taken: set[tuple[int, int]] = set()
    for _ in range(rng.choice([1, 2, 3])):
        start = rng.randrange(len(typed))
        place = rng.randrange(1, len(columns))
        number, row = typed[start]
        text = row[columns[place].key].cell
        end = start
        while end + 1 < len(typed) and typed[end + 1][0] == typed[end][0] + 1:
            if end - start >= 2 or end + 2 >= len(typed):
                break
            end += 1
        covered = {(at, place) for at in range(start, end + 1)}
        if end == start or not isinstance(text, str) or not text.strip() or covered & taken:
            continue
        if text.startswith("#") or text != text.strip():
            continue
        taken |= covered
        for at in range(start + 1, end + 1):
            lines[typed[at][0] - first][place] = ""
            typed[at][1][columns[place].key] = row[columns[place].key]
        top = number - 1
        file.merged.append((top, file.left + place, top + end - start, file.left + place))


def as_formulas(rng: Random, lines: list[list[Cell]], merged: set[tuple[int, int]]) -> None:
    """Let some cells be formulas, with their values stored beside."""
    for row, line in enumerate(lines):
        for place, cell in enumerate(line):
            plain = isinstance(cell, float) or (
                isinstance(cell, str) and cell == cell.strip() and cell.isprintable()
            )
            if not plain or cell == "" or str(cell).startswith("#") or (row, place) in merged:
                continue
            if rng.random() < 0.04 and not isinstance(cell, Percent):
                line[place] = Formula(cell)  # type: ignore[arg-type]  # a text here


def dialect(rng: Random, file: ListFile) -> ListFile:
    """Choose how a text file is written."""
    newline = rng.choice(["\r\n", "\r\n", "\n", "\r"])
    # The csv module leaves a cell with \n unquoted where lines end with something else.
    return replace(file, newline=newline, quotes_all=newline == "\r" or rng.random() < 0.2)
