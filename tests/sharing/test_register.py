"""The register: sizes by the table of 2017, states, names and places with their past, tags."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qfce.kernel import parameters
from qfce.kernel.errors import NotPermitted
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing.domain.enterprise_sizes import Figures, size_of
from sharing.domain.industries import section_of, sector_of
from sharing.selectors import register as selectors
from sharing.services import records, register
from sharing.services.register_rules import IdentityUnfit, SizeNotMeasured, SuspensionUnfit
from tests.sharing.shared import A, N, agree, publish, row, see
from tests.universe import NOON

TABLE = parameters.load(register.PARAMETERS / "enterprise_sizes.toml").on(date(2026, 1, 1))


# Rows of the annex of 统计上大中小微型企业划分办法（2017）, 国统字〔2017〕213号, at their bounds:
# industry, employees, revenue and assets in units of 10,000 yuan, class.
@pytest.mark.parametrize(
    ("industry", "employees", "revenue", "assets", "size"),
    [
        ("A01", None, 20000, None, "large"),
        ("A01", None, 19999, None, "medium"),
        ("A01", None, 499, None, "small"),
        ("A01", None, 49, None, "micro"),
        ("C34", 1000, 40000, None, "large"),
        ("C34", 999, 40000, None, "medium"),  # both bounds, else a class lower
        ("C34", 5000, 300, None, "small"),
        ("C34", 19, 90000, None, "micro"),
        ("D44", 300, 2000, None, "medium"),
        ("E47", None, 80000, 79999, "medium"),
        ("E47", None, 300, 300, "small"),
        ("F51", 200, 40000, None, "large"),
        ("F51", 5, 1000, None, "small"),
        ("F52", 49, 20000, None, "small"),
        ("G54", 1000, 30000, None, "large"),
        ("G5910", 300, 3000, None, "medium"),  # handling counts as transport
        ("G5941", 100, 1000, None, "medium"),  # and warehouses do not
        ("G60", 300, 2000, None, "medium"),
        ("H61", 300, 9999, None, "medium"),
        ("H62", 10, 100, None, "small"),
        ("I63", 2000, 100000, None, "large"),
        ("I65", 299, 10000, None, "medium"),
        ("I65", 10, 50, None, "small"),
        ("K7010", None, 200000, 10000, "large"),
        ("K7010", None, 200000, 4999, "small"),
        ("K7020", 300, 1000, None, "medium"),
        ("L72", 300, None, 120000, "large"),
        ("L72", 10, None, 99, "micro"),
        ("M73", 300, None, None, "large"),
        ("R90", 9, None, None, "micro"),
    ],
)
def test_sizes_at_the_bounds_of_the_table(
    industry: str, employees: int | None, revenue: int | None, assets: int | None, size: str
) -> None:
    figures = Figures(
        employees=employees,
        revenue=None if revenue is None else Decimal(revenue * 10_000),
        assets=None if assets is None else Decimal(assets * 10_000),
    )
    assert size_of(figures, TABLE[str(sector_of(industry))]) == size


def test_what_the_table_does_not_measure() -> None:
    assert [sector_of(code) for code in ("J66", "P83", "G53", "K70", "K7040", "59", "")] == [
        None
    ] * 7
    assert section_of("A34") is None  # 34 is manufacturing


@pytest.fixture
def known(universe: Any) -> Any:
    publish(universe.shen, row(name="杭州安和精工有限公司", vals={"QC-01": "ACTIVE"}))
    publish(universe.lu, row(N, "330206", vals={"QC-01": "ACTIVE"}))
    return universe


def as_(actor: Any, call: Any, *arguments: Any, **how: Any) -> Any:
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return call(*arguments, actor=actor, **how)


def released(universe: Any, change: Any) -> Any:
    return as_(universe.zheng, records.release, change.pk, at=NOON)


def test_a_suspension_is_a_fact_with_two_persons_and_an_end(known: Any) -> None:
    agree(known, "bank_a")
    days = {"since": date(2026, 11, 1), "until": date(2029, 11, 1)}
    change = as_(
        known.shen, register.change_state, A, action="suspend", reason="filed", at=NOON, **days
    )
    assert see(known.lin)[A].items["QC-01"].value == "ACTIVE"
    with pytest.raises(NotPermitted):
        as_(known.shen, records.release, change.pk, at=NOON)
    released(known, change)
    item = see(known.lin)[A].items["QC-01"]
    assert (item.value, item.valid_to) == ("SUSPENDED", date(2029, 11, 1))
    state = as_(known.shen, selectors.entry, A).state
    assert (state.value, state.since, state.until) == ("SUSPENDED", *days.values())
    assert "resume" in state.actions and "suspend" not in state.actions


@pytest.mark.parametrize("until", [None, date(2029, 11, 2), date(2026, 10, 31)])
def test_a_suspension_without_end_or_too_long_is_refused(known: Any, until: date | None) -> None:
    with pytest.raises(SuspensionUnfit):
        as_(known.shen, register.change_state, A, action="suspend", since=date(2026, 11, 1),
            until=until, reason="filed", at=NOON)  # fmt: skip


def test_who_is_active_is_not_resumed(known: Any) -> None:
    with pytest.raises(IllegalTransition):
        as_(known.shen, register.change_state, A, action="resume", since=date(2026, 11, 1),
            reason="?", at=NOON)  # fmt: skip


def test_a_size_goes_to_banks_without_its_figures(known: Any) -> None:
    agree(known, "bank_a")
    figures = Figures(employees=120, revenue=Decimal(25_000_000))
    sizing = as_(known.shen, register.measure, A, industry="C3484", day=date(2025, 12, 31),
                 figures=figures, reason="annual report", at=NOON)  # fmt: skip
    assert sizing.size == "small"
    assert see(known.lin)[A].size is None
    released(known, sizing.change)
    profile = see(known.lin)[A]
    assert (profile.size, profile.industry) == ("small", "C3484")
    assert not {"employees", "revenue"} & set(profile.items)
    entry = as_(known.shen, selectors.entry, A)
    assert entry.section[0] == "C" and entry.sizings[0].employees == 120


def test_a_size_without_its_figures_is_refused(known: Any) -> None:
    for industry, figures in (("C34", Figures(employees=5)), ("J66", Figures(employees=5))):
        with pytest.raises(SizeNotMeasured):
            as_(known.shen, register.measure, A, industry=industry, day=date(2025, 12, 31),
                figures=figures, reason="annual report", at=NOON)  # fmt: skip


def test_names_and_places_keep_their_past(known: Any) -> None:
    change = as_(known.shen, register.prepare_identity, A, since=date(2026, 10, 1),
                 changes={"name": "杭州新名机械有限公司", "region": "330110"}, reason="moved",
                 at=NOON)  # fmt: skip
    released(known, change)
    entry = as_(known.shen, selectors.entry, A)
    assert [one.value for one in entry.past["name"]] == [
        "杭州安和精工有限公司",
        "杭州新名机械有限公司",
    ]
    assert entry.past["name"][1].since == date(2026, 10, 1)
    assert [one.value for one in entry.past["region"]] == ["330113", "330110"]
    assert entry.past["name"][0].number < entry.past["name"][1].number
    assert (entry.enterprise.region, entry.code_region) == ("330110", A[2:8])


def test_an_identity_outside_the_jurisdiction_is_refused(known: Any) -> None:
    for changes in ({"region": "330206"}, {"industry": "Z9"}, {"name": "甲"}, {"uscc": N}, {}):
        with pytest.raises(IdentityUnfit):
            as_(known.shen, register.prepare_identity, A, changes=changes, reason="?", at=NOON)


def test_another_bureaus_enterprise_is_not_there(known: Any) -> None:
    with pytest.raises(NoSuchRecord):
        as_(known.shen, selectors.entry, N)
    with pytest.raises(NoSuchRecord):
        as_(known.shen, register.tag, N, kind="chain", name="轴承", at=NOON)


def test_tags_are_set_once_and_taken_away(known: Any) -> None:
    first = as_(known.shen, register.tag, A, kind="chain", name="轴承", at=NOON)
    again = as_(known.shen, register.tag, A, kind="chain", name="轴承", at=NOON)
    assert first.pk == again.pk
    as_(known.shen, register.untag, A, first.pk, at=NOON)
    assert as_(known.shen, selectors.entry, A).tags == ()
