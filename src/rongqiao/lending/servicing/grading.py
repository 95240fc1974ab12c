"""When a loan's five-tier class may improve: at once only where it never was non-performing. Pure.

A class worsens the day its threshold is passed. From substandard and worse it improves once all
arrears are cleared and instalments were then paid regularly for six months; until then it stays.
The thresholds are those of 商业银行金融资产风险分类办法 (2023); the six months are recalled from
its rules on upgrading, whose final text was not at hand: confirm them before relying on them.
"""

from __future__ import annotations

from datetime import date

from rongqiao.finance.months import add_months
from rongqiao.lending.servicing.engine import RiskClass

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
