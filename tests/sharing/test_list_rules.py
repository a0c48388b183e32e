"""Lists by rule: what a condition finds, and that nobody comes or goes before it is adopted."""

from typing import Any

import pytest

from factors.selectors import factor_lists
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing.domain import list_criteria
from sharing.models import ListRun
from sharing.selectors import enterprise_lists as list_selectors
from sharing.selectors import list_rules as selectors
from sharing.services import enterprise_lists, list_rules
from sharing.services.list_rules import NoRule, RuleUnfit, RunOvertaken
from tests.sharing.shared import LIST, A, B, N, publish, row
from tests.universe import NOON

pytestmark = pytest.mark.django_db


def as_(actor: Any, call: Any, *arguments: Any, **how: Any) -> Any:
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return call(*arguments, actor=actor, **how)


@pytest.fixture
def known(universe: Any) -> Any:
    publish(
        universe.shen,
        row(A, name="甲", size="small", vals={"QC-04": "A", "QC-05": 0, "QF-17": "VALID"},
            details={"QF-17": {"valid_to": "2027-05-01"}}),
        row(B, "330110", name="乙", vals={"QC-04": "B", "QC-05": 3}),
    )  # fmt: skip
    publish(universe.lu, row(N, "330206", name="丙", vals={"QC-04": "A"}))
    return universe


CONDITIONS: list[tuple[dict[str, Any], set[str]]] = [
    ({"item": "QC-04", "in": ["A", "B"]}, {A, B, N}),
    ({"item": "QC-04", "equals": "A"}, {A, N}),
    ({"item": "QC-05", "at_least": 1}, {B}),
    ({"item": "QC-05", "at_least": "1"}, {B}),
    ({"item": "QC-05", "below": 1}, {A}),
    ({"item": "QC-05", "missing": True}, {N}),
    ({"item": "QC-05", "missing": False}, {A, B}),
    ({"not": {"item": "QC-05", "at_least": 1}}, {A, N}),
    ({"item": "QF-17>", "at_least": "2027-01-01"}, {A}),
    ({"item": "region", "starts_with": "3302"}, {N}),
    ({"item": "region", "starts_with_any": ["3302", "330113"]}, {A, N}),
    ({"item": "size", "equals": "small"}, {A}),
    ({"all": [{"item": "QC-04", "equals": "A"}, {"item": "QC-05", "below": 1}]}, {A}),
    ({"any": [{"item": "QC-05", "equals": 3}, {"item": "name", "equals": "丙"}]}, {B, N}),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_a_rule_finds_who_fits(
    known: Any, run_tasks: Any, condition: dict[str, Any], expected: set[str]
) -> None:
    kept = as_(known.zhou, enterprise_lists.create, "名单", at=NOON)
    as_(known.zhou, list_rules.save, kept.pk, factor_list=LIST, condition=condition, at=NOON)
    run = as_(known.zhou, list_rules.run, kept.pk, at=NOON)
    run_tasks()
    run = as_(known.zhou, selectors.run, run.pk)
    assert (set(run.coming), run.going, run.matched) == (expected, [], len(expected))
    # Shown is not adopted.
    assert as_(known.zhou, list_selectors.members, kept.pk) == ([], None)


def test_a_difference_is_adopted_once_and_not_after_a_hand(known: Any, run_tasks: Any) -> None:
    kept = as_(known.zhou, enterprise_lists.create, "名单", usccs=[B], at=NOON)
    as_(known.zhou, list_rules.save, kept.pk, factor_list=LIST, at=NOON,
        condition={"item": "QC-04", "equals": "A"}, regions=["330100"])  # fmt: skip
    first = as_(known.zhou, list_rules.run, kept.pk, at=NOON)
    second = as_(known.zhou, list_rules.run, kept.pk, at=NOON)
    run_tasks()
    shown = as_(known.zhou, selectors.run, first.pk)
    assert (shown.coming, shown.going) == ([A], [B])
    as_(known.zhou, list_rules.adopt, first.pk, at=NOON)
    found, _ = as_(known.zhou, list_selectors.members, kept.pk)
    assert [one.uscc for one in found] == [A]
    with pytest.raises(RunOvertaken):
        as_(known.zhou, list_rules.adopt, second.pk, at=NOON)
    as_(known.zhou, list_rules.discard, second.pk, at=NOON)


def test_a_list_without_a_rule_does_not_run(known: Any) -> None:
    kept = as_(known.zhou, enterprise_lists.create, "名单", at=NOON)
    with pytest.raises(NoRule):
        as_(known.zhou, list_rules.run, kept.pk, at=NOON)


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"item": "QX-99", "equals": 1},
        {"item": "QC-04"},
        {"item": "QC-04", "above_item": "QC-05"},
        {"all": []},
        {"all": "QC-04"},
        {"not": [{"item": "QC-04", "equals": "A"}]},
        {"item": "QC-05", "at_least": "many"},
        {"item": "QC-05", "at_least": 1, "below": 3},
        {"item": "QF-17>", "at_least": "next year"},
        {"derived": "age_years", "at_least": 3},
        {"item": "QC-04", "in": "A"},
    ],
)
def test_what_is_no_rule_is_refused(known: Any, condition: dict[str, Any]) -> None:
    catalogue = factor_lists.newest(LIST)
    assert list_criteria.faults(condition, catalogue)
    kept = as_(known.zhou, enterprise_lists.create, "名单", at=NOON)
    with pytest.raises(RuleUnfit):
        as_(known.zhou, list_rules.save, kept.pk, factor_list=LIST, condition=condition, at=NOON)


def test_another_bureau_neither_runs_nor_reads_it(known: Any) -> None:
    kept = as_(known.zhou, enterprise_lists.create, "名单", at=NOON)
    as_(known.zhou, list_rules.save, kept.pk, factor_list=LIST, at=NOON,
        condition={"item": "QC-04", "equals": "A"})  # fmt: skip
    run = as_(known.zhou, list_rules.run, kept.pk, at=NOON)
    with acting_as(known.shen.organization_id):
        assert selectors.rule_of(kept.pk, actor=known.shen) is None
        assert not ListRun.objects.filter(pk=run.pk).exists()
