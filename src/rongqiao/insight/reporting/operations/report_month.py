"""Sum up the month that ended: how its loans moved, and what they earned."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from rongqiao.insight.reporting.models import CohortMonth, EarnedMonth
from rongqiao.lending.servicing.queries.months import moved_in_month
from rongqiao.money.ledger.queries.reports import trial_balance
from rongqiao.platform.operations import Call, operation

INCOME = {
    "interest-income": "interest_minor",
    "penalty-income": "penalty_minor",
    "fee-income": "fee_minor",
}


@dataclass(frozen=True, kw_only=True)
class ReportMonth:
    """The last day of a month whose loans servicing has kept and whose days are booked."""

    on: date


@dataclass(frozen=True, kw_only=True)
class Reported:
    """How many rows sum the month up."""

    changed: int


@operation("reporting.report-month", restore=Reported)
def report_month(command: ReportMonth, call: Call) -> Reported:  # noqa: ARG001
    """Write the month's cohorts and earnings; one that is there already stays as it is."""
    moves = [CohortMonth(on=command.on, **asdict(one)) for one in moved_in_month(command.on)]
    CohortMonth.objects.bulk_create(moves, ignore_conflicts=True)
    earned = _earned(command.on)
    rows = [
        EarnedMonth(on=command.on, product_code=product, **dict.fromkeys(INCOME.values(), 0) | sums)
        for product, sums in sorted(earned.items())
    ]
    EarnedMonth.objects.bulk_create(rows, ignore_conflicts=True)
    return Reported(changed=len(moves) + len(rows))


def _earned(on: date) -> dict[str, dict[str, int]]:
    """Return a product's income of the month by kind, in fen, as the books' movements say."""
    earned: dict[str, dict[str, int]] = {}
    for line in trial_balance(on, since=on.replace(day=1)).lines:
        prefix, _colon, product = line.account.partition(":")
        if name := INCOME.get(prefix):
            earned.setdefault(product, {})[name] = line.credits.minor - line.debits.minor
    return earned
