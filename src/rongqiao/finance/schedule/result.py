"""A schedule: columns of whole fen, with rows and totals as views of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple


class Row(NamedTuple):
    """One instalment. Amounts in fen; `days` are calendar days; `balance` is what is left after."""

    no: int
    from_on: date
    due_on: date
    days: int
    principal: int
    interest: int
    fee: int
    payment: int
    balance: int


class Totals(NamedTuple):
    """Sums in fen: `payment` = `principal` + `interest` + `fee`, fees at disbursement included."""

    principal: int
    interest: int
    fee: int
    payment: int


class Columns(NamedTuple):
    """What each instalment pays and leaves, in fen."""

    principals: Sequence[int]
    interests: Sequence[int]
    balances: Sequence[int]


class Fees(NamedTuple):
    """Fees in fen: for each instalment, and withheld from the cash at disbursement."""

    by_row: Sequence[int]
    withheld: int


# A plain level loan (`plain.py`): principal, level instalment, and the last row's interest.
Level = tuple[int, int, int]


class Schedule:
    """Due dates and columns of fen, one entry for each instalment."""

    __slots__ = ("_fees", "_held", "balances", "dues", "start")

    def __init__(
        self,
        start: date,
        dues: Sequence[date],
        balances: Sequence[int],
        held: Columns | Level,
        fees: Fees | None = None,
    ) -> None:
        """Hold the columns, or what they follow from; there are no fees unless given."""
        self.start = start
        self.dues = dues
        self.balances = balances
        self._held = held
        self._fees = fees

    @property
    def columns(self) -> Columns:
        """Principals, interests and balances."""
        if not isinstance(self._held, Columns):
            principal, level, last_interest = self._held
            before = pairwise((principal, *self.balances))
            principals = [start - end for start, end in before]
            interests = [level - part for part in principals]
            interests[-1] = last_interest
            self._held = Columns(principals, interests, self.balances)
        return self._held

    @property
    def fees(self) -> Fees:
        """Fees of each row, and what is withheld at disbursement."""
        if self._fees is None:
            self._fees = Fees((0,) * len(self.balances), 0)
        return self._fees

    @property
    def payments(self) -> list[int]:
        """What the borrower pays on each due date, fees included."""
        columns = self.columns
        parts = zip(columns.principals, columns.interests, self.fees.by_row, strict=True)
        return [principal + interest + fee for principal, interest, fee in parts]

    @property
    def rows(self) -> Iterator[Row]:
        """The instalments in order."""
        principals, interests, balances = self.columns
        fees = self.fees.by_row
        periods = pairwise((self.start, *self.dues))
        for k, (start, due) in enumerate(periods):
            principal, interest, fee = principals[k], interests[k], fees[k]
            payment = principal + interest + fee
            days = (due - start).days
            yield Row(k + 1, start, due, days, principal, interest, fee, payment, balances[k])

    @property
    def totals(self) -> Totals:
        """Sums over all rows, and the fees withheld at disbursement."""
        principal, interest = sum(self.columns.principals), sum(self.columns.interests)
        fee = sum(self.fees.by_row) + self.fees.withheld
        return Totals(principal, interest, fee, principal + interest + fee)
