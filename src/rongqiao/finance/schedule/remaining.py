"""What is left of a loan after part of its principal was paid early: lower instalments, or fewer.

Both keep the due dates that are left. `lowered` spreads the balance over all of them; `shortened`
keeps what an instalment pays (or its principal part) and ends as soon as the balance is cleared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from rongqiao.finance.daycount import Ratio, ratio
from rongqiao.finance.rounding import TO_THE_FEN, Rounding
from rongqiao.finance.schedule.level import level_instalment
from rongqiao.finance.schedule.result import Columns
from rongqiao.finance.schedule.terms import Method

# Methods whose instalments repay principal: with these a payment may end the loan sooner.
AMORTISING = (Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL)
# Interest of `flat` is on the whole loan whatever is left of it, so that paying a part early has
# no price to name.
IN_PART = (*AMORTISING, Method.INTEREST_ONLY, Method.BULLET)


def growth_of(day_count: str, rate_annual: Fraction, start: date, due: date) -> Ratio:
    """Return the interest on one unit of a whole period of months, as the schedule counts it."""
    if day_count == "1/1":
        return rate_annual.numerator, rate_annual.denominator
    if day_count in ("30/360", "act/act_icma"):
        months = (due.year - start.year) * 12 + due.month - start.month
        return months * rate_annual.numerator, 12 * rate_annual.denominator
    top, bottom = ratio(day_count, start, due)
    return top * rate_annual.numerator, bottom * rate_annual.denominator


def lowered(
    method: Method, balance: int, growths: Sequence[Ratio], rounding: Rounding = TO_THE_FEN
) -> Columns:
    """Return rows that clear `balance` (fen) over all periods, each with its interest on one unit.

    `method` is one of IN_PART; what an instalment pays (or its principal part) is rounded, and the
    last row takes what that leaves.
    """
    if method is Method.EQUAL_INSTALMENT:
        level = rounding.of(*level_instalment(balance, growths, 0))
        return _repaid(balance, growths, lambda interest: level - interest)
    if method is Method.EQUAL_PRINCIPAL:
        part = rounding.of(balance, len(growths))
        return _repaid(balance, growths, lambda _interest: part)
    return _repaid(balance, growths, lambda _interest: 0)


def shortened(
    method: Method, balance: int, growths: Sequence[Ratio], principal: int, interest: int
) -> Columns:
    """Return rows that go on paying what a row of `principal` and `interest` (fen) paid.

    `method` is one of AMORTISING. No more rows than `growths`: the last of them clears the rest.
    """
    if method is Method.EQUAL_PRINCIPAL:
        return _repaid(balance, growths, lambda _interest: principal)
    level = principal + interest
    return _repaid(balance, growths, lambda own: level - own)


def _repaid(balance: int, growths: Sequence[Ratio], part_of: Callable[[int], int]) -> Columns:
    principals: list[int] = []
    interests: list[int] = []
    balances: list[int] = []
    for place, growth in enumerate(growths):
        interest = TO_THE_FEN.of(balance * growth[0], growth[1])
        is_last = place == len(growths) - 1
        principal = balance if is_last else min(balance, max(0, part_of(interest)))
        balance -= principal
        principals.append(principal)
        interests.append(interest)
        balances.append(balance)
        if balance == 0:
            break
    return Columns(principals, interests, balances)
