"""A loan's life lived again from what happened to it, in the order of value dates. Pure.

Whatever was put down late, or taken back, the loan then stands to the fen where it would stand had
everything been known in time: interest, penalty interest, days past due and class included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

from rongqiao.finance.allocation import Allocation, Order, allocate
from rongqiao.finance.money import Money
from rongqiao.finance.months import add_months
from rongqiao.lending.servicing.engine import (
    Choice,
    Given,
    Life,
    PlanRule,
    RiskClass,
    Row,
    State,
    choices,
    close_day,
    dues_of,
    pay,
    prepaid,
    waived,
)
from rongqiao.lending.servicing.grading import (
    LADDER,
    NON_PERFORMING,
    REGULAR_MONTHS,
    reached_class,
    regraded,
    restructured_class,
)
from rongqiao.lending.servicing.terms.changing import Change, changed, unfit
from rongqiao.lending.servicing.terms.drawing import drawn, undrawable
from rongqiao.lending.servicing.terms.recalling import recalled
from rongqiao.lending.servicing.terms.repricing import Price, repriced, unpriced
from rongqiao.lending.servicing.terms.restructuring import Relief, restructured, unrelieved


class CannotHappen(Exception):
    """Something in the life cannot come to pass as it did; `ref` names it, `reason` says why."""

    def __init__(self, ref: int | None, reason: str) -> None:
        """Keep what cannot happen, and why."""
        super().__init__(reason)
        self.ref, self.reason = ref, reason


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A loan on the day it was lent: its rows as planned, nothing due, nothing paid."""

    on: date
    life: Life
    order: Order
    rule: PlanRule


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something in a loan's life, by its value date."""

    on: date


@dataclass(frozen=True, kw_only=True)
class Paid(Happening):
    """`amount` fen was paid; with `only` on that instalment alone. `ref` is its own number."""

    ref: int
    amount: int
    only: int | None = None


@dataclass(frozen=True, kw_only=True)
class PaidEarly(Happening):
    """`principal` fen was paid early, with the effect on the plan that was chosen."""

    principal: int
    choice: Choice


@dataclass(frozen=True, kw_only=True)
class GivenUp(Happening):
    """Charges that were due were waived."""

    given: Given


@dataclass(frozen=True, kw_only=True)
class Drawn(Happening):
    """`minor` fen more were drawn on the loan."""

    minor: int


@dataclass(frozen=True, kw_only=True)
class Changed(Happening):
    """The terms were changed by agreement: longer, or with a holiday."""

    change: Change


@dataclass(frozen=True, kw_only=True)
class Repriced(Happening):
    """The rate is another from that day on: as was agreed on, or as the reference rate moved."""

    price: Price
    is_agreed: bool = False


@dataclass(frozen=True, kw_only=True)
class Restructured(Happening):
    """Other terms were agreed on because the borrower could not pay as agreed."""

    relief: Relief


@dataclass(frozen=True, kw_only=True)
class Recalled(Happening):
    """All that was ahead fell due that day."""


@dataclass(frozen=True, kw_only=True)
class Held(Happening):
    """The borrower was put on hold that day, or it was lifted."""

    is_held: bool


@dataclass(frozen=True, kw_only=True)
class TakenBack(Happening):
    """The payment numbered `ref` never was: its money went back."""

    ref: int


@dataclass(frozen=True)
class Standing:
    """Where a loan stands on `today`, the business date that is open.

    `settled` holds the day on which each instalment was paid whole; `shares` how each payment was
    shared; `returned` the fen of payments that nothing was owed for: they stay the payer's.
    """

    life: Life
    today: date
    risk_class: RiskClass = RiskClass.PASS
    worst: int = 0
    settled: Mapping[int, date] = field(default_factory=dict)
    shares: Mapping[int, Allocation] = field(default_factory=dict)
    returned: int = 0
    closed_on: date | None = None
    # The rate of the running plan, where it is not the first one.
    rate: Fraction | None = None


