"""
What a printed catalogue and the public pages say about a list: facts, in one language.

Facts only. Nothing here recommends a product, a firm or a way to decide: what an item is, why
it is asked for, who collects it, where evidence comes from, how often (Product Quality Law,
Art. 25, bars regulators from recommending products to the public).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from factors.domain.catalogue import Catalogue
from factors.domain.documents import plain
from factors.domain.item_types import (
    Confidence,
    EmptyMeans,
    Extension,
    ItemType,
    Kind,
    Source,
    UpdateFrequency,
    ValidityKind,
)
from factors.domain.items import Item
from factors.domain.vocabulary import word

LABELS = {
    # what a fact is about: Chinese, English
    "kind": ("性质", "Kind"),
    "extension": ("项目来源", "Part of the list"),
    "value": ("填写内容", "Value"),
    "collected": ("由谁采集", "Who collects it"),
    "sources": ("来源顺序", "Order of sources"),
    "evidence": ("证明材料", "Evidence"),
    "issued": ("出具机关", "Issued by"),
    "system": ("来源系统", "System"),
    "frequency": ("更新频率", "Brought up to date"),
    "age": ("最长未更新", "Oldest age"),
    "validity": ("有效期", "Validity"),
    "empty": ("空值含义", "Empty means"),
    "consent": ("企业同意", "Consent"),
    "publication": ("公示规则", "Publication"),
    "repair": ("修复规则", "Repair"),
    "basis": ("依据", "Basis"),
}
CONSENT = {
    "always": ("须经企业同意", "The enterprise has to agree"),
    "never": ("无须另行同意", "None of its own"),
}


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item as people read it; `facts` are (label, text), `values` labels of what is allowed."""

    code: str
    name: str
    what: str
    why: str
    facts: tuple[tuple[str, str], ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One of the five categories with its items."""

    code: str
    name: str
    items: tuple[ItemFacts, ...]


def sections_of(catalogue: Catalogue, language: str) -> tuple[Section, ...]:
    """Return the catalogue by category, in the order of the list."""
    english = language.startswith("en")
    return tuple(
        Section(
            code=category.code,
            name=category.name_en if english else category.name_zh,
            items=tuple(facts_of(item, language) for item in catalogue.of_category(category.code)),
        )
        for category in catalogue.categories
    )


def facts_of(item: Item, language: str) -> ItemFacts:
    english = language.startswith("en")
    return ItemFacts(
        code=item.code,
        name=item.name(language),
        what=item.description_en if english else item.description_zh,
        why=item.bank_en if english else item.bank_zh,
        facts=tuple((LABELS[name][english], text) for name, text in _facts(item, language) if text),
        values=tuple(value.label_en if english else value.label_zh for value in item.values),
    )


def print_data(catalogue: Catalogue, language: str, **more: Any) -> dict[str, Any]:
    """Return everything that a printed catalogue says, as JSON."""
    english = language.startswith("en")
    return {
        "language": "en" if english else "zh",
        "title": catalogue.name_en if english else catalogue.name_zh,
        "code": catalogue.code,
        "version": str(catalogue.version),
        "effective_from": plain(catalogue.effective_from) or "–",
        "words": {name: pair[english] for name, pair in _WORDS.items()},
        "sections": plain(sections_of(catalogue, language)),
        **more,
    }


_WORDS = {
    "version": ("第{n}版", "Version {n}"),
    "from": ("自{day}起生效", "In force from {day}"),
    "what": ("是什么", "What it is"),
    "why": ("为何采集", "Why it matters"),
    "values": ("允许值", "Allowed values"),
    "contents": ("目录", "Contents"),
    "digest": ("签署文本的摘要（SHA-256）", "Digest of the text that was signed (SHA-256)"),
    "note": (
        "本清单只陈述事实，不推荐任何产品或企业。",
        "This list states facts and recommends no product and no enterprise.",
    ),
}


def _facts(item: Item, language: str) -> Iterator[tuple[str, str]]:
    english = language.startswith("en")
    yield "kind", word(Kind, item.kind, language)
    yield "extension", word(Extension, item.extension, language)
    yield "value", _value(item, language)
    yield "collected", _collectors(item, language)
    yield "sources", " → ".join(word(Source, each, language) for each in item.source_order)
    yield "evidence", item.evidence_en if english else item.evidence_zh
    yield "issued", item.issuing_authority_en if english else item.issuing_authority_zh
    yield "system", item.source_system_en if english else item.source_system_zh
    yield "frequency", word(UpdateFrequency, item.update_frequency, language)
    yield "age", f"{item.max_age_days} days" if english else f"{item.max_age_days}天"
    yield "validity", _validity(item, language)
    yield "empty", word(EmptyMeans, item.empty_means, language)
    yield "consent", _consent(item, language)
    yield "publication", item.publication_en if english else item.publication_zh
    yield "repair", item.repair_en if english else item.repair_zh
    yield "basis", _basis(item, language)


def _collectors(item: Item, language: str) -> str:
    """Return the level that collects, with its agency where one is named."""
    level = word(Source, item.collected_by_level, language)
    for owner in item.owners:
        if owner.level == item.collected_by_level:
            agency = owner.agency_en if language.startswith("en") else owner.agency_zh
            return f"{level} ({agency})" if language.startswith("en") else f"{level}（{agency}）"
    return level


def _value(item: Item, language: str) -> str:
    english = language.startswith("en")
    text = word(ItemType, item.type, language)
    unit = item.unit_en if english else item.unit_zh
    if unit:
        text += f" ({unit})" if english else f"（{unit}）"
    if item.type.is_numeric:
        text += f", {item.minimum} – {item.maximum}" if english else (
            f"，{item.minimum}至{item.maximum}"
        )  # fmt: skip
    return text


def _validity(item: Item, language: str) -> str:
    text = word(ValidityKind, item.validity_kind, language)
    if item.validity_months is None:
        return text
    english = language.startswith("en")
    return f"{text}, {item.validity_months} months" if english else (
        f"{text}，{item.validity_months}个月"
    )  # fmt: skip


def _consent(item: Item, language: str) -> str:
    english = language.startswith("en")
    if item.consent_required:
        return CONSENT["always"][english]
    return (item.consent_when if english else item.consent_when_zh) or CONSENT["never"][english]


def _basis(item: Item, language: str) -> str:
    """Return the citations; what was not read in its source says so."""
    english = language.startswith("en")
    said = []
    for citation in item.citations:
        text = citation.source_en if english else citation.source_zh
        doubt = word(Confidence, citation.confidence, language)
        known = citation.confidence == Confidence.READ
        said.append(text if known else f"{text} ({doubt})" if english else f"{text}（{doubt}）")
    return "; ".join(said) if english else "；".join(said)
