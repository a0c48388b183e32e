"""
Invented enterprises that look like a list of selected firms: one hidden quality moves them.

Each firm has a quality q, normal with mean 0.75 (a list is a selection) and higher for larger
firms; a fact holds with the chance 1 / (1 + exp(-(a + b·q))). Names, codes and values are
invented. The same seed and day give the same firms to the byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from sharing.domain.uscc import ALPHABET, with_check_character

Floats = npt.NDArray[np.float64]

COUNTIES: Mapping[str, Mapping[str, str]] = {
    "hangzhou": {
        "330102": "上城", "330105": "拱墅", "330106": "西湖", "330108": "滨江", "330109": "萧山",
        "330110": "余杭", "330111": "富阳", "330112": "临安", "330113": "临平", "330114": "钱塘",
        "330122": "桐庐", "330182": "建德",
    },
    "ningbo": {
        "330203": "海曙", "330205": "江北", "330206": "北仑", "330211": "镇海", "330212": "鄞州",
        "330213": "奉化", "330225": "象山", "330226": "宁海", "330281": "余姚", "330282": "慈溪",
    },
}  # fmt: skip
WORDS = (
    "安和", "精工", "恒信", "永固", "明达", "德邦", "鑫源", "嘉禾", "天成", "立安", "清源",
    "华泰", "卓越", "宏图", "同创", "博远", "瑞丰", "正大", "远航", "金石",
)  # fmt: skip
TRADES = (
    ("汽车零部件", "C3670"), ("家具", "C2110"), ("轴承", "C3451"), ("塑胶", "C2929"),
    ("医疗器械", "C3581"), ("纺织", "C1711"), ("检测技术", "M7452"), ("电机", "C3812"),
    ("食品", "C1411"),
)  # fmt: skip
FORMS = ("有限公司", "有限责任公司", "股份有限公司")


@dataclass(frozen=True, slots=True)
class Size:
    """A size class: its share, what it adds to quality, capital in 万元, and years of age."""

    name: str
    share: float
    shift: float
    capital: tuple[int, int]
    years: tuple[int, int]


SIZES = (
    Size("微型", 0.38, -0.55, (10, 200), (2, 12)),
    Size("小型", 0.47, 0.05, (100, 1_000), (3, 18)),
    Size("中型", 0.12, 0.75, (1_000, 5_000), (6, 25)),
    Size("大型", 0.03, 1.25, (5_000, 30_000), (10, 30)),
)
MEAN = 0.75


def draw(bureau: str, number: int, *, seed: int, on: date) -> pd.DataFrame:
    """
    Return invented firms of a bureau's counties, a row each, columns as a workbook has them.

    :param bureau: hangzhou or ningbo.
    :param on: the day that ages and ends of validity are counted from.
    """
    chance = np.random.default_rng([seed, sorted(COUNTIES).index(bureau)])
    size = chance.choice(len(SIZES), number, p=[each.share for each in SIZES])
    shift = np.array([each.shift for each in SIZES])
    quality = chance.normal(MEAN, 1.0, number) + shift[size]
    frame = _identities(chance, bureau, size, on)
    _quality_credit(frame, chance, quality, on)
    _management_and_brand(frame, chance, quality, on)
    _foundation(frame, chance, quality, on)
    _innovation(frame, chance, quality, size, on)
    return frame


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return the rows as the file that a bureau would upload."""
    return frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def code_of(county: str, own: str) -> str:
    """Return the credit code of an enterprise: registrar, county, its own nine characters."""
    return with_check_character(f"91{county}{own}")


def _identities(
    chance: np.random.Generator, bureau: str, size: npt.NDArray[np.int64], on: date
) -> pd.DataFrame:
    counties = sorted(COUNTIES[bureau])
    number = len(size)
    region = chance.choice(counties, number)
    trade = chance.integers(0, len(TRADES), number)
    first, second = (chance.choice(WORDS, number) for _ in range(2))
    form = chance.choice(FORMS, number, p=[0.5, 0.3, 0.2])
    letters = chance.choice(list(ALPHABET), (number, 9))
    low, high = (np.array([each.capital[end] for each in SIZES])[size] for end in (0, 1))
    young, old = (np.array([each.years[end] for each in SIZES])[size] for end in (0, 1))
    days = (young * 365 + chance.random(number) * (old - young) * 365).astype(int)
    codes = [code_of(county, "".join(own)) for county, own in zip(region, letters, strict=True)]
    short = [COUNTIES[bureau][county] for county in region]
    named = zip(short, first, second, trade, form, strict=True)
    return pd.DataFrame(
        {
            "统一社会信用代码": codes,
            "企业名称": [f"{a}{b}{c}{TRADES[d][0]}{e}" for a, b, c, d, e in named],
            "行政区划代码": region,
            "行业代码": [TRADES[place][1] for place in trade],
            "企业规模": [SIZES[place].name for place in size],
            "成立日期": [(on - timedelta(days=int(age))).isoformat() for age in days],
            "注册资本(万元)": (low + chance.random(number) * (high - low)).astype(int),
        }
    )


