"""Two versions of a list side by side, and what each difference means for what exists."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from factors.domain.comparison import ChangeKind, Imports, Records, Scorecards, Subject, counts
from factors.domain.list_versions import VersionStatus
from factors.models import FactorListVersion
from factors.permissions import EDIT, VIEW
from factors.selectors import comparisons, list_pages
from factors.selectors.comparisons import Touched
from factors.selectors.lives import is_mine
from factors.web import words
from factors.web.field_words import field_name
from factors.web.forms_items import LABELS
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.formats import local
from qfce.kernel.web.language import is_chinese, joined
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table

KINDS: words.Words = {
    ChangeKind.ADDED: pgettext_lazy("difference", "Added"),
    ChangeKind.REMOVED: pgettext_lazy("difference", "Removed"),
    ChangeKind.RENAMED: pgettext_lazy("difference", "Renamed"),
    ChangeKind.RETYPED: pgettext_lazy("difference", "Retyped"),
    ChangeKind.TIGHTENED: pgettext_lazy("difference", "Tightened"),
    ChangeKind.LOOSENED: pgettext_lazy("difference", "Loosened"),
    ChangeKind.MOVED: pgettext_lazy("difference", "Moved"),
    ChangeKind.CHANGED: pgettext_lazy("difference", "Changed"),
    ChangeKind.WORDED: pgettext_lazy("difference", "Reworded"),
}
TONES = {
    "added": "good", "removed": "bad", "renamed": "info", "retyped": "bad", "tightened": "warn",
    "loosened": "good", "moved": "info", "changed": "info", "worded": "muted",
}  # fmt: skip
SUBJECTS: words.Words = {
    Subject.LIST: pgettext_lazy("compared", "List"),
    Subject.CATEGORY: gettext_lazy("Category"),
    Subject.ITEM: gettext_lazy("Item"),
    Subject.RULE: gettext_lazy("Cross rule"),
}
RECORDS: words.Words = {
    Records.LACK: gettext_lazy("No record has a value yet."),
    Records.DROPPED: gettext_lazy("Stored values are no longer part of the list."),
    Records.CARRIED: gettext_lazy("Stored values go on under the new code."),
    Records.CONVERTED: gettext_lazy("Stored values have to be converted."),
    Records.RECHECKED: gettext_lazy("Some stored values may no longer be allowed."),
    Records.SHARED: gettext_lazy("Who may see stored values changes."),
}
IMPORTS: words.Words = {
    Imports.NEW_COLUMN: gettext_lazy("Files get a new column."),
    Imports.UNKNOWN_COLUMN: gettext_lazy("Files that hold its column are told so."),
    Imports.HEADER: gettext_lazy("Its column is headed anew."),
    Imports.RECHECKED: gettext_lazy("Open files are checked anew."),
}
SCORECARDS: words.Words = {
    Scorecards.MAY_ADD: gettext_lazy("Scorecards may take it up."),
    Scorecards.LOSE: gettext_lazy("Scorecards lose a characteristic."),
    Scorecards.REVIEW: gettext_lazy("Scorecards that use it have to be looked at."),
}


@require_safe
@tenant_page(VIEW)
def compare(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    known = list_pages.version_rows(actor=actor, on=business_day(timezone.now()))
    versions = [row for row in known if row.code == code]
    if not versions:
        raise NoSuchRecord(f"There is no list {code}.")
    numbers = [row.number for row in versions]
    new = _asked(request, "new", numbers, numbers[0])
    old = _asked(request, "old", numbers, next((n for n in numbers if n < new), new))
    found = comparisons.comparison(code, old, new, actor=actor)
    context = {
        "found": found,
        "list": found.new.factor_list,
        "versions": [(row.number, words.status(row.status)) for row in versions],
        "kinds": _kinds(request.path, old, new, found),
        "migration_links": _migration_links(found.new, actor),
    }
    rows = [_Row(touched) for touched in found.changes]
    return COMPARISON.respond(request, rows, "factors/comparison/detail.html", context)


def _migration_links(version: FactorListVersion, actor: Actor) -> list[tuple[str, str]]:
    """Return label and address of where it is said, and done, what becomes of records."""
    links = []
    if version.status == VersionStatus.DRAFT and is_mine(version, actor=actor) and actor.may(EDIT):
        address = reverse("factors:edit-migration", args=[version.factor_list.code, version.number])
        links.append((_("Say what becomes of records"), address))
    if version.document.get("migration") and actor.may("sharing.migration.view"):
        address = reverse("sharing:list-migrations")
        links.append((_("Migrations of records"), f"{address}?q={version.factor_list.code}"))
    return links


class _Row:
    """One change as the table's row."""

    def __init__(self, touched: Touched) -> None:
        change = touched.change
        self.kind, self.subject, self.code = change.kind, change.subject, change.code
        self.name = local(change)
        self.field = field_name(change.field) if change.field else ""
        self.before = shown(change.before, change.field)
        self.after = shown(change.after, change.field)
        self.records, self.imports = touched.records, touched.imports
        self.scorecards = touched.scorecards
        self.means = consequence(touched)


