"""A scorecard's document on a page: as text, and with what is wrong at its place."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from evaluation.selectors import scorecards as selectors
from evaluation.web.forms import DocumentForm
from qfce.kernel.errors import Refusal
from qfce.kernel.tenancy.actors import Actor

LONGEST = 160


@dataclass(frozen=True, slots=True)
class ShownFault:
    """One thing that is wrong: where, what, and what stands there now."""

    pointer: str
    detail: str
    stands: str


def pretty(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def start(version_id: str, *, actor: Actor) -> str:
    """
    Return the document of another version to start from, empty where none was named.

    :raises NoSuchRecord: if the actor's organization has no such version.
    """
    try:
        wanted = UUID(version_id)
    except ValueError:
        return ""
    return pretty(selectors.get(wanted, actor=actor).document)


def shown_again(form: DocumentForm) -> DocumentForm:
    """Return a refused form with the text of its file in the text field, to be mended there."""
    given = form.cleaned_data.get("file") if hasattr(form, "cleaned_data") else ""
    if given:
        texts: Any = form.data
        form.data = texts.copy()
        form.data["document"] = given  # type: ignore[index]  # a copy of a QueryDict takes it
    return form


def faults(refusal: Refusal, document: Any) -> list[ShownFault]:
    """Return what is wrong with a document, each with what stands at its pointer."""
    return [
        ShownFault(
            pointer=error["pointer"] or "/",
            detail=_(error["detail"]),
            stands=_at(document, error["pointer"]),
        )
        for error in refusal.errors
    ]


def _at(document: Any, pointer: str) -> str:
    """Return what stands at a JSON pointer, shortened; empty where nothing does."""
    found = document
    for raw in pointer.split("/")[1:]:
        key = raw.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (KeyError, IndexError, ValueError, TypeError):
            return ""
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
