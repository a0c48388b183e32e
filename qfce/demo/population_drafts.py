"""
The next factor list in the making, and what the register leaves open: doubts, a list by rule.

A draft is laid before those who will sign it, who have begun to comment. Two firms of the file
came again under another code; one pair waits for a look, the other for a second person.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pandas as pd

from factors.domain.consultations import Outcome
from factors.services import consultations, draft_edits, list_starts
from qfce.demo import population_firms, setting
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Organization
from sharing.selectors import list_rules as known_rules
from sharing.services import duplicates, enterprise_lists, list_rules, merges

INVITED = ("pboc", "nfra", "finance_office")
WEEKS = timedelta(days=20)
BY_RULE = "管理体系有效企业（按规则）"
HANGZHOU = "330100"
# Until somebody adopts the difference, those stay on the list who were put there by hand.
BY_HAND = 30

Until = Callable[[Callable[[], object | None]], object]


def draft(*, at: datetime) -> None:
    """Begin the second version of the list and lay it before its signers; one has yet to speak."""
    zhou = setting.person("zhou")
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        version = list_starts.start_next(setting.LIST, actor=zhou, at=at)
        list_starts.set_first_day(
            version.pk, effective_from=business_day(at + WEEKS * 3), actor=zhou, at=at
        )
        _edit(version.pk, at)
        opened = consultations.open_(
            version.pk,
            invited_ids=[Organization.objects.get(short_name=name).pk for name in INVITED],
            closes_on=business_day(at + WEEKS),
            note="请重点看质量信用类信息项的有效期。",
            actor=zhou,
            at=at,
        )
    answered = _comment(
        opened.pk, "finance_signer", "QF-17", "证书状态每周核对即可，建议最长 7 天。", at
    )
    _comment(opened.pk, "nfra_signer", "", "建议在说明中写明信息项的更新责任单位。", at)
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        consultations.answer(
            answered, outcome=Outcome.ACCEPTED, text="采纳，草案已改为 7 天。", actor=zhou, at=at
        )


def _edit(version_id: UUID, at: datetime) -> None:
    zhou = setting.person("zhou")
    first = {"QF-17": {"max_age_days": 7}}
    second = {"QC-05": {"max_age_days": 7}, "QC-14": {"max_age_days": 365}}
    for number, members in enumerate((first, second), start=1):
        draft_edits.set_members(version_id, members, steps=number, actor=zhou, at=at)


def _comment(consultation_id: UUID, who: str, item: str, text: str, at: datetime) -> UUID:
    signer = setting.person(who)
    with acting_as(signer.organization_id, user_id=signer.user_id):
        return consultations.comment(consultation_id, item=item, text=text, actor=signer, at=at).pk


def twins(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the first two firms of a file once more: another legal form, another county."""
    again = frame.head(2).copy()
    codes = list(again["统一社会信用代码"])
    again["统一社会信用代码"] = [
        population_firms.code_of(codes[0][2:8], codes[0][8:17][::-1]),
        # The nine characters stay an organization's own where it is registered anew.
        population_firms.code_of(HANGZHOU, codes[1][8:17]),
    ]
    again["企业名称"] = [
        name.replace("有限责任公司", "股份有限公司").replace("有限公司", "有限责任公司")
        for name in again["企业名称"]
    ]
    return again


def doubts(kept: str, former: str, *, at: datetime) -> None:
    """Look the register through, and have one of the pairs found wait for a second person."""
    shen = setting.person("shen")
    with acting_as(shen.organization_id, user_id=shen.user_id):
        duplicates.find(actor=shen, at=at)
        merges.prepare(kept, former, reason="迁址后换发新码", actor=shen, at=at)


def list_by_rule(codes: Sequence[str], *, at: datetime, until: Until) -> None:
    """Keep a list by a rule, with a difference that nobody has adopted yet."""
    zhou = setting.person("zhou")
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        kept = enterprise_lists.create(BY_RULE, usccs=codes[:BY_HAND], actor=zhou, at=at)
        list_rules.save(
            kept.pk,
            factor_list=setting.LIST,
            condition={"item": "QF-17", "equals": "VALID"},
            regions=[HANGZHOU],
            actor=zhou,
            at=at,
        )
        run = list_rules.run(kept.pk, actor=zhou, at=at)

    def worked_out() -> bool | None:
        with acting_as(zhou.organization_id):
            return known_rules.run(run.pk, actor=zhou).status != "running" or None

    until(worked_out)
