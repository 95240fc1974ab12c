"""The annual percentage rate of Regulation Z, appendix J: the actuarial method (12 CFR 1026)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from rongqiao.finance.apr import unit_period
from rongqiao.finance.apr.flows import (
    DAYS_OF,
    HALF_MONTH_DAYS,
    Every,
    Flow,
    Run,
    TimedFlow,
    months_back,
)
from rongqiao.finance.apr.irr import DIGITS, Term, period_rate
from rongqiao.finance.months import add_months

DAYS_IN_MONTH = 30
DAYS_IN_YEAR = 365
WEEKS_IN_YEAR = 52


@dataclass(frozen=True, slots=True)
class ActuarialRate:
    """`apr` as a fraction, unrounded, and the unit-period it was found with."""

    apr: Decimal
    unit: Every


def of_dates(
    flows: Sequence[Flow], runs: Sequence[Run] = (), unit: Every | None = None
) -> ActuarialRate:
    """Return the rate of flows on dates, in order of time (the flows of `runs` among them).

    `unit` is the unit-period; without it appendix J (b)(4) finds it. Raises NoRate, and
    BadUnitPeriod for a `unit` above one year.
    """
    unit = unit_period.standard(unit) if unit else unit_period.of_runs(runs)
    if unit is None and len({flow.on for flow in flows}) == 2:
        return _of_one_payment(flows)
    unit = unit or unit_period.of_dates(flows)
    origin = flows[0].on
    return _rate([(_periods(origin, flow, unit), flow.amount) for flow in flows], unit)


def of_days(flows: Sequence[TimedFlow], unit: Every | None = None) -> ActuarialRate:
    """Return the rate of flows at days; a month without a calendar is 365.25 / 12 days.

    Raises NoRate, and BadUnitPeriod for a `unit` above one year.
    """
    moments = {flow.days for flow in flows}
    if unit is None and len(moments) == 2 and max(moments) - min(moments) < DAYS_IN_YEAR:
        return _of_one_timed_payment(flows)
    unit = unit or unit_period.of_days(flows)
    unit = unit_period.standard(unit)
    days = unit_period.nominal_days(unit)
    return _rate([(flow.days / days, flow.amount) for flow in flows], unit)


def _of_one_payment(flows: Sequence[Flow]) -> ActuarialRate:
    """Return the rate of one advance and one payment: (b)(4)(i)(C), (5)(vi) and (vii)."""
    origin, last = flows[0], flows[-1]
    months, odd_days = months_back(origin.on, last)
    if months >= 12:
        unit = Every("year", 1)
        return _rate([(_periods(origin.on, flow, unit), flow.amount) for flow in flows], unit)
    days = (last.on - origin.on).days
    whole_months = months > 0 and odd_days == 0
    unit = Every("month", months) if whole_months else Every("day", days)
    per_year = Fraction(12, months) if whole_months else Fraction(DAYS_IN_YEAR, days)
    terms = [(Fraction(int(flow.on > origin.on)), flow.amount) for flow in flows]
    return _rate(terms, unit, per_year)


def _of_one_timed_payment(flows: Sequence[TimedFlow]) -> ActuarialRate:
    """Return the rate of one advance and one payment less than a year apart."""
    length = flows[-1].days - flows[0].days
    months = length / unit_period.DAYS_IN_BARE_MONTH
    terms = [(Fraction(int(flow.days > flows[0].days)), flow.amount) for flow in flows]
    if months.denominator == 1:
        return _rate(terms, Every("month", int(months)), 12 / months)
    return _rate(terms, Every("day", max(1, round(length))), DAYS_IN_YEAR / length)


def _rate(
    times: Sequence[tuple[Fraction, int]], unit: Every, per_year: Fraction | None = None
) -> ActuarialRate:
    """Return the yearly rate of fen at times in unit-periods: (b)(1) and (b)(8)."""
    terms = []
    for time, amount in times:
        whole = int(time)
        part = time - whole
        terms.append(Term(whole, part.numerator, part.denominator, amount))
    per_year = per_year or _per_year(unit)
    with localcontext(Context(prec=DIGITS)):
        apr = period_rate(terms) * per_year.numerator / per_year.denominator
    return ActuarialRate(apr, unit)


def _per_year(unit: Every) -> Fraction:
    if unit.unit == "day":
        return Fraction(DAYS_IN_YEAR, unit.count)
    if unit.unit == "week":
        return Fraction(WEEKS_IN_YEAR, unit.count)
    if unit.unit == "half_month":
        return Fraction(24)
    return Fraction(1) if unit.unit == "year" else Fraction(12, unit.count)


def _periods(origin: date, flow: Flow, unit: Every) -> Fraction:
    """Return the unit-periods from `origin` to the flow, whole and part: (b)(5)(ii) to (v)."""
    if unit.unit in DAYS_OF:
        return Fraction((flow.on - origin).days, DAYS_OF[unit.unit] * unit.count)
    months, days = months_back(origin, flow)
    if unit.unit == "year":
        years, odd_months = divmod(months, 12)
        if not days:
            return years + Fraction(odd_months, 12)
        start_of_years = add_months(flow.on, -12 * years, flow.day)
        return years + Fraction((start_of_years - origin).days, DAYS_IN_YEAR)
    unit_days = HALF_MONTH_DAYS if unit.unit == "half_month" else DAYS_IN_MONTH * unit.count
    return Fraction(DAYS_IN_MONTH * months + days, unit_days)
