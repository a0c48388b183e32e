"""The words by which headers name fields, companions of items, and columns of the long layout."""

from collections.abc import Iterator, Mapping

from factors.domain.catalogue import Item

IDENTITY_NAMES: Mapping[str, tuple[str, ...]] = {
    "uscc": (
        "统一社会信用代码", "USCC", "credit code", "社会信用代码", "信用代码",
        "统一社会信用代码USCC", "unified social credit code",
    ),
    "name": ("企业名称", "enterprise name"),
    "region": ("行政区划代码", "region", "所在地区", "区划代码", "region code"),
    "industry": ("行业代码", "industry"),
    "size": ("企业规模", "size"),
    "established_on": ("成立日期", "established", "established on"),
    "registered_capital": ("注册资本(万元)", "registered capital (CNY 10k)"),
}  # fmt: skip
"""Field to what its header may say; the first is the Chinese name, the second the English."""

LESSER_NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("单位名称", "主体名称", "名称", "name"),
    "region": ("行政区划", "所属地区"),
    "industry": ("国民经济行业代码", "industry code"),
    "size": ("规模", "enterprise size"),
    "established_on": ("成立时间", "注册日期"),
    "registered_capital": ("注册资金",),
}
"""What a header may say too; beside a column of a better name such a column is not read."""

REGISTERED_CAPITAL = ("注册资本", "registered capital")

PARTS: Mapping[str, tuple[str, ...]] = {
    "valid_from": ("有效期自", "有效期起", "有效期从", "有效期开始", "valid from", "validity from"),
    "valid_to": ("有效期至", "有效期止", "有效期到", "有效期截止", "valid to", "valid until"),
    "evidence": ("证据", "证明材料", "evidence"),
}
ITEM_NAMES_AT_LARGE = frozenset(("项目", "项目代码"))
"""What names the column of items in the long layout, and anything at all in the wide one."""
LONG_NAMES: Mapping[str, tuple[str, ...]] = {
    "item": (
        "信息项", "信息项代码", "信息项编码", "信息项名称", "项目", "项目代码", "因子", "因子代码",
        "质量因子", "item", "item code", "factor", "factor code",
    ),
    "value": ("值", "取值", "信息项值", "数值", "内容", "状态", "value"),
    **PARTS,
}  # fmt: skip
GENERIC_BELOW = frozenset(("值", "取值", "状态", "等级", "内容", "数值", "value", "status"))
"""What stands in the second row of a header under an item's name, for the value itself."""


def identity_ways() -> Iterator[tuple[str, str, int]]:
    """
    Yield field, name and rank of all names of identity fields, alone and in both languages.

    The rank is 0 for a good name; of two together that of the Chinese one.
    """
    for subject, names in IDENTITY_NAMES.items():
        good = (*names, *(REGISTERED_CAPITAL if subject == "registered_capital" else ()))
        ranks = dict.fromkeys(good, 0)
        ranks |= {name: n for n, name in enumerate(LESSER_NAMES.get(subject, ()), 1)}
        for first, rank in ranks.items():
            yield subject, first, rank
            for second, other in ranks.items():
                if first.isascii() != second.isascii():
                    yield subject, first + second, other if first.isascii() else rank


def item_ways(item: Item) -> Iterator[str]:
    """Yield an item's code, names, and both together in either order."""
    names = [item.name_zh, item.name_en, *item.former_names]
    yield item.code
    for name in names:
        if name:
            yield name
            yield item.code + name
            yield name + item.code
    yield item.name_zh + item.name_en
    yield item.name_en + item.name_zh
    yield item.code + item.name_zh + item.name_en
    yield item.code + item.name_en + item.name_zh