def replay(opened: Opened, happenings: Iterable[Happening], today: date) -> Standing:
    """Return where the loan stands on `today`, every earlier day closed.

    What happened on one day keeps the order given. Raises CannotHappen.
    """
    standing = Standing(opened.life, opened.on)
    for one in in_order(happenings):
        standing = happen(opened, closed_to(standing, one.on), one)
    return closed_to(standing, today)


def in_order(happenings: Iterable[Happening]) -> list[Happening]:
    """Return what stands, by value date: a payment taken back is left out, and so is the taking."""
    told = list(happenings)
    gone = {one.ref for one in told if isinstance(one, TakenBack)}
    stands = [
        one
        for one in told
        if not isinstance(one, TakenBack) and not (isinstance(one, Paid) and one.ref in gone)
    ]
    return sorted(stands, key=lambda one: one.on)


def closed_to(standing: Standing, today: date) -> Standing:
    """Close every day before `today`."""
    if today < standing.today:
        raise CannotHappen(None, "before the loan was lent, or out of order")
    while standing.today < today:
        standing = _close(standing)
    return standing


def happen(opened: Opened, standing: Standing, one: Happening) -> Standing:
    """Return the standing after `one` came to pass on its open day. Raises CannotHappen."""
    match one:
        case Paid():
            return _pay(opened, standing, one)
        case PaidEarly():
            life = _prepay(opened, standing, one)
        case GivenUp():
            life = waived(standing.life, one.on, one.given)
        case Changed() | Drawn():
            life = _replan(opened, standing, one)
        case Repriced():
            life = _reprice(opened, standing, one)
            standing = replace(standing, rate=one.price.rate)
        case Restructured():
            return _restructure(opened, standing, one)
        case Recalled() | Held():
            return _befallen(standing, one)
        case _:
            raise AssertionError(one)
    return _graded(standing, life)


def owed_on_open_day(standing: Standing, only: int | None = None) -> list[Row]:
    """Return the rows due by then with something left to pay, or the one asked for."""
    return [
        row
        for row in standing.life.rows
        if row.is_due and row.left and row.due_on <= standing.today and only in (None, row.no)
    ]


def _pay(opened: Opened, standing: Standing, one: Paid) -> Standing:
    """Pay what is owed; the rest of the amount stays the payer's."""
    rows = owed_on_open_day(standing, one.only)
    share = allocate(Money(one.amount), dues_of(rows), opened.order)
    life = standing.life
    if share.total:
        life = pay(life, one.on, share.total.minor, opened.order, one.only)
    shares = {**standing.shares, one.ref: share}
    returned = standing.returned + share.left_over.minor
    return _graded(replace(standing, shares=shares, returned=returned), life)


def _prepay(opened: Opened, standing: Standing, one: PaidEarly) -> Life:
    life = standing.life
    ahead = sum(row.principal for row in life.rows if not row.is_due)
    if any(row.is_due and row.left and row.due_on <= one.on for row in life.rows):
        raise CannotHappen(None, "a prepayment follows, and what was due then is not paid")
    rule = _rule(opened, standing)
    if one.choice not in choices(life, rule) or not 0 < one.principal < ahead:
        raise CannotHappen(None, "a prepayment follows that the plan does not take")
    return prepaid(life, one.on, one.principal, rule, one.choice)


def _replan(opened: Opened, standing: Standing, one: Changed | Drawn) -> Life:
    rule = _rule(opened, standing)
    if isinstance(one, Drawn):
        if reason := undrawable(standing.life, one.minor, rule):
            raise CannotHappen(None, f"a draw follows that the plan does not take: {reason}")
        return drawn(standing.life, one.on, one.minor, rule)
    if reason := unfit(standing.life, one.on, one.change, rule):
        raise CannotHappen(None, f"a change of terms follows that cannot be made: {reason}")
    return changed(standing.life, one.on, one.change, rule)


