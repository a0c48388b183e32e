"""The demo's population: the same by its seed, brought in by the services, and only once."""

from datetime import date

import pytest

from evaluation.models import Evaluation
from factors.models import Consultation
from lending.models import Loan, LoanApplication
from qfce.demo import population, population_firms, setting
from qfce.kernel.tenancy.context import acting_as
from risk.models import RiskCase, Signal
from sharing.domain.uscc import with_check_character
from sharing.models import (
    Consent,
    Declaration,
    Dispute,
    DuplicateCandidate,
    Enterprise,
    EnterpriseMerge,
    ListRun,
    QualityCell,
)
from tests.universe import NOON

DAY = date(2026, 11, 23)


def test_firms_are_the_same_by_their_seed_and_day():
    one, again, other = (
        population_firms.as_csv(population_firms.draw("ningbo", 50, seed=seed, on=DAY))
        for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other


@pytest.mark.parametrize("bureau", ["hangzhou", "ningbo"])
def test_firms_have_codes_of_their_county_and_a_true_check_character(bureau):
    frame = population_firms.draw(bureau, 200, seed=population.SEED, on=DAY)
    codes = frame["统一社会信用代码"]
    assert codes.is_unique
    assert (codes == [with_check_character(code[:17]) for code in codes]).all()
    assert (codes.str[2:8] == frame["行政区划代码"]).all()
    assert set(frame["行政区划代码"]) <= set(population_firms.COUNTIES[bureau])


def test_larger_firms_hold_more_certificates():
    frame = population_firms.draw("hangzhou", 5_000, seed=3, on=DAY)
    holds = (frame["质量管理体系认证状态"] == "VALID").groupby(frame["企业规模"]).mean()
    assert holds["微型"] < holds["小型"] < holds["中型"] < holds["大型"]
    listed = (frame["经营异常名录状态"] == "LISTED").mean()
    assert 0.004 < listed < 0.03


def test_no_page_is_empty_and_a_second_call_does_nothing(universe, run_tasks):
    setting.share("bank_a", setting.CATEGORIES, setting.LOAN_PURPOSES, at=NOON)
    setting.publish_scorecards(at=NOON)
    setting.offer_product(at=NOON)

    assert population.load(at=NOON, settle=run_tasks) == 200

    with acting_as(universe.province.pk):
        assert Enterprise.objects.count() == 202  # two of them came under another code too
        assert Consultation.objects.get().closed_at is None
        assert ListRun.objects.get().status == "ready"
        assert QualityCell.objects.exists()
    with acting_as(universe.linping.pk):
        declared = Declaration.objects.values_list("status", flat=True)
        assert sorted(declared) == ["asked", "sent", "taken"]
        assert set(Dispute.objects.values_list("status", flat=True)) == {"opened", "rejected"}
    with acting_as(universe.hangzhou.pk):
        assert DuplicateCandidate.objects.exists()
        assert EnterpriseMerge.objects.get().status == "prepared"
    with acting_as(universe.bank_a.pk):
        graded = Evaluation.objects.exclude(grade=None).values_list("grade", flat=True)
        assert {"A", "B", "C", "D"} <= set(graded)
        states = set(LoanApplication.objects.values_list("status", flat=True))
        assert states == {
            "draft", "submitted", "under_review", "returned", "withdrawn", "declined", "approved",
        }  # fmt: skip
        assert Loan.objects.count() == 7
        assert set(Signal.objects.values_list("level", flat=True)) >= {"red", "orange", "yellow"}
        assert set(RiskCase.objects.values_list("status", flat=True)) == {"acting", "closed"}
        assert Consent.objects.count() == 2
    assert population.load(at=NOON, settle=run_tasks) == 0
