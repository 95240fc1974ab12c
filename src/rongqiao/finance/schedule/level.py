"""The level instalment that clears a balance: found exactly, rounded once by the caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import gcd

from rongqiao.finance.daycount import Ratio
from rongqiao.finance.rounding import Rounding

# Powers of more periods take much memory and are rare: they are not remembered.
_LONGEST_KEPT = 360


def annuity(numerator: int, denominator: int, terms: int) -> Ratio:
    """Return the instalment of a balance of one: i g^n / (g^n - 1) with g = 1 + i, exactly.

    i = numerator/denominator per period; 1/n where there is no interest. Remembered, because the
    loans of one product share it.
    """
    if terms <= _LONGEST_KEPT:
        return _kept_annuity(numerator, denominator, terms)
    return _new_annuity(numerator, denominator, terms)


def _new_annuity(numerator: int, denominator: int, terms: int) -> Ratio:
    if not numerator:
        return 1, terms
    growth, unit = (denominator + numerator) ** terms, denominator**terms
    return numerator * growth, denominator * (growth - unit)


_kept_annuity = lru_cache(maxsize=2048)(_new_annuity)


def level_instalment(balance: int, growths: Sequence[Ratio], left_over: int) -> Ratio:
    """Return the instalment that brings `balance` to `left_over` with these periods' interest.

    The sum of instalments and `left_over`, each discounted by its own periods, is the balance
    (contract, rule 10).
    """
    reduced = [_reduced(growth) for growth in growths]
    if reduced.count(reduced[0]) == len(reduced) and not left_over:
        top, bottom = annuity(*reduced[0], len(reduced))
        return balance * top, bottom
    # The balance after each row is (rest - instalment x paid) / unit.
    rest, paid, unit = balance, 0, 1
    for numerator, denominator in reduced:
        growth = denominator + numerator
        unit *= denominator
        rest *= growth
        paid = paid * growth + unit
    return rest - left_over * unit, paid


def first_absorbing(
    balance: int, growths: Sequence[Ratio], level: int, left_over: int, rounding: Rounding
) -> int:
    """Return the first instalment with which the last one comes nearest to the level one.

    The others pay `level` plus, in the last, `left_over`. Rounded interest may leave a fen or two
    that no first instalment can absorb: they stay in the last.
    """
    first = rounding.of(balance * growths[0][0], growths[0][1])
    after = balance + first - level

    def missing(start: int) -> int:
        end = start
        for numerator, denominator in growths[1:]:
            end += rounding.of(end * numerator, denominator) - level
        return end - left_over

    gap = missing(after)
    reach = abs(gap) + rounding.unit
    best = _last_not_above_zero(missing, after - reach, after + reach)
    if abs(missing(best + 1)) < abs(missing(best)):
        best += 1
    return balance + first - best


def _last_not_above_zero(rising: Callable[[int], int], low: int, high: int) -> int:
    while low < high:
        middle = (low + high + 1) // 2
        if rising(middle) <= 0:
            low = middle
        else:
            high = middle - 1
    return low


def _reduced(growth: Ratio) -> Ratio:
    shared = gcd(*growth)
    return growth[0] // shared, growth[1] // shared
