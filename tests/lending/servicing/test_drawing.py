"""A further sum drawn on a running loan: what stays, and what is planned anew."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongqiao.finance.allocation import Order
from rongqiao.finance.schedule.terms import Method
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.terms.drawing import drawn, undrawable
from tests.lending.servicing.plain_lives import agreements

START = date(2026, 1, 5)
LEVEL = engine.PlanRule(Method.EQUAL_INSTALMENT, Fraction("0.12"), "30/360")
DAY = timedelta(days=1)
drawable = agreements.filter(lambda agreed: agreed.method != "flat")


def rule_of(agreed):
    return engine.PlanRule(Method(agreed.method), Fraction(agreed.rate), agreed.day_count)


def lent(agreed, on=START):
    terms = engine.Terms(Decimal(0), 0, False)
    return engine.Life(terms, tuple(engine.Row(*row) for row in agreed.plan(on)))


def loan(principal=600_000, terms=6, interest=6_000):
    """A level loan of 12 % a year, whose rows are those of a printed table only in their dates."""
    rows = []
    for no in range(1, terms + 1):
        start, due = date(2026, no, 5), date(2026, no + 1, 5)
        rows.append(engine.Row(no, start, due, principal // terms, interest, 0))
    return engine.Life(engine.Terms(Decimal(0), 0, False), tuple(rows))


def closed_to(life, start, on):
    while start < on:
        life, start = engine.close_day(life, start), start + DAY
    return life


def paid_as_due(life, on):
    """Every instalment is paid whole as it falls due."""
    owed = sum(row.left for row in life.rows if row.is_due and row.due_on <= on)
    return engine.pay(life, on, owed, Order.BY_INSTALMENT) if owed else life


def ahead(life):
    return [row for row in life.rows if not row.is_due]


def left(life):
    return sum(row.principal - row.principal_paid for row in life.rows)


def test_a_draw_between_due_dates_keeps_what_was_earned_and_levels_all_that_is_ahead():
    life = drawn(loan(), date(2026, 1, 20), 300_000, LEVEL)
    held, running, *after = life.rows
    # 60.00 for the 31 days of January's period, fifteen of them used.
    assert (held.interest, held.principal, held.is_due) == (2903, 0, True)
    assert held.due_on == running.due_on == date(2026, 2, 5)
    # 9,000.00 x 1 % x 16 / 31 days.
    assert (running.from_on, running.interest) == (date(2026, 1, 20), 4645)
    asked = [held.interest + running.interest + running.principal]
    asked += [row.principal + row.interest for row in after]
    assert max(asked) - min(asked) < len(asked)
    assert [row.due_on.month for row in (running, *after)] == [2, 3, 4, 5, 6, 7]
    assert left(life) == 900_000


def test_a_draw_on_a_due_date_leaves_the_instalment_of_that_day_as_it_was():
    life = closed_to(loan(), START, date(2026, 3, 5))
    after = drawn(life, date(2026, 3, 5), 50_000, LEVEL)
    assert after.rows[:2] == life.rows[:2]
    assert len(after.rows) == len(life.rows)
    assert ahead(after)[0].from_on == date(2026, 3, 5)
    # 4,500.00 x 1 %.
    assert ahead(after)[0].interest == 4_500


def test_two_draws_in_one_period_ask_for_each_sum_from_its_own_day():
    life = drawn(loan(), date(2026, 1, 15), 300_000, LEVEL)
    life = drawn(life, date(2026, 1, 25), 100_000, LEVEL)
    first, second, running, *after = life.rows
    # 60.00 x 10 / 31; 90.00 x 10 / 31; 100.00 x 11 / 31.
    assert (first.interest, second.interest, running.interest) == (1935, 2903, 3548)
    whole = running.principal + first.interest + second.interest + running.interest
    assert abs(whole - (after[0].principal + after[0].interest)) <= 1


def test_months_without_principal_stay_without_after_a_draw():
    rows = tuple(replace(row, principal=0 if row.no <= 2 else 150_000) for row in loan().rows)
    life = drawn(replace(loan(), rows=rows), START, 60_000, LEVEL)
    assert [row.principal > 0 for row in life.rows] == [False, False, True, True, True, True]
    assert [row.interest for row in life.rows[:2]] == [6_600, 6_600]
    assert left(life) == 660_000


@pytest.mark.parametrize("method", [Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL])
def test_what_was_too_little_for_a_fen_a_month_is_level_again_after_a_draw(method):
    rows = tuple(replace(row, principal=2 if row.no == 6 else 0, interest=0) for row in loan().rows)
    life = drawn(replace(loan(), rows=rows), START, 600_000, replace(LEVEL, method=method))
    assert min(row.principal for row in life.rows) > 90_000


@pytest.mark.parametrize("minor", [0, -1, -500_000])
def test_nothing_and_less_than_nothing_cannot_be_drawn(minor):
    assert undrawable(loan(), minor, LEVEL) == "amount"
    with pytest.raises(ValueError, match="amount"):
        drawn(loan(), START, minor, LEVEL)


def test_nothing_is_drawn_on_a_loan_whose_last_instalment_is_due_or_whose_interest_is_flat():
    over = closed_to(loan(), START, date(2026, 7, 5))
    assert undrawable(over, 1, LEVEL) == "plan"
    assert undrawable(loan(), 1, replace(LEVEL, method=Method.FLAT)) == "method"


def test_a_published_life_without_interest_keeps_its_rows_and_spreads_what_is_drawn():
    """Apache Fineract, LoanDownPayment-113: 750 of 1,000 is ahead, then 750 more, over three."""
    rule = replace(LEVEL, rate=Fraction(0))
    life = drawn(loan(75_000, 3, 0), date(2026, 1, 15), 75_000, rule)
    assert [row.principal for row in life.rows] == [50_000, 50_000, 50_000]
    assert [row.from_on for row in life.rows] == [row.from_on for row in loan(75_000, 3).rows]
    # The same on the day an instalment is due, before it is (LoanDownPayment-127).
    again = drawn(loan(75_000, 3, 0), date(2026, 2, 5), 75_000, rule)
    assert [row.principal for row in again.rows] == [50_000, 50_000, 50_000]


draws = st.lists(st.tuples(st.integers(0, 70), st.integers(1, 10**8)), max_size=5)


@settings(max_examples=300, database=None, suppress_health_check=list(HealthCheck))
@given(drawable, draws)
def test_what_is_owed_is_all_that_was_drawn_less_what_was_paid(agreed, asked):
    life, on, lent_minor = lent(agreed), START, agreed.principal
    rule = rule_of(agreed)
    for days, minor in asked:
        start, on = on, on + days * DAY
        life = paid_as_due(closed_to(life, start, on), on)
        if life.state is engine.State.CLOSED or undrawable(life, minor, rule):
            return
        before = life
        dates = [row.due_on for row in ahead(before)]
        earned = engine.accrued_by(before.rows, on)
        life = drawn(before, on, minor, rule)
        lent_minor += minor
        paid = sum(row.principal_paid for row in life.rows)
        assert left(life) == lent_minor - paid
        # What is due, and the due dates and number of what is ahead, stay.
        assert life.rows[: len(before.rows) - len(dates)] == before.rows[: -len(dates)]
        assert [row.due_on for row in ahead(life)] == dates
        assert all(row.principal >= 0 <= row.interest for row in life.rows)
        assert [row.no for row in life.rows] == list(range(1, len(life.rows) + 1))
        # No interest yet on money that was drawn today, none lost of what was earned.
        closing = engine.payoff(life, on, engine.Prepayment())
        was = engine.payoff(before, on, engine.Prepayment())
        assert closing.interest == was.interest
        assert closing.principal == was.principal + minor
        assert engine.accrued_by(life.rows, on) == 0 or on == dates[0] or earned == 0


@settings(max_examples=200, database=None, suppress_health_check=list(HealthCheck))
@given(drawable, st.integers(0, 25), st.integers(1, 10**8))
def test_a_sum_bears_interest_from_its_own_day_on_as_a_loan_of_that_day_would(agreed, days, minor):
    """The first instalment's interest is that of both sums, each for its days."""
    rule = rule_of(agreed)
    life, on = lent(agreed), START + days * DAY
    running = life.rows[0]
    after = drawn(life, on, minor, rule)
    due_on = running.due_on
    found = sum(row.interest for row in after.rows if row.due_on == due_on)
    whole = (due_on - START).days
    exact = Fraction(running.interest)
    exact += Fraction(running.interest, agreed.principal) * minor * (due_on - on).days / whole
    # The old instalment is rounded, and its growth by half a fen over a balance.
    slack = 1 + Fraction(minor, 2 * agreed.principal) + Fraction(1, 2)
    assert abs(found - exact) <= slack
