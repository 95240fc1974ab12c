"""The estimators find the truth that a simulated ledger was made with."""

from datetime import date
from fractions import Fraction
from math import sqrt

import pytest

from rongqiao.insight.reporting.queries.cohorts import STANDING, Cohort, Earned, Place
from rongqiao.insight.reporting.queries.estimators import (
    Measure,
    prepayments,
    roll_rates,
    standings,
    vintages,
    yields,
)
from tests.makers.portfolios import AHEAD, AHEAD_SHARE, LENT, MATRIX, ever, simulate, summed_up

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module", params=SEEDS)
def cohorts(request):
    return summed_up(simulate(request.param, loans=1500, months=18))


def within(share, truth, seen, sigmas=4.5):
    """Tell whether a share of `seen` trials may well have come from `truth`."""
    return abs(float(share) - truth) <= sigmas * sqrt(truth * (1 - truth) / seen) + 1e-12


def test_roll_rates_recover_the_matrix_that_made_the_ledger(cohorts):
    rows = roll_rates(cohorts)
    assert [row.was for row in rows] == list(STANDING)
    for row in rows:
        assert sum(row.shares.values()) == 1
        assert row.seen > 300
        for place in Place:
            truth = MATRIX[row.was].get(place, 0.0)
            assert within(row.shares[place], truth, row.seen), (row.was, place)


def test_another_matrix_would_not_pass(cohorts):
    """The bounds are tight enough to tell 0.55 from 0.50."""
    row = roll_rates(cohorts)[Place.LATE_1]
    assert not within(
        row.shares[Place.CURRENT], MATRIX[Place.LATE_1][Place.CURRENT] - 0.05, row.seen
    )


@pytest.mark.parametrize("days", [30, 90])
def test_vintage_curves_recover_the_chance_to_go_bad(cohorts, days):
    curves = vintages(cohorts, days=days)
    assert [curve.loans for curve in curves] == [1500] * 6
    for curve in curves:
        assert list(curve.shares) == sorted(curve.shares)
        for age in (6, 12):
            assert within(curve.shares[age], ever(days, age), curve.loans), (curve.lent_in, age)
    by_amount = vintages(cohorts, days=days, measure=Measure.AMOUNT)
    assert [curve.shares for curve in by_amount] == [curve.shares for curve in curves]


def test_standings_count_every_fen_owed_once(cohorts):
    for month in standings(cohorts):
        owed = sum(o.left for o in cohorts if o.on == month.on and o.now in STANDING)
        assert month.total == owed
        assert month.share_from(Place.CURRENT) == 1
        assert 0 <= month.share_from(Place.LATE_90) <= month.share_from(Place.LATE_30) <= 1


def test_prepayment_recovers_the_chance_to_pay_ahead(cohorts):
    months = prepayments(cohorts)
    prepaid = sum(month.prepaid for month in months)
    planned = sum(month.planned for month in months)
    loans = sum(o.loans for o in cohorts if o.was is not None and o.now != Place.LOST)
    mended = sum(
        o.before - o.expected for o in cohorts if o.was is not None and o.now == Place.CURRENT
    )
    paid = sum(o.before - o.expected for o in cohorts if o.was is not None and o.now == Place.PAID)
    truth = (mended * AHEAD * AHEAD_SHARE + paid) / planned
    assert float(Fraction(prepaid, planned)) == pytest.approx(
        truth, abs=4 * AHEAD_SHARE / sqrt(loans)
    )
    for month in months:
        assert month.cpr == 1 - (1 - month.smm) ** 12
        assert month.smm <= month.cpr <= 1


def cohort(**changes):
    plain = {
        "on": date(2024, 2, 29),
        "lent_in": date(2024, 1, 1),
        "was": 0,
        "now": 0,
        "loans": 1,
        "lent": LENT,
        "before": 100_000,
        "expected": 10_000,
        "left": 80_000,
        "prepaid": 10_000,
        "reached_30": 0,
        "reached_30_lent": 0,
        "reached_90": 0,
        "reached_90_lent": 0,
    }
    return Cohort(**(plain | changes))


def test_a_month_of_lending_not_seen_from_its_start_has_no_curve():
    assert vintages([cohort(was=None), cohort(was=-1)]) == ()
    assert len(vintages([cohort(was=None)])) == 1


def test_one_month_by_hand():
    (month,) = prepayments([cohort(), cohort(was=None), cohort(now=6)])
    assert month.smm == Fraction(10_000, 90_000)
    (earned,) = yields([cohort()], [Earned(on=date(2024, 2, 29), interest=800, penalty=50, fee=50)])
    assert earned.annual == Fraction(12 * 900, 90_000)


def test_a_bucket_nobody_stood_in_has_no_shares():
    rows = roll_rates([cohort()])
    assert rows[0].shares[Place.CURRENT] == 1
    assert all(row.shares == {} and row.seen == 0 for row in rows[1:])
