"""A plan after a change of terms: nothing paid moves, nothing earned is lost, all is repaid."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.terms import Method
from rongqiao.finance.schedule.terms import Terms as ScheduleTerms
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.engine import Choice, Life, PlanRule, Row, State, Terms
from rongqiao.lending.servicing.replay import Changed, Paid, replay
from rongqiao.lending.servicing.terms.changing import Change, changed, pace_of, unfit
from tests.lending.servicing.test_replay import DAY, openings


@st.composite
def running(draw):
    """A loan some months on, paid as planned, and the open day."""
    opened = draw(openings())
    life, today, told = opened.life, opened.on, []
    for ref in range(draw(st.integers(0, 100))):
        life, today = engine.close_day(life, today), today + timedelta(days=1)
        owed = sum(row.left for row in life.rows if row.is_due)
        if owed:
            life = engine.pay(life, today, owed, opened.order)
            told.append(Paid(on=today, ref=ref, amount=owed))
    assume(life.state is not State.CLOSED)
    return opened, life, today, told


@st.composite
def changes(draw):
    return Change(
        more=draw(st.integers(0, 24)),
        pause=draw(st.integers(0, 4)),
        pays_interest=draw(st.booleans()),
        is_spread=draw(st.booleans()),
    )


def ahead(life):
    return [row for row in life.rows if not row.is_due]


def earned(life):
    """All interest charged, and what of the running period is earned."""
    return sum(row.interest for row in life.rows if row.is_due) + life.accrued


def at(life, on):
    return replace(life, accrued=engine.accrued_by(life.rows, on))


@settings(deadline=None, max_examples=300)
@given(running(), changes())
def test_all_that_is_ahead_is_repaid_and_what_was_paid_or_earned_stays(lived, change):
    opened, life, today, _ = lived
    life = at(life, today)
    reason = unfit(life, today, change, opened.rule)
    assume(not reason)
    new = changed(life, today, change, opened.rule)
    assert sum(row.principal for row in ahead(new)) == sum(row.principal for row in ahead(life))
    paid = [row for row in life.rows if row.is_due]
    assert list(new.rows[: len(paid)]) == paid
    assert earned(at(new, today)) == earned(life)
    assert sum(row.fee for row in new.rows) == sum(row.fee for row in life.rows)
    assert [row.no for row in new.rows] == list(range(1, len(new.rows) + 1))
    assert all(row.due_on > row.from_on for row in new.rows)
    assert min(min(row.principal, row.interest) for row in new.rows) >= 0


@settings(deadline=None, max_examples=100)
@given(running())
def test_a_change_of_nothing_changes_nothing(lived):
    opened, life, today, _ = lived
    assert changed(life, today, Change(), opened.rule) == life


@settings(deadline=None, max_examples=200)
@given(running(), changes())
def test_a_changed_loan_ends_with_its_last_payment(lived, change):
    opened, life, today, _ = lived
    assume(not unfit(life, today, change, opened.rule))
    life = changed(life, today, change, opened.rule)
    while life.state is not State.CLOSED:
        life, today = engine.close_day(life, today), today + timedelta(days=1)
        owed = sum(row.left for row in life.rows if row.is_due and row.due_on <= today)
        if owed:
            life = engine.pay(life, today, owed, opened.order)
        assert life.days_past_due == 0
    assert today == max(row.due_on for row in life.rows)
    assert not any(row.penalty for row in life.rows)


@settings(deadline=None, max_examples=100)
@given(running(), changes(), st.integers(0, 80))
def test_a_life_with_a_change_is_lived_again(lived, change, days):
    opened, life, today, told = lived
    assume(not unfit(life, today, change, opened.rule))
    told = [*told, Changed(on=today, change=change)]
    life = changed(life, today, change, opened.rule)
    for _ in range(days):
        life, today = engine.close_day(life, today), today + timedelta(days=1)
    lived_again = replay(opened, told, today).life
    assert lived_again.rows == life.rows
    assert lived_again.days_past_due == life.days_past_due


@settings(deadline=None, max_examples=100)
@given(running(), st.integers(1, 3), st.integers(1, 40))
def test_a_prepayment_in_a_holiday_pays_interest_by_days(lived, months, days):
    """Put off once, the period goes on by days: what is earned and what is ahead make the whole."""
    opened, life, today, _ = lived
    change = Change(pause=months, more=months, pays_interest=False)
    assume(not unfit(life, today, change, opened.rule))
    life = changed(life, today, change, opened.rule)
    whole = ahead(life)[0]
    for _ in range(days):
        life, today = engine.close_day(life, today), today + timedelta(days=1)
    left = sum(row.principal for row in ahead(life))
    assume(left > 1 and today < whole.due_on)
    paid = engine.prepaid(life, today, 1, opened.rule, Choice.LOWER)
    by_days = engine.accrued_by(life.rows, today)
    assert (
        abs(by_days + ahead(paid)[0].interest - whole.interest)
        <= 1 + months + whole.interest // left
    )


def plain(method, principal=1_200_000, count=12):
    """A loan of equal periods at 12 %, 1 % a month."""
    rule = PlanRule(method, Fraction(12, 100), "30/360")
    asked = schedule(
        ScheduleTerms(
            principal=principal, rate_annual=rule.rate, start=DAY, method=method, terms=count
        )
    )
    rows = [Row(r.no, r.from_on, r.due_on, r.principal, r.interest, 0) for r in asked.rows]
    return Life(Terms(Fraction(18, 100), 0, False), tuple(rows)), rule


def test_an_extension_keeps_the_coming_interest_and_lowers_what_is_paid():
    life, rule = plain(Method.EQUAL_INSTALMENT)
    new = changed(life, date(2026, 1, 15), Change(more=12), rule)
    assert len(new.rows) == 24
    assert new.rows[0].interest == life.rows[0].interest
    assert new.rows[0].due_on == life.rows[0].due_on
    assert new.rows[-1].due_on == date(2028, 1, 5)
    # 12,000.00 at 1 % a month over 24 months.
    assert new.rows[0].principal + new.rows[0].interest == 56_488


def test_a_bullet_moves_and_what_was_earned_is_due_with_it():
    life, rule = plain(Method.BULLET, count=6)
    new = changed(life, date(2026, 2, 5), Change(more=6), rule)
    held, rest = new.rows
    assert (held.is_due, held.due_on, rest.due_on) == (True, date(2027, 1, 5), date(2027, 1, 5))
    assert held.interest + rest.interest == 144_000
    assert (held.principal, rest.principal) == (0, 1_200_000)


def test_in_a_holiday_from_principal_interest_is_paid():
    life, rule = plain(Method.EQUAL_PRINCIPAL)
    new = changed(life, date(2026, 1, 15), Change(pause=3), rule)
    assert [row.principal for row in new.rows[:4]] == [0, 0, 0, 133_333]
    assert [row.interest for row in new.rows[:4]] == [12_000] * 4
    assert len(new.rows) == 12


def test_what_is_put_off_is_due_after_the_holiday_or_spread():
    life, rule = plain(Method.EQUAL_INSTALMENT)
    pause = Change(pause=3, more=3, pays_interest=False)
    held, first, second, *_ = changed(life, date(2026, 1, 15), pause, rule).rows
    assert held.interest + first.interest == 48_000
    assert first.due_on == held.due_on == date(2026, 5, 5)
    assert first.principal + 12_000 == second.principal + second.interest
    spread = changed(life, date(2026, 1, 15), replace(pause, is_spread=True), rule).rows
    level = {row.principal + row.interest for row in spread[2:-1]}
    assert level == {held.interest + spread[1].principal + spread[1].interest}


def test_what_cannot_be_changed_is_named():
    life, rule = plain(Method.EQUAL_INSTALMENT)
    on = date(2026, 1, 15)
    assert unfit(life, on, Change(pause=12), rule) == "pause"
    assert unfit(life, on, Change(more=-1), rule) == "months"
    assert unfit(life, on, Change(pause=1, is_spread=True), rule) == "spread"
    assert unfit(life, on, Change(more=1), replace(rule, method=Method.FLAT)) == "method"
    bullet, by_bullet = plain(Method.BULLET)
    assert unfit(bullet, on, Change(pause=1), by_bullet) == "pause"
    odd = replace(life, rows=(replace(life.rows[0], due_on=date(2026, 2, 7)), *life.rows[1:]))
    assert pace_of(odd) is None
    assert unfit(odd, on, Change(more=1), rule) == "plan"
    while not any(row.is_due for row in life.rows):
        life, on = engine.close_day(life, on), on + timedelta(days=1)
    assert unfit(life, on, Change(more=1), rule) == "due"
