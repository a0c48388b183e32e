"""Words and tones for the codes of risk."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from risk.domain.lifecycle import Level

Text = str | Promise

LEVELS: dict[str, Text] = {
    "red": _("Red"),
    "orange": _("Orange"),
    "yellow": _("Yellow"),
    "blue": _("Blue"),
}
SOURCES: dict[str, Text] = {
    "factor": _("Factors"),
    "register": _("Business register"),
    "servicing": _("Loan servicing"),
    "use_of_funds": _("Use of funds"),
    "bank": _("The bank itself"),
    "graph": _("Related parties"),
    "platform": _("Platform"),
    "combination": _("Combination"),
}
STATUSES: dict[str, Text] = {
    "raised": pgettext_lazy("signal", "Raised"),
    "claimed": pgettext_lazy("signal", "Claimed"),
    "checked": pgettext_lazy("signal", "Checked"),
    "acting": pgettext_lazy("signal", "Being acted on"),
    "answered": pgettext_lazy("signal", "Answered"),
    "released": pgettext_lazy("signal", "Released"),
    "closed": pgettext_lazy("signal", "Closed"),
    "upgraded": pgettext_lazy("signal", "Replaced by a more urgent one"),
    "withdrawn": pgettext_lazy("signal", "Withdrawn"),
}
STATUS_TONES = {
    "raised": "bad",
    "claimed": "warn",
    "checked": "warn",
    "acting": "info",
    "answered": "info",
    "released": "good",
    "closed": "muted",
}
DEADLINES: dict[str, Text] = {
    "overdue": _("Overdue"),
    "today": _("Due today"),
    "in_time": _("In time"),
    "answered": _("To be reviewed"),
    "over": _("Over"),
}
DEADLINE_TONES = {"overdue": "bad", "today": "warn", "in_time": "good", "answered": "info"}
HOLDERS: dict[str, Text] = {
    "mine": _("Mine"),
    "nobody": _("Nobody's"),
    "others": _("Others'"),
}
LINES: dict[str, Text] = {
    "fact": pgettext_lazy("line", "Signal raised"),
    "repeated": pgettext_lazy("line", "The same fact was delivered again"),
    "disputed": pgettext_lazy("line", "The value is disputed"),
    "undisputed": pgettext_lazy("line", "The dispute is settled"),
    "claimed": pgettext_lazy("line", "Claimed"),
    "checked": pgettext_lazy("line", "Checked"),
    "acted": pgettext_lazy("line", "Taken into a case"),
    "answered": pgettext_lazy("line", "Answered"),
    "note": pgettext_lazy("line", "Note"),
    "condition_met": pgettext_lazy("line", "The condition for release has come about"),
    "release_proposed": pgettext_lazy("line", "Release proposed"),
    "released": pgettext_lazy("line", "Released"),
    "closed": pgettext_lazy("line", "Closed"),
    "upgraded": pgettext_lazy("line", "Replaced by a more urgent signal"),
    "withdrawn": pgettext_lazy("line", "Withdrawn"),
}
LINE_LOOKS = {
    "fact": ("bad", "alert-triangle"),
    "repeated": ("muted", "repeat"),
    "disputed": ("warn", "message-exclamation"),
    "undisputed": ("good", "message-check"),
    "claimed": ("info", "hand-grab"),
    "checked": ("info", "eye-check"),
    "acted": ("info", "briefcase"),
    "answered": ("info", "message-reply"),
    "note": ("muted", "note"),
    "condition_met": ("good", "checks"),
    "release_proposed": ("warn", "user-question"),
    "released": ("good", "circle-check"),
    "closed": ("muted", "lock"),
    "upgraded": ("bad", "arrow-up"),
    "withdrawn": ("muted", "eraser"),
}
STEPS: dict[str, Text] = {
    "check": _("Say what the check has shown"),
    "answer": _("Answer: report what came of it"),
    "close": _("Review the answer and close"),
    "release": _("Release by decision"),
    "dismiss": _("Dismiss as a false alarm"),
    "note": _("Leave a note"),
}
CAUSES: dict[str, Text] = {
    "condition": _("its condition has ended"),
    "person": _("by decision of a person"),
    "two_people": _("by decision of two people"),
}
CASE_STATUSES: dict[str, Text] = {
    "open": pgettext_lazy("case", "Open"),
    "acting": pgettext_lazy("case", "Being acted on"),
    "answered": pgettext_lazy("case", "Answered"),
    "closed": pgettext_lazy("case", "Closed"),
}
CASE_TONES = {"open": "bad", "acting": "warn", "answered": "info", "closed": "muted"}
CASE_STEPS: dict[str, Text] = {
    "freeze_undrawn": _("Freeze what is undrawn"),
    "lift_freeze": _("Lift the freeze"),
    "limit_cut": _("Cut the limit"),
    "extra_check": _("Check on the spot"),
    "ask_bureau": _("Ask the bureau"),
    "collateral": _("Ask for collateral"),
    "early_recall": _("Call the loan in early"),
    "collection": _("Collect"),
    "watch": _("Watch"),
    "answer": _("Answer: report what came of it"),
    "note": _("Leave a note"),
}
CASE_STEP_LOOKS = {
    "freeze_undrawn": ("bad", "snowflake"),
    "lift_freeze": ("good", "snowflake-off"),
    "answer": ("info", "message-reply"),
    "note": ("muted", "note"),
}
CLASSES: dict[str, Text] = {
    "normal": _("Normal"),
    "special_mention": _("Special mention"),
    "substandard": _("Substandard"),
    "doubtful": _("Doubtful"),
    "loss": _("Loss"),
}
CLASS_TONES = {
    "normal": "good",
    "special_mention": "warn",
    "substandard": "bad",
    "doubtful": "bad",
    "loss": "bad",
}


def level(code: str) -> str:
    return str(LEVELS.get(code, code))


def level_tone(code: str) -> str:
    """Return the tone of a level, which is a color of its own."""
    return f"level-{Level(code).value}"


def status(code: str) -> str:
    return str(STATUSES.get(code, code))


def status_tone(code: str) -> str:
    return STATUS_TONES.get(code, "muted")


def deadline(code: str) -> str:
    return str(DEADLINES.get(code, code))


def deadline_tone(code: str) -> str:
    return DEADLINE_TONES.get(code, "muted")


def case_status(code: str) -> str:
    return str(CASE_STATUSES.get(code, code))


def case_tone(code: str) -> str:
    return CASE_TONES.get(code, "muted")


def case_step(code: str) -> str:
    return str(CASE_STEPS.get(code, code))


def case_step_look(code: str) -> tuple[str, str]:
    return CASE_STEP_LOOKS.get(code, ("warn", "arrow-right"))


def pairs(words: dict[str, Text]) -> tuple[tuple[str, Text], ...]:
    return tuple(words.items())
