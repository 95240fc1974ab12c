"""The rate that makes dated flows worth nothing: exact, and honest where there is none or several.

Every method of this house writes a flow's worth as amount / ((1 + part * i) * (1 + i) ** whole),
the general equation of Regulation Z, appendix J (b)(8); with part 0 it is plain compounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from itertools import pairwise
from math import exp, expm1, log
from typing import NamedTuple

from rongqiao.finance.apr.several_rates import Undecided, isolate

DIGITS = 50
# exp(100) per tick is past any rate that amounts below 10**15 can make.
LARGEST_FORCE = 100.0
LARGEST_RATE = Decimal(10) ** 15
_FORTY = Decimal("1e-40")
_NEAR = Decimal("1e-22")
_TWELVE = Decimal("0.000000000001")


class NoRate(ValueError):
    """No rate, or no single rate, solves these flows; the message says which."""


class Term(NamedTuple):
    """`amount` fen, `whole` periods and `part` / `parts` of a period after the first flow."""

    whole: int
    part: int
    parts: int
    amount: int


def monthly_irr(flows: Sequence[int]) -> Decimal:
    """Return the internal rate of return per month of `flows` fen at months 0, 1, 2 ...

    To 40 decimals. Raises NoRate where no rate or several rates solve them.
    """
    return period_rate([Term(month, 0, 1, amount) for month, amount in enumerate(flows)])


def annualised(monthly: Decimal) -> tuple[Decimal, Decimal]:
    """Return (12 x the monthly rate, (1 + monthly rate) ** 12 - 1), unrounded.

    PBOC announcement [2021] No. 3: the simple and the compound annualised cost.
    """
    with localcontext(Context(prec=DIGITS)):
        return 12 * monthly, (1 + monthly) ** 12 - 1


def twelve_decimals(rate: Decimal) -> str:
    """Return the rate as text with 12 decimals, half-up; raises NoRate above LARGEST_RATE."""
    if abs(rate) > LARGEST_RATE:
        raise NoRate(f"the rate that solves these flows is above {LARGEST_RATE:.0f}")
    with localcontext(Context(prec=DIGITS, rounding="ROUND_HALF_UP")):
        rounded = rate.quantize(_TWELVE)
    return f"{abs(rounded) if rounded == 0 else rounded:f}"


def period_rate(terms: Sequence[Term]) -> Decimal:
    """Return the one rate per period, above -1, that makes the worth of all terms zero.

    Flows that cancel at every moment cost nothing: 0. Raises NoRate otherwise where no rate or
    several rates solve them. Terms may come in any order.
    """
    netted = _net(terms)
    if not netted:
        return Decimal(0)
    changes = sum((a.amount > 0) != (b.amount > 0) for a, b in pairwise(netted))
    if changes == 0:
        raise NoRate("no rate solves these flows: money must go both ways, at different times")
    # Descartes: one change of sign has one root; more may have as many as there are changes.
    force = _single_force(netted) if changes == 1 else _one_of_several(netted)
    return _polish(netted, force)


def _net(terms: Sequence[Term]) -> list[Term]:
    """Return one term for each moment, in order of time, without those that cancel out."""
    sums: dict[tuple[int, int, int], int] = {}
    for whole, part, parts, amount in terms:
        moment = (whole, part, parts)
        sums[moment] = sums.get(moment, 0) + amount
    moments = sorted(sums, key=lambda moment: moment[0] + moment[1] / moment[2])
    return [Term(*moment, sums[moment]) for moment in moments if sums[moment]]


def _one_of_several(terms: Sequence[Term]) -> float:
    plain = [(term.whole, term.part / term.parts, float(term.amount)) for term in terms]
    try:
        forces = isolate(plain, LARGEST_FORCE)
    except Undecided:
        raise NoRate("it cannot be told whether one rate or several solve these flows") from None
    if not forces:
        raise NoRate("no rate solves these flows")
    if len(forces) > 1:
        raise NoRate(f"several rates solve these flows (at least {len(forces)})")
    return forces[0]


def _single_force(terms: Sequence[Term]) -> float:
    """Return ln(1 + i) of the only root, by Newton inside a bracket.

    On the logarithm of (worth received / worth paid), which rises or falls all the way.
    """
    plain = [(whole, part / parts, float(amount)) for whole, part, parts, amount in terms]
    low, high = -LARGEST_FORCE, LARGEST_FORCE
    rising = plain[0][2] > 0
    force = 0.0
    horizon = 1 + plain[-1][0]
    for _ in range(200):
        value, slope = _log_balance(plain, force)
        if value == 0:
            break
        if (value > 0) == rising:
            high = force
        else:
            low = force
        following = force - value / slope if slope else low
        if not low < following < high:
            following = (low + high) / 2
        near = abs(following - force) * horizon <= 1e-10
        force = following
        if near:
            break
    return force


def _log_balance(plain: Sequence[tuple[int, float, float]], force: float) -> tuple[float, float]:
    """Return ln(received / paid) at this force of interest, and its derivative.

    Where powers had to be cut short the sign still holds, the derivative does not: it is 0.
    """
    growth = expm1(force)
    lasting = -force
    # Worth is measured at the moment that keeps every power in range, which moves no root.
    anchor = plain[0][0] if force > 0 else plain[-1][0]
    received = paid = received_slope = paid_slope = 0.0
    # Past this a power would be 0 and its logarithm none.
    deep = abs(lasting) * (plain[-1][0] - plain[0][0]) > 650
    for whole, part, amount in plain:
        power = lasting * (whole - anchor)
        worth = amount * exp(max(power, -650.0) if deep else power)
        length = float(whole)
        if part:
            stub = 1 + part * growth
            worth /= stub
            length += part * (1 + growth) / stub
        if amount > 0:
            received += worth
            received_slope -= worth * length
        else:
            paid -= worth
            paid_slope += worth * length
    slope = 0.0 if deep else received_slope / received - paid_slope / paid
    return log(received / paid), slope


def _polish(terms: Sequence[Term], force: float) -> Decimal:
    """Return the rate near exp(force) - 1 to 40 decimals, by Newton in decimal arithmetic."""
    horizon = terms[-1].whole + 1
    with localcontext(Context(prec=DIGITS)):
        rate = Decimal(force).exp() - 1
        for _ in range(60):
            value, slope = _worth(terms, rate)
            if not slope:
                break
            step = value / slope
            rate -= step
            if rate <= -1:
                break
            # Newton doubles the digits: what is left is the square of this step.
            if abs(step) * horizon <= (1 + rate) * _NEAR:
                return rate.quantize(_FORTY, context=Context(prec=DIGITS + 20))
    raise NoRate("no rate solves these flows")


def _worth(terms: Sequence[Term], rate: Decimal) -> tuple[Decimal, Decimal]:
    """Return the worth of all terms at this rate and its derivative by the rate."""
    growth = 1 + rate
    powers: dict[int, Decimal] = {}
    factor = Decimal(1)
    reached = 0
    value = slope = Decimal(0)
    for whole, part, parts, amount in terms:
        gap = whole - reached
        if gap:
            power = powers.get(gap)
            if power is None:
                power = powers[gap] = 1 / growth**gap
            factor *= power
            reached = whole
        worth = amount * factor
        if part:
            stub = parts + part * rate
            worth = worth * parts / stub
            slope -= worth * part / stub * growth
        value += worth
        slope -= worth * whole
    return value, slope / growth
