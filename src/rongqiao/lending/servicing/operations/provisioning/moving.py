"""What moved the allowance from one booked valuation to the next, told when the next is booked.

After the reconciliation that 企业会计准则第 37 号 asks for. Every fen of the difference is told:
loans one by one, write-offs and recoveries as the books have them, the floor by product.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from django.db import connection

from rongqiao.lending.servicing.models.allowance import (
    AllowanceMovement,
    AllowanceRun,
)
from rongqiao.lending.servicing.queries.provisioning.expected_loss import Stage
from rongqiao.lending.servicing.queries.provisioning.movements import FLOOR_STAGE, standing_of

_MOVE = (Path(__file__).parent / "sql" / "move.sql").read_text()
# What write-offs drew and recoveries gave since the valuation before, by the stage the loan was in.
_DRAWN = """
SELECT moved.product_code, moved.kind, coalesce(was.stage, %(impaired)s), count(*),
  sum(moved.minor)::bigint
FROM servicing_allowanceentry AS moved
LEFT JOIN servicing_writeoff AS lost ON moved.kind = 'write-off' AND lost.id = moved.cause_id
LEFT JOIN servicing_allowanceloan AS was
  ON was.run_id = %(before)s AND was.loan_id = lost.loan_id
WHERE moved.kind IN ('write-off', 'recovery') AND moved."on" <= %(until)s AND moved."on" > %(since)s
GROUP BY 1, 2, 3
"""
_NOBODY, _LONG_AGO = UUID(int=0), date(1900, 1, 1)


@dataclass(frozen=True)
class _Group:
    """Loans of a product that moved alike; a stage is None where they were not valued."""

    product: str
    was: int | None
    now: int | None
    is_lost: bool
    loans: int
    before: int
    after: int
    repaid: int


@dataclass
class _Sums:
    """Loans and fen by product, stage, kind and the stage at the other end."""

    found: dict[tuple[str, int, str, int], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0])
    )

    def add(self, place: tuple[str, int, str, int], loans: int, minor: int) -> None:
        cell = self.found[place]
        cell[0] += loans
        cell[1] += minor


def write_movements(run: AllowanceRun, before: AllowanceRun | None) -> None:
    """Write what the run, just booked, moved since the one booked before it."""
    sums = _Sums()
    since = before.pk if before else _NOBODY
    alike = run.compared_id or run.pk
    for group in _groups(since, alike):
        _tell(group, sums)
    if run.compared_id:
        for group in _groups(run.compared_id, run.pk):
            _tell_version(group, sums)
    _tell_books(run, before, sums)
    _tell_floor(run, before, sums)
    AllowanceMovement.objects.bulk_create(
        AllowanceMovement(
            run=run,
            product_code=product,
            stage=stage,
            kind=kind,
            other=other,
            loans=loans,
            minor=minor,
        )
        for (product, stage, kind, other), (loans, minor) in sorted(sums.found.items())
        if minor or loans
    )


def _groups(before: UUID, now: UUID) -> list[_Group]:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"before": before, "now": now})
        return [_Group(*row) for row in cursor.fetchall()]


def _tell(one: _Group, sums: _Sums) -> None:
    """Tell loans that were lent, left, changed stage or stayed in it."""
    if one.was is None and one.now is not None:
        sums.add((one.product, one.now, "new", 0), one.loans, one.after)
    elif one.now is None and one.was is not None:
        # Of a lost loan the books say what was drawn for it: told with the write-offs.
        kind = "remeasured" if one.is_lost else "repaid"
        sums.add((one.product, one.was, kind, 0), one.loans, -one.before)
    elif one.was is not None and one.now is not None and one.was != one.now:
        sums.add((one.product, one.was, "transfer-out", one.now), one.loans, -one.before)
        sums.add((one.product, one.now, "transfer-in", one.was), one.loans, one.before)
        sums.add((one.product, one.now, "stage", one.was), one.loans, one.after - one.before)
    elif one.now is not None:
        rest = one.after - one.before + one.repaid
        sums.add((one.product, one.now, "repaid", 0), 0, -one.repaid)
        sums.add((one.product, one.now, "remeasured", 0), 0, rest)


def _tell_version(one: _Group, sums: _Sums) -> None:
    """Tell the same loans valued by the newer version of the assumptions."""
    if one.was is None or one.now is None:
        # Lent or paid off between the two statements that valued them.
        _tell(one, sums)
        return
    sums.add((one.product, one.was, "parameters", 0), 0, -one.before)
    sums.add((one.product, one.now, "parameters", 0), one.loans, one.after)


def _tell_books(run: AllowanceRun, before: AllowanceRun | None, sums: _Sums) -> None:
    """Tell write-offs and recoveries as booked, and what was charged or freed on their account.

    A write-off draws what was owed, more or less than was expected to be lost; what came back is
    no loan's expected loss, so that the valuation frees it again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _DRAWN,
            {
                "before": before.pk if before else _NOBODY,
                "since": before.on if before else _LONG_AGO,
                "until": run.on,
                "impaired": int(Stage.IMPAIRED),
            },
        )
        for product, kind, stage, loans, minor in cursor.fetchall():
            sums.add((product, stage, kind, 0), loans, minor)
            sums.add((product, stage, "remeasured", 0), 0, -minor)


def _tell_floor(run: AllowanceRun, before: AllowanceRun | None, sums: _Sums) -> None:
    """Tell what a floor asks more than is expected, more or less than before."""
    for one, sign in ((run, 1), (before, -1)):
        for (product, stage), minor in standing_of(one).items() if one else ():
            if stage == FLOOR_STAGE:
                sums.add((product, stage, "remeasured", 0), 0, sign * minor)
