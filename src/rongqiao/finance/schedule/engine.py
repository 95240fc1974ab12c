"""The schedule of any terms: exact integer arithmetic, each amount rounded once."""

from __future__ import annotations

from rongqiao.finance.schedule.methods import endless, repay
from rongqiao.finance.schedule.periods import Periods, periods
from rongqiao.finance.schedule.plain import plain_schedule
from rongqiao.finance.schedule.result import Columns, Fees, Schedule
from rongqiao.finance.schedule.terms import MOST_TERMS, FeeAt, Terms

# A fixed payment ends nobody knows when: tried with ever more rows.
_LENGTHS_TRIED = (60, 360, MOST_TERMS)


def schedule(terms: Terms) -> Schedule:
    """Return the dated rows of these terms, to the fen.

    Raises BadTerms where the dates cannot be or an instalment would not cover its interest.
    """
    if terms.plain is not None:
        found = plain_schedule(terms, terms.plain)
        if found is not None:
            return found
    return general_schedule(terms)


def general_schedule(terms: Terms) -> Schedule:
    """Return what `schedule` returns, always by the general way."""
    found, columns = _repaid(terms)
    rows = len(columns.balances)
    return Schedule(terms.start, found.dues[:rows], columns.balances, columns, _fees(terms, rows))


def _repaid(terms: Terms) -> tuple[Periods, Columns]:
    for count in (terms.count,) if terms.count else _LENGTHS_TRIED:
        if count <= terms.grace.principal_terms:
            continue
        found = periods(terms, count)
        columns = repay(terms, found)
        if columns is not None:
            return found, columns
    raise endless(terms)


def _fees(terms: Terms, rows: int) -> Fees | None:
    if not terms.fees:
        return None
    by_row, withheld = [0] * rows, 0
    for fee in terms.fees:
        if fee.at is FeeAt.DISBURSEMENT:
            withheld += fee.amount_minor
        elif fee.at is FeeAt.EACH:
            by_row = [sum_so_far + fee.amount_minor for sum_so_far in by_row]
        else:
            by_row[0 if fee.at is FeeAt.FIRST else -1] += fee.amount_minor
    return Fees(by_row, withheld)