def _quality_credit(
    frame: pd.DataFrame, chance: np.random.Generator, quality: Floats, on: date
) -> None:
    number = len(frame)
    falls = np.exp(-0.5 * (quality - MEAN))
    frame["经营主体登记状态"] = "ACTIVE"
    listed = chance.random(number) < 0.012 * falls
    frame["经营异常名录状态"] = np.where(listed, "LISTED", "NOT_LISTED")
    frame["严重违法失信名单状态"] = "NOT_LISTED"
    punished = chance.random(number) < 0.014 * falls
    frame["产品质量违法行政处罚次数(36个月)"] = np.where(punished, 1, 0)
    sampled, failed = chance.random(number) >= 0.62, chance.random(number) < 0.085
    serious = chance.random(number) < 1 / 3
    verdict = np.where(failed, np.where(serious, "FAIL_SERIOUS", "FAIL_GENERAL"), "PASS")
    frame["产品质量监督抽查最近结论"] = np.where(sampled, verdict, "NOT_SAMPLED")
    # A year's report is due by the end of June after it, from the year of founding on.
    last_due = on.year - 1 if on.month > 6 else on.year - 2
    founded = np.array([int(day[:4]) for day in frame["成立日期"]])
    filed = chance.binomial(np.clip(last_due + 1 - founded, 0, 3), 0.93).astype(str)
    frame["年度报告按期公示年数(近3年)"] = np.where(chance.random(number) < 0.06, "", filed)


def _management_and_brand(
    frame: pd.DataFrame, chance: np.random.Generator, quality: Floats, on: date
) -> None:
    award = _ladder(chance, quality, (("PROVINCIAL", -6.6), ("CITY", -4.3), ("COUNTY", -2.7)), 1.15)
    frame["政府质量奖最高层级"] = award
    given = _days(on, -chance.integers(60, 1_500, len(frame)))
    frame["政府质量奖获奖日期"] = np.where(award == "NONE", "", given)
    frame["首席质量官制度"] = np.where(_holds(chance, quality, -0.3, 0.9), "是", "否")
    own_mark = _holds(chance, quality, -2.4, 1.15)
    frame["区域公共品牌/品质认证"] = np.where(own_mark, "PINZIBIAO_ZHEJIANG", "NONE")
    frame["有效注册商标数"] = chance.poisson(1.2 * np.exp(0.4 * quality))


def _foundation(
    frame: pd.DataFrame, chance: np.random.Generator, quality: Floats, on: date
) -> None:
    number = len(frame)
    frame["最高计量标准考核证书数"] = chance.poisson(0.15 * np.exp(0.6 * quality))
    frame["测量管理体系认证等级"] = _ladder(
        chance, quality, (("AAA", -4.2), ("AA", -3.3), ("A", -2.4)), 1.0
    )
    frame["主导制定国家标准数"] = chance.poisson(0.22 * np.exp(quality))
    state = chance.choice(
        ["VALID", "SUSPENDED", "EXPIRED", "REVOKED"], number, p=[0.93, 0.025, 0.03, 0.015]
    )
    quality_system = np.where(_holds(chance, quality, 0.35, 1.1), state, "NONE")
    frame["质量管理体系认证状态"] = quality_system
    ends = _days(on, chance.integers(45, 1_090, number))
    frame["质量管理体系认证状态 有效期至"] = np.where(quality_system == "VALID", ends, "")
    for name, base in (
        ("环境管理体系认证状态", -0.9),
        ("CNAS认可状态", -3.4),
        ("CMA资质认定状态", -3.6),
    ):
        frame[name] = np.where(_holds(chance, quality, base, 1.1), "VALID", "NONE")


def _innovation(
    frame: pd.DataFrame,
    chance: np.random.Generator,
    quality: Floats,
    size: npt.NDArray[np.int64],
    on: date,
) -> None:
    number = len(frame)
    high_tech = _holds(chance, quality, -1.5, 1.2)
    frame["高新技术企业资格"] = np.where(high_tech, "VALID", "NONE")
    ends = _days(on, chance.integers(45, 1_090, number))
    frame["高新技术企业资格 有效期至"] = np.where(high_tech, ends, "")
    rungs = (("LITTLE_GIANT", -4.7), ("SRDI_SME", -2.6), ("INNOVATIVE_SME", -1.2))
    rung = _ladder(chance, quality, rungs, 1.15)
    frame["专精特新梯度"] = np.where(size == len(SIZES) - 1, "NONE", rung)
    frame["有效发明专利数"] = np.minimum(chance.poisson(1.6 * np.exp(0.9 * quality)), 150)
    spent = np.clip(chance.lognormal(1.1, 0.6, number), 0.1, 25).round(2).astype(str)
    frame["研发投入强度"] = np.where(chance.random(number) < 0.55, spent, "")


def _holds(
    chance: np.random.Generator, quality: Floats, a: float, b: float
) -> npt.NDArray[np.bool_]:
    held: npt.NDArray[np.bool_] = chance.random(len(quality)) < 1 / (1 + np.exp(-(a + b * quality)))
    return held


def _ladder(
    chance: np.random.Generator, quality: Floats, rungs: tuple[tuple[str, float], ...], b: float
) -> npt.NDArray[np.str_]:
    """Return the highest rung that each firm holds; `rungs` from the highest down."""
    held = [_holds(chance, quality, a, b) for _, a in rungs]
    return np.select(held, [name for name, _ in rungs], default="NONE")


def _days(on: date, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    return np.array([(on + timedelta(days=int(offset))).isoformat() for offset in offsets])
