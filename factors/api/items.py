"""How items, values and rules of a factor list look in the API: the document, spelled out."""

from typing import Any

from rest_framework import serializers

from factors.domain import item_types


def _words(terms: Any) -> list[str]:
    return [term.value for term in terms]


class FactorCategoryOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()


class ItemValueOut(serializers.Serializer[Any]):
    """One allowed value, with what people type for it."""

    code = serializers.CharField()
    label_zh = serializers.CharField()
    label_en = serializers.CharField()
    rank = serializers.IntegerField(
        allow_null=True, help_text="1 is the best; null stands outside the ladder."
    )
    aliases = serializers.ListField(child=serializers.CharField())


class SuggestedGateOut(serializers.Serializer[Any]):
    """A suggestion to banks, and no verdict."""

    outcome = serializers.ChoiceField(choices=_words(item_types.GateOutcome))
    when = serializers.JSONField(help_text="A condition, such as {item, at_least}.")


class OwnerOut(serializers.Serializer[Any]):
    """The agency that answers for an item at one level."""

    level = serializers.ChoiceField(choices=_words(item_types.Source))
    agency_zh = serializers.CharField()
    agency_en = serializers.CharField()


class EvidenceOut(serializers.Serializer[Any]):
    """One kind of evidence; of those that are not required any one serves."""

    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    required = serializers.BooleanField()


class CitationOut(serializers.Serializer[Any]):
    """What an item rests on, and how that was learned."""

    source_zh = serializers.CharField()
    source_en = serializers.CharField()
    dated = serializers.DateField(allow_null=True)
    confidence = serializers.ChoiceField(choices=_words(item_types.Confidence))


class ItemOut(serializers.Serializer[Any]):
    """One information item. Bounds and decimals are in its stated unit."""

    code = serializers.CharField()
    category = serializers.CharField()
    extension = serializers.ChoiceField(choices=_words(item_types.Extension))
    core_item = serializers.CharField(
        allow_blank=True, help_text="The item of the national core; an item of the core is its own."
    )
    kind = serializers.ChoiceField(choices=_words(item_types.Kind))
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    former_names = serializers.ListField(child=serializers.CharField())
    type = serializers.ChoiceField(choices=_words(item_types.ItemType))
    unit_zh = serializers.CharField(allow_blank=True)
    unit_en = serializers.CharField(allow_blank=True)
    unit_factor = serializers.CharField(help_text="Stated unit times this is the base unit.")
    minimum = serializers.CharField(allow_null=True)
    maximum = serializers.CharField(allow_null=True)
    no_future = serializers.BooleanField()
    decimals = serializers.IntegerField()
    max_length = serializers.IntegerField()
    validity_kind = serializers.ChoiceField(choices=_words(item_types.ValidityKind))
    validity_months = serializers.IntegerField(allow_null=True)
    max_age_days = serializers.IntegerField()
    empty_means = serializers.ChoiceField(choices=_words(item_types.EmptyMeans))
    allows_not_applicable = serializers.BooleanField()
    values = ItemValueOut(many=True)
    polarity = serializers.ChoiceField(choices=_words(item_types.Polarity))
    evidences = EvidenceOut(many=True)
    evidence_zh = serializers.CharField(help_text="All kinds of evidence in a line.")
    evidence_en = serializers.CharField()
    issuing_authority_zh = serializers.CharField()
    issuing_authority_en = serializers.CharField()
    source_system_zh = serializers.CharField()
    source_system_en = serializers.CharField()
    update_frequency = serializers.ChoiceField(choices=_words(item_types.UpdateFrequency))
    collected_by_level = serializers.ChoiceField(choices=_words(item_types.Source))
    source_order = serializers.ListField(
        child=serializers.ChoiceField(choices=_words(item_types.Source))
    )
    owners = OwnerOut(many=True)
    publication_zh = serializers.CharField(
        allow_blank=True, help_text="How long the fact is public; blank where no rule is recorded."
    )
    publication_en = serializers.CharField(allow_blank=True)
    repair_zh = serializers.CharField(allow_blank=True)
    repair_en = serializers.CharField(allow_blank=True)
    sensitivity = serializers.ChoiceField(choices=_words(item_types.Sensitivity))
    consent_required = serializers.BooleanField()
    consent_when_zh = serializers.CharField(allow_blank=True)
    consent_when = serializers.CharField(allow_blank=True)
    bank_default = serializers.ChoiceField(choices=_words(item_types.BankDefault))
    suggested_gate = SuggestedGateOut(allow_null=True)
    in_workbook = serializers.BooleanField()
    implausible_jump = serializers.BooleanField()
    fill_zh = serializers.CharField()
    fill_en = serializers.CharField()
    bank_zh = serializers.CharField()
    bank_en = serializers.CharField()
    description_zh = serializers.CharField()
    description_en = serializers.CharField()
    citations = CitationOut(many=True)
    basis = serializers.CharField(help_text="All citations in a line.")


class CrossRuleOut(serializers.Serializer[Any]):
    """What values of one enterprise may not say together."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=_words(item_types.Severity))
    yields = serializers.CharField(help_text="The column that gives way.")
    when = serializers.JSONField()
    message_zh = serializers.CharField()
    message_en = serializers.CharField()
    for_each = serializers.ListField(child=serializers.CharField())
    only_if_column = serializers.CharField(allow_blank=True)
