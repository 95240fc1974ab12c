"""Laws of the pure engine: what a day adds, what a payoff costs, which class a loan is in."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.terms import Method
from rongqiao.finance.schedule.terms import Terms as ScheduleTerms
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.engine import Life, PlanRule, Prepayment, RiskClass, Row, Terms

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


@st.composite
def plans(draw):
    """A plan as a product makes it, lived to some day on which nothing is left unpaid."""
    method = draw(st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL]))
    rule = PlanRule(method, Fraction(draw(rates)), draw(st.sampled_from(["30/360", "act/360"])))
    terms = draw(st.integers(2, 12))
    asked = schedule(
        ScheduleTerms(
            principal=draw(st.integers(10_000, 10**10)),
            rate_annual=rule.rate,
            start=DAY,
            method=method,
            terms=terms,
            day_count=rule.day_count,
        )
    )
    rows = [Row(r.no, r.from_on, r.due_on, r.principal, r.interest, 0) for r in asked.rows]
    return rule, Life(Terms(Decimal("0.1"), 0, is_penalty_on_interest=False), tuple(rows))


def paid_to(life, on):
    """Return `life` on `on` with everything due by then paid on its day."""
    rows = tuple(
        replace(row, is_due=True, principal_paid=row.principal, interest_paid=row.interest)
        if row.due_on <= on
        else row
        for row in life.rows
    )
    return replace(life, rows=rows, accrued=engine.accrued_by(rows, on))


@settings(deadline=None)
@given(plans(), st.integers(0, 360), st.data())
def test_a_prepayment_in_part_takes_off_what_was_paid_and_nothing_else(plan, days, data):
    rule, life = plan
    on = DAY + timedelta(days=days)
    before = paid_to(life, on)
    ahead = sum(row.principal for row in before.rows if not row.is_due)
    if ahead < 2:
        return
    principal = data.draw(st.integers(1, ahead - 1))
    choice = data.draw(st.sampled_from(engine.choices(before, rule)))
    after = engine.prepaid(before, on, principal, rule, choice)
    (paid,) = [row for row in after.rows if row.is_prepayment]
    new = [row for row in after.rows if not row.is_due]
    assert (paid.principal, paid.interest, paid.left) == (principal, before.accrued, 0)
    assert sum(row.principal for row in new) == ahead - principal
    assert new[0].from_on == on
    assert [row.no for row in after.rows] == list(range(1, len(after.rows) + 1))
    dues = [row.due_on for row in before.rows if not row.is_due]
    assert [row.due_on for row in new] == dues[: len(new)]
    was = sum(row.interest for row in before.rows if not row.is_due)
    # Each amount is rounded to the fen by itself.
    assert paid.interest + sum(row.interest for row in new) <= was + len(new) + 1


@settings(deadline=None)
@given(plans(), st.integers(0, 300), st.integers(0, 60), st.data())
def test_two_prepayments_of_one_period_charge_every_day_once(plan, days, later, data):
    rule, life = plan
    on = DAY + timedelta(days=days)
    before = paid_to(life, on)
    running = next((row for row in before.rows if not row.is_due), None)
    ahead = sum(row.principal for row in before.rows if not row.is_due)
    if running is None or ahead < 3:
        return
    then = min(on + timedelta(days=later), running.due_on - timedelta(days=1))
    lower = engine.Choice.LOWER
    once = engine.prepaid(before, on, 1, rule, lower)
    twice = engine.prepaid(once, then, 1, rule, lower)
    parts = [row for row in twice.rows if row.from_on < running.due_on and row.no >= running.no]
    assert parts[0].from_on == running.from_on
    assert [row.from_on for row in parts[1:]] == [row.due_on for row in parts[:-1]]
    # Two fen less of principal, and each part rounded by itself.
    assert abs(sum(row.interest for row in parts) - running.interest) <= 3


@settings(deadline=None)
@given(plans(), st.integers(0, 330))
def test_shorter_saves_at_least_what_lower_saves(plan, days):
    rule, life = plan
    on = DAY + timedelta(days=days)
    before = paid_to(life, on)
    ahead = [row for row in before.rows if not row.is_due]
    if len(ahead) < 2:
        return
    principal = sum(row.principal for row in ahead) // 2
    cost = {}
    for choice in engine.Choice:
        rows = engine.prepaid(before, on, principal, rule, choice).rows
        cost[choice] = sum(row.interest for row in rows)
    assert cost[engine.Choice.SHORTEN] <= cost[engine.Choice.LOWER] + len(ahead)


def test_what_the_borrower_may_choose_follows_from_the_plan():
    terms = Terms(Decimal("0.1"), 0, is_penalty_on_interest=False)
    rows = tuple(Row(no, date(2026, no, 5), date(2026, no + 1, 5), 100, 1, 0) for no in (1, 2))
    life, one = Life(terms, rows), Life(terms, rows[:1])
    both, lower = (engine.Choice.SHORTEN, engine.Choice.LOWER), (engine.Choice.LOWER,)
    for method, of_two in (
        (Method.EQUAL_INSTALMENT, both),
        (Method.EQUAL_PRINCIPAL, both),
        (Method.INTEREST_ONLY, lower),
        (Method.FLAT, ()),
    ):
        rule = PlanRule(method, Fraction(1, 10), "30/360")
        assert engine.choices(life, rule) == of_two
        assert engine.choices(one, rule) == of_two[-1:]
    nothing = Life(terms, (replace(rows[0], is_due=True),))
    assert engine.choices(nothing, PlanRule(Method.BULLET, Fraction(1, 10), "30/360")) == ()


def test_a_prepayment_row_is_no_instalment_that_frees_from_the_fee():
    rule = Prepayment(Decimal("0.01"), free_after=1)
    early = Row(1, DAY, DAY, 100, 0, 0, is_due=True, is_prepayment=True)
    assert engine.prepayment_fee([early], 1000, rule) == 10
    assert engine.prepayment_fee([replace(early, is_prepayment=False)], 1000, rule) == 0
