"""Expected loss in three stages: by hand, by laws, and the run over all loans held to it."""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.lending.servicing.engine import RiskClass
from rongqiao.lending.servicing.models.allowance import (
    AllowanceLine,
    AllowanceLoan,
    AllowanceProduct,
    AllowanceRun,
)
from rongqiao.lending.servicing.models.loan_months import LATE_30, LoanMonth
from rongqiao.lending.servicing.models.loans import CLASSES, Instalment, Loan
from rongqiao.lending.servicing.operations.provisioning.calculate_allowance import (
    CalculateAllowance,
    calculate_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.valuing import AllowanceTooEarly
from rongqiao.lending.servicing.queries.lives import bring_up
from rongqiao.lending.servicing.queries.provisioning.expected_loss import (
    MOST_MONTHS,
    UNIT,
    Ahead,
    BadLine,
    Curve,
    Policy,
    Scenario,
    Stage,
    Staging,
    Standing,
    cumulated,
    expected_loss,
    floor_of,
    horizon_of,
    months_ahead,
    rate_step,
    read_curves,
    read_floors,
    read_scenarios,
    stage_of,
    to_book,
)
from rongqiao.lending.servicing.queries.provisioning.rules import assumptions_of, rule_in_force
from tests.lending.servicing.test_end_of_day_sql import random_loan
from tests.lending.servicing.test_repay import pass_days
from tests.makers import journeys
from tests.makers.loans import lend, uuid_of
from tests.parties.people import actor, make_user

RULES = Staging(days_increased=30, days_impaired=90, is_watch_increased=True, cure_months=3)
CERTAIN = (Scenario(name="base", weight=10_000, hazard=10_000, lgd=10_000),)
ENDED = date(2026, 1, 31)


def loss_by_hand(curve, scenarios, rate, months):
    """The same sum in exact fractions."""
    total = Fraction(0)
    for one in scenarios:
        alive = Fraction(1)
        lgd = min(Fraction(curve.lgd * one.lgd, 10_000**2), 1)
        for month in range(1, months + 1):
            hazard = curve.hazards[min(month, len(curve.hazards)) - 1]
            chance = min(Fraction(hazard, 10**6) * Fraction(one.hazard, 10_000), 1)
            factor = (1 + Fraction(rate, 120_000)) ** -month
            total += Fraction(one.weight, 10_000) * alive * chance * lgd * factor
            alive *= 1 - chance
    return total


def test_a_year_of_one_in_a_hundred_a_month_loses_what_a_table_says():
    curve = Curve(lgd=5_000, hazards=(10_000,))
    losses = cumulated(curve, Stage.PERFORMING, CERTAIN, 0, 12)
    # 50 % of 1 - 0.99^12, from an independent decimal calculation: 0.0568075642...
    assert losses[12] == 56_807_564
    assert losses[0] == 0
    assert expected_loss(1_000_000, [], 12, losses) == 56_808


@given(
    st.integers(0, 10_000),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    st.integers(0, 3_600),
    st.integers(1, 40),
    st.integers(0, 10_000),
)
def test_a_curve_is_the_exact_sum_to_its_last_place(lgd, hazards, rate, months, weight):
    curve = Curve(lgd=lgd, hazards=tuple(hazards))
    scenarios = (
        Scenario(name="a", weight=weight, hazard=8_000, lgd=9_500),
        Scenario(name="b", weight=10_000 - weight, hazard=15_000, lgd=11_000),
    )
    losses = cumulated(curve, Stage.INCREASED, scenarios, rate, months)
    exact = loss_by_hand(curve, scenarios, rate, months) * UNIT
    assert abs(losses[months] - exact) <= Fraction(501, 1000)
    assert list(losses) == sorted(losses)
    assert losses[-1] <= UNIT


def test_an_impaired_loan_loses_its_share_of_all_it_owes_at_once():
    curve = Curve(lgd=6_000, hazards=())
    losses = cumulated(curve, Stage.IMPAIRED, CERTAIN, 2_400, 12)
    assert expected_loss(123_457, [Ahead(month=3, principal=100_000)], 12, losses) == 74_074


def test_principal_that_falls_due_is_exposed_no_longer():
    curve = Curve(lgd=10_000, hazards=(100_000,))
    losses = cumulated(curve, Stage.PERFORMING, CERTAIN, 0, 12)
    soon = expected_loss(1_000, [Ahead(month=1, principal=1_000)], 12, losses)
    late = expected_loss(1_000, [Ahead(month=12, principal=1_000)], 12, losses)
    never = expected_loss(1_000, [], 12, losses)
    assert (soon, late, never) == (100, 718, 718)


def standing(days=0, tier="pass", **more):
    return Standing(days_past_due=days, risk_class=RiskClass(tier), **more)


@pytest.mark.parametrize(
    ("loan", "stage"),
    [
        (standing(), 1),
        (standing(30), 1),
        (standing(31), 2),
        (standing(90), 2),
        (standing(91), 3),
        (standing(1, "special-mention"), 2),
        (standing(0, "substandard"), 3),
        (standing(0, "doubtful"), 3),
        (standing(0, "loss"), 3),
        (standing(is_restructured=True), 2),
        (standing(was_bad_lately=True), 2),
        (standing(91, was_bad_lately=True), 3),
    ],
)
def test_the_stage_follows_days_class_and_the_months_before(loan, stage):
    assert stage_of(loan, RULES) == stage


def test_special_mention_is_no_increase_where_the_rules_do_not_say_so():
    rules = Staging(days_increased=30, days_impaired=90, is_watch_increased=False, cure_months=3)
    assert stage_of(standing(5, "special-mention"), rules) == Stage.PERFORMING


def test_months_are_counted_by_the_calendar_and_a_life_is_a_year_at_least():
    assert [months_ahead(ENDED, on) for on in (date(2026, 2, 1), date(2026, 2, 28))] == [1, 1]
    assert months_ahead(ENDED, date(2027, 1, 31)) == 12
    assert months_ahead(ENDED, date(2025, 1, 31)) == 1
    assert months_ahead(ENDED, date(2199, 1, 31)) == MOST_MONTHS
    assert [horizon_of(stage, 36) for stage in Stage] == [12, 36, 12]
    assert horizon_of(Stage.INCREASED, 2) == 12


def test_floors_are_percent_of_principal_and_the_larger_is_booked():
    floors = read_floors("pass 1\nspecial-mention 3\nsubstandard 26\ndoubtful 51\nloss 100")
    assert floor_of(RiskClass.PASS, 12_350, floors) == 124
    assert floor_of(RiskClass.LOSS, 12_350, floors) == 12_350
    assert (to_book(5, 7, Policy.LARGER), to_book(5, 7, Policy.EXPECTED)) == (7, 5)
    assert to_book(9, 7, Policy.LARGER) == 9


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_curves, "* 1 60 0.2\n* 2 60 1"),
        (read_curves, "* 1 60\n* 2 60 1\n* 3 60"),
        (read_curves, "* 1 60 0.2\n* 2 60 1\n* 3 60 1"),
        (read_curves, "* 1 101 0.2\n* 2 60 1\n* 3 60"),
        (read_curves, "* 1 60 0.20001\n* 2 60 1\n* 3 60"),
        (read_curves, "* 1 60 0.2\n* 1 60 0.2\n* 2 60 1\n* 3 60"),
        (read_curves, "* 4 60 0.2"),
        (read_curves, "* 1 60 -1"),
        (read_scenarios, "a 60 1 1\nb 30 1 1"),
        (read_scenarios, "a 100 11 1"),
        (read_scenarios, "a 100 1"),
        (read_scenarios, ""),
        (read_floors, "pass 1"),
        (read_floors, "pass 1\npass 1"),
        (read_floors, "good 1"),
    ],
)
def test_assumptions_that_cannot_be_read_name_their_line(read, text):
    with pytest.raises(BadLine):
        read(text)


