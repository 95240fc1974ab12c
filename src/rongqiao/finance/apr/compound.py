"""Effective annual rates: `eu`, Directive 2008/48/EC annex I, and `xirr`, days / 365."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import lcm

from rongqiao.finance.apr.flows import Flow, TimedFlow
from rongqiao.finance.apr.irr import DIGITS, Term, period_rate
from rongqiao.finance.months import add_months

DAYS_IN_YEAR = 365
# A twelfth of the directive's year is 30.41666 days of 365 (leap or not 365.25 for bare days).
_DAYS_OF_BARE_YEAR = Fraction(1461, 4)


def eu_of_dates(flows: Sequence[Flow]) -> Decimal:
    """Return the effective rate of flows on dates, in order of time.

    A flow a whole number of calendar months after the first counts months / 12, any other
    days / 365. Raises NoRate.
    """
    if not flows:
        return Decimal(0)
    origin = flows[0]
    times = []
    for flow in flows:
        months = (flow.on.year - origin.on.year) * 12 + flow.on.month - origin.on.month
        if add_months(origin.on, months, origin.day) == flow.on:
            times.append((months, 12))
        else:
            times.append(((flow.on - origin.on).days, DAYS_IN_YEAR))
    return _effective(times, [flow.amount for flow in flows])


def eu_of_days(flows: Sequence[TimedFlow]) -> Decimal:
    """Return the effective rate of flows at days, each counting days / 365.25. Raises NoRate."""
    years = [flow.days / _DAYS_OF_BARE_YEAR for flow in flows]
    return _effective(
        [(year.numerator, year.denominator) for year in years], [flow.amount for flow in flows]
    )


def xirr_of_dates(flows: Sequence[Flow]) -> Decimal:
    """Return the effective rate of flows on dates, days / 365. Raises NoRate."""
    times = [((flow.on - flows[0].on).days, DAYS_IN_YEAR) for flow in flows]
    return _effective(times, [flow.amount for flow in flows])


def xirr_of_days(flows: Sequence[TimedFlow]) -> Decimal:
    """Return the effective rate of flows at days, days / 365. Raises NoRate."""
    years = [flow.days / DAYS_IN_YEAR for flow in flows]
    return _effective(
        [(year.numerator, year.denominator) for year in years], [flow.amount for flow in flows]
    )


def _effective(times: Sequence[tuple[int, int]], amounts: Sequence[int]) -> Decimal:
    """Return the yearly rate of amounts at exact times (numerator, denominator) in years."""
    per_year = lcm(*{parts for _, parts in times})
    terms = [
        Term(number * (per_year // parts), 0, 1, amount)
        for (number, parts), amount in zip(times, amounts, strict=True)
    ]
    tick_rate = period_rate(terms)
    with localcontext(Context(prec=DIGITS)):
        return (1 + tick_rate) ** per_year - 1
