"""What a draft would make: the columns of the workbook and the form for one enterprise."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from factors.domain.catalogue import Item
from factors.domain.workbook_template import columns_of
from factors.permissions import EDIT
from factors.selectors import drafts
from factors.web.factor_lists import frame
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import local
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import fragment, tenant_page, wants_part

PANE = "preview-pane"  # beside the editor's table, asked for again after each step


@require_safe
@tenant_page(EDIT)
def preview(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    """The workbook's columns and the entry form as the draft makes them now."""
    draft = drafts.draft(code, number, actor=actor)
    catalogue = draft.catalogue
    columns = columns_of(catalogue, "zh" if is_chinese() else "en")
    context = {
        **frame(draft.version, catalogue, "edit", actor=actor),
        "draft": draft,
        "columns": [(column.header, column.comment, column.choices) for column in columns],
        "entries": [
            (item.code, local(item), local(item, "unit"), _choices(item), local(item, "fill"))
            for item in catalogue.items.values()
        ],
    }
    if request.headers.get("HX-Target") == PANE and wants_part(request):
        return render(request, "factors/editor/_pane.html", context)
    page, part = "factors/editor/preview.html", "factors/editor/_preview.html"
    return fragment(request, page, part, context)


def _choices(item: Item) -> list[str]:
    if item.type == "boolean":
        return [_("Yes"), _("No")]
    choices = [local(value, "label") for value in item.values]
    return choices + ([_("Not applicable")] if choices and item.allows_not_applicable else [])