@pytest.fixture
def analyst(call):
    staff = journeys.make_staff(call)
    user = make_user()
    journeys.give_role(call, *staff.administrators, user, "risk_analyst")
    return actor(user)


def calculate(call, by, on):
    return calculate_allowance(CalculateAllowance(on=on), call(actor=by))


def plain_value(loan, on, assumptions, late_before):
    """Value one loan the plain way, from its rows."""
    bring_up([loan])
    stage = stage_of(
        Standing(
            days_past_due=loan.days_past_due,
            risk_class=RiskClass(loan.risk_class),
            is_restructured=loan.watched_until is not None,
            was_bad_lately=loan.pk in late_before,
        ),
        assumptions.staging,
    )
    rows = Instalment.objects.filter(loan=loan, settled_on=None, due_on__gt=on)
    ahead = [
        Ahead(
            month=months_ahead(on, row.due_on),
            principal=row.principal_minor - row.principal_paid_minor,
        )
        for row in rows
    ]
    losses = cumulated(
        assumptions.curve_of(loan.product_code, stage),
        stage,
        assumptions.scenarios,
        rate_step(loan.rate_annual),
        MOST_MONTHS,
    )
    horizon = horizon_of(stage, months_ahead(on, loan.matures_on))
    return stage, loan.owed_minor, expected_loss(loan.owed_minor, ahead, horizon, losses)


