"""When a loan's five-tier class may improve: at once only where it never was non-performing. Pure.

A class worsens the day its threshold is passed. From substandard and worse it improves once all
arrears are cleared and instalments were then paid regularly for six months; until then it stays.
The thresholds are those of 商业银行金融资产风险分类办法 (2023); the six months are recalled from
its rules on upgrading, whose final text was not at hand: confirm them before relying on them.
A restructured loan is never better than its watch allows (policies/credit/restructuring.py).
"""

from __future__ import annotations

from datetime import date

from rongqiao.finance.months import add_months
from rongqiao.lending.servicing.engine import RiskClass, class_of
from rongqiao.policies.credit.restructuring import watch_on

# Best first.
LADDER = tuple(RiskClass)
NON_PERFORMING = (RiskClass.SUBSTANDARD, RiskClass.DOUBTFUL, RiskClass.LOSS)
REGULAR_MONTHS = 6


def regraded(
    held: RiskClass, reached: RiskClass, regular_since: date | None, on: date
) -> RiskClass:
    """Return the class on `on` of a loan that held `held` and whose days past due reach `reached`.

    `regular_since` is the day its last late instalment was paid, None while any arrears are left
    or where none is known.
    """
    if held not in NON_PERFORMING:
        return reached
    if regular_since is not None and on >= add_months(regular_since, REGULAR_MONTHS):
        return reached
    return max(held, reached, key=LADDER.index)


def reached_class(days_past_due: int, watched_until: date | None, on: date) -> RiskClass:
    """Return the class that days past due reach, and no better one than a watch allows."""
    reached = class_of(days_past_due, on)
    if watched_until is None:
        return reached
    return max(reached, RiskClass(watch_on(on).at_least), key=LADDER.index)


def restructured_class(held: RiskClass, *, is_again: bool, on: date) -> RiskClass:
    """Return the class of a loan restructured on `on`, `is_again` while it was watched."""
    rules = watch_on(on)
    at_best = RiskClass(rules.again_at_least if is_again else rules.at_least)
    return max(held, at_best, key=LADDER.index)
