"""Signals and cases on the demo's loans: certificates revoked, samples failed, arrears."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from qfce.demo import setting
from qfce.demo.population_loans import Lent
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import service_actor
from qfce.kernel.tenancy.context import acting_as
from risk.domain.arrears import Arrears
from risk.domain.lifecycle import CaseActionKind, Level
from risk.selectors import signals as found_signals
from risk.selectors.signals import SignalFilter
from risk.services import arrears, cases, handling, signals
from sharing.services import records

K = CaseActionKind
A_MOMENT = timedelta(seconds=1)
Until = Callable[[Callable[[], Any]], Any]
# who prepares and who releases a change, by the city of the enterprise
BUREAUS = {"3301": ("shen", "zheng"), "3302": ("lu", "mo")}


def load(lent: Sequence[Lent], *, at: datetime, until: Until) -> None:
    """
    Let things happen to the loans, and let the risk managers be at different points with them.

    :param until: waits for what the bank's follower of the feed has to do.
    """
    first, second, third, fourth, fifth = lent[:5]
    _record(first, {"QF-17": "REVOKED"}, "认证机构已撤销证书", at=at)
    _record(second, {"QF-17": "REVOKED"}, "认证机构已撤销证书", at=at)
    recorded_at = _record(third, {"QC-08": "FAIL_GENERAL"}, "监督抽查一般不合格", at=at)
    # The ledger goes by the true clock, and what people do about a fact comes after it.
    at = max(at, recorded_at) + A_MOMENT
    at = until(lambda: _followed((first, second, third), at=at)) + A_MOMENT
    _report(second, 40, at=at)  # a second orange one, so the combination is red
    _report(fourth, 18, at=at - timedelta(days=9))
    _report(fifth, 6, at=at - timedelta(days=2))
    _freeze(_signal(first, "orange"), first, at=at)
    _escalate(_signal(second, "red"), at=at)
    _dismiss(_signal(third, "yellow"), at=at)
    _settle(_signal(fifth, "yellow"), fifth, at=at)


def _record(loan: Lent, changes: Mapping[str, Any], reason: str, *, at: datetime) -> datetime:
    """Record a fact by two people, and return when the ledger has it."""
    uploader, releaser = (setting.person(name) for name in BUREAUS[loan.uscc[2:6]])
    with acting_as(uploader.organization_id, user_id=uploader.user_id):
        change = records.observe(
            loan.uscc,
            factor_list=setting.LIST,
            changes=changes,
            details={code: {"valid_from": business_day(at).isoformat()} for code in changes},
            reason=reason,
            actor=uploader,
            at=at,
        )
    with acting_as(releaser.organization_id, user_id=releaser.user_id):
        publication = records.release(change.pk, actor=releaser, at=at).publication
    assert publication is not None
    assert publication.recorded_at is not None
    return publication.recorded_at


def _followed(loans: Sequence[Lent], *, at: datetime) -> datetime | None:
    """Follow the bank's feed; return the newest signal's time once each of these has one."""
    bank = setting.person("he").organization_id
    done = False
    while not done:
        with acting_as(bank):
            done = signals.follow_feed(actor=service_actor(bank, "risk"), at=at).is_done
    with acting_as(bank):
        everything = found_signals.matching(SignalFilter(), actor=service_actor(bank, "risk"))
        found = everything.filter(uscc__in=[loan.uscc for loan in loans])
        raised = dict(found.values_list("uscc", "raised_at"))
    return max(raised.values()) if len(raised) == len(loans) else None


def _report(loan: Lent, days: int, *, at: datetime) -> None:
    """Report what the bank's own servicing says of one loan on a day; 0 days: it is paid up."""
    on = business_day(at)
    unpaid = on - timedelta(days=days) if days else None
    he = setting.person("he")
    with acting_as(he.organization_id, user_id=he.user_id):
        arrears.report(
            [Arrears(str(loan.loan_id), loan.uscc, days, unpaid)], on=on, actor=he, at=at
        )


def _signal(loan: Lent, level: str) -> UUID:
    he = setting.person("he")
    with acting_as(he.organization_id):
        wanted = SignalFilter(uscc=loan.uscc, level=Level(level).value, is_open=True)
        found = found_signals.matching(wanted, actor=he)
        return found.order_by("raised_at", "rule").values_list("pk", flat=True)[0]


def _freeze(signal_id: UUID, loan: Lent, *, at: datetime) -> None:
    """A case with a freeze, and a lift of it that waits for a second person."""
    he = setting.person("he")
    with acting_as(he.organization_id, user_id=he.user_id):
        handling.claim(signal_id, actor=he, at=at)
        case = cases.open_(
            signal_id, reason="核实证书撤销原因", loan_id=loan.loan_id, actor=he, at=at
        )
        for kind, text in (
            (K.FREEZE_UNDRAWN, "证书已撤销，冻结未提款额度"),
            (K.EXTRA_CHECK, "现场核查，企业已向另一机构申请换证"),
            (K.LIFT_FREEZE, "企业已提供新证书受理通知，申请解除冻结"),
        ):
            cases.act(case.pk, kind=kind, text=text, actor=he, at=at)


def _escalate(signal_id: UUID, *, at: datetime) -> None:
    """A red signal, claimed by the head office, with a case that asks the bureau."""
    shao = setting.person("shao")
    with acting_as(shao.organization_id, user_id=shao.user_id):
        handling.claim(signal_id, actor=shao, at=at)
        case = cases.open_(signal_id, reason="两项橙色预警，综合研判", actor=shao, at=at)
        cases.act(case.pk, kind=K.ASK_BUREAU, text="请监管局核实证书状态", actor=shao, at=at)


def _dismiss(signal_id: UUID, *, at: datetime) -> None:
    he = setting.person("he")
    with acting_as(he.organization_id, user_id=he.user_id):
        handling.claim(signal_id, actor=he, at=at)
        handling.check(signal_id, text="抽查批次为停产产品", actor=he, at=at)
        handling.dismiss(signal_id, reason="与在售产品无关", actor=he, at=at)


def _settle(signal_id: UUID, loan: Lent, *, at: datetime) -> None:
    """A case from arrears that were paid, closed with its result."""
    he = setting.person("he")
    with acting_as(he.organization_id, user_id=he.user_id):
        case = cases.open_(signal_id, reason="逾期提醒", loan_id=loan.loan_id, actor=he, at=at)
        cases.act(case.pk, kind=K.COLLECTION, text="电话催收，承诺两日内还款", actor=he, at=at)
    _report(loan, 0, at=at)
    with acting_as(he.organization_id, user_id=he.user_id):
        cases.close(case.pk, result="已还清欠款，恢复正常", actor=he, at=at)
