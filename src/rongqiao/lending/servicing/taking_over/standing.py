"""Where a loan from elsewhere stands on the open business date, by its instalments alone. Pure.

Figures are the engine's. The class is the one that closing every day of its life would have given
(`replay`): worse at once, from substandard and worse better only after months of paying well. It is
found from the days on which instalments were settled, not day by day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rongqiao.finance.months import add_months
from rongqiao.lending.servicing.engine import RiskClass, Row, State, accrued_by, class_of
from rongqiao.lending.servicing.grading import LADDER, NON_PERFORMING, REGULAR_MONTHS, regraded


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is owed in fen, how late, in which class; `running` is the period under way."""

    principal: int
    interest: int
    penalty: int
    fee: int
    accrued: int
    running: Row | None
    state: State
    days_past_due: int
    worst: int
    risk_class: RiskClass
    closed_on: date | None


def standing_of(rows: Sequence[Row], settled: Mapping[int, date], on: date) -> Standing:
    """Return where a loan with these rows stands as business date `on` opens."""
    due = [row for row in rows if row.is_due]
    running = next((row for row in rows if not row.is_due), None)
    accrued = accrued_by(rows, on)
    late = [row.due_on for row in due if row.left and row.due_on < on]
    is_closed = running is None and not any(row.left for row in due)
    lived = _Lived(rows, settled)
    state = State.CLOSED if is_closed else State.OVERDUE if late else State.ACTIVE
    return Standing(
        principal=sum(row.principal - row.principal_paid for row in rows),
        interest=accrued + sum(row.interest - row.interest_paid for row in due),
        penalty=sum(row.penalty - row.penalty_paid for row in due),
        fee=sum(row.fee - row.fee_paid for row in due),
        accrued=accrued,
        running=running,
        state=state,
        days_past_due=(on - min(late)).days if late else 0,
        worst=lived.worst(on),
        risk_class=RiskClass.PASS if is_closed else lived.class_on(on),
        closed_on=max(settled.values(), default=on) if is_closed else None,
    )


class _Lived:
    """A loan's arrears over time: which instalment was the oldest open one on a day."""

    def __init__(self, rows: Sequence[Row], settled: Mapping[int, date]) -> None:
        self._rows = rows
        self._settled = settled

    def worst(self, on: date) -> int:
        """Return the most days past due that a day has opened with, up to `on`."""
        days = ((min(self._settled.get(row.no, on), on) - row.due_on).days for row in self._rows)
        return max(0, *days)

    def class_on(self, on: date) -> RiskClass:
        """Return the class as `on` opens, or after what was settled on it."""
        if class_of(self.worst(on), on) not in NON_PERFORMING:
            # Never as bad as to stay bad: the days past due of today alone count.
            oldest = self._oldest_open(on, settled_by=self._upto(on))
            return class_of((on - oldest).days if oldest else 0, on)
        held, start = RiskClass.PASS, self._rows[0].from_on
        for day in sorted({one for one in self._settled.values() if one <= on}):
            held = self._paid(self._opened(held, start, day), day)
            start = day
        return held if start == on else self._opened(held, start, on)

    def _opened(self, held: RiskClass, start: date, day: date) -> RiskClass:
        """Return the class as `day` opens: `held` on `start`, and nothing was settled since."""
        oldest = self._oldest_open(day, settled_by=self._before(day))
        late = (day - oldest).days if oldest and oldest < day else 0
        # In order until its oldest open instalment was due, it may have improved till then.
        in_order_to = oldest if oldest and late else day
        since = self._since(in_order_to)
        is_regular = since is not None and add_months(since, REGULAR_MONTHS) <= in_order_to
        if held in NON_PERFORMING and in_order_to >= start and is_regular:
            held = RiskClass.PASS
        if not late:
            return held
        reached = class_of(late, day)
        return max(held, reached, key=LADDER.index) if held in NON_PERFORMING else reached

    def _paid(self, held: RiskClass, day: date) -> RiskClass:
        """Return the class after what was settled on `day`."""
        oldest = self._oldest_open(day, settled_by=self._upto(day))
        late = (day - oldest).days if oldest and oldest < day else 0
        since = None if late else self._since(day, is_included=True)
        return regraded(held, class_of(late, day), since, day)

    def _oldest_open(self, day: date, settled_by: frozenset[int]) -> date | None:
        open_rows = (row.due_on for row in self._rows if row.no not in settled_by)
        return min((due_on for due_on in open_rows if due_on <= day), default=None)

    def _before(self, day: date) -> frozenset[int]:
        return frozenset(no for no, one in self._settled.items() if one < day)

    def _upto(self, day: date) -> frozenset[int]:
        return frozenset(no for no, one in self._settled.items() if one <= day)

    def _since(self, day: date, *, is_included: bool = False) -> date | None:
        """Return the day before `day` on which the last late instalment was settled."""
        late = [
            one
            for row in self._rows
            if (one := self._settled.get(row.no))
            and one > row.due_on
            and (one <= day if is_included else one < day)
        ]
        return max(late, default=None)
