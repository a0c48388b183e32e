"""What the members of an item are called on pages, where people edit or compare them."""

from collections.abc import Sequence

from django.utils.translation import gettext as plain
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factors.web.words import Words

FIELDS: Words = {
    "effective_from": pgettext_lazy("of a version", "First day"),
    "code": pgettext_lazy("of a list", "Code"),
    "extension": _("Core or extension"),
    "core_item": _("National core item"),
    "category": _("Category"),
    "kind": _("Kind"),
    "name_zh": _("Name (Chinese)"),
    "name_en": _("Name (English)"),
    "former_names": _("Former names"),
    "type": _("Type of value"),
    "unit_zh": _("Unit (Chinese)"),
    "unit_en": _("Unit (English)"),
    "unit_factor": _("Unit in base units"),
    "minimum": _("Smallest value"),
    "maximum": _("Largest value"),
    "no_future": _("No day ahead"),
    "decimals": _("Decimals"),
    "max_length": _("Characters at most"),
    "validity_kind": _("Kind of validity"),
    "validity_months": _("Months of validity"),
    "max_age_days": _("Longest time between updates (days)"),
    "empty_means": _("An empty cell means"),
    "allows_not_applicable": _("“Not applicable” may be given"),
    "values": _("Allowed values"),
    "polarity": _("What it speaks for"),
    "evidences": _("Evidence"),
    "evidence_zh": _("Evidence (Chinese)"),
    "evidence_en": _("Evidence (English)"),
    "issuing_authority_zh": _("Issued by (Chinese)"),
    "issuing_authority_en": _("Issued by (English)"),
    "source_system_zh": _("System (Chinese)"),
    "source_system_en": _("System (English)"),
    "update_frequency": _("Brought up to date"),
    "collected_by_level": _("Who collects"),
    "source_order": _("Order of sources"),
    "owners": _("Owners by level"),
    "publication_zh": _("Publication rule (Chinese)"),
    "publication_en": _("Publication rule (English)"),
    "repair_zh": _("Repair rule (Chinese)"),
    "repair_en": _("Repair rule (English)"),
    "sensitivity": _("Sensitivity"),
    "consent_required": _("Consent always needed"),
    "consent_when_zh": _("Consent needed when (Chinese)"),
    "consent_when": _("Consent needed when (English)"),
    "bank_default": _("Shown to banks"),
    "suggested_gate": _("Gate suggested to banks"),
    "in_workbook": _("In the workbook"),
    "implausible_jump": _("Warn of sudden jumps"),
    "fill_zh": _("For whoever fills it in (Chinese)"),
    "fill_en": _("For whoever fills it in (English)"),
    "bank_zh": _("What it tells a bank (Chinese)"),
    "bank_en": _("What it tells a bank (English)"),
    "description_zh": _("What it is (Chinese)"),
    "description_en": _("What it is (English)"),
    "citations": _("Legal basis"),
    "basis": _("Basis"),
    "region": _("Region"),
    "label_zh": pgettext_lazy("of a value", "Label (Chinese)"),
    "label_en": pgettext_lazy("of a value", "Label (English)"),
    "rank": pgettext_lazy("of a value", "Rank"),
    "aliases": pgettext_lazy("of a value", "Other spellings, set apart by semicolons"),
    "required": pgettext_lazy("of a piece of evidence", "Required: yes or no"),
    "level": pgettext_lazy("of an owner", "Level"),
    "agency_zh": _("Agency (Chinese)"),
    "agency_en": _("Agency (English)"),
    "source_zh": _("Source (Chinese)"),
    "source_en": _("Source (English)"),
    "dated": pgettext_lazy("of a citation", "Dated"),
    "confidence": pgettext_lazy("of a citation", "How sure"),
}


def field_name(field: str) -> str:
    """Return what an item's member is called; one allowed value is named by its code."""
    if field.startswith("values."):
        return plain("Allowed value %(code)s") % {"code": field.removeprefix("values.")}
    return str(FIELDS.get(field, field))


def place_name(at: Sequence[str]) -> str:
    """Return what a step of the editor changed: the codes on the way, and the member's name."""
    return " ".join(str(FIELDS.get(part, part)) for part in at[1:])
