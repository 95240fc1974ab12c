"""The pure reference of a loan's life: what one closed day does to one loan, and what it owes.

End of day does the same set-based in SQL; a property test holds the two equal to the fen. Days are
counted from the first day, the last one left out (算头不算尾): money lent on the 1st and repaid on
the 2nd was used for one day. Amounts are integer fen, penalty is gathered in micro-fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from rongqiao.finance.allocation import Allocation, Bucket, Due, Order, allocate
from rongqiao.finance.daycount import Ratio
from rongqiao.finance.money import Money
from rongqiao.finance.months import add_months
from rongqiao.finance.rounding import TO_THE_FEN, Rounding
from rongqiao.finance.schedule.remaining import (
    AMORTISING,
    IN_PART,
    growth_of,
    lowered,
    shortened,
)
from rongqiao.finance.schedule.terms import Method
from rongqiao.policies.credit.restructuring import watch_on

PENALTY_YEAR = 360
MICRO = 1_000_000


class RiskClass(StrEnum):
    """The five tiers of 商业银行金融资产风险分类办法 (2023), article 8."""

    PASS = "pass"  # noqa: S105 - a risk class
    SPECIAL_MENTION = "special-mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


class State(StrEnum):
    """The states of a loan (domain.md, section 4) that this context knows."""

    PENDING = "pending"
    ACTIVE = "active"
    OVERDUE = "overdue"
    RESTRUCTURED = "restructured"
    CLOSED = "closed"


@dataclass(frozen=True)
class ClassFloor:
    """From `in_force_on`, more than `days_over` days past due is at best `tier`."""

    in_force_on: date
    days_over: int
    tier: RiskClass


# 商业银行金融资产风险分类办法（银保监会 人民银行令〔2023〕第1号）, by days past due, worst first;
# any day past due is at best special mention.
CLASS_FLOORS = (
    ClassFloor(date(2023, 7, 1), 360, RiskClass.LOSS),
    ClassFloor(date(2023, 7, 1), 270, RiskClass.DOUBTFUL),
    ClassFloor(date(2023, 7, 1), 90, RiskClass.SUBSTANDARD),
    ClassFloor(date(2023, 7, 1), 0, RiskClass.SPECIAL_MENTION),
)


@dataclass(frozen=True)
class Terms:
    """What the product fixed for a loan in arrears; `penalty_rate` is a yearly fraction."""

    penalty_rate: Decimal
    grace_days: int
    is_penalty_on_interest: bool


@dataclass(frozen=True)
class Row:
    """One instalment: what the schedule asks, what has fallen due, what was paid (fen).

    `is_prepayment` marks principal paid early: a row of its own, that ends the part of an interest
    period before it.
    """

    no: int
    from_on: date
    due_on: date
    principal: int
    interest: int
    fee: int
    is_due: bool = False
    penalty_micro: int = 0
    principal_paid: int = 0
    interest_paid: int = 0
    fee_paid: int = 0
    penalty_paid: int = 0
    is_prepayment: bool = False

    @property
    def penalty(self) -> int:
        """Penalty interest charged so far, in fen."""
        return fen_of_micro(self.penalty_micro)

    @property
    def left_without_penalty(self) -> int:
        """What is still to be paid of a due instalment, penalty aside."""
        paid = self.principal_paid + self.interest_paid + self.fee_paid
        return self.principal + self.interest + self.fee - paid

    @property
    def left(self) -> int:
        """What is still to be paid of a due instalment, penalty included."""
        return self.left_without_penalty + self.penalty - self.penalty_paid

    def left_in(self, bucket: Bucket) -> int:
        """What is still to be paid in one bucket of a due instalment."""
        owed: int = getattr(self, bucket.value)
        paid: int = getattr(self, f"{bucket.value}_paid")
        return owed - paid


@dataclass(frozen=True)
class Life:
    """One loan: its rows, the interest of the running period, its days past due and state."""

    terms: Terms
    rows: tuple[Row, ...]
    accrued: int = 0
    days_past_due: int = 0
    state: State = State.ACTIVE
    # While its borrower is on hold no penalty is charged.
    is_held: bool = False
    # The first due date after it was restructured last, and the day its watch ends while it lasts.
    watched_from: date | None = None
    watched_until: date | None = None


def interest_to(interest: int, elapsed: int, days: int) -> int:
    """Return the part of a period's `interest` earned in `elapsed` of its `days`, half-up.

    Cumulative, so that the parts of a period sum to its interest exactly.
    """
    elapsed = min(elapsed, days)
    return (2 * interest * elapsed + days) // (2 * days)


def penalty_of_day(overdue: int, rate: Decimal) -> int:
    """Return one day's penalty interest in micro-fen: `overdue` fen x a yearly `rate` / 360."""
    exact = Decimal(overdue) * rate * MICRO / PENALTY_YEAR
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def fen_of_micro(micro: int) -> int:
    """Return whole fen of gathered micro-fen, half-up."""
    return (2 * micro + MICRO) // (2 * MICRO)


