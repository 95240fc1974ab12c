"""Many plain level loans at once, in columns: equal to the engine to the last fen.

For end-of-day runs, portfolios and stress tests, where one loan at a time is too slow. Amounts are
64-bit integers of fen throughout; a floating-point number only guesses the level instalment, and
where its last bits could matter the exact one is taken instead.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from math import gcd
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.level import annuity
from rongqiao.finance.schedule.result import Schedule
from rongqiao.finance.schedule.terms import Every, MonthEnd, Terms, Unit

Whole: TypeAlias = NDArray[np.int64]

# Annual rates are given in hundred-millionths, the precision of the books' rate columns.
RATE_UNITS = 10**8
_LARGEST = 2**63 - 1
# Loans worked on together: few enough that a chunk's columns stay in the processor's cache.
_CHUNK = 8192
# The guess is good to about 1e-15 of itself; a thousand times that is never taken on trust.
_DOUBT = 1e-12
_EPOCH = date(1970, 1, 1).toordinal()


class Batch:
    """Columns of shape (rows, loans) in fen, and due dates as proleptic ordinals.

    `balances` are what each row leaves; all but the last row pay `levels`, the last one the rest
    and `last_interests`. Loans that start on one day share a grid of due dates: column
    `grid_of[loan]` of `grids`. `odd` marks loans that the columns cannot hold (an early end,
    amounts past 64 bits): `schedule` gives what the engine says.
    """

    def __init__(
        self, principals: Whole, rates: Whole, starts: Whole, rows: int, pace: tuple[int, MonthEnd]
    ) -> None:
        """Make room for the columns of these loans."""
        self.principals, self.rates, self.starts = principals, rates, starts
        self.months, self.month_end = pace
        loans = len(principals)
        self.levels: Whole = np.empty(loans, np.int64)
        self.last_interests: Whole = np.empty(loans, np.int64)
        self.balances: Whole = np.empty((rows, loans), np.int64)
        self.odd: NDArray[np.bool_] = np.zeros(loans, np.bool_)
        days, self.grid_of = np.unique(starts, return_inverse=True)
        self.grids = _grids(days, rows, self.months, self.month_end)

    def principal_parts(self) -> Whole:
        """Return what each row repays of the principal, in fen, shape (rows, loans)."""
        parts: Whole = -np.diff(self.balances, axis=0, prepend=self.principals[np.newaxis])
        return parts

    def interests(self) -> Whole:
        """Return the interest of each row, in fen, shape (rows, loans)."""
        interests: Whole = self.levels - self.principal_parts()
        interests[-1] = self.last_interests
        return interests

    def terms(self, loan: int) -> Terms:
        """Return the terms of one loan."""
        return Terms(
            principal=int(self.principals[loan]),
            rate_annual=Fraction(int(self.rates[loan]), RATE_UNITS),
            start=date.fromordinal(int(self.starts[loan])),
            terms=len(self.balances),
            every=Every(Unit.MONTH, self.months),
            month_end=self.month_end,
        )

    def schedule(self, loan: int) -> Schedule:
        """Return one loan's schedule. Raises BadTerms where the engine would."""
        if self.odd[loan]:
            return schedule(self.terms(loan))
        start = date.fromordinal(int(self.starts[loan]))
        dues = tuple(map(date.fromordinal, self.grids[:, self.grid_of[loan]].tolist()))
        pays = int(self.levels[loan]), int(self.last_interests[loan])
        balances = self.balances[:, loan].tolist()
        return Schedule(start, dues, balances, (int(self.principals[loan]), *pays))


def level_schedules(
    principals: Whole,
    rates: Whole,
    starts: Whole,
    rows: int,
    months: int = 1,
    month_end: MonthEnd = MonthEnd.CLAMP,
) -> Batch:
    """Return the schedules of level loans over `rows` periods of `months` whole months.

    `principals` in fen, from 1; `rates` in hundred-millionths a year, from 0; `starts` as date
    ordinals. 30/360, half-up to the fen, the last instalment takes what is left. Raises IndexError
    for due dates past the year 9999.
    """
    batch = Batch(principals, rates, starts, rows, (months, month_end))
    for first in range(0, len(principals), _CHUNK):
        _fill_amounts(batch, slice(first, first + _CHUNK))
    return batch


def _fill_amounts(batch: Batch, part: slice) -> None:
    denominator = 12 * RATE_UNITS
    numerators = batch.rates[part] * batch.months
    balance = batch.principals[part]
    # Of a product and of the instalment's share of it, neither may leave 64 bits.
    odd = balance > _LARGEST // 4 // np.maximum(numerators, denominator)
    if odd.any():
        # Rates of few decimals leave room for larger amounts.
        shared = gcd(denominator, int(np.gcd.reduce(numerators)))
        numerators, denominator = numerators // shared, denominator // shared
        odd = balance > _LARGEST // 4 // np.maximum(numerators, denominator)
        # A wrapped product would be nonsense; a loan of one fen is not.
        balance = np.where(odd, 1, balance)
    levels = _levels(balance, numerators, denominator, len(batch.balances))
    # Interest rounded half-up, less the level instalment, in one division.
    shift = denominator // 2 - levels * denominator
    room = np.empty_like(balance)
    before = balance
    for after in batch.balances[:, part]:
        before = balance
        np.multiply(before, numerators, out=room)
        room += shift
        np.floor_divide(room, denominator, out=room)
        np.add(before, room, out=after)
        balance = after
    batch.levels[part] = levels
    batch.last_interests[part] = balance - before + levels
    batch.odd[part] = odd | (before <= 0)
    batch.balances[-1, part] = 0


def _levels(balance: Whole, numerators: Whole, denominator: int, rows: int) -> Whole:
    """Return the level instalments, rounded half-up."""
    rate = numerators / denominator
    with np.errstate(divide="ignore", invalid="ignore"):
        guess = balance * rate / -np.expm1(-rows * np.log1p(rate))
    levels: Whole = np.floor(np.nan_to_num(guess) + 0.5).astype(np.int64)
    distance = np.abs(guess + 0.5 - np.rint(guess + 0.5))
    trusted = distance > guess * _DOUBT
    for loan in np.flatnonzero(~trusted):
        top, bottom = annuity(int(numerators[loan]), denominator, rows)
        levels[loan] = (2 * int(balance[loan]) * top + bottom) // (2 * bottom)
    return levels


def _grids(days: Whole, rows: int, months: int, month_end: MonthEnd) -> Whole:
    """Return the due dates of loans that start on these days, one column each."""
    firsts, lengths = _months_of_all_years()
    begun = (days - _EPOCH).astype("M8[D]").astype("M8[M]").astype(np.int64) + (1970 - 1) * 12
    month = begun + months * np.arange(1, rows + 1)[:, np.newaxis]
    last = lengths[month] - 1
    # The day after the last one is the first of the next month.
    most = last + 1 if month_end is MonthEnd.NEXT_MONTH else last
    day = last if month_end is MonthEnd.LAST_DAY else np.minimum(days - firsts[begun], most)
    grids: Whole = firsts[month] + day
    return grids


@cache
def _months_of_all_years() -> tuple[Whole, Whole]:
    """Return the ordinal of the first day, and the length, of each month of years 1 to 9999."""
    months = np.arange(-1969 * 12, (9999 - 1969) * 12 + 1)
    firsts = months.astype("M8[M]").astype("M8[D]").astype(np.int64) + _EPOCH
    return firsts[:-1], np.diff(firsts)
