"""Work that takes the numerical libraries: whoever has none of it to do does not load them.

Two processes that close days are to stay under 300 MB together; the libraries are a tenth of that.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from rongqiao.finance.months import add_months
from rongqiao.lending.origination.queries.looking_back.screened import is_any_screened
from rongqiao.platform.jobs import job
from rongqiao.risk.queries.policies.backtests import CARRY_OUT

# Ends become known for about a year: so many months are counted again.
MONTHS_AGAIN = 12


@job(CARRY_OUT)
def carry_out_backtest(backtest_id: str) -> None:
    """Carry out a back-test that waits, noting how far it is; twice is harmless."""
    from rongqiao.config.backtesting import carry_out  # noqa: PLC0415

    carry_out(UUID(backtest_id))


def watch_scoring(on: date) -> int:
    """Reckon the months of the models up to `on`, where anything was scored in them.

    Returns how many months of how many models there are.
    """
    if not is_any_screened(add_months(on.replace(day=1), -MONTHS_AGAIN), on):
        return 0
    from rongqiao.config.watching import watch_models  # noqa: PLC0415

    return watch_models(on, MONTHS_AGAIN)
