"""What a case can carry: the monthly burden of an amount, and the largest amount that fits.

The burden of every method is measured alike: an equal share of the principal each month plus the
first month's interest on the whole. That is never less than a level instalment, and a loan whose
principal falls due at the end is not flattered by its small interim payments.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from rongqiao.finance.money import Money
from rongqiao.risk.judging.policy import Affordability

# Offers are made in whole hundreds of yuan.
STEP_MINOR = 100_00
# Stands for the burden of somebody without income.
BURDEN_MOST = Decimal("9.99")


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a party has and owes, in fen: income and debt service a month, revenue a year."""

    income: Decimal
    debt_service: Decimal
    outstanding: Decimal
    revenue: Decimal | None


def monthly_burden(amount: Money, rate_annual: Decimal, term_months: int) -> Money:
    """Return one month's burden, rounded up to the fen."""
    share = Decimal(amount.minor) / term_months + Decimal(amount.minor) * rate_annual / 12
    return Money(int(share.to_integral_value(rounding=ROUND_CEILING)))


def burden_share(means: Means, amount: Money, rate_annual: Decimal, term_months: int) -> Decimal:
    """Return existing debt service and the new burden over income; 9.99 stands for no income."""
    if means.income <= 0:
        return BURDEN_MOST
    burden = means.debt_service + monthly_burden(amount, rate_annual, term_months).minor
    return min(burden / means.income, BURDEN_MOST)


def affordable(
    means: Means, limits: Affordability, rate_annual: Decimal, term_months: int
) -> tuple[Money, str]:
    """Return the largest amount within the limits, in whole hundreds of yuan, and what bounds it.

    The bound is a reason's code: `burden-too-high`, `amount-above-income`, `amount-above-revenue`.
    """
    room = means.income * limits.burden_max - means.debt_service
    # The amount whose equal share plus first interest is exactly the room, by rule of three.
    by_burden = room / (Decimal(1) / term_months + rate_annual / 12)
    by_income = means.income * limits.income_months_max - means.outstanding
    bounds = [(by_burden, "burden-too-high"), (by_income, "amount-above-income")]
    if limits.revenue_share_max is not None and means.revenue is not None:
        by_revenue = means.revenue * limits.revenue_share_max - means.outstanding
        bounds.append((by_revenue, "amount-above-revenue"))
    most, why = min(bounds)
    return Money(max(0, int(most) // STEP_MINOR * STEP_MINOR)), why
