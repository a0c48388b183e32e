"""Refusals of services as errors of the fields that they are about."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import pgettext

from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.refusals import words_of


def put_into(form: forms.Form, refusal: Refusal, *, called: Mapping[str, str] | None = None) -> int:
    """
    Put a refusal where the reader looks: at the fields it names, and above the form.

    :param called: the form's own names for members of the request, where they differ.
    :returns: the status to answer with.
    """
    words = words_of(refusal)
    named = False
    for error in refusal.errors:
        pointer = error["pointer"].strip("/")
        member = pointer.partition("/")[0]
        field = (called or {}).get(member, member)
        if field in form.fields and not form.errors.get(field):
            form.add_error(field, _detail(refusal.code, member, error["detail"]))
            named = True
    form.add_error(None, words.title if named and not is_chinese() else str(words))
    return status_of(refusal)


def _detail(code: str, member: str, detail: str) -> str:
    """Return what is wrong with one member, in the reader's language."""
    if not is_chinese():
        return detail
    for key in (f"{code} {member}", code):
        sentence = pgettext("refusal field", key)
        if sentence != key:
            return sentence
    return pgettext("refusal field", "unfit")
