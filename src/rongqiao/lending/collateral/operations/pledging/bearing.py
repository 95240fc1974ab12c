"""Whether an item can bear an amount today: by its latest valuation, rule and standing charges."""

from __future__ import annotations

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.models import Collateral
from rongqiao.lending.collateral.operations.acting import yardstick_of
from rongqiao.lending.collateral.valuing import free_value
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal


class CollateralEnded(Refusal):
    """The item's last day has passed; fact: `value`."""

    code = "collateral.ended"


class ValuationStale(Refusal):
    """The item has no valuation, or too old a one; facts: `value` (its day), `allowed` days."""

    code = "collateral.valuation-stale"


class PledgeBeyondFreeValue(Refusal):
    """The amount goes beyond what the item can bear, and nobody said so; fact: `allowed`."""

    code = "collateral.beyond-free-value"


def check_bears(item: Collateral, amount: Money, call: Call, *, is_beyond: bool) -> Money:
    """Return the locked item's free value.

    Raises CollateralEnded, ValuationStale, and PledgeBeyondFreeValue where the amount is more and
    `is_beyond` does not say so.
    """
    if item.ends_on is not None and item.ends_on < call.on:
        raise CollateralEnded(value=item.ends_on.isoformat())
    judged = yardstick_of(item.kind, call.on)
    if judged.is_stale(item.valued_on, call.on) or not item.value_minor:
        valued_on = item.valued_on.isoformat() if item.valued_on else ""
        raise ValuationStale(value=valued_on, allowed=str(judged.stale_after_days))
    free = Money(free_value(item.worth, judged, item.secured_minor))
    if amount > free and not is_beyond:
        raise PledgeBeyondFreeValue(allowed=free.text())
    return free
