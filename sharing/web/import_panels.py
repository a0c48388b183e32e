"""What waits for somebody among the imports, for the page "Today"."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.landing import Todo
from sharing.permissions import RELEASE_IMPORT, UPLOAD_IMPORT
from sharing.selectors import imports as selectors


def waiting(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return what a releaser may release, and which files of an uploader need mending."""
    todos = []
    here = reverse("sharing:imports")
    if actor.may(RELEASE_IMPORT):
        count = selectors.awaiting_release(actor=actor).count()
        todos.append(Todo(_("Imports to release"), count, f"{here}?status=checked", tone="warn"))
    if actor.may(UPLOAD_IMPORT):
        own = selectors.list_for(actor=actor).filter(uploaded_by_id=actor.user_id)
        for status, label, tone in (
            ("needs_attention", _("Files with errors to mend"), "bad"),
            ("ready", _("Your files waiting for a second person"), "info"),
        ):
            count = own.filter(status=status).count()
            todos.append(Todo(label, count, f"{here}?status={status}", tone=tone))
    return todos
