"""Lists as files: taken home in four forms, and brought back as a draft."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from factors.domain import interchange
from factors.domain.interchange import Form
from factors.permissions import EDIT, VIEW
from factors.selectors import factor_lists as selectors
from factors.services import interchange as services
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of


class ListFileForm(forms.Form):
    """A file with a list, and which draft it replaces."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A workbook, CSV, YAML or JSON that was exported here and edited."),
    )
    digest = forms.CharField(
        label=gettext_lazy("Digest of the draft that it replaces"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("Leave it empty to begin the next version."),
    )
    unfinished = forms.BooleanField(
        label=gettext_lazy("Take it even if the list cannot work yet"), required=False
    )


@require_safe
@tenant_page(VIEW)
def export(request: HttpRequest, actor: Actor, code: str, number: int, form: str) -> HttpResponse:
    if form not in set(Form):
        raise Http404
    version = selectors.version(code, number, actor=actor)
    wanted = Form(form)
    body = interchange.write(selectors.content(version).to_document(), wanted)
    disposition = f'attachment; filename="{code}-{number}.list.{form}"'
    return HttpResponse(
        body,
        content_type=interchange.MEDIA_TYPES[wanted],
        headers={"Content-Disposition": disposition},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(EDIT)
def bring(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ask for a file; then open the draft that says what it says, or name every fault."""
    if request.method != "POST":
        form = ListFileForm(initial={"digest": request.GET.get("digest", "")[:64]})
        return _show(request, form, [], 200)
    form, faults, status = ListFileForm(request.POST, request.FILES), list[Any](), 422
    if form.is_valid():
        told = form.cleaned_data
        try:
            version = services.import_draft(
                told["file"].read(interchange.MEGABYTES * 1024 * 1024 + 1),
                file_name=told["file"].name,
                digest=told["digest"],
                unfinished=told["unfinished"],
                actor=actor,
                at=timezone.now(),
            )
            messages.success(request, _("The draft now says what the file says."))
            place = [version.factor_list.code, version.number]
            return go_to(request, reverse("factors:version", args=place))
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            faults, status = _faults(refusal), status_of(refusal)
    return _show(request, form, faults, status)


def _faults(refusal: Refusal) -> list[tuple[str, str]]:
    """Return where each fault stands in the file, and what is wrong and what to do."""
    found = []
    for error in refusal.errors:
        parts = [error.get("sheet"), error.get("row"), error.get("column")]
        where = " · ".join(str(part) for part in parts if part) or error["pointer"]
        said = error.get("detail_zh", error["detail"]) if is_chinese() else error["detail"]
        found.append((where, said))
    return found


def _show(
    request: HttpRequest, form: ListFileForm, faults: list[tuple[str, str]], status: int
) -> HttpResponse:
    context = {"form": form, "faults": faults}
    return render(request, "factors/lists/import.html", context, status=status)
