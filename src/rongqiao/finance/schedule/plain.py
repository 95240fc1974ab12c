"""The common loan by the shortest way: level instalments over whole months, nothing special.

Equal, row for row, to the general engine (a property test holds them together). Only the balance
is carried; the columns follow from it when they are asked for.
"""

from __future__ import annotations

from rongqiao.finance.schedule.grid import whole_grid
from rongqiao.finance.schedule.level import annuity
from rongqiao.finance.schedule.result import Schedule
from rongqiao.finance.schedule.terms import Plain, Terms


def plain_schedule(terms: Terms, plain: Plain) -> Schedule | None:
    """Return the schedule of terms that are plain.

    None where the rounded-up instalment ends a small loan early: that is for the general engine.
    It covers its interest always: it is more before rounding, so not less after.
    """
    numerator, denominator, count, pace = plain
    top, bottom = annuity(numerator, denominator, count)
    balance = terms.principal
    level = (2 * balance * top + bottom) // (2 * bottom)
    half = denominator // 2
    # balance + interest rounded half-up - level, in one division.
    growth, shift = denominator + numerator, half - level * denominator
    balances = []
    for _ in range(count - 1):
        balance = (balance * growth + shift) // denominator
        balances.append(balance)
    if balance <= 0:
        return None
    last_interest = (balance * numerator + half) // denominator
    balances.append(0)
    dues = whole_grid(terms.start, None, pace, count)
    return Schedule(terms.start, dues, balances, (terms.principal, level, last_interest))
