"""What a cross rule would have found among the stored profiles, before it is adopted."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.tables import Column, Kind, Table
from sharing.selectors import rule_trials as selectors

CAUGHT = Table(
    name="sharing.rule_trial",
    caption=_("Profiles that the rule would have found"),
    columns=(
        Column("uscc", _("Enterprise"), Kind.CODE, note=lambda row: row.name),
        Column("region", _("Region"), Kind.CODE, sort="region"),
        Column(
            "values",
            _("What they have"),
            value=lambda row: ", ".join(f"{code}: {value}" for code, value in row.values.items()),
        ),
    ),
    search=("uscc", "name"),
    empty=_("The rule would have found nothing"),
)


@require_safe
@tenant_page(selectors.VIEW)
def trial(
    request: HttpRequest, actor: Actor, code: str, number: int, rule_code: str
) -> HttpResponse:
    version = factor_lists.version(code, number, actor=actor)
    catalogue = factor_lists.content(version)
    rules = {rule.code: rule for rule in (*catalogue.rules, *catalogue.report_rules)}
    if rule_code not in rules:
        raise NoSuchRecord(f"Version {number} of {code} has no rule {rule_code}.")
    rule = rules[rule_code]
    found = selectors.trial(rule, catalogue, actor=actor, on=business_day(timezone.now()))
    context = {"version": version, "catalogue": catalogue, "rule": rule, "trial": found}
    return CAUGHT.respond(request, found.rows, "sharing/rule_trials/detail.html", context)
