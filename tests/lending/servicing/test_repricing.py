"""A plan at another rate: nothing paid or earned moves, all is repaid on the same due dates."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rongqiao.finance.schedule.terms import Method
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.engine import Choice, PlanRule, State
from rongqiao.lending.servicing.replay import Changed, PaidEarly, Repriced, replay
from rongqiao.lending.servicing.terms.changing import Change, changed, unfit
from rongqiao.lending.servicing.terms.repricing import Price, repriced, unpriced
from tests.lending.servicing.test_changing import ahead, at, changes, earned, plain, running

ANY_RATE = st.decimals("0.0001", "0.36", places=6)


@st.composite
def prices(draw):
    rate = draw(ANY_RATE)
    return Price(rate=Fraction(rate), penalty_rate=rate * Decimal("1.5"))


@settings(deadline=None, max_examples=300)
@given(running(), prices())
def test_all_that_is_ahead_is_repaid_and_what_was_paid_or_earned_stays(lived, price):
    opened, life, today, _ = lived
    life = at(life, today)
    assert not unpriced(life, today, opened.rule, is_agreed=True)
    new = repriced(life, today, opened.rule, price)
    assert sum(row.principal for row in ahead(new)) == sum(row.principal for row in ahead(life))
    paid = [row for row in life.rows if row.is_due]
    assert list(new.rows[: len(paid)]) == paid
    assert earned(at(new, today)) == earned(life)
    assert [row.fee for row in ahead(new)] == [row.fee for row in ahead(life)]
    assert [row.due_on for row in ahead(new)] == [row.due_on for row in ahead(life)]
    assert [row.no for row in new.rows] == list(range(1, len(new.rows) + 1))
    assert all(row.due_on > row.from_on for row in new.rows)
    assert min(min(row.principal, row.interest) for row in new.rows) >= 0
    assert ahead(new)[0].principal == ahead(life)[0].principal
    assert new.terms.penalty_rate == price.penalty_rate


@settings(deadline=None, max_examples=200)
@given(running(), ANY_RATE)
def test_the_days_before_earn_the_old_rate_and_those_after_the_new_one(lived, rate):
    """Twice the rate on the days left of the period is twice their interest, to a fen."""
    opened, life, today, _ = lived
    old, new = opened.rule.rate, Fraction(rate)
    assume(old != new)
    price = Price(rate=new, penalty_rate=rate)
    after = repriced(at(life, today), today, opened.rule, price)
    left_before = ahead(life)[0].interest - engine.accrued_by(life.rows, today)
    left_after = ahead(after)[0].interest
    assert abs(left_after - left_before * new / old) <= 1 + new / old


@settings(deadline=None, max_examples=100)
@given(running())
def test_the_same_rate_changes_nothing(lived):
    opened, life, today, _ = lived
    same = Price(rate=opened.rule.rate, penalty_rate=life.terms.penalty_rate)
    assert repriced(life, today, opened.rule, same) == life


@settings(deadline=None, max_examples=200)
@given(running(), prices(), prices(), st.integers(1, 50))
def test_a_loan_repriced_twice_ends_with_its_last_payment(lived, first, second, days):
    opened, life, today, _ = lived
    life = repriced(life, today, opened.rule, first)
    rule, count = replace(opened.rule, rate=first.rate), 0
    matures_on = max(row.due_on for row in life.rows)
    while life.state is not State.CLOSED:
        life, today, count = engine.close_day(life, today), today + timedelta(days=1), count + 1
        owed = sum(row.left for row in life.rows if row.is_due and row.due_on <= today)
        if owed:
            life = engine.pay(life, today, owed, opened.order)
        if count == days and not unpriced(life, today, rule, is_agreed=True):
            life = repriced(life, today, rule, second)
        assert life.days_past_due == 0
    assert today == matures_on
    assert not any(row.penalty for row in life.rows)


@settings(deadline=None, max_examples=150)
@given(running(), prices(), changes(), st.integers(0, 60), st.data())
def test_a_life_at_several_rates_is_lived_again(lived, price, change, days, data):
    """Whatever comes before or after: a prepayment and a holiday take the rate of their day."""
    opened, life, today, told = lived
    rule = opened.rule
    if data.draw(st.booleans()) and not unfit(life, today, change, rule):
        told = [*told, Changed(on=today, change=change)]
        life = changed(life, today, change, rule)
    told = [*told, Repriced(on=today, price=price)]
    life = repriced(life, today, rule, price)
    rule = replace(rule, rate=price.rate)
    left = sum(row.principal for row in ahead(life))
    is_open = not any(row.is_due and row.left and row.due_on <= today for row in life.rows)
    if is_open and left > 1 and data.draw(st.booleans()):
        told.append(PaidEarly(on=today, principal=1, choice=Choice.LOWER))
        life = engine.prepaid(life, today, 1, rule, Choice.LOWER)
    for _ in range(days):
        life, today = engine.close_day(life, today), today + timedelta(days=1)
    standing = replay(opened, told, today)
    assert standing.life.rows == life.rows
    assert standing.life.terms == life.terms
    assert standing.life.days_past_due == life.days_past_due


def half(rule):
    return Price(rate=rule.rate / 2, penalty_rate=Decimal("0.09"))


def test_half_the_rate_halves_the_days_left_and_levels_what_is_after():
    life, rule = plain(Method.EQUAL_INSTALMENT)
    held, first, *rest = repriced(life, date(2026, 1, 15), rule, half(rule)).rows
    # 120.00 a month: ten days of thirty-one at the old rate, twenty-one at the new one.
    assert (held.interest, held.is_due, held.due_on) == (3_871, True, date(2026, 2, 5))
    assert (first.interest, first.from_on) == (4_065, date(2026, 1, 15))
    assert first.principal == life.rows[0].principal
    # 11,053.81 at 0.5 % a month over eleven months.
    assert {row.principal + row.interest for row in rest[:-1]} == {103_529}
    assert len(rest) == 11


def test_on_a_due_date_the_whole_period_is_at_the_new_rate():
    life, rule = plain(Method.INTEREST_ONLY)
    new = repriced(life, life.rows[0].from_on, rule, half(rule))
    assert [row.interest for row in new.rows] == [6_000] * 12
    assert new.rows[-1].principal == 1_200_000


def test_equal_principal_stays_equal():
    life, rule = plain(Method.EQUAL_PRINCIPAL)
    new = repriced(life, date(2026, 1, 15), rule, half(rule))
    assert [row.principal for row in ahead(new)] == [row.principal for row in life.rows]
    assert ahead(new)[1].interest == 5_500


def test_a_holiday_from_principal_goes_on():
    life, rule = plain(Method.EQUAL_INSTALMENT)
    life = changed(life, date(2026, 1, 15), Change(pause=3), rule)
    new = repriced(life, date(2026, 1, 20), rule, half(rule))
    assert [row.principal for row in ahead(new)[:3]] == [0, 0, 0]
    assert [row.interest for row in ahead(new)[1:3]] == [6_000] * 2
    assert len({row.principal + row.interest for row in ahead(new)[3:-1]}) == 1


def test_what_is_put_off_in_a_holiday_keeps_its_due_date_and_changes_by_days():
    life, rule = plain(Method.EQUAL_INSTALMENT)
    pause = Change(pause=3, more=3, pays_interest=False)
    life = changed(life, date(2026, 1, 15), pause, rule)
    whole = ahead(life)[0]
    new = repriced(life, date(2026, 3, 5), rule, half(rule))
    first = ahead(new)[0]
    used, days = 49, 110
    assert (first.due_on, first.principal) == (whole.due_on, whole.principal)
    assert abs(first.interest - whole.interest * (days - used) / days / 2) <= 1


def test_a_loan_in_arrears_is_reset_but_not_agreed_on():
    life, rule = plain(Method.EQUAL_INSTALMENT)
    on = date(2026, 1, 15)
    life = replace(life, terms=replace(life.terms, penalty_rate=Decimal("0.18")))
    while not life.days_past_due:
        life, on = engine.close_day(life, on), on + timedelta(days=1)
    assert unpriced(life, on, rule, is_agreed=True) == "due"
    assert not unpriced(life, on, rule, is_agreed=False)
    flat = PlanRule(Method.FLAT, rule.rate, rule.day_count)
    assert unpriced(life, on, flat, is_agreed=False) == "method"
    while any(not row.is_due for row in life.rows):
        life, on = engine.close_day(life, on), on + timedelta(days=1)
    assert unpriced(life, on, rule, is_agreed=False) == "plan"
