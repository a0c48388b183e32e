"""Filters and tags that every template has without loading them."""

import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from qfce.kernel.web import formats, labels

ITEM_CODE = re.compile(r"(?<![\w-])[A-Z]{2}-[A-Z]?\d{1,3}\b")

register = template.Library()

register.filter("yuan", formats.yuan)
register.filter("percent", formats.percent)
register.filter("number", formats.number)
register.filter("day", formats.day)
register.filter("moment", formats.moment)
register.filter("local", formats.local)
register.filter("role_label", labels.role)
register.filter("roles_label", labels.roles)
register.filter("kind_label", labels.organization_kind)
register.filter("job_label", labels.job_kind)
register.filter("job_phase_label", labels.job_phase)
register.filter("state_label", labels.job_state)
register.filter("state_tone", labels.job_state_tone)
register.filter("bracketed", formats.bracketed)
register.filter("version", formats.version)
register.filter("own_half", formats.own_half)
register.filter("action_label", labels.action)
register.filter("target_label", labels.target)


@register.filter
def index(sequence: Any, position: int) -> Any:
    """Return a member of a sequence, or of a mapping by its key."""
    return sequence[position]


@register.filter
def unbroken(text: Any) -> SafeString:
    """
    Return a text whose item codes stay whole, where a browser would break them at the hyphen.

    >>> unbroken("QM-13、<b>")
    '<span class="unbroken">QM-13</span>、&lt;b&gt;'
    """
    if isinstance(text, SafeString):
        return text  # markup already
    return mark_safe(ITEM_CODE.sub(r'<span class="unbroken">\g<0></span>', escape(text)))  # noqa: S308 escaped


@register.filter
def characteristic(reason: str) -> str:
    """Return the code of the characteristic that a reason (`C06.no_data`) is about."""
    return reason.partition(".")[0]


@register.filter
def widget_kind(field: BoundField) -> str:
    """Return how a field is laid out: checkbox, choices, or one line."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return "checkbox" if isinstance(widget, CheckboxInput) else "line"


@register.filter
def dressed(field: BoundField) -> SafeString:
    """Return a field's widget with the look and the references that a reader's aid follows."""
    widget = field.field.widget
    look = "form-control"
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        look = "form-check-input"
    elif isinstance(widget, Select):
        look = "form-select"
    given = widget.attrs.get("class", "")
    attributes: dict[str, str | bool] = {
        "class": f"{look} {given} {'is-invalid' if field.errors else ''}".strip()
    }
    described = [f"{field.auto_id}-help"] if field.help_text else []
    if field.errors:
        attributes["aria-invalid"] = "true"
        described.append(f"{field.auto_id}-error")
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attributes)


@register.filter
def visible(fields: Iterable[BoundField]) -> list[BoundField]:
    """Return the fields of a form that people see."""
    return [field for field in fields if not field.is_hidden]
