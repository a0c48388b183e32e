"""What is wrong with a file that a list is read from, in both languages."""

from collections.abc import Mapping

from factors.domain.sentences import Sentence

EXPORTED = (
    "请以本平台导出的文件为模板。",
    "Begin from a file that was exported here.",
)
TEXTS: Mapping[str, Sentence] = {
    "file_unreadable": Sentence(
        "文件无法读取：{reason}。",
        "The file cannot be read: {reason}.",
        *EXPORTED,
    ),
    "file_too_large": Sentence(
        "文件超过{megabytes}MB。",
        "The file is larger than {megabytes} MB.",
        "清单不会有这么大，请核对文件。",
        "No list is that large; compare the file.",
    ),
    "key_twice": Sentence(
        "“{key}”出现了两次。",
        "“{key}” is there twice.",
        "请只保留一处。",
        "Keep one of the two.",
    ),
    "alias_used": Sentence(
        "文件中使用了YAML引用（第{line}行）。",
        "The file uses a YAML alias (line {line}).",
        "请把内容写全，不用引用。",
        "Write everything out, without anchors and aliases.",
    ),
    "sheet_missing": Sentence(
        "缺少“{sheet}”表。",
        "The sheet “{sheet}” is missing.",
        *EXPORTED,
    ),
    "column_missing": Sentence(
        "“{sheet}”表缺少“{column}”列。",
        "The sheet “{sheet}” has no column “{column}”.",
        "请补上该列，没有内容的留空。",
        "Add the column; leave it empty where there is nothing to say.",
    ),
    "column_unknown": Sentence(
        "不认识“{sheet}”表的“{column}”列。",
        "The column “{column}” of the sheet “{sheet}” is not known.",
        "请删除，或改回原列名。",
        "Remove it, or give it its name back.",
    ),
    "column_twice": Sentence(
        "“{sheet}”表的“{column}”列出现了两次。",
        "The column “{column}” of the sheet “{sheet}” is there twice.",
        "请只保留一列。",
        "Keep one of them.",
    ),
    "entry_unknown": Sentence(
        "不认识“{given}”。",
        "“{given}” is not known.",
        "请填写以下之一：{allowed}。",
        "Give one of: {allowed}.",
    ),
    "no_such_row": Sentence(
        "信息项表中没有“{given}”。",
        "The sheet of items has no “{given}”.",
        "请先在信息项表中添加，或更正代码。",
        "Add the item first, or correct the code.",
    ),
    "no_condition": Sentence(
        "条件的写法有误。",
        "The condition cannot be read.",
        "请照其他规则的写法填写。",
        "Write it as the other rules do.",
    ),
}
