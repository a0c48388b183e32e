"""What the checks of a list say: the fault and what to do about it, Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from factors.domain import interchange_texts, migration_texts, vocabulary
from factors.domain.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a list from working; `pointer` is where, as in RFC 6901."""

    code: str
    pointer: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return self.said("en")

    @property
    def todo(self) -> str:
        return self.remedy("en")

    @property
    def is_form(self) -> bool:
        """Whether the document is no list at all in this place, and cannot be read as one."""
        return self.code in FORM

    @property
    def is_of_the_file(self) -> bool:
        """Whether it is the file that cannot be read, and not the list that is in it."""
        return self.code in interchange_texts.TEXTS

    def said(self, language: str) -> str:
        """Return what is wrong, in Chinese or (`language` "en…") in English."""
        sentence = TEXTS[self.code]
        text = sentence.en if language.startswith("en") else sentence.zh
        return text.format(**self._in_words(language))

    def remedy(self, language: str) -> str:
        """Return what to do about it."""
        sentence = TEXTS[self.code]
        text = sentence.todo_en if language.startswith("en") else sentence.todo_zh
        return text.format(**self._in_words(language))

    def _in_words(self, language: str) -> dict[str, object]:
        """Return the facts with members of vocabularies named as readers know them."""
        return {
            name: vocabulary.word(type(fact), fact, language)
            if isinstance(fact, StrEnum) and type(fact) in vocabulary.WORDS
            else fact
            for name, fact in self.facts.items()
        }


FORM = frozenset({"malformed", "member_missing", "member_unknown", "wrong_form", "unknown_word"})