def was_late(loans, on):
    LoanMonth.objects.bulk_create(
        LoanMonth(
            on=on,
            loan_id=loan_id,
            product_code="alpha",
            lent_in=on.replace(day=1),
            bucket=LATE_30,
            worst=1,
            risk_class="pass",
            lent_minor=1,
            principal_minor=1,
            expected_minor=0,
        )
        for loan_id in loans
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_run_over_all_loans_is_the_pure_sum_to_the_fen(seed, clock, call, analyst):
    draw = random.Random(seed)
    rule = rule_in_force(ENDED)
    more = "\nalpha 2 35.5 4 3.5 0.0001\nalpha 1 90 0.0001 0.33"
    rule.pk, rule.number, rule.curves = uuid_of(2), 2, rule.curves + more
    rule.save(force_insert=True)
    lent = []
    for number in range(12):
        lent.append(lend(random_loan(draw, 500 + number), call()).loan_id)
        pass_days(clock, date(2026, 1, 5) + timedelta(days=number + 1))
    pass_days(clock, date(2026, 2, 1) if seed else date(2026, 3, 1))
    on = date(2026, 1, 31) if seed else date(2026, 2, 28)
    for loan_id in lent:
        days = draw.choice([0, 0, 1, 29, 30, 31, 90, 91])
        state = draw.choice(["active", "overdue", "restructured"])
        watched = date(2027, 1, 1) if state == "restructured" else None
        Loan.objects.filter(pk=loan_id).update(
            days_past_due=days,
            risk_class=draw.choice(CLASSES),
            state=state,
            watched_from=watched,
            watched_until=watched,
        )
    long_ago, lately = draw.sample(lent, 4), draw.sample(lent, 3)
    was_late(long_ago, date(2025, 10, 31))
    was_late(lately, date(2025, 12, 31))
    months = LoanMonth.objects.filter(on__gt=date(2025, 11, 30))
    late_before = {
        row.loan_id
        for row in months
        if row.bucket in (2, 3, 4) or row.risk_class in ("substandard", "doubtful", "loss")
    }
    assert late_before >= set(lately)
    done = calculate(call, analyst, on)
    assumptions = assumptions_of(rule)
    kept = {row.loan_id: row for row in AllowanceLoan.objects.filter(run_id=done.run_id)}
    live = list(Loan.objects.live())
    assert (done.loans, set(kept)) == (len(live), {loan.pk for loan in live})
    floors = {}
    for loan in live:
        row = kept[loan.pk]
        seen = (row.stage, row.exposure_minor, row.expected_minor)
        assert seen == plain_value(loan, on, assumptions, late_before), loan.number
        key = (loan.product_code, row.stage, loan.risk_class)
        floors[key] = floors.get(key, 0) + loan.principal_outstanding_minor
    lines = AllowanceLine.objects.filter(run_id=done.run_id)
    for line in lines:
        key = (line.product_code, line.stage, line.risk_class)
        assert line.floor_minor == floor_of(
            RiskClass(line.risk_class), floors.pop(key), assumptions.floors
        )
    assert floors == {}
    for product in AllowanceProduct.objects.filter(run_id=done.run_id):
        own = [one for one in lines if one.product_code == product.product_code]
        sums = (sum(one.expected_minor for one in own), sum(one.floor_minor for one in own))
        assert product.target_minor == max(sums)


def test_a_portfolio_is_valued_in_as_many_statements_whatever_its_size(
    call, clock, analyst, django_assert_max_num_queries
):
    lend(random_loan(random.Random(99), 599), call())
    pass_days(clock, date(2026, 1, 6))
    with django_assert_max_num_queries(40) as few:
        calculate(call, analyst, date(2026, 1, 5))
    for number in range(15):
        lend(random_loan(random.Random(number), 600 + number), call())
    pass_days(clock, date(2026, 1, 7))
    with django_assert_max_num_queries(len(few)):
        calculate(call, analyst, date(2026, 1, 6))


def test_only_the_last_closed_date_is_valued(call, clock, analyst):
    pass_days(clock, date(2026, 1, 8))
    for on in (date(2026, 1, 6), date(2026, 1, 8), date(1990, 1, 1)):
        with pytest.raises(AllowanceTooEarly):
            calculate(call, analyst, on)
    calculate(call, analyst, date(2026, 1, 7))
    assert AllowanceRun.objects.get().state == "calculated"


def test_rates_fall_into_steps_half_up():
    assert [rate_step(Decimal(text)) for text in ("0.12345", "0.123449", "0.24")] == [
        1235,
        1234,
        2400,
    ]
