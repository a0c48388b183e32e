"""
Tables of people: declared once, then searched, filtered, sorted, paged and exported.

The address holds all of the state, so that it can be sent to a colleague, works without
JavaScript, and what htmx swaps in equals the reloaded page. What somebody last asked a table
for is remembered in the session, and comes back with the bare address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from qfce.kernel.web import formats, table_exports
from qfce.kernel.web.pages import wants_part
from qfce.kernel.web.table_sources import Narrow, Narrowing, Wanted, member, source_of

Text = str | Promise
SIZES = (25, 50, 100)
EXPORT_LIMIT = 50_000
LONGEST_CODE = 18  # of those that stay on one line


class Kind(StrEnum):
    """What a column holds: how it is written, aligned and exported."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    YUAN = "yuan"
    PERCENT = "percent"  # of a fraction
    DAY = "day"
    MOMENT = "moment"
    STATUS = "status"
    FLAG = "flag"
    PICK = "pick"  # a box to tick: the value is sent by the form that the table's id names


FORMATS: dict[Kind, Callable[[Any], str]] = {
    Kind.NUMBER: formats.number,
    Kind.YUAN: formats.yuan,
    Kind.PERCENT: formats.percent,
    Kind.DAY: formats.day,
    Kind.MOMENT: formats.moment,
}
TO_THE_RIGHT = frozenset({Kind.NUMBER, Kind.YUAN, Kind.PERCENT})


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column.

    :param key: stands in the address when the table is sorted by it, and names the value:
        a path such as `version__number` unless `value` is given.
    :param sort: the lookup or attribute to sort by; empty: not sortable.
    :param label_of: the words for a value, as the label of a state.
    :param tone_of: the tone of a status for a value: info, good, warn, bad or muted.
    :param href: where a row's cell leads; None for nowhere.
    :param note: a second, smaller line.
    :param note_label: what that line is; it then has a column of its own in a file.
    """

    key: str
    label: Text
    kind: Kind = Kind.TEXT
    sort: str = ""
    value: Callable[[Any], Any] | None = None
    label_of: Callable[[Any], Any] | None = None
    tone_of: Callable[[Any], str] | None = None
    href: Callable[[Any], str | None] | None = None
    note: Callable[[Any], Any] | None = None
    note_label: Text = ""

    def raw(self, row: Any) -> Any:
        return self.value(row) if self.value else member(row, self.key)

    def text(self, row: Any) -> str:
        """Return what the page shows, in the reader's language."""
        value = self.raw(row)
        if self.label_of is not None and value is not None:
            return str(self.label_of(value))
        if self.kind in FORMATS:
            return FORMATS[self.kind](value)
        if self.kind is Kind.FLAG:
            return formats.NOTHING if value is None else (_("Yes") if value else _("No"))
        return formats.NOTHING if value in (None, "") else str(value)

    def cell(self, row: Any) -> "Cell":
        value = self.raw(row)
        return Cell(
            text=str(value or "") if self.kind is Kind.PICK else self.text(row),
            kind=self.kind.value,
            align="end" if self.kind in TO_THE_RIGHT else "",
            href=(self.href(row) or "") if self.href else "",
            tone=self.tone_of(value) if self.tone_of else "muted",
            note=str(self.note(row) or "") if self.note else "",
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """
    A filter by one of several values.

    :param options: (value, label) pairs, or a function that gives them.
    :param lookup: the lookup or attribute that must equal the value, or a function of rows
        and value that narrows them; empty: the key.
    """

    key: str
    label: Text
    options: Sequence[tuple[str, Text]] | Callable[[], Sequence[tuple[str, Text]]]
    lookup: str | Narrow = ""

    def pairs(self) -> list[tuple[str, str]]:
        options = self.options() if callable(self.options) else self.options
        return [(str(value), str(label)) for value, label in options]

    def accepts(self, value: str) -> bool:
        return any(value == known for known, _label in self.pairs())


@dataclass(frozen=True, slots=True)
class Day:
    """A filter by a day: `lookup` such as `created_at__date__gte`, or a function."""

    key: str
    label: Text
    lookup: str | Narrow

    def accepts(self, value: str) -> bool:
        try:
            return bool(formats.day(value))
        except ValueError:
            return False


Filter = Choice | Day


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    kind: str
    align: str
    href: str
    tone: str
    note: str

    @property
    def is_long(self) -> bool:
        """Test whether a code is one to copy, and may break; a credit code may not."""
        return self.kind == Kind.CODE and len(self.text) > LONGEST_CODE

    @property
    def notes_code(self) -> bool:
        """Test whether the note is a credit code, which does not break."""
        return len(self.note) == LONGEST_CODE and self.note.isascii() and self.note.isalnum()


@dataclass(frozen=True, slots=True)
class Head:
    label: str
    align: str
    address: str  # that sorts by it; empty: not sortable
    direction: str  # ascending, descending or none, as aria-sort says it


@dataclass(frozen=True, slots=True)
class Widget:
    """A filter as its form shows it; `options` are (value, label, is chosen)."""

    key: str
    label: str
    kind: str
    value: str
    options: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a table, ready for `<c-table>`."""

    id: str
    caption: str
    path: str
    reset: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    page: int
    size: int
    searchable: bool
    search: str
    widgets: tuple[Widget, ...]
    hidden: tuple[tuple[str, str], ...]
    query: str
    empty: str
    _address: Callable[..., str]

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search or any(widget.value for widget in self.widgets))

    @property
    def previous(self) -> str:
        return self._address(page=self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        return self._address(page=self.page + 1) if self.page < self.pages else ""

    @property
    def numbers(self) -> tuple[tuple[int, str, bool], ...]:
        """The pages near this one, the first and the last: number, address, is behind a gap."""
        near = {1, self.pages, *range(self.page - 2, self.page + 3)}
        shown = sorted(number for number in near if 1 <= number <= self.pages)
        before = dict(zip(shown[1:], shown, strict=False))
        return tuple(
            (number, self._address(page=number), number - before.get(number, number - 1) > 1)
            for number in shown
        )

    @property
    def sizes(self) -> tuple[tuple[int, str], ...]:
        return tuple((size, self._address(size=size, page=None)) for size in SIZES)

    @property
    def csv(self) -> str:
        return self._address(export="csv", page=None)

    @property
    def xlsx(self) -> str:
        return self._address(export="xlsx", page=None)

    @property
    def export_limit(self) -> int:
        return EXPORT_LIMIT if self.total > EXPORT_LIMIT else 0


@dataclass(frozen=True, slots=True)
class Table:
    """
    A table of the platform.

    :param name: unique, as `lending.applications`; names the session's memory and the file.
    :param search: the lookups or attributes that the search box looks into.
    :param ordering: lookups to order by unless asked, and among equals.
    """

    name: str
    caption: Text
    columns: tuple[Column, ...]
    search: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    ordering: tuple[str, ...] = ()
    size: int = SIZES[0]
    empty: Text = ""
    fixed: tuple[str, ...] = field(default=())  # parameters of the page that its links keep

    @property
    def id(self) -> str:
        return "table-" + self.name.replace(".", "-").replace("_", "-")

    def respond(
        self,
        request: HttpRequest,
        rows: Any,
        template: str,
        context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        """
        Answer a list page: the page, the table alone for htmx, or a file of what is shown.

        The template finds the table as `table`.
        """
        if remembered := self._remembered(request):
            return redirect(remembered)
        if (wanted_file := request.GET.get("export", "")) in table_exports.KINDS:
            return self.export(request, rows, wanted_file)
        everything = {**(context or {}), "table": self.read(request, rows)}
        part = wants_part(request) and request.headers.get("HX-Target") == self.id
        return render(request, "web/_table.html" if part else template, everything)

    def read(self, request: HttpRequest, rows: Any) -> Sheet:
        """Return the page of rows that the address asks for."""
        wanted = self._wanted(request)
        size = _among(request.GET.get("size"), SIZES, self.size)
        page = max(1, _integer(request.GET.get("page"), 1))
        source = source_of(rows, self.narrowing())
        found, total = source.page(wanted, (page - 1) * size, size)
        if not found and total and page > 1:
            page = -(-total // size)
            found, total = source.page(wanted, (page - 1) * size, size)
        return self._sheet(request, wanted, found, total, page, size)

    def export(self, request: HttpRequest, rows: Any, kind: str) -> HttpResponse:
        """Return all rows that the address narrows to, in its order, as a file."""
        found, _total = source_of(rows, self.narrowing()).page(
            self._wanted(request), 0, EXPORT_LIMIT
        )
        heads = [head for column in self.columns for head in _heads_in_file(column)]
        body = [[cell for c in self.columns for cell in _cells_in_file(c, row)] for row in found]
        return table_exports.file(kind, self.name, str(self.caption), heads, body)

    def narrowing(self) -> Narrowing:
        """Return how the table searches and filters, for a source that does part of it."""
        lookups = {entry.key: entry.lookup or entry.key for entry in self.filters}
        return Narrowing(self.search, lookups, self.ordering)

    def _wanted(self, request: HttpRequest) -> Wanted:
        asked = request.GET
        filters = {
            entry.key: value
            for entry in self.filters
            if (value := asked.get(entry.key, "").strip()) and entry.accepts(value)
        }
        sort = asked.get("sort", "")
        column = next((c for c in self.columns if c.sort and c.key == sort.lstrip("-")), None)
        order: tuple[str, ...] = ()
        if column is not None:
            order = (("-" if sort.startswith("-") else "") + column.sort,)
        # PostgreSQL takes no NUL in a text.
        search = asked.get("q", "").replace("\x00", "").strip()[:100]
        return Wanted(search, filters, order)

    def _sheet(
        self,
        request: HttpRequest,
        wanted: Wanted,
        found: Sequence[Any],
        total: int,
        page: int,
        size: int,
    ) -> Sheet:
        state = self._state(request)
        address = _Addresses(request.path, state)
        sort = state.get("sort", "")
        return Sheet(
            id=self.id,
            caption=str(self.caption),
            path=request.path,
            reset=address(**dict.fromkeys(set(state) - set(self.fixed)), reset=1),
            heads=tuple(_head(column, sort, address) for column in self.columns),
            rows=tuple(tuple(column.cell(row) for column in self.columns) for row in found),
            total=total,
            page=page,
            size=size,
            searchable=bool(self.search),
            search=wanted.search,
            widgets=tuple(
                _widget(entry, wanted.filters.get(entry.key, "")) for entry in self.filters
            ),
            hidden=tuple((k, v) for k, v in state.items() if k in {"sort", "size", *self.fixed}),
            query=urlencode(state),
            empty=str(self.empty),
            _address=address,
        )

    def _state(self, request: HttpRequest) -> dict[str, str]:
        """Return the parameters of the address that are this table's, empty ones left out."""
        names = ["q", "sort", "size", "page", *self.fixed, *(entry.key for entry in self.filters)]
        return {name: value for name in names if (value := request.GET.get(name, ""))}

    def _remembered(self, request: HttpRequest) -> str:
        """
        Keep what was asked here, or return the address that was asked last.

        Only what somebody changed on the page itself is kept: a link from elsewhere that
        narrows the table says what it means, and should not stick.
        """
        memory: dict[str, str] = request.session.get("tables", {})
        kept = {n: v for n, v in self._state(request).items() if n not in {"page", *self.fixed}}
        if "reset" in request.GET:
            _keep(request, memory, self.name, "")
            fixed = {name: request.GET[name] for name in self.fixed if name in request.GET}
            return _Addresses(request.path, fixed)()
        from_here = urlsplit(request.headers.get("Referer", "")).path == request.path
        if from_here and "export" not in request.GET:
            _keep(request, memory, self.name, urlencode(kept))
        if set(request.GET) - set(self.fixed) or from_here or self.name not in memory:
            return ""
        own = urlencode({name: request.GET[name] for name in self.fixed if name in request.GET})
        return f"{request.path}?{'&'.join(part for part in (own, memory[self.name]) if part)}"


@dataclass(frozen=True, slots=True)
class _Addresses:
    """Makes addresses of the same page with some parameters changed; None takes one away."""

    path: str
    state: dict[str, str]

    def __call__(self, **changes: Any) -> str:
        if "page" not in changes:
            changes["page"] = None
        merged = {**self.state, **changes}
        query = urlencode(
            {name: value for name, value in merged.items() if value not in (None, "")}
        )
        return f"{self.path}?{query}" if query else self.path


def _keep(request: HttpRequest, memory: dict[str, str], name: str, query: str) -> None:
    if memory.get(name, "") != query:
        memory = {key: value for key, value in memory.items() if key != name}
        request.session["tables"] = {**memory, name: query} if query else memory


def _head(column: Column, sort: str, address: _Addresses) -> Head:
    direction = "none"
    if column.sort and sort.lstrip("-") == column.key:
        direction = "descending" if sort.startswith("-") else "ascending"
    turned = f"-{column.key}" if direction == "ascending" else column.key
    return Head(
        str(column.label),
        "end" if column.kind in TO_THE_RIGHT else "",
        address(sort=turned) if column.sort else "",
        direction,
    )


def _widget(entry: Filter, value: str) -> Widget:
    if isinstance(entry, Day):
        return Widget(entry.key, str(entry.label), "date", value)
    options = tuple((known, label, known == value) for known, label in entry.pairs())
    return Widget(entry.key, str(entry.label), "choice", value, options)


def _heads_in_file(column: Column) -> list[str]:
    if column.kind is Kind.PICK:
        return []
    return [str(column.label), *([str(column.note_label)] if column.note_label else [])]


def _cells_in_file(column: Column, row: Any) -> list[Any]:
    if column.kind is Kind.PICK:
        return []
    note = [str(column.note(row) or "")] if column.note_label and column.note else []
    return [_plain(column, row), *note]


def _plain(column: Column, row: Any) -> Any:
    """Return what a file holds: numbers and days as such, all else in the page's words."""
    if column.kind in TO_THE_RIGHT or column.kind in {Kind.DAY, Kind.MOMENT}:
        return column.raw(row)
    text = column.text(row)
    return "" if text == formats.NOTHING else text


def _integer(text: str | None, otherwise: int) -> int:
    try:
        return min(int(text or otherwise), 1_000_000)
    except ValueError:
        return otherwise


def _among(text: str | None, allowed: tuple[int, ...], otherwise: int) -> int:
    number = _integer(text, otherwise)
    return number if number in allowed else otherwise