TEXTS: Mapping[str, Sentence] = {
    **migration_texts.TEXTS,
    **interchange_texts.TEXTS,
    "malformed": Sentence(
        "内容不是要素清单：{reason}。",
        "This is no factor list: {reason}.",
        "请使用本平台导出的文件作为模板。",
        "Begin from a file that was exported here.",
    ),
    "member_missing": Sentence(
        "缺少“{member}”。",
        "“{member}” is missing.",
        "请补上，没有内容的留空。",
        "Add it; leave it empty where there is nothing to say.",
    ),
    "member_unknown": Sentence(
        "不认识“{member}”。",
        "“{member}” is not known.",
        "请删除，或改为清单中的字段名。",
        "Remove it, or give it the name of a known one.",
    ),
    "wrong_form": Sentence(
        "“{given}”不是{expected_zh}。",
        "“{given}” is not {expected_en}.",
        "请填写{expected_zh}。",
        "Give {expected_en}.",
    ),
    "unknown_word": Sentence(
        "“{given}”不在允许值之内。",
        "“{given}” is not one of the allowed words.",
        "请填写以下之一：{allowed}。",
        "Give one of: {allowed}.",
    ),
    "categories": Sentence(
        "清单应当正好有五个固定类别，顺序不变。",
        "A list has exactly the five fixed categories, in their order.",
        "请恢复：{allowed}。",
        "Put back: {allowed}.",
    ),
    "no_items": Sentence(
        "清单没有信息项。",
        "The list has no items.",
        "请至少填写一个信息项。",
        "Add at least one item.",
    ),
    "duplicate_code": Sentence(
        "代码“{code}”出现了{times}次。",
        "The code {code} is there {times} times.",
        "请为其中一个改用未使用的代码。",
        "Give all but one of them a code of their own.",
    ),
    "code_missing": Sentence("缺少代码。", "It has no code.", "请填写代码。", "Give it a code."),
    "ambiguous_name": Sentence(
        "“{name}”同时指{one}和{other}。",
        "“{name}” would mean both {one} and {other}.",
        "请修改其中一个名称或曾用名。",
        "Change one of the names, or remove the former name.",
    ),
    "unknown_category": Sentence(
        "没有类别“{category}”。",
        "There is no category {category}.",
        "请选用五个固定类别之一。",
        "Choose one of the five categories.",
    ),
    "text_missing": Sentence(
        "{code}缺少“{member}”。",
        "{code} has no {member}.",
        "请填写中文和英文两种文字。",
        "Write it in Chinese and in English.",
    ),
    "no_values": Sentence(
        "{code}是枚举项，却没有允许值。",
        "{code} is an enumeration without values.",
        "请添加允许值，或改用其他类型。",
        "Add its values, or choose another type.",
    ),
    "values_unused": Sentence(
        "{code}的类型是“{type}”，不能有允许值。",
        "{code} has the type “{type}” and can have no values.",
        "请删除允许值，或把类型改为枚举。",
        "Remove the values, or make it an enumeration.",
    ),
    "label_missing": Sentence(
        "{code}的值{value}缺少名称。",
        "{code}: {value} lacks a label.",
        "请填写中文和英文名称。",
        "Give it a label in Chinese and in English.",
    ),
    "code_lower_case": Sentence(
        "{code}的值代码“{value}”不是大写。",
        "{code}: {value} is not upper case.",
        "请改用大写字母、数字和下划线。",
        "Use capital letters, figures and underscores.",
    ),
    "ambiguous_label": Sentence(
        "{code}中“{word}”同时指{one}和{other}。",
        "{code}: “{word}” would mean both {one} and {other}.",
        "请修改其中一个名称或别名。",
        "Change one of the labels, or remove the alias.",
    ),
    "rank": Sentence(
        "{code}的值{value}的等次是{rank}。",
        "{code}: {value} has the rank {rank}.",
        "等次从1起，1为最好；不参与排序的留空。",
        "Ranks begin at 1, the best; leave it empty for a value outside the ladder.",
    ),
    "bounds_reversed": Sentence(
        "{code}的下限{low}高于上限{high}。",
        "{code}: {low} is above {high}.",
        "请对调或更正上下限。",
        "Exchange or correct the bounds.",
    ),
    "bounds_missing": Sentence(
        "{code}应当有下限和上限。",
        "{code} needs both bounds.",
        "请填写最小值和最大值。",
        "Give the smallest and the largest value.",
    ),
    "unit_factor": Sentence(
        "{code}的单位换算系数应当大于0。",
        "{code}: the factor of its unit is not above 0.",
        "亿元填100000000，万元填10000，其他填1。",
        "100000000 for CNY 100 million, 10000 for CNY 10k, 1 for others.",
    ),
    "decimals": Sentence(
        "{code}的小数位数不能是{decimals}。",
        "{code} cannot have {decimals} decimals.",
        "整数填0，其他填0以上的整数。",
        "0 for whole numbers, and never below 0.",
    ),
    "bound_finer": Sentence(
        "{code}的界限{bound}比其小数位数（{decimals}）更细。",
        "{code}: the bound {bound} is finer than its {decimals} decimals.",
        "请减少界限的小数，或增加小数位数。",
        "Round the bound, or allow more decimals.",
    ),
    "max_length": Sentence(
        "{code}不允许任何文字。",
        "{code} allows no text at all.",
        "最大长度至少为1。",
        "Allow at least one character.",
    ),
    "validity_unused": Sentence(
        "{code}是状态项，不能有有效月数。",
        "{code} is a state and can have no months.",
        "请清空月数，或更改有效期类型。",
        "Clear the months, or choose another kind of validity.",
    ),
    "validity": Sentence(
        "{code}的有效月数（{months}）应当至少为1。",
        "{code}: its validity of {months} months is none.",
        "请填写至少1个月，或把有效期类型改为状态。",
        "Give at least one month, or make it a state.",
    ),
    "max_age": Sentence(
        "{code}的最长存续天数（{days}）应当至少为1。",
        "{code} may not be older than {days} days, which no value can be.",
        "请填写至少1天。",
        "Give at least one day.",
    ),
    "source_order": Sentence(
        "{code}的来源顺序有重复、颠倒或为空。",
        "{code}: sources are missing, repeat or are out of order.",
        "顺序为：登记系统、省、市、县、企业，各至多一次。",
        "The order is register, province, city, county, enterprise; each at most once.",
    ),
    "owner_level": Sentence(
        "{code}的责任单位层级“{level}”不在来源之内，或出现了多次。",
        "{code}: the owner's level {level} is no source of the item, or is there twice.",
        "每个来源层级至多一个责任单位。",
        "Name at most one owner for each source.",
    ),
    "never_shared": Sentence(
        "{code}要求填报，却从不向银行提供。",
        "{code} is asked for and never shared.",
        "请移出工作簿，或允许向银行提供。",
        "Take it out of the workbook, or let banks see it.",
    ),
    "core_cycle": Sentence(
        "{code}与国家核心项的对应关系成环：{cycle}。",
        "{code}: its mapping to the core runs in a circle: {cycle}.",
        "请对应到核心项本身。",
        "Map it to the item of the core itself.",
    ),
    "core_own": Sentence(
        "扩展项{code}不能对应自身。",
        "{code} is an extension and cannot be its own item of the core.",
        "请填写对应的核心项，没有的留空。",
        "Name the item of the core, or leave it empty.",
    ),
    "condition": Sentence(
        "{code}的条件无法计算。",
        "{code}: the condition cannot be evaluated.",
        "每个条件应有一个信息项和一种比较。",
        "Every part needs one item and one comparison.",
    ),
    "unknown_item": Sentence(
        "{code}用到了清单中没有的{item}。",
        "{code} looks at {item}, which the list lacks.",
        "请添加该信息项，或修改规则。",
        "Add the item, or change the rule.",
    ),
    "unknown_derived": Sentence(
        "{code}用到了无法推算的“{derived}”。",
        "{code}: nothing derives {derived}.",
        "可用：age_years、annual_reports_due。",
        "There are age_years and annual_reports_due.",
    ),
    "unknown_value": Sentence(
        "{code}用到了{item}没有的值{value}。",
        "{code}: {item} has no value {value}.",
        "请选用{item}的允许值。",
        "Choose one of the values of {item}.",
    ),
    "never_holds": Sentence(
        "{code}的条件任何企业都不可能满足。",
        "{code}: no row can satisfy the condition.",
        "请对照上下限和允许值检查条件。",
        "Compare the condition with the bounds and values of its items.",
    ),
}
