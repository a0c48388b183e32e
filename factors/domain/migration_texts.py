"""What the checks of a migration say: the fault and what to do about it, in both languages."""

from collections.abc import Mapping

from factors.domain.sentences import Sentence

TABLE_OR_THRESHOLDS = (
    "请用对照表或分段说明每个原值对应的新值。",
    "Say by a table or by thresholds which value becomes which.",
)
TEXTS: Mapping[str, Sentence] = {
    "from_version": Sentence(
        "上一版本是{before}，不是{given}。",
        "The version before is {before}, not {given}.",
        "请填写上一版本的版本号。",
        "Give the number of the version before.",
    ),
    "two_steps": Sentence(
        "{item}有{times}个步骤。",
        "{item} has {times} steps.",
        "每个信息项至多一个步骤。",
        "Keep one step for each item.",
    ),
    "two_sources": Sentence(
        "有{times}个步骤都指向{item}。",
        "{times} steps lead to {item}.",
        "每个新信息项只能来自一个原信息项。",
        "Let one step lead to each item.",
    ),
    "cycle": Sentence(
        "步骤从{item}出发又回到{item}。",
        "The steps lead from {item} back to it.",
        "代码一经使用含义不变，请改用新代码。",
        "A code keeps its meaning: take a new one.",
    ),
    "no_such_item": Sentence(
        "第{version}版没有{item}。",
        "Version {version} has no item {item}.",
        "请核对代码。",
        "Compare the code with the list.",
    ),
    "still_there": Sentence(
        "新版本仍有{item}，其取值不能就此结束。",
        "The new version still has {item}, so its values cannot end.",
        "请删除该步骤，或从新版本中删除该信息项。",
        "Remove the step, or the item from the new version.",
    ),
    "split": Sentence(
        "{item}拆分后不足两个信息项。",
        "{item} is split into fewer than two items.",
        "请至少填写两个新信息项，或改用更名。",
        "Name two items or more, or rename it.",
    ),
    "same_code": Sentence(
        "{item}更名为其自身。",
        "{item} is renamed to itself.",
        "请删除该步骤。",
        "Remove the step.",
    ),
    "no_target": Sentence(
        "{item}的取值{value}没有对应的新值。",
        "{item}: {value} becomes nothing.",
        "请补充对照，或填写“其他”。",
        "Add it to the table, or say what becomes of all others.",
    ),
    "target_taken": Sentence(
        "{item}在第{version}版中是另一个信息项，代码含义不能改变。",
        "{item} was another item in version {version}; a code keeps its meaning.",
        "请改用新代码。",
        "Take a new code.",
    ),
    "type_mismatch": Sentence(
        "{one}的类型是“{was}”，{other}的类型是“{type}”。",
        "{one} has the type “{was}” and {other} “{type}”.",
        *TABLE_OR_THRESHOLDS,
    ),
    "two_ways": Sentence(
        "{item}同时用了对照表和分段。",
        "{item} has both a table and thresholds.",
        "请只保留一种。",
        "Keep one of the two.",
    ),
    "two_targets": Sentence(
        "取值{value}出现了两次。",
        "{value} is there twice.",
        "请只保留一行。",
        "Keep one of the rows.",
    ),
    "not_a_value": Sentence(
        "{value}不是{item}的取值。",
        "{value} is no value of {item}.",
        "请选用该信息项的允许值。",
        "Choose one of the item's values.",
    ),
    "not_numeric": Sentence(
        "{item}的类型是“{type}”，不是数字。",
        "{item} has the type “{type}”, not a number.",
        "请改用对照表。",
        "Use a table instead of thresholds.",
    ),
    "thresholds": Sentence(
        "分段界限应当递增，只有最后一段可以不设上限。",
        "Thresholds do not rise, or one before the last is open upwards.",
        "请按从小到大排列。",
        "Put them in order, the open one last.",
    ),
    "unsaid": Sentence(
        "新版本中{item}{why_zh}，而{count}家企业有它的记录，迁移中没有说明如何处理。",
        "{item} {why_en} in the new version, {count} enterprises have a record of it, and no"
        " migration says what becomes of them.",
        "请在“迁移”中为它添加一个步骤；不再收集的，选“不再收集”。",
        "Add a step for it to the migration: where to, or that its records end.",
    ),
    "no_step": Sentence(
        "新版本中{item}{why_zh}，没有说明如何处理。",
        "{item} {why_en} in the new version, and no step says what becomes of it.",
        "请为它添加一个步骤。",
        "Add a step for it.",
    ),
}
