"""The unit-period of a transaction: Regulation Z, appendix J (b)(3) and (4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from rongqiao.finance.apr.flows import (
    DAYS_OF,
    MONTHS_OF,
    Every,
    Flow,
    Run,
    TimedFlow,
    months_back,
)

# A twelfth of 365.25: a month where no calendar says how long it is.
DAYS_IN_BARE_MONTH = Fraction(487, 16)
_LONGEST_IN_MONTHS = 12
_LONGEST_IN_WEEKS = 52
_HALF_MONTH = Every("half_month", 1)
_YEAR = Every("year", 1)


class BadUnitPeriod(ValueError):
    """The interval is no unit-period; the message says what is allowed."""


def standard(every: Every) -> Every:
    """Return the same interval in the unit that appendix J counts it in.

    12 months are a year, 14 days are 2 weeks, 2 half months a month. Raises BadUnitPeriod above
    one year.
    """
    months = MONTHS_OF.get(every.unit, 0) * every.count
    days = DAYS_OF.get(every.unit, 0) * every.count
    if every.unit == "half_month":
        if every.count % 2:
            return _longer_half_month(every.count)
        months = every.count // 2
    if months > _LONGEST_IN_MONTHS or days > _LONGEST_IN_WEEKS * 7 + 2:
        raise BadUnitPeriod(f"{every.count} x {every.unit} is more than a year")
    if months:
        return _YEAR if months == _LONGEST_IN_MONTHS else Every("month", months)
    return Every("day", days) if days % 7 else Every("week", days // 7)


def _longer_half_month(count: int) -> Every:
    if count > 1:
        raise BadUnitPeriod(f"{count} half months are no whole number of months")
    return _HALF_MONTH


def nominal_days(every: Every) -> Fraction:
    """Return the days by which intervals are compared: a month is 365.25 / 12 days."""
    if every.unit in DAYS_OF:
        return Fraction(DAYS_OF[every.unit] * every.count)
    months = Fraction(every.count, 2) if every.unit == "half_month" else None
    return DAYS_IN_BARE_MONTH * (months or MONTHS_OF[every.unit] * every.count)


def of_runs(runs: Sequence[Run]) -> Every | None:
    """Return the interval of the longest run, the shorter of equals; None without a run."""
    long = [run for run in runs if run.count > 1]
    if not long:
        return None
    longest = min(long, key=lambda run: (-run.count, nominal_days(run.every)))
    return standard(longest.every)


def of_dates(flows: Sequence[Flow]) -> Every:
    """Return the commonest interval between advances and between payments, else their average.

    Each series begins with the first flow. (b)(4): the smaller of equally common ones, and where
    none comes twice the average, rounded to the nearest standard interval.
    """
    origin = flows[0]
    kinds: Counter[Every] = Counter()
    lengths = []
    for side in (-1, 1):
        series = [origin, *(flow for flow in flows if flow.amount * side > 0)]
        moments = list({flow.on: flow for flow in series}.values())
        halves = _half_months(moments)
        for number, (earlier, later) in enumerate(pairwise(moments)):
            kinds[_HALF_MONTH if number in halves else _interval(earlier, later)] += 1
            lengths.append(Fraction((later.on - earlier.on).days))
    return _commonest(kinds, lengths)


def of_days(flows: Sequence[TimedFlow]) -> Every:
    """Return the commonest interval of flows at days, as `of_dates` does."""
    kinds: Counter[Every] = Counter()
    lengths = []
    for side in (-1, 1):
        series = {Fraction(0), *(flow.days for flow in flows if flow.amount * side > 0)}
        for earlier, later in pairwise(sorted(series)):
            kinds[_bare_interval(later - earlier)] += 1
            lengths.append(later - earlier)
    return _commonest(kinds, lengths)


def _commonest(kinds: Counter[Every], lengths: Sequence[Fraction]) -> Every:
    common = [every for every, times in kinds.items() if times > 1]
    if common:
        return min(common, key=lambda every: (-kinds[every], nominal_days(every)))
    return _nearest_standard(sum(lengths, Fraction(0)) / max(1, len(lengths)))


def _nearest_standard(length: Fraction) -> Every:
    weeks = [Every("week", count) for count in range(1, _LONGEST_IN_WEEKS + 1)]
    months = [Every("month", count) for count in range(1, _LONGEST_IN_MONTHS)]
    intervals = [Every("day", 1), _HALF_MONTH, *weeks, *months, _YEAR]
    return min(
        intervals,
        key=lambda every: (abs(nominal_days(every) - length), nominal_days(every)),
    )


def _interval(earlier: Flow, later: Flow) -> Every:
    months, days = months_back(earlier.on, later)
    if months and not days:
        return standard(Every("month", min(months, _LONGEST_IN_MONTHS)))
    length = (later.on - earlier.on).days
    return _YEAR if length > 365 else standard(Every("day", length))


def _bare_interval(length: Fraction) -> Every:
    months = length / DAYS_IN_BARE_MONTH
    if months.denominator == 1:
        return standard(Every("month", min(int(months), _LONGEST_IN_MONTHS)))
    if length > 365:
        return _YEAR
    if length.denominator == 1:
        return standard(Every("day", int(length)))
    return _nearest_standard(length)


def _half_months(moments: Sequence[Flow]) -> set[int]:
    """Return the numbers of the intervals that are halves of one calendar month.

    Two weeks and two weeks are not, though February makes them a month.
    """
    found: set[int] = set()
    for number in range(len(moments) - 2):
        first, middle, last = moments[number : number + 3]
        halves = (middle.on - first.on, last.on - middle.on)
        if (
            months_back(first.on, last) == (1, 0)
            and all(timedelta(days=13) <= half <= timedelta(days=18) for half in halves)
            and halves != (timedelta(days=14), timedelta(days=14))
        ):
            found |= {number, number + 1}
    return found
