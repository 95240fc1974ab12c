"""Laws of the pure engine: what a day adds, what a payoff costs, which class a loan is in."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.engine import Life, Prepayment, RiskClass, Row, Terms

DAY = date(2026, 1, 5)
fen = st.integers(0, 10**12)
rates = st.decimals("0.0001", "0.36", places=8)


@st.composite
def lives(draw):
    rows, at = [], DAY
    for no in range(1, draw(st.integers(1, 4)) + 1):
        due = at + timedelta(days=draw(st.integers(1, 40)))
        rows.append(Row(no, at, due, draw(fen), draw(fen), draw(st.integers(0, 1000))))
        at = due
    terms = Terms(draw(rates), draw(st.integers(0, 5)), draw(st.booleans()))
    return Life(terms, tuple(rows))


def lived(life, days):
    for number in range(days):
        life = engine.close_day(life, DAY + timedelta(days=number))
    return life


@settings(deadline=None)
@given(fen, st.integers(1, 400))
def test_the_days_of_a_period_earn_its_interest_exactly(interest, days):
    earned = [engine.interest_to(interest, day, days) for day in range(days + 1)]
    assert earned[0] == 0
    assert earned[-1] == interest
    assert earned == sorted(earned)


@settings(deadline=None)
@given(lives(), st.integers(0, 120))
def test_interest_owed_grows_to_what_was_agreed_and_no_further(life, days):
    after = lived(life, days)
    due = sum(row.interest for row in after.rows if row.is_due)
    assert due + after.accrued <= sum(row.interest for row in life.rows)
    if after.rows[-1].is_due:
        assert after.accrued == 0


@settings(deadline=None)
@given(lives(), st.integers(0, 100))
def test_penalty_never_shrinks_and_waits_for_the_days_of_grace(life, days):
    before = lived(life, days)
    after = engine.close_day(before, DAY + timedelta(days=days))
    for old, new in zip(before.rows, after.rows, strict=True):
        assert new.penalty_micro >= old.penalty_micro
        if DAY + timedelta(days=days) < new.due_on + timedelta(days=life.terms.grace_days):
            assert new.penalty_micro == 0


@settings(deadline=None)
@given(lives(), st.integers(0, 100))
def test_a_payoff_is_what_is_owed_and_the_days_interest(life, days):
    on = DAY + timedelta(days=days)
    after = lived(life, days)
    asked = engine.payoff(after, on, Prepayment())
    assert asked.principal == sum(row.principal for row in life.rows)
    assert asked.prepayment_fee == 0
    due = [row for row in after.rows if row.is_due]
    assert asked.interest == sum(row.interest for row in due) + after.accrued
    assert asked.total == sum(row.left for row in due) + after.accrued + sum(
        row.principal for row in after.rows if not row.is_due
    )


@settings(deadline=None)
@given(lives())
def test_leaving_early_is_free_once_enough_instalments_have_fallen_due(life):
    rule = Prepayment(Decimal("0.01"), free_after=1)
    first_due = (life.rows[0].due_on - DAY).days
    ahead = sum(row.principal for row in life.rows)
    assert engine.payoff(life, DAY, rule).prepayment_fee == (2 * ahead + 100) // 200
    assert engine.payoff(lived(life, first_due), life.rows[0].due_on, rule).prepayment_fee == 0


@pytest.mark.parametrize(
    ("days", "tier"),
    [
        (0, RiskClass.PASS),
        (1, RiskClass.SPECIAL_MENTION),
        (90, RiskClass.SPECIAL_MENTION),
        (91, RiskClass.SUBSTANDARD),
        (270, RiskClass.SUBSTANDARD),
        (271, RiskClass.DOUBTFUL),
        (360, RiskClass.DOUBTFUL),
        (361, RiskClass.LOSS),
    ],
)
def test_the_five_tiers_begin_where_the_measure_says(days, tier):
    assert engine.class_of(days, DAY) is tier


def test_thresholds_count_from_the_day_they_came_into_force():
    assert engine.class_of(400, date(2023, 6, 30)) is RiskClass.PASS
    assert engine.class_of(400, date(2023, 7, 1)) is RiskClass.LOSS
