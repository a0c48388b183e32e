"""What was found in a file, cell by cell."""

from collections.abc import Callable
from functools import cache
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from factors.domain.catalogue import Item
from factors.selectors import factor_lists
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing.domain.columns import VALUE, Vocabulary
from sharing.models import ImportBatch, ImportFinding
from sharing.permissions import VIEW_IMPORT
from sharing.selectors import imports as selectors
from sharing.web import import_words as words
from sharing.web.import_frame import frame

COLUMNS = (
    Column("row", _("Row"), Kind.NUMBER, sort="row"),
    Column("column", _("Column")),
    Column(
        "severity",
        _("Gravity"),
        Kind.STATUS,
        sort="severity",
        label_of=lambda code: words.word(words.SEVERITIES, code),
        tone_of=lambda code: words.SEVERITY_TONES.get(code, "muted"),
    ),
    Column("code", _("Finding"), sort="code", label_of=words.finding),
    Column("value", _("In the cell")),
    Column("message", _("What to do"), value=words.finding_message),
)


@require_safe
@tenant_page(VIEW_IMPORT)
def index(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    batch = selectors.whole(import_id, actor=actor)
    rows = selectors.findings(import_id, actor=actor)
    context = frame(batch, "import-findings")
    return _table(batch).respond(request, rows, "sharing/imports/findings.html", context)


def _table(batch: ImportBatch) -> Table:
    """Return the table of findings; it can be narrowed to the codes that there are."""
    codes = sorted(batch.finding_counts, key=words.finding)
    return Table(
        name=f"sharing.import-findings.{batch.pk}",
        caption=_("Findings"),
        columns=(*COLUMNS, Column("suggestion", _("Suggestion"), value=_offer_of(batch))),
        search=("column", "value"),
        filters=(
            Choice("severity", _("Gravity"), tuple(words.SEVERITIES.items())),
            Choice("code", _("Finding"), tuple((code, words.finding(code)) for code in codes)),
        ),
        size=50,
        empty=_("Nothing was found: every cell is as it should be"),
    )


def _offer_of(batch: ImportBatch) -> Callable[[ImportFinding], str]:
    """Return how a suggestion is said: codes of the item that a column holds with their labels."""
    catalogue = factor_lists.catalogue(batch.factor_list, batch.list_version)
    vocabulary = Vocabulary(catalogue, batch.mapping)

    @cache
    def item_of(header: str) -> Item | None:
        named = vocabulary.recognize(header)
        if named is None or named.field.part != VALUE:
            return None
        return catalogue.items.get(named.field.subject)

    return lambda found: words.offer(found.suggestion or "", item_of(found.column or ""))
