"""
The words of a list's vocabularies and the names of its members, Chinese and English.

For what is derived from a list without a page around it: sheets, printed catalogues, forms.
"""

from collections.abc import Mapping
from enum import StrEnum

from factors.domain.item_types import (
    BankDefault,
    Confidence,
    EmptyMeans,
    Extension,
    GateOutcome,
    ItemType,
    Kind,
    Polarity,
    Sensitivity,
    Severity,
    Source,
    UpdateFrequency,
    ValidityKind,
)

Pair = tuple[str, str]

WORDS: Mapping[type[StrEnum], Mapping[str, Pair]] = {
    Kind: {
        Kind.CAPABILITY: ("能力", "Capability"),
        Kind.QUALIFICATION: ("资质", "Qualification"),
        Kind.HONOUR: ("荣誉", "Honour"),
        Kind.RECORD: ("记录", "Record"),
    },
    ItemType: {
        ItemType.BOOLEAN: ("是或否", "Yes or no"),
        ItemType.COUNT: ("整数", "Whole number"),
        ItemType.NUMBER: ("数值", "Number"),
        ItemType.MONEY: ("金额", "Amount of money"),
        ItemType.DATE: ("日期", "Date"),
        ItemType.TEXT: ("文本", "Text"),
        ItemType.ENUM: ("单选", "One of a list"),
        ItemType.GRADE: ("等级", "Grade"),
    },
    ValidityKind: {
        ValidityKind.WINDOW: ("回看一段时期", "Looks back over a window"),
        ValidityKind.TERM: ("自有截止日", "Has an end of its own"),
        ValidityKind.HONOUR: ("自授予起逐渐失效", "Fades after the award"),
        ValidityKind.STATE: ("当前状态", "What holds now"),
    },
    Source: {
        Source.REGISTER: ("国家登记系统", "National register"),
        Source.PROVINCE: ("省级", "Province"),
        Source.CITY: ("市级", "City"),
        Source.COUNTY: ("县级", "County"),
        Source.ENTERPRISE: ("企业", "Enterprise"),
    },
    Extension: {
        Extension.CORE: ("国家核心项", "National core"),
        Extension.PROVINCE: ("省级扩展项", "Extension of the province"),
        Extension.SERVICES: ("服务业扩展项", "Extension for services"),
        Extension.SOFTWARE: ("软件业扩展项", "Extension for software"),
        Extension.DATA: ("数据业扩展项", "Extension for data"),
        Extension.FOOD: ("食品扩展项", "Extension for food"),
        Extension.MEDICAL_DEVICES: ("医疗器械扩展项", "Extension for medical devices"),
    },
    Confidence: {
        Confidence.READ: ("已查阅原文", "Read in the source"),
        Confidence.SECONDARY: ("见于转载", "Read in a copy"),
        Confidence.GENERAL: ("待核实", "To be confirmed"),
        Confidence.INFERRED: ("推断", "Concluded"),
    },
    EmptyMeans: {
        EmptyMeans.UNKNOWN: ("不掌握", "Nothing is known"),
        EmptyMeans.NOT_APPLICABLE_OR_UNKNOWN: ("不适用或不掌握", "Not applicable or not known"),
    },
    BankDefault: {
        BankDefault.SHOWN: ("协议覆盖后提供", "Shown once an agreement covers it"),
        BankDefault.BY_DECISION: ("须有省级书面决定", "Shown by a written decision"),
        BankDefault.NEVER: ("一律不提供", "Never shown"),
    },
    Polarity: {
        Polarity.POSITIVE: ("有利", "Speaks for the enterprise"),
        Polarity.NEGATIVE: ("不利", "Speaks against the enterprise"),
        Polarity.NEUTRAL: ("中性", "Speaks neither for nor against"),
        Polarity.VETO: ("可能否决", "May rule a loan out"),
    },
    Sensitivity: {
        Sensitivity.PUBLIC: ("公开", "Public"),
        Sensitivity.COMMERCIAL: ("商业信息", "Commercial"),
        Sensitivity.RESTRICTED: ("受限", "Restricted"),
        Sensitivity.PERSONAL: ("个人信息", "Personal"),
    },
    UpdateFrequency: {
        UpdateFrequency.DAILY: ("每日", "Daily"),
        UpdateFrequency.WEEKLY: ("每周", "Weekly"),
        UpdateFrequency.MONTHLY: ("每月", "Monthly"),
        UpdateFrequency.QUARTERLY: ("每季", "Quarterly"),
        UpdateFrequency.ANNUAL: ("每年", "Yearly"),
        UpdateFrequency.ON_EVENT: ("发生时更新", "When something happens"),
    },
    Severity: {
        Severity.ERROR: ("错误", "Error"),
        Severity.WARNING: ("警告", "Warning"),
        Severity.REPORT: ("存疑", "Doubt"),
    },
    GateOutcome: {
        GateOutcome.DECLINE: ("建议不予准入", "Decline"),
        GateOutcome.REFER: ("建议转人工", "Refer to a person"),
    },
}