def class_of(days_past_due: int, on: date) -> RiskClass:
    """Return the worst tier that `days_past_due` reaches by the thresholds in force on `on`."""
    for floor in CLASS_FLOORS:
        if on >= floor.in_force_on and days_past_due > floor.days_over:
            return floor.tier
    return RiskClass.PASS


@dataclass(frozen=True)
class Prepayment:
    """The product's price of paying early: `fee_rate` of the principal not yet due.

    Nothing once `free_after` instalments have fallen due; 0 means never free.
    """

    fee_rate: Decimal = Decimal(0)
    free_after: int = 0


@dataclass(frozen=True)
class Payoff:
    """What closes a loan on one day, in fen: interest for the days used and no more."""

    principal: int
    interest: int
    penalty: int
    fee: int
    prepayment_fee: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.penalty + self.fee + self.prepayment_fee


def accrued_by(rows: Sequence[Row], on: date) -> int:
    """Return the interest of the running period for the days used before `on`.

    An instalment without days, asked for on the very day of a draw, earns none.
    """
    running = next((row for row in rows if not row.is_due), None)
    if running is None or running.from_on == running.due_on:
        return 0
    days = (running.due_on - running.from_on).days
    return interest_to(running.interest, max(0, (on - running.from_on).days), days)


def prepayment_fee(due: Sequence[Row], principal: int, rule: Prepayment) -> int:
    """Return the fee in fen on `principal` paid early once the `due` rows have fallen due."""
    fallen = sum(not row.is_prepayment for row in due)
    if 0 < rule.free_after <= fallen:
        return 0
    return int((Decimal(principal) * rule.fee_rate).quantize(Decimal(1), ROUND_HALF_UP))


def payoff(life: Life, on: date, rule: Prepayment) -> Payoff:
    """Return what closes the loan on `on`, a day whose instalments have fallen due.

    Interest is owed for the days the money was used (Civil Code, article 677).
    """
    due = [row for row in life.rows if row.is_due]
    ahead = sum(row.principal for row in life.rows if not row.is_due)
    return Payoff(
        principal=ahead + sum(row.principal - row.principal_paid for row in due),
        interest=accrued_by(life.rows, on) + sum(row.interest - row.interest_paid for row in due),
        penalty=sum(row.penalty - row.penalty_paid for row in due),
        fee=sum(row.fee - row.fee_paid for row in due),
        prepayment_fee=prepayment_fee(due, ahead, rule),
    )


class Choice(StrEnum):
    """What a prepayment in part does: end sooner with the same instalments, or lower them."""

    SHORTEN = "shorten"
    LOWER = "lower"


@dataclass(frozen=True)
class PlanRule:
    """How a loan's plan was made; `rate` is a yearly fraction, an instalment is rounded so."""

    method: Method
    rate: Fraction
    day_count: str
    rounding: Rounding = TO_THE_FEN


@dataclass(frozen=True)
class PartPayment:
    """What paying `principal` early costs on one day, in fen: interest for the days used, a fee."""

    principal: int
    interest: int
    fee: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.fee


def choices(life: Life, rule: PlanRule) -> tuple[Choice, ...]:
    """Return what a prepayment in part can do to the rows ahead; nothing where there are none."""
    ahead = sum(not row.is_due for row in life.rows)
    if not ahead or rule.method not in IN_PART:
        return ()
    if ahead > 1 and rule.method in AMORTISING:
        return (Choice.SHORTEN, Choice.LOWER)
    return (Choice.LOWER,)


