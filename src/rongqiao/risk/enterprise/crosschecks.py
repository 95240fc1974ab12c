"""Published formulas that stand beside a rating: distress scores, and a flag on the data itself.

They never decide. Each says whom it was fitted on; none was fitted on small Chinese firms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from rongqiao.risk.enterprise.statements import Statement

SAFE, GREY, DISTRESS = "safe", "grey", "distress"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One formula's answer: its value and zone, or None and why there is none."""

    code: str
    value: Decimal | None
    zone: str = ""
    why_not: str = ""


def altman_double_prime(one: Statement) -> Check:
    """Return Altman's Z'' for private non-manufacturers with its zones: > 2.6 safe, < 1.1 distress.

    Z'' = 6.56 WC/TA + 3.26 RE/TA + 6.72 EBIT/TA + 1.05 BE/TL (Altman 1993, Corporate Financial
    Distress and Bankruptcy). The + 3.25 belongs to the emerging-market score, which is read against
    bond ratings and never against these zones.
    """
    figures = (one.current_assets, one.current_liabilities, one.retained_earnings, one.earnings)
    assets, debts = one.total_assets, one.total_liabilities
    equity = one.equity
    if any(figure is None for figure in (*figures, assets, debts, equity)):
        return Check(code="altman-z2", value=None, why_not="figure-missing")
    current, due, kept, ebit = (figure or Decimal(0) for figure in figures)
    assets, debts, equity = assets or Decimal(0), debts or Decimal(0), equity or Decimal(0)
    if assets <= 0 or debts <= 0:
        return Check(code="altman-z2", value=None, why_not="denominator-not-positive")
    value = (
        Decimal("6.56") * (current - due) / assets
        + Decimal("3.26") * kept / assets
        + Decimal("6.72") * ebit / assets
        + Decimal("1.05") * equity / debts
    )
    zone = SAFE if value > Decimal("2.6") else DISTRESS if value < Decimal("1.1") else GREY
    return Check(code="altman-z2", value=value, zone=zone)


def zmijewski(one: Statement) -> Check:
    """Return Zmijewski's probit score; above 0 the fitted probability of failure passes one half.

    X = -4.336 - 4.513 NI/TA + 5.679 TL/TA + 0.004 CA/CL (Zmijewski 1984, Journal of Accounting
    Research 22, p. 69, unweighted).
    """
    profit, assets = one.net_profit, one.total_assets
    debts, current, due = one.total_liabilities, one.current_assets, one.current_liabilities
    if profit is None or assets is None or debts is None or current is None or due is None:
        return Check(code="zmijewski", value=None, why_not="figure-missing")
    if assets <= 0 or due <= 0:
        return Check(code="zmijewski", value=None, why_not="denominator-not-positive")
    value = (
        Decimal("-4.336")
        - Decimal("4.513") * profit / assets
        + Decimal("5.679") * debts / assets
        + Decimal("0.004") * current / due
    )
    return Check(code="zmijewski", value=value, zone=DISTRESS if value > 0 else SAFE)


def ohlson(now: Statement, before: Statement | None, price_index: Decimal) -> Check:
    """Return Ohlson's O-score (model 1); above 0.038 as a probability he called it failing.

    Ohlson 1980, Journal of Accounting Research 18, table 4. `price_index` brings total assets (in
    thousands) to the price level he used (1968 = 100), in the statement's own currency.
    """
    code = "ohlson"
    assets, debts = now.total_assets, now.total_liabilities
    current, due = now.current_assets, now.current_liabilities
    profit, flow = now.net_profit, now.operating_cash_flow
    last = before.net_profit if before else None
    known = (assets, debts, current, due, profit, flow, last)
    if any(figure is None for figure in known):
        return Check(code=code, value=None, why_not="figure-missing")
    ta, tl, ca, cl, ni, ffo, nl = (float(figure or 0) for figure in known)
    if min(ta, tl, ca) <= 0:
        return Check(code=code, value=None, why_not="denominator-not-positive")
    change = abs(ni) + abs(nl)
    value = (
        -1.32
        - 0.407 * math.log(ta / 1000 / float(price_index) * 100)
        + 6.03 * tl / ta
        - 1.43 * (ca - cl) / ta
        + 0.0757 * cl / ca
        - 1.72 * (tl > ta)
        - 2.37 * ni / ta
        - 1.83 * ffo / tl
        + 0.285 * (ni < 0 and nl < 0)
        - 0.521 * ((ni - nl) / change if change else 0)
    )
    chance = Decimal(repr(round(1 / (1 + math.exp(-value)), 6)))
    return Check(code=code, value=chance, zone=DISTRESS if chance > Decimal("0.038") else SAFE)


def beneish(now: Statement, before: Statement | None) -> Check:
    """Return Beneish's M-score as a flag on the data: above -1.78 figures may have been dressed up.

    Beneish 1999, Financial Analysts Journal 55(5), table 3. It is never a reason to decline.
    """
    code = "beneish-m"
    if before is None:
        return Check(code=code, value=None, why_not="no-year-before")
    parts = (
        ("0.920", _index(_days(now), _days(before))),
        ("0.528", _index(_margin(before), _margin(now))),
        ("0.404", _index(_soft(now), _soft(before))),
        ("0.892", _index(now.revenue, before.revenue)),
        ("0.115", _index(_wear(before), _wear(now))),
        ("-0.172", _index(_overhead(now), _overhead(before))),
        ("4.679", _accruals(now)),
        ("-0.327", _index(_leverage(now), _leverage(before))),
    )
    value = Decimal("-4.84")
    for weight, part in parts:
        if part is None:
            return Check(code=code, value=None, why_not="figure-missing")
        value += Decimal(weight) * part
    return Check(code=code, value=value, zone="flag" if value > Decimal("-1.78") else "clear")


def _index(above: Decimal | None, below: Decimal | None) -> Decimal | None:
    return None if above is None or below is None or below <= 0 else above / below


def _days(one: Statement) -> Decimal | None:
    return _index(one.receivables, one.revenue)


def _margin(one: Statement) -> Decimal | None:
    if one.revenue is None or one.cost_of_sales is None or one.revenue <= 0:
        return None
    return (one.revenue - one.cost_of_sales) / one.revenue


def _soft(one: Statement) -> Decimal | None:
    """Return the share of assets that are neither current nor fixed."""
    whole, current, fixed = one.total_assets, one.current_assets, one.fixed_assets
    if whole is None or current is None or fixed is None or whole <= 0:
        return None
    return 1 - (current + fixed) / whole


def _wear(one: Statement) -> Decimal | None:
    if one.depreciation is None or one.fixed_assets is None:
        return None
    return _index(one.depreciation, one.depreciation + one.fixed_assets)


def _overhead(one: Statement) -> Decimal | None:
    return _index(one.selling_and_administrative, one.revenue)


def _accruals(one: Statement) -> Decimal | None:
    profit, flow, whole = one.net_profit, one.operating_cash_flow, one.total_assets
    if profit is None or flow is None or whole is None or whole <= 0:
        return None
    return (profit - flow) / whole


def _leverage(one: Statement) -> Decimal | None:
    return _index(one.total_liabilities, one.total_assets)
