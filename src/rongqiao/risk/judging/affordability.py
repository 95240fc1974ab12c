"""What a case can carry: the monthly burden of an amount, and the largest amount that fits.

The burden of every method is measured alike: an equal share of the principal each month plus the
first month's interest on the whole. That is never less than a level instalment, and a loan whose
principal falls due at the end is not flattered by its small interim payments.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from rongqiao.finance.money import Money
from rongqiao.policies.credit.facts import Facts
from rongqiao.policies.credit.policy import Limits

# Offers are made in whole hundreds of yuan.
STEP_MINOR = 100_00


def monthly_burden(amount: Money, rate_annual: Decimal, term_months: int) -> Money:
    """Return one month's burden, rounded up to the fen."""
    share = Decimal(amount.minor) / term_months + Decimal(amount.minor) * rate_annual / 12
    return Money(int(share.to_integral_value(rounding=ROUND_CEILING)))


def burden_share(facts: Facts, amount: Money, rate_annual: Decimal) -> Decimal:
    """Return existing debt service and the new burden over income; 9.99 stands for no income."""
    if facts.monthly_income.minor <= 0:
        return Decimal("9.99")
    burden = facts.monthly_debt_service + monthly_burden(amount, rate_annual, facts.term_months)
    return min(Decimal(burden.minor) / facts.monthly_income.minor, Decimal("9.99"))


def affordable(facts: Facts, limits: Limits, rate_annual: Decimal) -> tuple[Money, str]:
    """Return the largest amount within the limits, in whole hundreds of yuan, and what bounds it.

    The bound is a reason's code: `burden-too-high`, `amount-above-income`, `amount-above-revenue`.
    """
    income = Decimal(facts.monthly_income.minor)
    room = income * limits.burden_max - facts.monthly_debt_service.minor
    # The amount whose equal share plus first interest is exactly the room, by rule of three.
    by_burden = room / (Decimal(1) / facts.term_months + rate_annual / 12)
    by_income = income * limits.income_months_max - facts.history.outstanding.minor
    bounds = [(by_burden, "burden-too-high"), (by_income, "amount-above-income")]
    if limits.revenue_share_max is not None and facts.revenue_annual is not None:
        by_revenue = (
            facts.revenue_annual.minor * limits.revenue_share_max - facts.history.outstanding.minor
        )
        bounds.append((by_revenue, "amount-above-revenue"))
    most, why = min(bounds)
    return Money(max(0, int(most) // STEP_MINOR * STEP_MINOR)), why