def part_payment(life: Life, on: date, principal: int, rule: Prepayment) -> PartPayment:
    """Return what paying `principal` (fen, not yet due) early costs on `on`."""
    due = [row for row in life.rows if row.is_due]
    interest = accrued_by(life.rows, on)
    return PartPayment(principal, interest, prepayment_fee(due, principal, rule))


def prepaid(life: Life, on: date, principal: int, rule: PlanRule, choice: Choice) -> Life:
    """Return `life` after `principal` (fen) of what is ahead was paid on `on`, nothing being due.

    The running row becomes two: the days used, with the principal paid and their interest, and a
    new plan from `on` on the old due dates. A fee is no part of the plan.
    """
    due = tuple(row for row in life.rows if row.is_due)
    ahead = [row for row in life.rows if not row.is_due]
    running = ahead[0]
    interest = accrued_by(life.rows, on)
    paid = Row(
        running.no,
        running.from_on,
        on,
        principal,
        interest,
        0,
        is_due=True,
        principal_paid=principal,
        interest_paid=interest,
        is_prepayment=True,
    )
    growths = [growth_of(rule.day_count, rule.rate, row.from_on, row.due_on) for row in ahead]
    growths[0] = growth_left(life.rows, on, rule)
    balance = sum(row.principal for row in ahead) - principal
    if choice is Choice.LOWER:
        columns = lowered(rule.method, balance, growths, rule.rounding)
    else:
        columns = shortened(rule.method, balance, growths, running.principal, running.interest)
    count = len(columns.balances)
    fees = [row.fee for row in ahead[: count - 1]] + [ahead[-1].fee]
    new = tuple(
        Row(row.no + 1, on if place == 0 else row.from_on, row.due_on, part, own, fee)
        for place, (row, part, own, fee) in enumerate(
            zip(ahead[:count], columns.principals, columns.interests, fees, strict=True)
        )
    )
    return replace(life, rows=(*due, paid, *new), accrued=0)


def growth_left(
    rows: Sequence[Row], on: date, rule: PlanRule, made_at: Fraction | None = None
) -> Ratio:
    """Return what the running period earns on one unit from `on` until it ends, by days.

    `made_at` is the rate the running row was made at, where that is not the rule's.
    """
    if not rule.rate:
        return 0, 1
    place = next(place for place, row in enumerate(rows) if not row.is_due)
    start, due_on = rows[place].from_on, rows[place].due_on
    for row in reversed(rows[:place]):
        if not row.is_prepayment:
            if row.due_on > start:
                top, bottom = _own_growth(rows[place:], on)
                factor = rule.rate / (made_at or rule.rate)
                return top * factor.numerator, bottom * factor.denominator
            break
        start = row.from_on
    top, bottom = growth_of(rule.day_count, rule.rate, start, due_on)
    return top * (due_on - on).days, bottom * (due_on - start).days


def _own_growth(ahead: Sequence[Row], on: date) -> Ratio:
    """Return what is left of a running period that a change of terms began between due dates."""
    running, balance = ahead[0], sum(row.principal for row in ahead)
    days = (running.due_on - running.from_on).days
    return running.interest * (running.due_on - on).days, balance * days


def pay(life: Life, on: date, amount: int, order: Order, only: int | None = None) -> Life:
    """Return `life` after `amount` fen, no more than is due, was paid on `on` in this order.

    With `only` on that instalment alone. It ends with the last fen of a loan that has nothing
    ahead; with no arrears it is in order.
    """
    due = [row for row in life.rows if row.is_due and row.due_on <= on and only in (None, row.no)]
    settled = allocate(Money(amount), dues_of(due), order)
    assert settled.left_over.minor == 0, settled
    return owing_less(life, credited(life.rows, settled), on)


@dataclass(frozen=True)
class Given:
    """What the lender gives up of charges that are due, in fen."""

    interest: int = 0
    penalty: int = 0
    fee: int = 0


