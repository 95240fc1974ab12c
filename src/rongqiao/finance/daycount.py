"""Day counts: what part of a year lies between two dates, as an exact ratio of two integers.

Definitions: ISDA 2006 section 4.16, ICMA rule 251, and for `act/act_year`, `act/act_afb`,
`30/360_psa`, `nl/360` the published semantics of OpenGamma Strata.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from rongqiao.finance.months import add_months, last_day_of_month

Ratio = tuple[int, int]

# Strata's and ICMA's year for periods in weeks and days: 52 weeks.
ICMA_DAYS_IN_YEAR = 364
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}


class UnknownBasis(ValueError):
    """No day count has this name; the message lists those that exist."""


def ratio(basis: str, start: date, end: date) -> Ratio:
    """Return the year fraction from `start` to `end` as (numerator, denominator).

    Not reduced. Raises UnknownBasis for a name that is not in BASES.
    """
    try:
        count_ratio = _RATIOS[basis]
    except KeyError:
        raise UnknownBasis(f"{basis!r} is not one of {', '.join(BASES)}") from None
    return count_ratio(start, end)


def days(basis: str, start: date, end: date) -> int:
    """Return the basis's own number of days: 30/360 days, days without 29 February, 1 for `1/1`.

    Raises UnknownBasis for a name that is not in BASES.
    """
    if basis not in _RATIOS:
        raise UnknownBasis(f"{basis!r} is not one of {', '.join(BASES)}")
    own = _OWN_DAYS.get(basis)
    return own(start, end) if own else (end - start).days


def count(basis: str, start: date, end: date) -> tuple[int, Fraction]:
    """Return the basis's own days and the exact year fraction.

    Raises UnknownBasis for a name that is not in BASES.
    """
    return days(basis, start, end), Fraction(*ratio(basis, start, end))


def icma_ratio(start: date, end: date, unit: str, every: int) -> Ratio:
    """Return the `act/act_icma` year fraction of coupons every so many units, the last at `end`.

    Nominal periods are laid back from `end` (ICMA rule 251): a whole one counts its share of the
    year, a part of one its share of that period's actual days. A period that a month-end rule
    moved is regular and its caller's to know: it counts `every` units exactly.
    Weeks and days are shares of 364 days. `unit` is month, quarter, year, week or day.
    """
    if unit in _DAYS:
        return (end - start).days, ICMA_DAYS_IN_YEAR
    step = _MONTHS[unit] * every
    whole = 0
    while add_months(end, -(whole + 1) * step) >= start:
        whole += 1
    nominal_end = add_months(end, -whole * step)
    nominal_days = (nominal_end - add_months(end, -(whole + 1) * step)).days
    part = (nominal_end - start).days
    return step * (whole * nominal_days + part), 12 * nominal_days


def _thirty(start: date, end: date, day: int, end_day: int) -> int:
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + end_day - day


def _days_30_360(start: date, end: date) -> int:
    day, end_day = min(start.day, 30), end.day
    if end_day == 31 and day == 30:
        end_day = 30
    return _thirty(start, end, day, end_day)


def _days_30e_360(start: date, end: date) -> int:
    return _thirty(start, end, min(start.day, 30), min(end.day, 30))


def _days_30e_plus_360(start: date, end: date) -> int:
    # A 31st becomes the 1st of the next month, that is day 31 of a month of 30 days.
    return _thirty(start, end, min(start.day, 30), end.day)


def _days_30_360_psa(start: date, end: date) -> int:
    day = 30 if start.day == last_day_of_month(start.year, start.month) else start.day
    end_day = 30 if end.day == 31 and day == 30 else end.day
    return _thirty(start, end, day, end_day)


def _leap_days_until(on: date) -> int:
    """Return how many 29ths of February there were up to and with this day, since year 1."""
    past = on.year - 1
    this_year = isleap(on.year) and (on.month, on.day) >= (2, 29)
    return past // 4 - past // 100 + past // 400 + this_year


def _days_no_leap(start: date, end: date) -> int:
    return (end - start).days - (_leap_days_until(end) - _leap_days_until(start))


def _ratio_act_365a(start: date, end: date) -> Ratio:
    leaps = _leap_days_until(end) > _leap_days_until(start)
    return (end - start).days, 366 if leaps else 365


def _ratio_act_act_isda(start: date, end: date) -> Ratio:
    first_length = 366 if isleap(start.year) else 365
    if start.year == end.year:
        return (end - start).days, first_length
    last_length = 366 if isleap(end.year) else 365
    first_part = first_length - start.timetuple().tm_yday + 1
    last_part = end.timetuple().tm_yday - 1
    between = end.year - start.year - 1
    if first_length == last_length:
        return first_part + last_part + between * first_length, first_length
    both = first_length * last_length
    return first_part * last_length + last_part * first_length + between * both, both


def _ratio_act_act_afb(start: date, end: date) -> Ratio:
    years = end.year - start.year
    if years and add_months(end, -12 * years) < start:
        years -= 1
    rest_end = add_months(end, -12 * years)
    leap_day_of_start = (start.month, start.day) == (2, 29)
    leap_day_of_end = (rest_end.month, rest_end.day) == (2, 29)
    before_end = _leap_days_until(rest_end) - leap_day_of_end
    leaps = before_end > _leap_days_until(start) - leap_day_of_start
    length = 366 if leaps else 365
    return years * length + (rest_end - start).days, length


def _days_in_year_from(start: date) -> int:
    """Return the days to the same day a year later (29 February to 28 February)."""
    if (start.month, start.day) <= (2, 28):
        return 366 if isleap(start.year) else 365
    if (start.month, start.day) == (2, 29):
        return 365
    return 366 if isleap(start.year + 1) else 365


def _ratio_act_act_year(start: date, end: date) -> Ratio:
    years = max(0, end.year - start.year - 1)
    anniversary = add_months(start, 12 * years)
    if (end - anniversary).days > _days_in_year_from(anniversary):
        years += 1
        anniversary = add_months(start, 12 * years)
    length = _days_in_year_from(anniversary)
    return years * length + (end - anniversary).days, length


def _one_day(_start: date, _end: date) -> int:
    return 1


_OWN_DAYS: dict[str, Callable[[date, date], int]] = {
    "30/360": _days_30_360,
    "30e/360": _days_30e_360,
    "30e+/360": _days_30e_plus_360,
    "30/360_psa": _days_30_360_psa,
    "nl/360": _days_no_leap,
    "nl/365": _days_no_leap,
    "1/1": _one_day,
}

_RATIOS: dict[str, Callable[[date, date], Ratio]] = {
    "30/360": lambda start, end: (_days_30_360(start, end), 360),
    "30e/360": lambda start, end: (_days_30e_360(start, end), 360),
    "30e+/360": lambda start, end: (_days_30e_plus_360(start, end), 360),
    "30/360_psa": lambda start, end: (_days_30_360_psa(start, end), 360),
    "act/360": lambda start, end: ((end - start).days, 360),
    "act/364": lambda start, end: ((end - start).days, 364),
    "act/365f": lambda start, end: ((end - start).days, 365),
    "act/365.25": lambda start, end: (4 * (end - start).days, 1461),
    "act/365a": _ratio_act_365a,
    "act/act_isda": _ratio_act_act_isda,
    "act/act_afb": _ratio_act_act_afb,
    "act/act_year": _ratio_act_act_year,
    "nl/360": lambda start, end: (_days_no_leap(start, end), 360),
    "nl/365": lambda start, end: (_days_no_leap(start, end), 365),
    "1/1": lambda _start, _end: (1, 1),
}

# Every basis that two dates alone decide: all of the contract but `act/act_icma`.
BASES: tuple[str, ...] = tuple(_RATIOS)