MEMBERS: Mapping[str, Pair] = {
    "code": ("代码", "Code"),
    "version": ("版本", "Version"),
    "region": ("行政区划", "Region"),
    "effective_from": ("生效日", "In force from"),
    "name_zh": ("中文名称", "Chinese name"),
    "name_en": ("英文名称", "English name"),
    "category": ("类别", "Category"),
    "extension": ("项目来源", "Part of the list"),
    "core_item": ("对应核心项", "Item of the core"),
    "kind": ("性质", "Kind"),
    "former_names": ("曾用名", "Former names"),
    "type": ("数据类型", "Type"),
    "unit_zh": ("单位", "Unit (Chinese)"),
    "unit_en": ("英文单位", "Unit (English)"),
    "unit_factor": ("换算系数", "Factor"),
    "minimum": ("最小值", "Smallest value"),
    "maximum": ("最大值", "Largest value"),
    "no_future": ("不得晚于当日", "No day ahead"),
    "decimals": ("小数位数", "Decimals"),
    "max_length": ("最大长度", "Characters at most"),
    "validity_kind": ("有效期类型", "Kind of validity"),
    "validity_months": ("有效月数", "Months"),
    "max_age_days": ("最长未更新天数", "Oldest age, days"),
    "empty_means": ("空值含义", "Empty means"),
    "allows_not_applicable": ("可填不适用", "May not apply"),
    "polarity": ("倾向", "What it speaks for"),
    "issuing_authority_zh": ("出具机关", "Issued by (Chinese)"),
    "issuing_authority_en": ("出具机关英文", "Issued by (English)"),
    "source_system_zh": ("来源系统", "System (Chinese)"),
    "source_system_en": ("来源系统英文", "System (English)"),
    "update_frequency": ("更新频率", "Brought up to date"),
    "collected_by_level": ("采集层级", "Who collects"),
    "source_order": ("来源顺序", "Order of sources"),
    "publication_zh": ("公示规则", "Publication (Chinese)"),
    "publication_en": ("公示规则英文", "Publication (English)"),
    "repair_zh": ("修复规则", "Repair (Chinese)"),
    "repair_en": ("修复规则英文", "Repair (English)"),
    "sensitivity": ("敏感程度", "Sensitivity"),
    "consent_required": ("须经企业同意", "Consent always"),
    "consent_when_zh": ("何时须同意", "Consent when (Chinese)"),
    "consent_when": ("何时须同意英文", "Consent when (English)"),
    "bank_default": ("向银行提供", "Banks"),
    "gate_outcome": ("建议准入处理", "Gate: outcome"),
    "gate_when": ("建议准入条件", "Gate: condition"),
    "in_workbook": ("列入工作簿", "In the workbook"),
    "implausible_jump": ("突变检查", "Jump check"),
    "fill_zh": ("填报说明", "How to fill in (Chinese)"),
    "fill_en": ("填报说明英文", "How to fill in (English)"),
    "bank_zh": ("对银行的说明", "For banks (Chinese)"),
    "bank_en": ("对银行的说明英文", "For banks (English)"),
    "description_zh": ("说明", "Description (Chinese)"),
    "description_en": ("说明英文", "Description (English)"),
    "item": ("信息项", "Item"),
    "label_zh": ("中文标签", "Chinese label"),
    "label_en": ("英文标签", "English label"),
    "rank": ("等次", "Rank"),
    "aliases": ("别名", "Also understood"),
    "required": ("必须提供", "Required"),
    "level": ("层级", "Level"),
    "agency_zh": ("责任单位", "Agency (Chinese)"),
    "agency_en": ("责任单位英文", "Agency (English)"),
    "source_zh": ("依据", "Source (Chinese)"),
    "source_en": ("依据英文", "Source (English)"),
    "dated": ("文件日期", "Dated"),
    "confidence": ("可信程度", "How it was learned"),
    "used_in": ("用于", "Used in"),
    "severity": ("严重程度", "Gravity"),
    "yields": ("让位的栏", "Column that gives way"),
    "when": ("条件", "Condition"),
    "message_zh": ("提示", "Message (Chinese)"),
    "message_en": ("提示英文", "Message (English)"),
    "for_each": ("逐项适用", "For each of"),
    "only_if_column": ("须有的栏", "Only with column"),
    "migration": ("记录迁移", "Migration of records"),
    "member": ("内容", "Entry"),
    "value": ("值", "Value"),
}
"""The names of members, as they head columns."""


def word(words: type[StrEnum], code: str, language: str) -> str:
    """Return a word of a vocabulary in Chinese or (`language` "en…") in English."""
    return WORDS[words][code][language.startswith("en")]


def member(name: str, language: str) -> str:
    return MEMBERS[name][language.startswith("en")]