def consequence(touched: Touched) -> str:
    """Return in words what a change means."""
    meant = touched.change.consequence
    told: list[str] = []
    for name, mapping in ((meant.records, RECORDS), (meant.imports, IMPORTS)):
        if name in mapping:
            told.append(str(mapping[name]))
    concerned = touched.scorecards is not False or meant.scorecards == Scorecards.MAY_ADD
    if concerned and meant.scorecards in SCORECARDS:
        told.append(str(SCORECARDS[meant.scorecards]))
    return joined(*told) if told else ""


def shown(value: Any, field: str = "") -> str:
    """Return one side of a difference as people read it."""
    if isinstance(value, str) and field in LABELS:
        return str(LABELS[field].get(value, value))
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        stem = "label" if "label_zh" in value else "message" if "message_zh" in value else "name"
        return str(value.get(f"{stem}_{'zh' if is_chinese() else 'en'}") or value.get("code", ""))
    if isinstance(value, list):
        return formats.listed(shown(part, field) for part in value)
    return str(value)


def _asked(request: HttpRequest, name: str, numbers: list[int], otherwise: int) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and int(given) in numbers else otherwise


def _kinds(
    path: str, old: int, new: int, found: comparisons.Comparison
) -> list[tuple[str, int, str, str]]:
    """Return label, number, address and tone of each kind of change that there is."""
    numbers = counts([touched.change for touched in found.changes])
    return [
        (
            str(KINDS[ChangeKind(kind)]),
            number,
            f"{path}?old={old}&new={new}&kind={kind}",
            TONES[kind],
        )
        for kind, number in numbers.items()
    ]


COMPARISON = Table(
    name="factors.comparison",
    caption=gettext_lazy("Differences"),
    columns=(
        Column(
            "kind",
            gettext_lazy("Difference"),
            Kind.STATUS,
            sort="kind",
            label_of=lambda kind: KINDS[kind],
            tone_of=lambda kind: TONES[kind],
        ),
        Column(
            "code",
            pgettext_lazy("of a list", "Code"),
            sort="code",
            note=lambda row: row.name or str(SUBJECTS[row.subject]),
        ),
        Column("field", gettext_lazy("Member"), sort="field"),
        Column("before", gettext_lazy("Before")),
        Column("after", gettext_lazy("After")),
        Column("means", pgettext_lazy("of a difference", "What it means")),
        Column("records", gettext_lazy("Profiles"), Kind.NUMBER, sort="records"),
        Column("imports", gettext_lazy("Open imports"), Kind.NUMBER),
        Column("scorecards", gettext_lazy("Scored with"), Kind.FLAG),
    ),
    search=("code", "name", "field"),
    filters=(
        Choice("kind", gettext_lazy("Difference"), tuple(KINDS.items())),
        Choice("subject", gettext_lazy("Of"), tuple(SUBJECTS.items())),
    ),
    fixed=("old", "new"),
    size=100,
    empty=gettext_lazy("The two versions say the same"),
)
