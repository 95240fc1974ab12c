"""The annualised cost of PBOC announcement [2021] No. 3: 12 x the monthly rate, and compounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from math import lcm

from rongqiao.finance.apr.flows import Flow, TimedFlow, months_back
from rongqiao.finance.apr.irr import DIGITS, Term, annualised, period_rate

DAYS_IN_MONTH = 30


@dataclass(frozen=True, slots=True)
class AnnualisedCost:
    """`simple` = 12 x the monthly IRR; `compound` = (1 + IRR) ** 12 - 1. Fractions, unrounded."""

    simple: Decimal
    compound: Decimal


def of_months(flows: Sequence[int]) -> AnnualisedCost:
    """Return the cost of `flows` fen at whole months 0, 1, 2 ... Raises NoRate."""
    return _of_ticks([(month, amount) for month, amount in enumerate(flows)], 1)


def of_dates(flows: Sequence[Flow]) -> AnnualisedCost:
    """Return the cost of flows on dates, in order of time.

    Time is the whole calendar months counted back from the flow and the days left / 30.
    Raises NoRate.
    """
    if not flows:
        return AnnualisedCost(Decimal(0), Decimal(0))
    origin = flows[0].on
    times = [months_back(origin, flow) for flow in flows]
    if not any(days for _, days in times):
        ticks = [(time[0], flow.amount) for time, flow in zip(times, flows, strict=True)]
        return _of_ticks(ticks, 1)
    return _of_ticks(
        [
            (time[0] * DAYS_IN_MONTH + time[1], flow.amount)
            for time, flow in zip(times, flows, strict=True)
        ],
        DAYS_IN_MONTH,
    )


def of_days(flows: Sequence[TimedFlow]) -> AnnualisedCost:
    """Return the cost of flows at days; without a calendar a month is 365.25 / 12 days.

    Raises NoRate.
    """
    months = [flow.days * 16 / 487 for flow in flows]
    per_month = lcm(*(month.denominator for month in months))
    ticks = [
        (int(month * per_month), flow.amount) for month, flow in zip(months, flows, strict=True)
    ]
    return _of_ticks(ticks, per_month)


def _of_ticks(ticks: Sequence[tuple[int, int]], per_month: int) -> AnnualisedCost:
    """Return the cost of (tick, fen) with so many ticks in a month."""
    rate = period_rate([Term(tick, 0, 1, amount) for tick, amount in ticks])
    if per_month > 1:
        with localcontext(Context(prec=DIGITS)):
            rate = (1 + rate) ** per_month - 1
    return AnnualisedCost(*annualised(rate))