def waived(life: Life, on: date, given: Given) -> Life:
    """Return `life` after `given` was given up on `on`: the oldest first, no more than is left.

    What is gathered of the next fen of penalty stays; a fen that was rounded up goes whole.
    """
    left = {
        Bucket.INTEREST: given.interest,
        Bucket.PENALTY: given.penalty,
        Bucket.FEE: given.fee,
    }
    rows = []
    for row in life.rows:
        parts = {
            bucket: min(minor, row.left_in(bucket)) if row.is_due else 0
            for bucket, minor in left.items()
        }
        left = {bucket: minor - parts[bucket] for bucket, minor in left.items()}
        relieved = replace(
            row,
            interest=row.interest - parts[Bucket.INTEREST],
            fee=row.fee - parts[Bucket.FEE],
            penalty_micro=max(0, row.penalty_micro - parts[Bucket.PENALTY] * MICRO),
        )
        rows.append(relieved)
    return owing_less(life, tuple(rows), on)


def owing_less(life: Life, rows: tuple[Row, ...], on: date) -> Life:
    """Return `life` with `rows` on which less is owed than before, or later."""
    late = [row.due_on for row in rows if row.is_due and row.left and row.due_on < on]
    state = life.state
    if all(row.is_due and row.left == 0 for row in rows):
        return replace(life, rows=rows, days_past_due=0, state=State.CLOSED, watched_until=None)
    if not late and state is State.OVERDUE:
        state = _in_order(life.watched_until)
    days_past_due = (on - min(late)).days if late else 0
    return replace(life, rows=rows, days_past_due=days_past_due, state=state)


def _in_order(watched_until: date | None) -> State:
    """Return the state of a live loan that is not late."""
    return State.RESTRUCTURED if watched_until else State.ACTIVE


def _watched(life: Life, opening: date) -> date | None:
    """Return the day the watch ends as `opening` opens; None where it is over, or none was.

    It begins anew with every day late: the loan is watched for months after the last of them.
    """
    if life.watched_until is None:
        return None
    if life.days_past_due:
        return max(life.watched_until, add_months(opening, watch_on(opening).months))
    return life.watched_until if life.watched_until > opening else None


def dues_of(rows: Sequence[Row]) -> tuple[Due, ...]:
    """Return what is left of these rows, bucket by bucket, as an allocation wants it."""
    return tuple(
        Due(row.no, bucket, Money(left))
        for row in rows
        for bucket in Bucket
        if (left := row.left_in(bucket))
    )


def credited(rows: Sequence[Row], settled: Allocation) -> tuple[Row, ...]:
    """Return the rows with what an allocation settled marked as paid."""
    paid: dict[int, dict[Bucket, int]] = {}
    for due in settled.paid:
        paid.setdefault(due.instalment, {})[due.bucket] = due.amount.minor
    return tuple(_credited(row, paid.get(row.no, {})) for row in rows)


def _credited(row: Row, paid: dict[Bucket, int]) -> Row:
    return replace(
        row,
        principal_paid=row.principal_paid + paid.get(Bucket.PRINCIPAL, 0),
        interest_paid=row.interest_paid + paid.get(Bucket.INTEREST, 0),
        fee_paid=row.fee_paid + paid.get(Bucket.FEE, 0),
        penalty_paid=row.penalty_paid + paid.get(Bucket.PENALTY, 0),
    )


def close_day(life: Life, on: date) -> Life:
    """Return `life` after business date `on` was closed: accrued, fallen due, aged, penalised."""
    if life.state in (State.CLOSED, State.PENDING):
        return life
    opening = on + timedelta(days=1)
    rows = tuple(replace(row, is_due=True) if row.due_on <= opening else row for row in life.rows)
    accrued = accrued_by(rows, opening)
    if not life.is_held:
        rows = tuple(_penalised(row, life.terms, on) for row in rows)
    late = [row.due_on for row in rows if row.is_due and row.left and row.due_on < opening]
    days_past_due = (opening - min(late)).days if late else 0
    life = replace(life, rows=rows, accrued=accrued, days_past_due=days_past_due)
    watched_until = _watched(life, opening)
    state = State.OVERDUE if late else _in_order(watched_until)
    return replace(life, state=state, watched_until=watched_until)


def _penalised(row: Row, terms: Terms, on: date) -> Row:
    """Return `row` with the penalty of day `on`, which starts once the days of grace are over."""
    if not row.is_due or on < row.due_on + timedelta(days=terms.grace_days):
        return row
    overdue = row.principal - row.principal_paid
    if terms.is_penalty_on_interest:
        overdue += row.interest - row.interest_paid
    return replace(
        row, penalty_micro=row.penalty_micro + penalty_of_day(overdue, terms.penalty_rate)
    )
