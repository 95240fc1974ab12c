"""What moves a plan or its payments beside the engine: nothing is made, lost or owed below zero."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rongqiao.finance.allocation import Bucket, Order
from rongqiao.finance.rounding import Mode, Rounding
from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.terms import Every, Method, Unit
from rongqiao.finance.schedule.terms import Terms as ScheduleTerms
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.terms.charging_back import again, charged_back
from rongqiao.lending.servicing.terms.paying_ahead import paid_ahead, unpayable
from rongqiao.lending.servicing.terms.reamortising import reamortised, unmovable
from rongqiao.lending.servicing.terms.rescheduling import (
    Agreed,
    Reschedule,
    rescheduled,
    unschedulable,
)
from rongqiao.lending.servicing.terms.sharing import Ahead, shared
from rongqiao.lending.servicing.terms.tranches import (
    asked_at_once,
    drawn_over_all,
    undrawable,
)

START = date(2026, 1, 5)
DAY = timedelta(days=1)
MONTH = Every(Unit.MONTH, 1)
FREE = engine.PlanRule(Method.EQUAL_PRINCIPAL, Fraction(0), "30/360")
FLAT = engine.PlanRule(Method.FLAT, Fraction("0.12"), "30/360")
LEVEL = engine.PlanRule(Method.EQUAL_INSTALMENT, Fraction("0.12"), "30/360")
WHOLE_YUAN = Rounding(Mode.HALF_EVEN, 100)
roundings = st.sampled_from([Rounding(), WHOLE_YUAN])
orders = st.sampled_from(list(Order))
aheads = st.sampled_from(list(Ahead))
days = st.integers(0, 400)


@st.composite
def loans(draw, *, rule=FREE):
    """A loan of up to a year by the month, with a fee and a penalty here and there."""
    terms = draw(st.integers(1, 12))
    asked = ScheduleTerms(
        # Whole units of a yuan are no instalment of a loan of a few fen.
        principal=draw(st.integers(terms * (1_000 if rule.rate else 1), 10_000_000)),
        rate_annual=rule.rate,
        start=START,
        method=rule.method,
        terms=terms,
        rounding=draw(roundings),
    )
    rows = []
    for row in schedule(asked).rows:
        fee, penalty = draw(st.integers(0, 500)), draw(st.integers(0, 500))
        rows.append(
            engine.Row(
                row.no,
                row.from_on,
                row.due_on,
                row.principal,
                row.interest,
                fee,
                penalty_micro=penalty * engine.MICRO,
            )
        )
    return engine.Life(engine.Terms(Decimal(0), 0, False), tuple(rows))


@st.composite
def lived(draw, *, rule=FREE):
    """A loan on some day of its life, with payments made until then; and the day."""
    life, on = draw(loans(rule=rule)), START
    for _ in range(draw(st.integers(0, 3))):
        life, on = close_to(life, on, on + draw(st.integers(0, 120)) * DAY)
        life, _ = shared(life, on, draw(st.integers(0, 3_000_000)), draw(orders), draw(aheads))
    return close_to(life, on, on + draw(st.integers(0, 120)) * DAY)


def close_to(life, on, day):
    while on < day:
        life, on = engine.close_day(life, on), on + DAY
    return life, on


def left(life, bucket=None):
    buckets = [bucket] if bucket else list(Bucket)
    return sum(row.left_in(each) for row in life.rows for each in buckets)


def principal(life):
    return sum(row.principal for row in life.rows)


def assert_is_a_plan(life):
    """Nothing is owed or paid below zero, rows are numbered and their dates do not go back."""
    assert [row.no for row in life.rows] == list(range(1, len(life.rows) + 1))
    assert all(row.left_in(bucket) >= 0 for row in life.rows for bucket in Bucket)
    assert all(row.from_on <= row.due_on for row in life.rows)
    dates = [row.due_on for row in life.rows]
    assert dates == sorted(dates)


@given(lived(), st.integers(0, 20_000_000), orders, aheads)
def test_money_shared_is_all_put_somewhere_or_left_over_when_nothing_is_owed(
    started, minor, order, ahead
):
    life, on = started
    after, over = shared(life, on, minor, order, ahead)
    assert left(life) - left(after) + over == minor
    assert over == 0 or left(after) == 0
    assert principal(after) == principal(life)
    assert_is_a_plan(after)


@given(lived(), st.integers(0, 20_000_000), orders, aheads)
def test_nothing_goes_ahead_while_something_is_late_or_due(started, minor, order, ahead):
    life, on = started
    after, _ = shared(life, on, minor, order, ahead)
    is_touched = [new.left < old.left for old, new in zip(life.rows, after.rows, strict=True)]
    went_ahead = any(
        hit and row.due_on > on for hit, row in zip(is_touched, life.rows, strict=True)
    )
    assert not went_ahead or not any(row.left for row in after.rows if row.due_on <= on)


@given(lived(), st.integers(1, 20_000_000))
def test_a_lenders_credit_settles_the_last_instalment_before_the_one_before_it(started, minor):
    life, on = started
    after, _ = shared(life, on, minor, Order.BY_INSTALMENT, Ahead.LAST)
    ahead = [pair for pair in zip(life.rows, after.rows, strict=True) if pair[0].due_on > on]
    for (old, new), (_, later) in pairwise(ahead):
        assert new.left == old.left or later.left == 0


@given(loans(), st.integers(1, 20_000_000))
def test_money_spread_ahead_gives_none_more_than_another_that_still_asks(life, minor):
    after, _ = shared(life, START, minor, Order.BY_INSTALMENT, Ahead.SPREAD)
    given_ = [old.left - new.left for old, new in zip(life.rows, after.rows, strict=True)]
    asking = [part for part, row in zip(given_, after.rows, strict=True) if row.left]
    # What rounding leaves goes to the last one, round by round.
    if asking:
        assert max(given_) - min(asking) <= len(life.rows) ** 2


paid_parts = st.fixed_dictionaries({bucket: st.integers(0, 1_000_000) for bucket in Bucket})


@given(paid_parts, st.integers(0, 5_000_000), st.permutations(list(Bucket)), st.integers(0, 4))
def test_what_is_owed_again_is_the_whole_sum_and_no_charge_more_than_was_paid(
    paid, minor, order, count
):
    parts = again(paid, minor, order[:count])
    assert parts.total == minor
    for bucket in set(Bucket) - {Bucket.PRINCIPAL}:
        assert 0 <= getattr(parts, bucket.value) <= paid[bucket]
    assert again(paid, minor, ()).principal == minor


@given(lived(), days, st.integers(1, 1_000_000), paid_parts)
def test_a_charge_back_raises_what_is_owed_by_its_sum_and_nothing_else(started, later, minor, paid):
    life, on = started
    life, on = close_to(life, on, on + timedelta(days=later))
    parts = again(paid, minor, (Bucket.PENALTY, Bucket.FEE))
    after = charged_back(life, on, parts)
    assert left(after) - left(life) == minor
    assert principal(after) - principal(life) == parts.principal
    assert after.state is not engine.State.CLOSED
    assert_is_a_plan(after)
    changed = [row for row in after.rows if row not in life.rows]
    assert len(changed) == 1
    assert changed[0].from_on <= on <= changed[0].due_on
    # It can be paid again, and then the loan ends as any other.
    whole, over = shared(after, on, left(after), Order.BY_INSTALMENT, Ahead.NEXT)
    assert (over, left(whole)) == (0, 0)


def test_a_charge_back_after_the_end_is_due_at_once_and_late_from_the_next_day():
    life = engine.Life(
        engine.Terms(Decimal(0), 0, False),
        (engine.Row(1, START, START + 10 * DAY, 100_00, 0, 0),),
    )
    life, on = close_to(life, START, START + 10 * DAY)
    life, _ = shared(life, on, 100_00, Order.BY_INSTALMENT, Ahead.NEXT)
    assert life.state is engine.State.CLOSED
    life = charged_back(life, on + 5 * DAY, again({}, 40_00, ()))
    assert (life.rows[-1].due_on, life.rows[-1].left) == (on + 5 * DAY, 40_00)
    assert (life.state, life.days_past_due) == (engine.State.ACTIVE, 0)
    life = engine.close_day(life, on + 5 * DAY)
    assert (life.state, life.days_past_due) == (engine.State.OVERDUE, 1)


@given(lived(), roundings)
def test_what_is_late_spread_over_what_is_ahead_conserves_principal_and_dates(started, rounding):
    life, on = started
    if unmovable(life, on):
        with pytest.raises(ValueError, match=unmovable(life, on)):
            reamortised(life, on, rounding)
        return
    after = reamortised(life, on, rounding)
    assert principal(after) == principal(life)
    assert left(after) == left(life)
    assert [row.due_on for row in after.rows] == [row.due_on for row in life.rows]
    assert not any(row.left_in(Bucket.PRINCIPAL) for row in after.rows if row.due_on <= on)
    for bucket in set(Bucket) - {Bucket.PRINCIPAL}:
        assert left(after, bucket) == left(life, bucket)
    assert_is_a_plan(after)


def test_a_loan_that_bears_interest_is_restructured_and_not_spread():
    life = engine.Life(
        engine.Terms(Decimal(0), 0, False),
        (engine.Row(1, START, START + 10 * DAY, 100, 1, 0),),
    )
    assert unmovable(life, START) == "interest"


@given(
    loans(rule=FLAT),
    st.integers(0, 11),
    st.integers(0, 6),
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(-20, 90)),
    st.sampled_from([None, Fraction("0.06"), Fraction("0.24")]),
)
def test_a_rescheduled_plan_asks_for_the_same_principal_at_rising_dates(
    life, place, more, resting, moved, rate
):
    place %= len(life.rows)
    row = life.rows[place]
    moved_to = None if moved is None else row.due_on + timedelta(days=moved)
    wish = Reschedule(row.due_on, moved_to, more, resting, rate)
    agreed = Agreed(FLAT, MONTH, WHOLE_YUAN)
    if reason := unschedulable(life, wish, agreed):
        with pytest.raises(ValueError, match=reason):
            rescheduled(life, wish, agreed)
        return
    after = rescheduled(life, wish, agreed)
    assert principal(after) == principal(life)
    assert sum(each.fee for each in after.rows) == sum(each.fee for each in life.rows)
    assert after.rows[:place] == life.rows[:place]
    assert len(after.rows) == len(life.rows) + more + resting
    assert all(each.principal == 0 for each in after.rows[place : place + resting])
    if moved_to:
        assert after.rows[place].due_on == moved_to
    if rate == Fraction("0.06"):
        assert abs(2 * after.rows[place].interest - row.interest) <= 1
    assert [each.from_on for each in after.rows[1:]] == [each.due_on for each in after.rows[:-1]]
    assert_is_a_plan(after)


def test_an_instalment_that_was_paid_or_has_fallen_due_is_not_rescheduled():
    terms = engine.Terms(Decimal(0), 0, False)
    row = engine.Row(1, START, START + 10 * DAY, 100, 0, 0)
    agreed, wish = Agreed(FREE, MONTH), Reschedule(row.due_on, more=1)
    assert unschedulable(engine.Life(terms, (row,)), wish, agreed) == ""
    for other in (replace(row, is_due=True), replace(row, principal_paid=1)):
        assert unschedulable(engine.Life(terms, (other,)), wish, agreed) == "plan"
    level = Agreed(replace(FLAT, method=Method.EQUAL_INSTALMENT), MONTH)
    assert unschedulable(engine.Life(terms, (row,)), wish, level) == "method"


@given(lived(), st.integers(1, 5_000_000), st.integers(1, 5_000_000), roundings)
def test_a_draw_over_all_instalments_is_lent_to_the_fen_and_leaves_the_past(
    started, minor, again_, rounding
):
    life, on = started
    if reason := undrawable(life, on, minor):
        with pytest.raises(ValueError, match=reason):
            drawn_over_all(life, on, minor, rounding)
        return
    after = drawn_over_all(life, on, minor, rounding)
    assert principal(after) - principal(life) == minor
    assert [row for row in after.rows if row.due_on < on] == [
        row for row in life.rows if row.due_on < on
    ]
    assert_is_a_plan(after)
    twice = drawn_over_all(after, on, again_, rounding)
    assert principal(twice) - principal(after) == again_
    assert_is_a_plan(twice)


@given(loans(), st.integers(1, 5_000_000), st.integers(1, 5_000_000), days)
def test_two_draws_on_one_day_are_planned_as_one_of_their_sum(life, first, second, later):
    on = START + timedelta(days=later)
    if undrawable(life, on, first):
        return
    one = drawn_over_all(life, on, first + second, Rounding())
    two = drawn_over_all(drawn_over_all(life, on, first, Rounding()), on, second, Rounding())
    assert one == two


@settings(max_examples=50)
@given(loans(), st.integers(1, 5_000_000), days, st.booleans())
def test_what_is_asked_at_once_stands_at_its_day_before_or_after_what_is_due_then(
    life, minor, later, is_first
):
    on = START + timedelta(days=later)
    after = asked_at_once(life, on, minor, is_first=is_first)
    assert principal(after) - principal(life) == minor
    assert_is_a_plan(after)
    asked = next(row for row in after.rows if row.from_on == row.due_on)
    same_day = [row.no for row in after.rows if row.due_on == on and row is not asked]
    assert all((asked.no < no) is is_first for no in same_day)


@given(loans(rule=LEVEL), days, st.integers(1, 10_000_000), roundings)
def test_principal_paid_into_the_running_instalment_keeps_what_was_earned_and_lowers_the_rest(
    life, later, minor, rounding
):
    rule = replace(LEVEL, rounding=rounding)
    life, on = close_to(life, START, START + timedelta(days=later))
    owed = sum(row.left for row in life.rows if row.is_due)
    if owed:
        life = engine.pay(life, on, owed, Order.BY_INSTALMENT)
    if reason := unpayable(life, on, minor, rule):
        with pytest.raises(ValueError, match=reason):
            paid_ahead(life, on, minor, rule)
        return
    after = paid_ahead(life, on, minor, rule)
    assert_is_a_plan(after)
    assert principal(after) == principal(life)
    assert left(life, Bucket.PRINCIPAL) - left(after, Bucket.PRINCIPAL) == minor
    assert left(after, Bucket.FEE) == left(life, Bucket.FEE)
    running = next(row for row in life.rows if not row.is_due)
    held, rest = after.rows[running.no - 1 : running.no + 1]
    assert held.interest == engine.accrued_by(life.rows, on)
    assert held.due_on == rest.due_on == running.due_on
    assert rest.principal == max(running.principal, minor)
    assert held.interest + rest.interest <= running.interest + 1
    # What is earned goes on from there: nothing jumps, and the close finds the same.
    assert engine.accrued_by(after.rows, on) == 0
    # On the due date the part that was split off is due itself.
    assert unpayable(after, on + DAY, 1, rule) in {"day", "plan", "due"}


def test_a_printed_payment_ahead_asks_for_its_days_on_either_side():
    rows = (
        engine.Row(1, date(2022, 11, 1), date(2022, 12, 1), 812_68, 49_32, 0),
        engine.Row(2, date(2022, 12, 1), date(2023, 1, 1), 4187_32, 42_68, 0),
    )
    rule = engine.PlanRule(Method.EQUAL_INSTALMENT, Fraction("0.12"), "act/365f")
    life = engine.Life(engine.Terms(Decimal(0), 0, False), rows)
    after = paid_ahead(life, date(2022, 11, 27), 1500_00, rule)
    # 5,000.00 x 12 % x 26 / 365 and 3,500.00 x 12 % x 4 / 365: LoanRepayment.feature, 47.34.
    assert [row.interest for row in after.rows[:2]] == [42_74, 4_60]
    assert [row.principal for row in after.rows] == [0, 1500_00, 3500_00]


@st.composite
def events(draw):
    """What happens to a loan without interest, and how many days after the one before."""
    kinds = ("share", "share", "credit", "charge-back", "reamortise", "draw", "at-once")
    kind = draw(st.sampled_from(kinds))
    return draw(st.integers(0, 70)), kind, draw(st.integers(1, 2_000_000))


def fen(*principals):
    """A loan by the month of instalments of so many fen, without interest or fee."""
    terms = ScheduleTerms(
        principal=len(principals), rate_annual=Fraction(0), start=START, terms=len(principals)
    )
    planned = zip(schedule(terms).rows, principals, strict=True)
    rows = [engine.Row(row.no, row.from_on, row.due_on, asked, 0, 0) for row, asked in planned]
    return engine.Life(engine.Terms(Decimal(0), 0, False), tuple(rows))


@settings(max_examples=60)
@given(loans(), st.lists(events(), max_size=8), orders, roundings)
# All is paid, the last instalment bears a fen more: equal parts of 18 would ask it for 3 of its 5.
@example(fen(4, 4, 4, 5), [(0, "share", 17), (0, "draw", 1)], Order.BY_INSTALMENT, Rounding())
def test_through_any_life_what_was_lent_and_went_back_is_paid_or_left(life, told, order, rounding):
    on, owed, paid = START, left(life), 0
    for wait, kind, minor in told:
        life, on = close_to(life, on, on + wait * DAY)
        match kind:
            case "share" | "credit":
                ahead = Ahead.LAST if kind == "credit" else Ahead.NEXT
                life, over = shared(life, on, minor, order, ahead)
                paid += minor - over
            case "charge-back":
                # No more goes back than was paid and has not gone back yet.
                if back := min(minor, paid):
                    life, paid = charged_back(life, on, again({}, back, ())), paid - back
            case "reamortise" if not unmovable(life, on):
                life = reamortised(life, on, rounding)
            case "draw" if not undrawable(life, on, minor):
                life, owed = drawn_over_all(life, on, minor, rounding), owed + minor
            case "at-once" if any(row.due_on >= on for row in life.rows):
                life = asked_at_once(life, on, minor, is_first=True)
                owed += minor
        assert_is_a_plan(life)
        assert left(life) + paid == owed
