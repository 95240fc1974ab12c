"""A life lived again from its events is the life lived, whenever each event was put down."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.finance.allocation import Order
from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.terms import Method
from rongqiao.finance.schedule.terms import Terms as ScheduleTerms
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.engine import Choice, Given, Life, PlanRule, RiskClass, Row, Terms
from rongqiao.lending.servicing.replay import (
    CannotHappen,
    GivenUp,
    Opened,
    Paid,
    PaidEarly,
    TakenBack,
    replay,
)

DAY = date(2026, 1, 5)
METHODS = [Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_ONLY, Method.BULLET]


@st.composite
def openings(draw):
    """A loan as a product makes it, on the day it is lent."""
    rule = PlanRule(
        draw(st.sampled_from(METHODS)),
        Fraction(draw(st.decimals("0.01", "0.36", places=6))),
        draw(st.sampled_from(["30/360", "act/360"])),
    )
    asked = schedule(
        ScheduleTerms(
            principal=draw(st.integers(10_000, 10**9)),
            rate_annual=rule.rate,
            start=DAY,
            method=rule.method,
            terms=draw(st.integers(1, 6)),
            day_count=rule.day_count,
        )
    )
    fee = draw(st.sampled_from([0, 0, 1234]))
    rows = [Row(r.no, r.from_on, r.due_on, r.principal, r.interest, fee) for r in asked.rows]
    terms = Terms(
        draw(st.decimals("0.0001", "0.5", places=6)),
        draw(st.integers(0, 5)),
        draw(st.booleans()),
    )
    return Opened(
        on=DAY, life=Life(terms, tuple(rows)), order=draw(st.sampled_from(Order)), rule=rule
    )


@st.composite
def lives(draw):
    """A loan lived day by day on the engine alone; what happened to it, and how it ended."""
    opened = draw(openings())
    life, told, today = opened.life, [], DAY
    for ref in range(draw(st.integers(0, 8))):
        for _ in range(draw(st.integers(0, 45))):
            life, today = engine.close_day(life, today), today + timedelta(days=1)
        life, one = draw(_event(opened, life, today, ref))
        told += [one] if one else []
    for _ in range(draw(st.integers(0, 60))):
        life, today = engine.close_day(life, today), today + timedelta(days=1)
    return opened, told, today, life


@st.composite
def _event(draw, opened, life, on, ref):
    due = [row for row in life.rows if row.is_due and row.left]
    ahead = sum(row.principal for row in life.rows if not row.is_due)
    if not due:
        offered = engine.choices(life, opened.rule)
        if ahead < 2 or not offered or draw(st.booleans()):
            return life, None
        principal, choice = draw(st.integers(1, ahead - 1)), draw(st.sampled_from(offered))
        early = PaidEarly(on=on, principal=principal, choice=choice)
        return engine.prepaid(life, on, principal, opened.rule, choice), early
    if draw(st.integers(0, 3)) == 0:
        given = Given(
            interest=draw(st.integers(0, sum(r.interest - r.interest_paid for r in due))),
            penalty=draw(st.integers(0, sum(r.penalty - r.penalty_paid for r in due))),
        )
        return engine.waived(life, on, given), GivenUp(on=on, given=given)
    only = draw(st.sampled_from([None, None, *[row.no for row in due]]))
    owed = sum(row.left for row in due if only in (None, row.no))
    amount = draw(st.integers(1, owed) | st.just(owed))
    paid = Paid(on=on, ref=ref, amount=amount, only=only)
    return engine.pay(life, on, amount, opened.order, only), paid


@settings(deadline=None, max_examples=60)
@given(lives())
def test_replaying_a_life_is_living_it(lived):
    opened, told, today, life = lived
    standing = replay(opened, told, today)
    assert standing.life == life
    assert standing.returned == 0
    assert (standing.closed_on is not None) == (life.state is engine.State.CLOSED)


@settings(deadline=None, max_examples=60)
@given(lives(), st.data())
def test_a_payment_put_down_late_counts_as_if_paid_in_time(lived, data):
    """Whatever the order in which payments were recorded: the value date alone decides."""
    opened, told, today, life = lived
    dates = [one.on for one in told]
    if len(set(dates)) == len(dates):
        shuffled = data.draw(st.permutations(told))
        assert replay(opened, shuffled, today).life == life
    late = data.draw(st.sampled_from(told)) if told else None
    if isinstance(late, Paid) and dates.count(late.on) == 1:
        others = [one for one in told if one is not late]
        assert replay(opened, [*others, late], today) == replay(opened, told, today)


@settings(deadline=None, max_examples=60)
@given(lives(), st.data())
def test_a_payment_taken_back_was_never_paid_and_its_money_is_back(lived, data):
    opened, told, today, _ = lived
    payments = [one for one in told if isinstance(one, Paid)]
    if not payments:
        return
    gone = data.draw(st.sampled_from(payments))
    others = [one for one in told if one is not gone]
    back = TakenBack(on=today, ref=gone.ref)
    try:
        never = replay(opened, others, today)
    except CannotHappen:
        with pytest.raises(CannotHappen):
            replay(opened, [*told, back], today)
        return
    assert replay(opened, [*told, back], today) == never
    in_all = sum(one.amount for one in others if isinstance(one, Paid))
    assert _paid(never.life) + never.returned == in_all
    if [one.on for one in told].count(gone.on) == 1:
        anew = replace(gone, ref=99)
        assert replay(opened, [*told, back, anew], today).life == replay(opened, told, today).life


@settings(deadline=None, max_examples=60)
@given(lives(), st.integers(0, 200), st.integers(1, 10**9))
def test_a_payment_more_lowers_penalty_and_not_a_fen_is_lost(lived, days, amount):
    opened, told, today, life = lived
    if any(isinstance(one, (PaidEarly, GivenUp)) for one in told):
        return
    on = min(today, DAY + timedelta(days=days))
    more = replay(opened, [*told, Paid(on=on, ref=99, amount=amount)], today)
    in_all = amount + sum(one.amount for one in told if isinstance(one, Paid))
    assert _paid(more.life) + more.returned == in_all
    assert sum(row.interest for row in more.life.rows) == sum(row.interest for row in life.rows)


def _paid(life):
    return sum(
        getattr(row, f"{bucket}_paid")
        for row in life.rows
        if not row.is_prepayment
        for bucket in ("principal", "interest", "penalty", "fee")
    )


def one_row(due_on, principal=100_000):
    life = Life(
        Terms(Decimal("0.36"), 0, is_penalty_on_interest=False),
        (Row(1, DAY, due_on, principal, 0, 0),),
    )
    rule = PlanRule(Method.BULLET, Fraction(1, 10), "act/360")
    return Opened(on=DAY, life=life, order=Order.BY_INSTALMENT, rule=rule)


def test_a_back_dated_payment_gives_the_penalty_of_its_days_back():
    opened = one_row(date(2026, 1, 15))
    today = date(2026, 2, 14)
    # 1,000.00 x 36 % / 360 = 1.00 a day, from the due date on.
    assert replay(opened, [], today).life.rows[0].penalty == 3000
    paid = Paid(on=date(2026, 1, 25), ref=1, amount=101_000)
    standing = replay(opened, [paid], today)
    assert (standing.life.rows[0].penalty, standing.closed_on) == (1000, paid.on)
    later = Paid(on=date(2026, 2, 10), ref=2, amount=50_000)
    assert replay(opened, [later, paid], today).returned == 50_000


def test_a_class_worsens_with_the_days_and_improves_after_half_a_year():
    opened = one_row(date(2026, 1, 15))
    worse = replay(opened, [], date(2026, 4, 16))
    assert (worse.life.days_past_due, worse.risk_class) == (91, RiskClass.SUBSTANDARD)
    in_time = replay(opened, [Paid(on=date(2026, 1, 15), ref=1, amount=100_000)], worse.today)
    assert (in_time.risk_class, in_time.worst, worse.worst) == (RiskClass.PASS, 0, 91)


def test_what_stands_on_a_payment_cannot_happen_without_it():
    life = Life(
        Terms(Decimal("0.36"), 0, is_penalty_on_interest=False),
        (
            Row(1, DAY, date(2026, 1, 15), 100, 10, 0),
            Row(2, date(2026, 1, 15), date(2026, 2, 15), 200, 10, 0),
        ),
    )
    rule = PlanRule(Method.EQUAL_PRINCIPAL, Fraction(1, 10), "act/360")
    opened = Opened(on=DAY, life=life, order=Order.BY_BUCKET, rule=rule)
    paid = Paid(on=date(2026, 1, 15), ref=1, amount=110)
    early = PaidEarly(on=date(2026, 1, 20), principal=50, choice=Choice.LOWER)
    today = date(2026, 2, 1)
    assert len(replay(opened, [early, paid], today).life.rows) == 3
    with pytest.raises(CannotHappen, match="what was due then"):
        replay(opened, [paid, early, TakenBack(on=today, ref=1)], today)
    with pytest.raises(CannotHappen, match="does not take"):
        replay(opened, [paid, replace(early, principal=200)], today)
    with pytest.raises(CannotHappen, match="before the loan"):
        replay(opened, [replace(paid, on=date(2025, 12, 31))], today)
