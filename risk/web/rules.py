"""All warning rules, in the reader's language."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import local
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from risk import permissions
from risk.domain.lifecycle import Level
from risk.domain.signal_rules import Rule
from risk.selectors.rules import handling_days_on, rules_on
from risk.web import words


def _local(key: str, label: object, stem: str) -> Column:
    """A column in the reader's language."""
    return Column(
        key,
        label,  # type: ignore[arg-type]  # a lazy text
        value=lambda rule: local(rule, stem),
    )


def _lacks(rule: Rule) -> str:
    lacks = local(rule, "lacks")
    return gettext("Lacks: %(data)s") % {"data": lacks} if lacks else ""


def _by_state(rows: list[Rule], value: str) -> list[Rule]:
    return [rule for rule in rows if rule.enabled == (value == "yes")]


RULES = Table(
    name="risk.rules",
    caption=gettext_lazy("Warning rules"),
    columns=(
        Column(
            "code",
            gettext_lazy("Rule code"),
            Kind.CODE,
            sort="code",
            note=lambda rule: str(words.SOURCES.get(rule.source, rule.source)),
            note_label=gettext_lazy("Source"),
        ),
        Column(
            "level",
            gettext_lazy("Level"),
            Kind.STATUS,
            label_of=words.level,
            tone_of=words.level_tone,
        ),
        Column(
            "enabled",
            gettext_lazy("State"),
            Kind.STATUS,
            label_of=lambda on: gettext("On") if on else gettext("Off"),
            tone_of=lambda on: "good" if on else "muted",
            note=_lacks,
        ),
        _local("name", gettext_lazy("Rule"), "name"),
        _local("condition", gettext_lazy("Condition"), "condition"),
        _local("released", gettext_lazy("Ends when"), "released"),
        _local("first_action", gettext_lazy("First action"), "first_action"),
    ),
    search=("code", "name_zh", "name_en", "condition_zh", "condition_en", "first_action_zh"),
    filters=(
        Choice("level", gettext_lazy("Level"), words.pairs(words.LEVELS)),
        Choice(
            "enabled",
            gettext_lazy("State"),
            (("yes", gettext_lazy("On")), ("no", gettext_lazy("Off"))),
            _by_state,
        ),
        Choice("source", gettext_lazy("Source"), words.pairs(words.SOURCES)),
    ),
    size=100,
)


@require_safe
@tenant_page(permissions.VIEW_SIGNAL)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    on = business_day(timezone.now())
    days = handling_days_on(on)
    deadlines = [
        (words.level(level), words.level_tone(level), days[level.value]) for level in Level
    ]
    context = {"deadlines": deadlines, "answer_days": days["answer"]}
    rows = list(rules_on(on).rules.values())
    return RULES.respond(request, rows, "risk/rules/list.html", context)
