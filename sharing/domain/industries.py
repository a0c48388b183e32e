"""
Industries (国民经济行业分类, GB/T 4754-2017): sections, and which sector of statistics each is in.

A code is a section's letter and up to four digits, `C3484`, or the digits alone: the first
two are the division, and each division lies in one section.
"""

import re

SECTIONS: dict[str, tuple[str, str, int, int]] = {
    "A": ("农、林、牧、渔业", "Farming, forestry, animal husbandry and fishery", 1, 5),
    "B": ("采矿业", "Mining", 6, 12),
    "C": ("制造业", "Manufacturing", 13, 43),
    "D": ("电力、热力、燃气及水生产和供应业", "Electricity, heat, gas and water", 44, 46),
    "E": ("建筑业", "Construction", 47, 50),
    "F": ("批发和零售业", "Wholesale and retail trade", 51, 52),
    "G": ("交通运输、仓储和邮政业", "Transport, storage and post", 53, 60),
    "H": ("住宿和餐饮业", "Hotels and catering", 61, 62),
    "I": ("信息传输、软件和信息技术服务业", "Information transmission, software and IT", 63, 65),
    "J": ("金融业", "Finance", 66, 69),
    "K": ("房地产业", "Real estate", 70, 70),
    "L": ("租赁和商务服务业", "Leasing and business services", 71, 72),
    "M": ("科学研究和技术服务业", "Research and technical services", 73, 75),
    "N": ("水利、环境和公共设施管理业", "Water, environment and public facilities", 76, 79),
    "O": ("居民服务、修理和其他服务业", "Household services, repair and others", 80, 82),
    "P": ("教育", "Education", 83, 83),
    "Q": ("卫生和社会工作", "Health and social work", 84, 85),
    "R": ("文化、体育和娱乐业", "Culture, sports and entertainment", 86, 90),
    "S": ("公共管理、社会保障和社会组织", "Public administration and organizations", 91, 96),
    "T": ("国际组织", "International organizations", 97, 97),
}
"""Section: its name in Chinese and English, its first and its last division."""

_CODE = re.compile(r"^([A-T])?([0-9]{2,4})?$")
_BY_DIVISION: dict[int, str] = {
    **dict.fromkeys(range(1, 6), "farming"),
    **dict.fromkeys(range(6, 47), "industry"),
    **dict.fromkeys(range(47, 51), "construction"),
    51: "wholesale",
    52: "retail",
    # Railways (53) are in no sector.
    **dict.fromkeys(range(54, 59), "transport"),
    60: "post",
    61: "hotels",
    62: "catering",
    63: "information_transmission",
    64: "information_transmission",
    65: "software",
    71: "leasing",
    72: "leasing",
    **dict.fromkeys(range(73, 83), "other"),
    85: "other",
    **dict.fromkeys(range(86, 91), "other"),
}
# Divisions of which the groups lie in several sectors. Own property (704) is in none.
_BY_GROUP = {
    **{str(group): "storage" for group in range(592, 600)},
    "591": "transport",
    "701": "property_development",
    "702": "property_management",
    "703": "other",
    "709": "other",
}


def section_of(code: str | None) -> str | None:
    """
    Return the section that a code lies in; None for what is no code.

    >>> section_of("C3484"), section_of("65"), section_of("C65"), section_of("Z")
    ('C', 'I', None, None)
    """
    match = _CODE.match(code or "")
    if match is None or not code:
        return None
    letter, digits = match.groups()
    if digits is None:
        return letter if letter in SECTIONS else None
    division = int(digits[:2])
    found = next(
        (name for name, (_, _, first, last) in SECTIONS.items() if first <= division <= last), None
    )
    return found if letter in (None, found) else None


def sector_of(code: str | None) -> str | None:
    """
    Return the sector by which an enterprise's size is measured.

    None where the table measures no such enterprise (finance, education, railways), or the
    code is not fine enough to tell: of real estate and of division 59 the group decides.

    >>> sector_of("C3484"), sector_of("7020"), sector_of("59"), sector_of("J66")
    ('industry', 'property_management', None, None)
    """
    section = section_of(code)
    if section is None or code is None:
        return None
    digits = code.removeprefix(section)
    if not digits:
        return {"A": "farming", "B": "industry", "C": "industry", "D": "industry",
                "E": "construction", "L": "leasing", "M": "other", "N": "other",
                "O": "other", "R": "other"}.get(section)  # fmt: skip
    if digits[:3] in _BY_GROUP:
        return _BY_GROUP[digits[:3]]
    return _BY_DIVISION.get(int(digits[:2]))
