"""The columns of a file: what each was read as, and what a person says that it is."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import percent
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from sharing.domain.column_facts import ColumnFacts, SheetFacts
from sharing.domain.column_names import IDENTITY_NAMES
from sharing.domain.column_proposals import propose
from sharing.domain.columns import Field, Vocabulary
from sharing.models import ImportBatch
from sharing.permissions import VIEW_IMPORT
from sharing.selectors import imports as selectors
from sharing.services import import_mending, mending_files
from sharing.web.import_frame import frame
from sharing.web.import_words import identity_name
from sharing.web.mending_grid import may_mend

PAGE = "sharing/imports/columns.html"
PARTS = ("value", "valid_from", "valid_to", "evidence")
Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A column on the page; `chosen` is the field that stands there, `known` what was read."""

    place: int
    text: str
    samples: tuple[str, ...]
    filled: str
    known: str
    chosen: str
    proposals: tuple[tuple[str, str, str], ...]

    @property
    def is_open(self) -> bool:
        return not self.known


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(VIEW_IMPORT)
def index(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    batch = selectors.whole(import_id, actor=actor)
    catalogue = factor_lists.catalogue(batch.factor_list, batch.list_version)
    facts = mending_files.facts(batch.pk)
    wrong, status, given = "", 200, {}
    if request.method == "POST":
        keys = {name: key for key, name in _fields(catalogue)}
        typed = {n: request.POST.get(f"f{n}", "").strip() for n in range(len(facts.columns))}
        given = {n: keys.get(text, text) for n, text in typed.items()}
        twice = _chosen_twice(given)
        wrong, status = _("One field cannot be two columns."), 422
        if not twice:
            try:
                mapping = _said(facts, given, batch)
                import_mending.check_again(
                    import_id, mapping=mapping, actor=actor, at=timezone.now()
                )
                return go_to(request, reverse("sharing:import", args=[import_id]))
            except Refusal as refusal:
                wrong, status = str(words_of(refusal)), status_of(refusal)
    rows = _rows(facts, catalogue, given)
    context: dict[str, Any] = {
        **frame(batch, "import-columns"),
        "may_mend": may_mend(actor, batch),
        "wrong": wrong,
        "rows": rows,
        "has_proposals": any(row.proposals for row in rows),
        "fields": [name for _key, name in _fields(catalogue)],
    }
    return render(request, PAGE, context, status=status)


def _chosen_twice(given: dict[int, str]) -> bool:
    chosen = [field for field in given.values() if field]
    return len(chosen) != len(set(chosen))


def _said(facts: SheetFacts, given: dict[int, str], batch: ImportBatch) -> dict[str, str]:
    """Return what a person said otherwise than the file was read, by header text."""
    said = {}
    for place, column in enumerate(facts.columns):
        if column.text and given[place] != column.field:
            said[column.text] = given[place]
    return said


def _rows(facts: SheetFacts, catalogue: Catalogue, given: dict[int, str]) -> list[Row]:
    """Return the columns, the unknown ones first, each with what it may be."""
    vocabulary = Vocabulary(catalogue)
    taken = {column.field for column in facts.columns if column.field}
    rows = [
        _row(place, column, vocabulary, taken, given.get(place))
        for place, column in enumerate(facts.columns)
        if column.text or column.samples
    ]
    return sorted(rows, key=lambda row: (not row.is_open, row.place))


def _row(
    place: int, column: ColumnFacts, vocabulary: Vocabulary, taken: set[str], given: str | None
) -> Row:
    language = "zh" if is_chinese() else "en"
    found = () if column.field else propose(column, vocabulary)
    free = [proposal for proposal in found if proposal.field not in taken]
    chosen = given if given is not None else column.field
    if given is None and not column.field and free and free[0].confidence >= 0.6:
        chosen = free[0].field
    return Row(
        place,
        column.text,
        column.samples,
        percent(column.filled, 0),
        _name(vocabulary, column.field, language) if column.field else "",
        _name(vocabulary, chosen, language) if vocabulary.knows(chosen) and chosen else chosen,
        tuple(
            (p.field, _name(vocabulary, p.field, language), percent(p.confidence, 0)) for p in free
        ),
    )


def _name(vocabulary: Vocabulary, key: str, language: str) -> str:
    field = Field.of(key)
    if field.is_identity:
        return identity_name(field.subject)
    code = f"{field.subject} " if field.subject in vocabulary.items else ""
    return code + vocabulary.name(field, language)


def _fields(catalogue: Catalogue) -> Options:
    """Return everything that a column can be: whose the row is, items, and their companions."""
    vocabulary, language = Vocabulary(catalogue), "zh" if is_chinese() else "en"
    codes = list(catalogue.items)
    beside = [f"{code}|{part}" for code in codes for part in PARTS[1:]]
    return [(key, _name(vocabulary, key, language)) for key in [*IDENTITY_NAMES, *codes, *beside]]
