"""Four APR methods: the published examples, the month-end rules, and laws that join them."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rongqiao.finance.apr import cn, compound, unit_period, us_actuarial
from rongqiao.finance.apr.flows import Every, Flow, Run, TimedFlow, flows_of, months_back
from rongqiao.finance.apr.irr import NoRate, monthly_irr
from rongqiao.finance.apr.unit_period import BadUnitPeriod
from rongqiao.finance.months import add_months

DAY = date.fromisoformat
TINY = Decimal("1e-26")


def loan(advance, singles=(), runs=()):
    """Return flows and runs of (date, yuan), [(date, yuan)], [(first, unit, every, n, yuan)]."""
    dated = [(DAY(advance[0]), -advance[1] * 100)]
    dated += [(DAY(on), round(yuan * 100)) for on, yuan in singles]
    laid = [Run(DAY(f), Every(u, c), n, round(yuan * 100)) for f, u, c, n, yuan in runs]
    return flows_of(dated, laid), laid


# 12 CFR 1026, appendix J (c)(1) to (c)(5), and neighbours of its examples.
APPENDIX_J = [
    (("1978-01-10", 5000), [], [("1978-02-10", "month", 1, 24, 230)], "9.69"),
    (("1978-02-10", 6000), [], [("1978-04-01", "month", 1, 36, 200)], "11.82"),
    (("1978-02-23", 5000), [], [("1978-03-01", "half_month", 1, 24, 219.17)], "10.34"),
    (("1978-05-23", 10000), [], [("1978-10-01", "quarter", 1, 40, 385)], "8.97"),
    (("1978-03-20", 500), [], [("1978-04-21", "week", 1, 30, 17.6)], "14.96"),
    (("1978-01-10", 5000), [("1978-02-10", 250)], [("1978-03-10", "month", 1, 23, 230)], "10.08"),
    (("1978-03-18", 400), [("1978-04-20", 39.5)], [("1978-05-18", "week", 4, 11, 38.31)], "28.50"),
    (("1978-01-10", 5000), [("1980-01-10", 280)], [("1978-02-10", "month", 1, 23, 230)], "10.50"),
    (("1978-04-03", 200), [("1979-01-02", 30)], [("1978-04-11", "week", 2, 19, 9.5)], "12.22"),
    (
        ("1978-01-10", 5000),
        [("1978-02-10", 250), ("1980-01-10", 280)],
        [("1978-03-10", "month", 1, 22, 230)],
        "10.90",
    ),
    (
        ("1978-01-10", 8000),
        [("1978-03-01", 449.36), ("1981-05-01", 200)],
        [("1978-05-01", "month", 2, 18, 465)],
        "7.30",
    ),
    (("1978-01-03", 1000), [("1978-09-15", 1080)], [], "11.45"),
    (("1978-06-23", 10000), [], [("1978-10-01", "quarter", 1, 40, 385)], "9.15"),
    (("1978-07-23", 10000), [], [("1978-10-01", "quarter", 1, 40, 385)], "9.32"),
    (("2023-11-23", 1000), [], [("2023-11-30", "week", 1, 5, 250)], "412.40"),
]


@pytest.mark.parametrize(("advance", "singles", "runs", "percent"), APPENDIX_J)
def test_appendix_js_examples_hold_from_runs_and_from_bare_dates(advance, singles, runs, percent):
    flows, laid = loan(advance, singles, runs)
    for found in (
        us_actuarial.of_dates(flows, laid),
        us_actuarial.of_dates(flows_of([(flow.on, flow.amount) for flow in flows])),
    ):
        assert round(found.apr * 100, 2) == Decimal(percent)


@pytest.mark.parametrize(
    ("end", "paid", "unit", "apr"),
    [
        # (b)(5)(vi), (vii) and (v): six months, 255 days, exactly a year, a year and a half.
        ("1978-07-10", 1060, Every("month", 6), Decimal("0.12")),
        ("1978-09-22", 1080, Every("day", 255), Decimal("0.08") * 365 / 255),
        ("1979-01-10", 1100, Every("year", 1), Decimal("0.1")),
        ("1979-07-10", 1155, Every("year", 1), Decimal("0.1")),
    ],
)
def test_one_advance_and_one_payment(end, paid, unit, apr):
    flows, _ = loan(("1978-01-10", 1000), [(end, paid)])
    found = us_actuarial.of_dates(flows)
    assert found.unit == unit
    assert abs(found.apr - apr) < TINY


def test_advances_in_parts_count_from_the_first():
    """Two advances a month apart, then a year of payments: the unit-period stays a month."""
    flows, laid = loan(
        ("2026-01-10", 1000), [("2026-02-10", -1000)], [("2026-03-10", "month", 1, 12, 175)]
    )
    found = us_actuarial.of_dates(flows, laid)
    expected = 12 * monthly_irr([-100_000, -100_000] + [17_500] * 12)
    assert found.unit == Every("month", 1)
    assert abs(found.apr - expected) < TINY


@pytest.mark.parametrize(
    ("dates", "unit"),
    [
        (["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"], Every("month", 1)),
        (["2026-01-15", "2026-01-31", "2026-02-28", "2026-03-31"], Every("month", 1)),
        (["2026-01-10", "2026-02-01", "2026-02-16", "2026-03-01"], Every("half_month", 1)),
        (["2026-02-01", "2026-02-15", "2026-03-01", "2026-03-15"], Every("week", 2)),
        (["2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"], Every("month", 3)),
        (["2026-01-01", "2026-01-11", "2026-01-21", "2026-01-31"], Every("day", 10)),
        (["2026-01-01", "2028-01-01", "2030-01-01"], Every("year", 1)),
        # No interval twice: 5 + 9 days are 7 each, the nearest standard interval a week.
        (["2026-01-01", "2026-01-06", "2026-01-15"], Every("week", 1)),
        # A week and a month twice each: the smaller.
        (
            ["2026-01-01", "2026-01-08", "2026-01-15", "2026-02-15", "2026-03-15"],
            Every("week", 1),
        ),
    ],
)
def test_the_unit_period_is_the_commonest_interval(dates, unit):
    flows = flows_of([(DAY(on), -1 if place == 0 else 1) for place, on in enumerate(dates)])
    assert unit_period.of_dates(flows) == unit


def test_the_longest_run_gives_the_unit_period_and_the_shorter_of_equals():
    day = DAY("2026-01-01")
    week, month = Every("week", 1), Every("month", 1)
    assert unit_period.of_runs([Run(day, week, 5, 1), Run(day, month, 6, 1)]) == month
    assert unit_period.of_runs([Run(day, month, 6, 1), Run(day, week, 6, 1)]) == week
    assert unit_period.of_runs([Run(day, month, 1, 1)]) is None


@pytest.mark.parametrize(
    ("given_every", "unit"),
    [
        (Every("month", 12), Every("year", 1)),
        (Every("quarter", 4), Every("year", 1)),
        (Every("quarter", 1), Every("month", 3)),
        (Every("half_month", 2), Every("month", 1)),
        (Every("day", 14), Every("week", 2)),
        (Every("day", 10), Every("day", 10)),
    ],
)
def test_one_interval_has_one_name(given_every, unit):
    assert unit_period.standard(given_every) == unit


@pytest.mark.parametrize(
    "every",
    [Every("month", 13), Every("year", 2), Every("week", 53), Every("half_month", 3)],
)
def test_a_unit_period_is_at_most_a_year(every):
    with pytest.raises(BadUnitPeriod):
        unit_period.standard(every)


@pytest.mark.parametrize(
    ("origin", "on", "day", "counted"),
    [
        ("2026-01-10", "2026-02-10", 10, (1, 0)),
        ("2026-02-10", "2026-04-01", 1, (1, 19)),
        ("2026-01-31", "2026-02-28", 31, (1, 0)),
        ("2026-01-31", "2026-02-28", 28, (0, 28)),
        ("2026-01-15", "2026-03-31", 31, (2, 16)),
        ("2026-01-30", "2026-03-01", 1, (1, 2)),
        ("2026-01-10", "2026-01-10", 10, (0, 0)),
    ],
)
def test_months_are_counted_back_from_the_flow(origin, on, day, counted):
    assert months_back(DAY(origin), Flow(DAY(on), 1, day)) == counted


def test_a_single_date_at_a_months_end_stands_for_the_day_it_lacks():
    days = [flow.day for flow in flows_of([(DAY("2026-01-31"), -1), (DAY("2026-02-28"), 1)])]
    assert days == [31, 31]
    series = ["2026-01-15", "2026-01-30", "2026-02-28", "2026-03-30"]
    assert [flow.day for flow in flows_of([(DAY(on), 1) for on in series])] == [15, 30, 30, 30]
    later = ["2026-01-31", "2026-02-28", "2026-03-28", "2026-04-28"]
    assert [flow.day for flow in flows_of([(DAY(on), 1) for on in later])] == [31, 28, 28, 28]
    mixed = ["2026-01-31", "2026-02-28", "2026-03-15"]
    assert [flow.day for flow in flows_of([(DAY(on), 1) for on in mixed])] == [31, 31, 15]
    apart = ["2026-01-15", "2026-02-28", "2026-03-20"]
    assert [flow.day for flow in flows_of([(DAY(on), 1) for on in apart])] == [15, 28, 20]


def test_half_months_are_the_given_day_and_the_day_fifteen_later_in_turn():
    run = Run(DAY("2026-01-01"), Every("half_month", 1), 5, 1)
    assert [flow.on.isoformat() for flow in run.flows()] == [
        "2026-01-01",
        "2026-01-16",
        "2026-02-01",
        "2026-02-16",
        "2026-03-01",
    ]


def test_a_run_from_the_31st_returns_to_the_31st():
    run = Run(DAY("2026-01-31"), Every("month", 1), 3, 1)
    assert [flow.on.day for flow in run.flows()] == [31, 28, 31]


def test_the_central_banks_example_on_dates_is_that_on_months():
    months = cn.of_months([-9_900_000] + [883_330] * 12)
    run = Run(DAY("2026-02-28"), Every("month", 1), 12, 883_330)
    dated = cn.of_dates(flows_of([(DAY("2026-01-28"), -9_900_000)], [run]))
    assert dated == months
    assert round(months.simple * 100, 2) == Decimal("12.80")
    assert round(months.compound * 100, 2) == Decimal("13.58")


def test_odd_days_of_cn_are_thirtieths_of_a_month():
    flows = flows_of([(DAY("2026-01-10"), -100_00), (DAY("2026-02-25"), 103_00)])
    found = cn.of_dates(flows)
    month_and_a_half = Decimal("1.03") ** (Decimal(2) / Decimal(3)) - 1
    assert abs(found.simple / 12 - month_and_a_half) < Decimal("1e-25")


def test_microsofts_xirr_example():
    flows = flows_of(
        [
            (DAY("2008-01-01"), -1_000_000),
            (DAY("2008-03-01"), 275_000),
            (DAY("2008-10-30"), 425_000),
            (DAY("2009-02-15"), 325_000),
            (DAY("2009-04-01"), 275_000),
        ]
    )
    assert round(compound.xirr_of_dates(flows), 8) == Decimal("0.37336253")


def test_the_directive_counts_whole_months_as_twelfths_and_other_days_of_365():
    month = flows_of([(DAY("2026-01-31"), -100_00), (DAY("2026-02-28"), 101_00)])
    days = flows_of([(DAY("2026-01-31"), -100_00), (DAY("2026-02-27"), 101_00)])
    assert abs(compound.eu_of_dates(month) - (Decimal("1.01") ** 12 - 1)) < TINY
    exact = Decimal("1.01") ** (Decimal(365) / 27) - 1
    assert abs(compound.eu_of_dates(days) - exact) < Decimal("1e-24")


def test_bare_days_are_parts_of_365_and_a_quarter_but_for_xirr():
    flows = [TimedFlow(Fraction(0), -100_00), TimedFlow(Fraction("30.4375"), 101_00)]
    assert abs(compound.eu_of_days(flows) - (Decimal("1.01") ** 12 - 1)) < TINY
    assert abs(cn.of_days(flows).simple - Decimal("0.12")) < TINY
    assert abs(us_actuarial.of_days(flows).apr - Decimal("0.12")) < TINY
    exact = Decimal("1.01") ** (Decimal(365) / Decimal("30.4375")) - 1
    assert abs(compound.xirr_of_days(flows) - exact) < Decimal("1e-24")


def test_twenty_eight_days_are_their_own_unit_period():
    flows = [TimedFlow(Fraction(0), -100_00), TimedFlow(Fraction(28), 101_00)]
    assert abs(us_actuarial.of_days(flows).apr - Decimal("0.01") * 365 / 28) < TINY


def test_weeks_of_bare_days_are_weeks_of_dates():
    amounts = [-1000_00] + [110_00] * 10
    timed = [TimedFlow(Fraction(7 * n), amount) for n, amount in enumerate(amounts)]
    dated = flows_of(
        [(DAY("2026-01-01") + timedelta(days=7 * n), amount) for n, amount in enumerate(amounts)]
    )
    assert us_actuarial.of_days(timed) == us_actuarial.of_dates(dated)


PAYMENTS = st.lists(st.integers(1, 10**7), min_size=2, max_size=36)


@given(st.integers(10**4, 10**8), PAYMENTS, st.dates(date(1980, 1, 1), date(2060, 12, 31)))
def test_whole_months_give_one_rate_in_every_method(principal, payments, start):
    assume(start.day <= 28)
    rate = monthly_irr([-principal, *payments])
    assume(abs(rate) < 10)
    dated = [(start, -principal)]
    dated += [(add_months(start, n), amount) for n, amount in enumerate(payments, 1)]
    flows = flows_of(dated)
    cost = cn.of_dates(flows)
    assert abs(cost.simple - 12 * rate) < Decimal("1e-25")
    assert abs(us_actuarial.of_dates(flows, (), Every("month", 1)).apr - cost.simple) < TINY
    assert abs(compound.eu_of_dates(flows) - cost.compound) <= Decimal("1e-24") * (
        1 + cost.compound
    )


@given(
    st.integers(10**4, 10**8),
    st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 10**7)), min_size=1, max_size=12),
    st.sampled_from(["day", "week", "half_month", "month", "quarter", "year"]),
)
def test_any_unit_period_clears_the_general_equation(principal, later, unit):
    start = DAY("2026-01-31")
    flows = flows_of([(start, -principal)] + [(start + timedelta(days=d), a) for d, a in later])
    try:
        found = us_actuarial.of_dates(flows, (), Every(unit, 1))
    except NoRate:
        return
    per_year = {"day": 365, "week": 52, "half_month": 24, "month": 12, "quarter": 4, "year": 1}
    rate = found.apr / per_year[unit]
    worths = []
    for flow in flows:
        time = us_actuarial._periods(start, flow, unit_period.standard(Every(unit, 1)))
        part = time % 1
        share = Decimal(part.numerator) / part.denominator
        worths.append(flow.amount / ((1 + share * rate) * (1 + rate) ** int(time)))
    assert abs(sum(worths)) <= Decimal("1e-18") * max(map(abs, worths))
