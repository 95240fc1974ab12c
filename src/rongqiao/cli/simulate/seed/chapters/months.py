"""Every month ends: its allowance is booked, then its books are closed, each by a second person."""

from __future__ import annotations

from datetime import date, timedelta

from rongqiao.cli.simulate.town import Action, Town
from rongqiao.lending.servicing.operations.provisioning.decide_allowance import (
    DecideAllowance,
    decide_allowance,
)
from rongqiao.lending.servicing.queries.provisioning.runs import waiting_run
from rongqiao.money.ledger.operations.closing.periods.close_period import ClosePeriod, close_period
from rongqiao.money.ledger.operations.closing.periods.propose_closing import (
    ProposeClosing,
    propose_closing,
)
from rongqiao.money.ledger.queries.periods import next_month
from rongqiao.web.backoffice.finance.books.periods import checked_elsewhere, open_breaks

# Days after a month's end: the allowance is booked, closing proposed, the month closed.
BOOKED_AFTER, PROPOSED_AFTER, CLOSED_AFTER = 2, 9, 10
# The last months are left to whoever looks around: open books, an allowance that waits.
LEFT_OPEN, LEFT_WAITING = 2, 1


def end_months(town: Town) -> None:
    """Put down the ends of all months but the last ones."""
    months = []
    month = town.desk.first.replace(day=1)
    while next_month(month) <= town.last:
        months.append(month)
        month = next_month(month)
    for month in months[: len(months) - LEFT_WAITING]:
        town.on(_after(month, BOOKED_AFTER), _book_allowance(town, month))
    for month in months[: max(0, len(months) - LEFT_OPEN)]:
        town.on(_after(month, PROPOSED_AFTER), _propose(town, month))
        town.on(_after(month, CLOSED_AFTER), _close(town, month))


def _after(month: date, days: int) -> date:
    return next_month(month) + timedelta(days=days - 1)


def _book_allowance(town: Town, month: date) -> Action:
    def act() -> None:
        found = None if town.is_remembering else waiting_run()
        if found is None:
            return
        town.do(
            decide_allowance,
            DecideAllowance(run_id=found.id, word="approve", expected=found.movement),
            town.desk.user(town.staff["finance-2"], f"allowance:{month:%Y-%m}"),
        )

    return act


def _propose(town: Town, month: date) -> Action:
    def act() -> None:
        call = town.desk.user(town.staff["finance"], f"closing:{month:%Y-%m}")
        town.do(propose_closing, ProposeClosing(month=month), call)

    return act


def _close(town: Town, month: date) -> Action:
    def act() -> None:
        if town.is_remembering:
            return
        command = ClosePeriod(
            month=month,
            open_breaks=open_breaks(month),
            broken_elsewhere=sum(bool(one.broken) for one in checked_elsewhere()),
        )
        call = town.desk.user(town.staff["finance-2"], f"closing:{month:%Y-%m}")
        town.do(close_period, command, call)

    return act
