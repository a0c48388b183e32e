"""
Schedules on the outstanding balance, row by row.

Interest is what accrued since the row before, rounded; principal is what the method asks for;
the last row takes the remaining balance. The level payment is worked out when principal first
falls due and again, over the rows that remain, in the row in which money is drawn, the rate
changes or a prepayment is to make instalments smaller. Rates that change later are not anticipated.
"""

from datetime import date
from decimal import Decimal

from lending.domain.accruals import Flow, Rates, accrue, level_payment
from lending.domain.day_counts import Period
from lending.domain.rounding import Rounding, to_unit
from lending.domain.schedule_rules import OPEN_ENDED_PERIODS, refusal
from lending.domain.schedule_terms import (
    Drawdown,
    Effect,
    Method,
    Prepayment,
    RowKind,
    ScheduleRequest,
    ScheduleRow,
)

ZERO = Decimal(0)
LEVEL = frozenset({Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL})
Span = list[Period]


class Amortization:
    """One run over the rows of a schedule; use it once, through `rows()`."""

    def __init__(self, request: ScheduleRequest, periods: list[Period]) -> None:
        self.request = request
        self.spans: list[Span] = (
            [periods] if request.method is Method.BULLET else [[period] for period in periods]
        )
        changes = tuple(sorted(request.rate_changes, key=lambda change: change.on))
        self.rates = Rates(request.annual_rate, changes)
        self.end = len(self.spans) - 1
        start = periods[0].start
        self.balance = sum((d.amount for d in request.drawdowns if d.on == start), ZERO)
        self.drawdowns = [d for d in request.drawdowns if d.on > start]
        self.prepayments = sorted(enumerate(request.prepayments), key=lambda item: item[1].on)
        self.made: list[ScheduleRow] = []
        self.payment: Decimal | None = None  # of interest and principal, or of principal alone
        self.exact = ZERO  # the payment before it was rounded
        self.instalment: Decimal | None = None  # the first payment made, for the answer
        self.prepaid_in_grace = ZERO  # shortens the term once there is a payment to keep
        self.deferred = ZERO
        self.is_due_anew = True

    def rows(self) -> list[ScheduleRow]:
        """
        Return the rows.

        :raises SenselessSchedule: if a payment does not cover interest, or too much is prepaid.
        """
        self._down_payment()
        number = 0
        while number <= self.end and (self.balance or self.drawdowns):
            self._row(number)
            number += 1
        if self.prepayments:
            index, prepayment = self.prepayments[0]
            raise refusal(
                [
                    (
                        f"/prepayments/{index}/date",
                        f"Nothing is left to prepay on {prepayment.on}: the loan is repaid on"
                        f" {self.made[-1].due_date}.",
                    )
                ]
            )
        return self.made

    def _down_payment(self) -> None:
        amount = self._rounded(self.request.principal * self.request.down_payment_rate)
        if amount:
            self._add(RowKind.DOWN_PAYMENT, self.spans[0][0].start, 0, amount, ZERO)

    def _row(self, number: int) -> None:
        span = self.spans[number]
        start, due = span[0].start, span[-1].end
        opening = self.balance
        drawn = [d for d in self.drawdowns if d.on < due]
        self.drawdowns = self.drawdowns[len(drawn) :]
        prepaid = [(i, p) for i, p in self.prepayments if p.on < due]
        flows = [Flow(d.on, d.amount) for d in drawn]
        level_flows = list(flows)
        for index, prepayment in prepaid:
            drawn = self._draw(drawn, prepayment)
            flows.append(Flow(prepayment.on, -prepayment.amount))
            if self._prepay(number, index, prepayment, opening, flows):
                return
            if prepayment.effect is Effect.REDUCE_INSTALMENT:
                level_flows.append(flows[-1])
        self.balance += sum((d.amount for d in drawn), ZERO)

        interest = self._rounded(
            accrue(span, opening, flows, rates=self.rates, day_count=self.request.day_count)
        )
        changed = any(start <= change.on < due for change in self.rates.changes)
        self.is_due_anew |= bool(level_flows)
        self._agree(number, opening, level_flows, rate_changed=changed)
        if any(p.effect is Effect.REDUCE_TERM for _, p in prepaid):
            self._shorten(number, interest)
        principal = self._principal(number, interest)
        self._pay(number, due, principal, interest)

    def _draw(self, drawn: list[Drawdown], prepayment: Prepayment) -> list[Drawdown]:
        """Pay out what was drawn by the day of a prepayment; return what is still to come."""
        now = [d for d in drawn if d.on <= prepayment.on]
        self.balance += sum((d.amount for d in now), ZERO)
        return drawn[len(now) :]

    def _prepay(
        self, number: int, index: int, prepayment: Prepayment, opening: Decimal, flows: list[Flow]
    ) -> bool:
        """Take a prepayment between due dates; tell whether it ends the loan."""
        self._check_prepayment(index, prepayment, self.balance)
        self.prepayments.pop(0)
        span = self.spans[number]
        ends = prepayment.amount == self.balance and not self.drawdowns
        interest = ZERO
        if ends:
            raw = accrue(
                span,
                opening,
                flows,
                rates=self.rates,
                day_count=self.request.day_count,
                until=prepayment.on,
            )
            interest = self._rounded(raw) + self.deferred
        elif number < self.request.principal_grace_periods:
            self._note_grace_prepayment(prepayment)
        days = (prepayment.on - span[0].start).days if ends else 0
        self._add(RowKind.PREPAYMENT, prepayment.on, days, prepayment.amount, interest)
        return ends

    def _note_grace_prepayment(self, prepayment: Prepayment) -> None:
        if prepayment.effect is Effect.REDUCE_TERM:
            self.prepaid_in_grace += prepayment.amount

    def _agree(
        self, number: int, opening: Decimal, flows: list[Flow], *, rate_changed: bool
    ) -> None:
        """Work out the payment, where the method has one and something asks for it."""
        request = self.request
        if request.method not in LEVEL or number < request.principal_grace_periods:
            return
        is_instalment = request.method is Method.EQUAL_INSTALMENT
        if request.fixed_instalment is not None:
            self.payment = request.fixed_instalment
        elif self.payment is None or self.is_due_anew or (rate_changed and is_instalment):
            opening += self.prepaid_in_grace
            if is_instalment:
                self.payment = self._level(number, opening, flows)
            else:
                owed = opening + sum((flow.amount for flow in flows), ZERO)
                self.payment = self._rounded(owed / (self.end - number + 1))
        self.is_due_anew = False
        if self.prepaid_in_grace:
            self.prepaid_in_grace = ZERO
            self._shorten(number, None)

    def _level(self, number: int, opening: Decimal, flows: list[Flow]) -> Decimal:
        exact = level_payment(
            self.spans[number : self.end + 1],
            opening,
            flows,
            rates=self.rates.known_by(self.spans[number][-1].end),
            day_count=self.request.day_count,
        )
        self.exact = exact
        rounding = self.request.instalment_rounding
        if rounding:
            return to_unit(exact, mode=rounding.mode, unit=rounding.unit)
        return self._rounded(exact)

    def _shorten(self, number: int, interest: Decimal | None) -> None:
        """Move the end to the row in which the payment agreed repays what is left."""
        if self.payment is None or not self.payment or self.request.method not in LEVEL:
            return
        rates = self.rates.known_by(self.spans[number][-1].end)
        balance, last = self.balance, number
        while last < self.end:
            if interest is None:
                interest = self._rounded(
                    accrue(
                        self.spans[last],
                        balance,
                        (),
                        rates=rates,
                        day_count=self.request.day_count,
                    )
                )
            repaid = self._share(interest)
            if repaid >= balance:
                break
            balance -= repaid
            interest, last = None, last + 1
        self.end = last

    def _share(self, interest: Decimal) -> Decimal:
        """Return the principal in the payment agreed."""
        assert self.payment is not None
        if self.request.method is Method.EQUAL_PRINCIPAL:
            return self.payment
        return self.payment - interest

    def _principal(self, number: int, interest: Decimal) -> Decimal:
        request = self.request
        if number == self.end:
            if request.fixed_instalment is not None:
                self._check_open_end(interest)
            if self.instalment is None:
                self.instalment = self.payment
            return self.balance
        if request.method not in LEVEL or number < request.principal_grace_periods:
            return ZERO
        share = self._share(interest)
        if share < 0:
            self._check_covered(number, interest)
            # A row longer or dearer than the rest: interest alone, and the rest level anew.
            self.is_due_anew = True
            return ZERO
        if self.instalment is None:
            self.instalment = self.payment
        return min(share, self.balance)

    def _pay(self, number: int, due: date, principal: Decimal, interest: Decimal) -> None:
        """Add the row, with what is prepaid on its due date."""
        owed = self.balance - principal
        while self.prepayments and self.prepayments[0][1].on == due:
            index, prepayment = self.prepayments.pop(0)
            self._check_prepayment(index, prepayment, owed)
            owed -= prepayment.amount
            principal += prepayment.amount
            if prepayment.effect is Effect.REDUCE_INSTALMENT:
                self.is_due_anew = True
            elif number < self.request.principal_grace_periods:
                self.prepaid_in_grace += prepayment.amount
            elif number < self.end:
                self.balance, kept = owed, self.balance
                self._shorten(number + 1, None)
                self.balance = kept
        is_last = not owed and not self.drawdowns
        if number < self.request.interest_deferred_periods and not is_last:
            self.deferred += interest
            interest = ZERO
        else:
            interest += self.deferred
            self.deferred = ZERO
        span = self.spans[number]
        self._add(RowKind.INSTALMENT, due, (due - span[0].start).days, principal, interest)

    def _add(
        self, kind: RowKind, due: date, days: int, principal: Decimal, interest: Decimal
    ) -> None:
        opening, self.balance = self.balance, self.balance - principal
        assert self.balance >= 0
        self.made.append(
            ScheduleRow(
                number=len(self.made) + 1,
                due_date=due,
                days=days,
                opening_balance=opening,
                principal=principal,
                interest=interest,
                fee=ZERO,
                total=principal + interest,
                balance=self.balance,
                kind=kind,
            )
        )

    def _check_prepayment(self, index: int, prepayment: Prepayment, owed: Decimal) -> None:
        if prepayment.amount > owed:
            raise refusal(
                [
                    (
                        f"/prepayments/{index}/amount",
                        f"{prepayment.amount} is more than the principal still outstanding on"
                        f" {prepayment.on}, {owed}.",
                    )
                ]
            )

    def _check_open_end(self, interest: Decimal) -> None:
        request = self.request
        is_open = request.periods is None and not request.due_dates
        if is_open and self.balance + interest > (request.fixed_instalment or ZERO):
            raise refusal(
                [
                    (
                        "/fixed_instalment",
                        f"{request.fixed_instalment} a period does not repay the loan within"
                        f" {OPEN_ENDED_PERIODS} periods.",
                    )
                ]
            )

    def _check_covered(self, number: int, interest: Decimal) -> None:
        """Refuse a payment that somebody chose, or rounded, to less than the interest."""
        due = self.spans[number][-1].end
        why = f"on {due} interest alone is {interest}, more than the instalment of {self.payment}."
        if self.request.fixed_instalment is not None:
            raise refusal([("/fixed_instalment", f"The fixed instalment is too small: {why}")])
        if self.request.instalment_rounding and self.exact >= interest:
            raise refusal([("/instalment_rounding/unit", f"Rounded like this, {why}")])

    def _rounded(self, amount: Decimal) -> Decimal:
        mode: Rounding = self.request.rounding
        return to_unit(amount, mode=mode, unit=self.request.rounding_unit)
