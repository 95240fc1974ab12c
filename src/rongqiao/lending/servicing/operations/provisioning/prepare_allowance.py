"""Value the portfolio as a month closed, and put it forward: a person of finance decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from rongqiao.lending.servicing.models.allowance import AllowanceRun
from rongqiao.lending.servicing.models.loans import LIVE, Loan
from rongqiao.lending.servicing.operations.provisioning.valuing import keep_closed, make_run
from rongqiao.lending.servicing.queries.provisioning.runs import (
    allowances_on,
    is_valued,
    undrawn_held,
)
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class PrepareAllowance:
    """The last day of a month, which was closed last."""

    on: date


@dataclass(frozen=True, kw_only=True)
class AllowancePrepared:
    """The valuation that waits, None where there was nothing to value, and its loans.

    `taken_back` counts older ones of the close that nobody had decided on.
    """

    run_id: UUID | None
    loans: int = 0
    taken_back: int = 0


@operation("servicing.prepare-allowance", restore=AllowancePrepared)
def prepare_allowance(command: PrepareAllowance, call: Call) -> AllowancePrepared:
    """Value every live loan and let it wait; nothing moves in the books.

    A date that somebody valued is left to that person. Raises ValueError for a day that ends no
    month, AllowanceTooEarly, DayClosing, PortfolioMoved.
    """
    on = command.on
    if (on + timedelta(days=1)).day != 1:
        raise ValueError(f"{on} is not the last day of a month")
    keep_closed(on)
    is_empty = not Loan.objects.filter(state__in=LIVE).exists() and not any(
        (*allowances_on(on).values(), *undrawn_held().values())
    )
    if is_empty or is_valued(on):
        return AllowancePrepared(run_id=None)
    taken_back = _take_back(on, call)
    run, loans = make_run(on, call)
    run.state, run.proposed_by, run.proposed_at = "waiting", call.actor, call.at
    run.save(update_fields=["state", "proposed_by", "proposed_at"])
    return AllowancePrepared(run_id=run.pk, loans=loans, taken_back=taken_back)


def _take_back(on: date, call: Call) -> int:
    """Withdraw what earlier closes put forward: beside a newer valuation none of it is booked."""
    older = AllowanceRun.objects.select_for_update(no_key=True).filter(
        state="waiting", proposed_by=call.actor, on__lt=on
    )
    for run in older:
        run.state, run.decided_by, run.decided_at = "withdrawn", call.actor, call.at
        run.save(update_fields=["state", "decided_by", "decided_at"])
    return len(older)