def _reprice(opened: Opened, standing: Standing, one: Repriced) -> Life:
    rule = _rule(opened, standing)
    if reason := unpriced(standing.life, one.on, rule, is_agreed=one.is_agreed):
        raise CannotHappen(None, f"a change of the rate follows that cannot be made: {reason}")
    return repriced(standing.life, one.on, rule, one.price)


def _restructure(opened: Opened, standing: Standing, one: Restructured) -> Standing:
    rule, before = _rule(opened, standing), standing.life
    if reason := unrelieved(before, one.on, one.relief, rule):
        raise CannotHappen(None, f"a restructuring follows that cannot be made: {reason}")
    life = restructured(before, one.on, one.relief, rule)
    risk_class = restructured_class(
        standing.risk_class, is_again=before.watched_until is not None, on=one.on
    )
    price = one.relief.price
    return replace(
        standing,
        life=life,
        settled=_settled(standing.settled, life.rows, one.on),
        risk_class=risk_class,
        rate=price.rate if price else standing.rate,
    )


def _befallen(standing: Standing, one: Recalled | Held) -> Standing:
    if isinstance(one, Held):
        return replace(standing, life=replace(standing.life, is_held=one.is_held))
    if all(row.is_due for row in standing.life.rows):
        raise CannotHappen(None, "a recall follows, and nothing is ahead then")
    return replace(standing, life=recalled(standing.life, one.on))


def _rule(opened: Opened, standing: Standing) -> PlanRule:
    """Return how the plan in force was made: as the first one, at the rate of its day."""
    return replace(opened.rule, rate=standing.rate or opened.rule.rate)


def _graded(standing: Standing, life: Life) -> Standing:
    """Return the standing with `life`, on which less is owed than before, and its class."""
    on, held = standing.today, standing.risk_class
    settled = _settled(standing.settled, life.rows, on)
    is_late = life.days_past_due > 0
    reached = reached_class(life.days_past_due, life.watched_until, on)
    if life.state is not State.CLOSED and held in NON_PERFORMING:
        since = None if is_late else _regular_since(life, settled)
        reached = regraded(held, reached, since, on)
    is_closed = life.state is State.CLOSED
    closed_on = (standing.closed_on or on) if is_closed else None
    return replace(standing, life=life, settled=settled, risk_class=reached, closed_on=closed_on)


def _close(standing: Standing) -> Standing:
    opening = standing.today + timedelta(days=1)
    life = close_day(standing.life, standing.today)
    if life.state is State.CLOSED:
        return replace(standing, today=opening)
    settled = _settled(standing.settled, life.rows, opening)
    return replace(
        standing,
        life=life,
        today=opening,
        settled=settled,
        worst=max(standing.worst, life.days_past_due),
        risk_class=_aged(standing, life, settled, opening),
    )


def _aged(standing: Standing, life: Life, settled: Mapping[int, date], opening: date) -> RiskClass:
    """Return the class after a close: worse at once, better only after months of paying well."""
    held = standing.risk_class
    reached = reached_class(life.days_past_due, life.watched_until, opening)
    if life.days_past_due:
        return max(held, reached, key=LADDER.index) if held in NON_PERFORMING else reached
    if held in NON_PERFORMING:
        since = _regular_since(life, settled)
        return reached if since and add_months(since, REGULAR_MONTHS) <= opening else held
    is_over = standing.life.watched_until is not None and life.watched_until is None
    return reached if is_over else held


def _settled(before: Mapping[int, date], rows: Iterable[Row], on: date) -> dict[int, date]:
    return {row.no: before.get(row.no, on) for row in rows if row.is_due and row.left == 0}


def _regular_since(life: Life, settled: Mapping[int, date]) -> date | None:
    """Return the day the last late instalment was paid, or the first due date as restructured."""
    late = [settled[row.no] for row in life.rows if settled.get(row.no, row.due_on) > row.due_on]
    if life.watched_from is not None:
        late.append(life.watched_from)
    return max(late, default=None)
