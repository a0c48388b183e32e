"""The sentences of the findings, Chinese and English, with places for their parameters."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "missing_column": (
        "表头中没有“{field}”列，请补上该列后重新上传。",
        "The header has no column “{field}”; add it and send the file again.",
    ),
    "duplicate_column": (
        "“{field}”列出现了多次，请只保留一列。",
        "The column “{field}” stands in the file more than once; keep one of them.",
    ),
    "unknown_column": (
        "不认识或不需要此列，未读入{instead}；可手工对应到清单中的信息项。",
        "This column is not known or not needed, and was not read{instead}; "
        "it can be mapped to an item by hand.",
    ),
    "other_sheet": (
        "工作表“{sheet}”中也有数据，未读入；如需上报请另存为单独文件。",
        "The sheet “{sheet}” holds data too and was not read; send it as a file of its own.",
    ),
    "ignored_row": (
        "此行位于名单之后且不是企业记录，按说明文字略过。",
        "This row stands below the list and names no enterprise; it was passed over as a note.",
    ),
    "required": (
        "“{field}”必须填写。",
        "“{field}” must be given.",
    ),
    "uscc_damaged": (
        "统一社会信用代码已被表格软件转成数字，无法还原；请将单元格设为文本后重新录入。",
        "A spreadsheet has turned the credit code into a number and it cannot be recovered; "
        "type it again in a cell formatted as text.",
    ),
    "uscc_format": (
        "统一社会信用代码应为18位，由数字和除I、O、S、V、Z以外的大写字母组成。",
        "A credit code has 18 characters, figures and capital letters without I, O, S, V and Z.",
    ),
    "uscc_check_digit": (
        "统一社会信用代码末位校验码不符；确有此类代码，请核对后确认。",
        "The last character of the credit code does not fit. Such codes exist: please compare.",
    ),
    "duplicate_uscc": (
        "该统一社会信用代码已出现在第{first_row}行。",
        "This credit code stands already in row {first_row}.",
    ),
    "pending_elsewhere": (
        "另一单位尚未发布的导入中也有该企业。",
        "Another bureau's import that is not yet released names this enterprise too.",
    ),
    "name_mismatch": (
        "登记名称为“{registered}”，与所填名称不一致。",
        "The register knows this credit code as “{registered}”.",
    ),
    "not_owner": (
        "更高顺位的来源（{source}）已有不同的值“{stored}”，以其为准。",
        "A source that stands higher ({source}) holds “{stored}”, which stays.",
    ),
    "region_unknown": (
        "没有这个行政区划，请填写6位代码或全称。",
        "There is no such region; give its six figures or its full name.",
    ),
    "region_superseded": (
        "该行政区划已撤并或更名，按“{successor}”保存。",
        "This region was merged or renamed; “{successor}” is stored.",
    ),
    "region_outside": (
        "该行政区划不在本单位管辖范围内。",
        "This region lies outside your jurisdiction.",
    ),
    "not_boolean": ("请填写“是”或“否”。", "Answer yes or no here."),
    "not_number": ("无法识别为数字。", "This cannot be read as a number."),
    "not_integer": (
        "请用阿拉伯数字填写整数。",
        "Give a whole number here, in figures.",
    ),
    "not_date": (
        "无法识别为日期，请按2024-05-10的格式填写。",
        "This cannot be read as a date; write it as 2024-05-10.",
    ),
    "not_money": (
        "无法识别为金额，请只填数字，单位见表头。",
        "This cannot be read as an amount; give the figure alone, in the unit of the header.",
    ),
    "not_allowed": (
        "不在允许的取值之内：{allowed}。",
        "This is not one of the allowed values: {allowed}.",
    ),
    "date_in_future": ("日期晚于今天。", "This date lies ahead."),
    "out_of_range": (
        "超出允许范围{minimum}至{maximum}{unit}。",
        "This lies outside what is allowed, {minimum} to {maximum} {unit}.",
    ),
    "unit_mismatch": (
        "表头单位“{stated}”无法换算为“{unit}”，请按“{unit}”填报。",
        "The unit in the header, “{stated}”, cannot be converted to “{unit}”; use that one.",
    ),
    "percent_scale": (
        "整列数值都在0到1之间，像是百分比格式的小数；本列应填百分数，如4.11表示4.11%。",
        "Every value lies within 0 and 1, as percent-formatted cells arrive; "
        "write 4.11 for 4.11 %.",
    ),
    "already_expired": (
        "有效期已过，将保存并按过期处理。",
        "The end of validity has passed; it is stored and counts as expired.",
    ),
    "validity_reversed": (
        "有效期至早于有效期自（{valid_from}）。",
        "The validity ends before it starts, on {valid_from}.",
    ),
    "too_long": ("超过{maximum}个字符。", "This is longer than {maximum} characters."),
    "evidence_missing": (
        "已填值，但证据一栏为空。",
        "A value is given, and the evidence beside it is empty.",
    ),
    "conflict": ("{rule}", "{rule}"),
    "doubtful": ("{rule}", "{rule}"),
    "implausible": (
        "与已存的值“{stored}”相差悬殊，请核对。",
        "This is an unlikely jump from “{stored}”, which is stored; please compare.",
    ),
    "consent_missing": (
        "有{count}家企业未就“{item}”授权，取得授权前银行看不到该项。",
        "{count} enterprises have given no consent for “{item}”; "
        "banks do not see it before they do.",
    ),
    "formula_text": (
        "以公式符号开头，按文本保存，不会执行。",
        "This begins like a formula; it is stored as text and never executed.",
    ),
}
"""Code to its sentence in Chinese and in English."""
