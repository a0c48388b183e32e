"""Mending an import in the browser: the rows with findings, cell by cell, kind by kind."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import number
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from sharing.permissions import UPLOAD_IMPORT, VIEW_IMPORT
from sharing.selectors import imports as selectors
from sharing.services import faulty_workbooks, import_mending
from sharing.services.import_mending import CellChange, Outcome
from sharing.services.mending_files import NotAtHand
from sharing.web import mending_grid
from sharing.web.import_frame import frame

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_CONFLICTS = 20
PAGE, PART = "sharing/imports/mend.html", "sharing/imports/_mend.html"


@require_safe
@tenant_page(VIEW_IMPORT)
def index(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    return _show(request, actor, import_id)


@require_POST
@tenant_page(UPLOAD_IMPORT)
def cell(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    """Correct one cell, with what was typed or suggested; or all faulty ones of one text."""
    given = request.POST
    row, place = _figure(given, "row"), _figure(given, "place")
    became = given.get("suggestion", "") or given.get("value", "")
    way = "suggestion" if given.get("suggestion") else "typed"
    at = timezone.now()

    def act() -> Outcome:
        if given.get("alike"):
            return import_mending.correct_alike(
                import_id,
                column=place,
                was=given.get("was", ""),
                became=given.get("value", ""),
                actor=actor,
                at=at,
            )
        change = CellChange(row, place, became, given.get("was", "") if "was" in given else None)
        return import_mending.correct(import_id, [change], way=way, actor=actor, at=at)

    return _carried_out(request, actor, import_id, act)


@require_POST
@tenant_page(UPLOAD_IMPORT)
def accept(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    """Accept every suggestion of one kind."""
    code, column = request.POST.get("code", ""), request.POST.get("column", "") or None
    return _carried_out(
        request,
        actor,
        import_id,
        lambda: import_mending.accept_suggestions(
            import_id, code=code, column=column, actor=actor, at=timezone.now()
        ),
    )


@require_POST
@tenant_page(UPLOAD_IMPORT)
def leave_out(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    """Leave a row out, or take it in again."""
    row, is_out = _figure(request.POST, "row"), request.POST.get("out") == "1"
    return _carried_out(
        request,
        actor,
        import_id,
        lambda: import_mending.leave_out(
            import_id, [row], is_out=is_out, actor=actor, at=timezone.now()
        ),
    )


@require_POST
@tenant_page(UPLOAD_IMPORT)
def check(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    """Check the whole file again, with all corrections."""
    import_mending.check_again(import_id, actor=actor, at=timezone.now())
    return go_to(request, reverse("sharing:import", args=[import_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(VIEW_IMPORT)
def workbook(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    """The workbook of faulty rows: out to be mended, and in again."""
    at = timezone.now()
    if request.method != "POST":
        name, content = faulty_workbooks.workbook(
            import_id, chinese=is_chinese(), actor=actor, at=at
        )
        return HttpResponse(
            content,
            content_type=XLSX,
            headers={"Content-Disposition": content_disposition_header(True, name) or ""},
        )
    file = request.FILES.get("file")
    conflicts: tuple[tuple[int, str, str], ...] = ()

    def act() -> Outcome:
        nonlocal conflicts
        content = file.read() if file else b""
        taken = faulty_workbooks.take_back(import_id, content, actor=actor, at=at)
        conflicts = taken.conflicts
        return taken.outcome

    answer = _carried_out(request, actor, import_id, act)
    for row, column, held in conflicts[:SHOWN_CONFLICTS]:
        said = _("Row %(row)s, %(column)s stays “%(now)s”: somebody corrected it meanwhile.")
        messages.warning(request, said % {"row": row, "column": column, "now": held})
    return answer


def _figure(given: QueryDict, name: str) -> int:
    text = given.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


def _carried_out(
    request: HttpRequest, actor: Actor, import_id: UUID, act: Callable[[], Outcome]
) -> HttpResponse:
    """Do it, and show the rows that are left; without htmx by way of their address."""
    try:
        outcome = act()
    except Refusal as refusal:
        said, status = words_of(refusal), status_of(refusal)
        wrong = f"{said.message} {said.hint}".strip()
        return _show(request, actor, import_id, wrong=wrong, status=status)
    done = ngettext("%(n)s cell corrected.", "%(n)s cells corrected.", outcome.cells) % {
        "n": number(outcome.cells)
    }
    if request.headers.get("HX-Request") != "true":
        messages.success(request, done)
        here = reverse("sharing:import-mending", args=[import_id])
        return go_to(request, f"{here}?{request.GET.urlencode()}")
    return _show(request, actor, import_id, done=done)


def _show(
    request: HttpRequest,
    actor: Actor,
    import_id: UUID,
    *,
    done: str = "",
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    batch = selectors.whole(import_id, actor=actor)
    context: dict[str, Any] = {
        **frame(batch, "import-mending"),
        "may_mend": mending_grid.may_mend(actor, batch),
        "done": done,
        "wrong": wrong,
        "query": request.GET.urlencode(),
    }
    try:
        mended = import_mending.mended_of(batch, at=timezone.now())
    except NotAtHand:
        return render(request, PAGE, {**context, "not_at_hand": True}, status=status)
    asked = mending_grid.asked({name: request.GET.get(name, "") for name in request.GET}, batch)
    context |= mending_grid.contents(mended, asked, actor=actor)
    return fragment(request, PAGE, PART, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(UPLOAD_IMPORT)
def row(request: HttpRequest, actor: Actor, import_id: UUID, row: int) -> HttpResponse:
    """All cells of one row, each to be changed."""
    batch = selectors.whole(import_id, actor=actor)
    mended = import_mending.mended_of(batch, at=timezone.now())
    wrong, status = "", 200
    if request.method == "POST":
        cells = range(len(mended.facts.columns))
        changes = [
            CellChange(row, n, request.POST.get(f"c{n}", ""), request.POST.get(f"was{n}", ""))
            for n in cells
            if f"c{n}" in request.POST and request.POST[f"c{n}"] != request.POST.get(f"was{n}")
        ]
        try:
            import_mending.correct(import_id, changes, actor=actor, at=timezone.now())
            messages.success(request, _("Row %(row)s was corrected.") % {"row": row})
            return go_to(request, reverse("sharing:import-mending", args=[import_id]))
        except Refusal as refusal:
            wrong, status = str(words_of(refusal)), status_of(refusal)
            mended = import_mending.mended_of(batch, at=timezone.now())
    shown = mending_grid.whole_row(mended, row, actor=actor)
    context = {**frame(batch, "import-mending"), "row": shown, "wrong": wrong}
    return render(request, "sharing/imports/mend_row.html", context, status=status)
