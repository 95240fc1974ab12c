"""What each step of a closing day does to the loans it is given, set-based in SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import connection

from rongqiao.lending.servicing.engine import CLASS_FLOORS
from rongqiao.lending.servicing.events import LoanOverdue
from rongqiao.lending.servicing.grading import LADDER, NON_PERFORMING, REGULAR_MONTHS
from rongqiao.platform.events import publish_all
from rongqiao.platform.operations import Call
from rongqiao.policies.credit.restructuring import watch_on


class Step(StrEnum):
    """The steps that run over chunks of loans, in the order in which a day takes them.

    The order matters: interest is earned before its instalment falls due, and a loan is aged and
    penalised for what is still open when the day ends.
    """

    ACCRUE = "accrue"
    FALL_DUE = "fall-due"
    AGE = "age"
    PENALISE = "penalise"


class PlanBroken(Exception):
    """A loan's period has no days, or is over and its plan has no instalment of that number."""


@dataclass
class Work:
    """What a step's SQL reports: rows changed, and fen added by product and bucket."""

    changed: int
    totals: dict[str, dict[str, int]]

    def add(self, product: str, bucket: str, minor: int) -> None:
        """Count `minor` fen into `bucket` of `product`."""
        if minor:
            of_product = self.totals.setdefault(product, {})
            of_product[bucket] = of_product.get(bucket, 0) + minor

    def take(self, other: Work) -> None:
        """Count in what another part of the work did."""
        self.changed += other.changed
        for product, added in other.totals.items():
            for bucket, minor in added.items():
                self.add(product, bucket, minor)


Parameters = dict[str, Any]
Body = Callable[[Parameters, Work, Call], None]


def rows_of(query: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def lock_concerned(step: Step, parameters: Parameters) -> list[Any] | None:
    """Lock the loans of a chunk that the step concerns, in order of id, and return their ids.

    A statement of its own: the next one then sees what a repayment committed meanwhile. None where
    the step looks at every loan: accrual writes to none.
    """
    if step is Step.ACCRUE:
        return None
    if step is Step.FALL_DUE:
        parameters["dates"] = _dates_to_fall_due(parameters)
        return [loan for (loan,) in rows_of(_FIND_FALL_DUE, parameters)]
    # Two statements: whatever the planner believes, the loans are then looked up by their ids.
    late = [loan for (loan,) in rows_of(_FIND_LATE, parameters)]
    if step is Step.AGE:
        bad = {"non_performing": [str(tier) for tier in NON_PERFORMING]}
        late += [loan for (loan,) in rows_of(_FIND_CLEARED, parameters | bad)]
        late += [loan for (loan,) in rows_of(_FIND_WATCHED, parameters)]
    return [loan for (loan,) in rows_of(_LOCK, parameters | {"ids": late})] if late else []


def _dates_to_fall_due(parameters: Parameters) -> list[Any]:
    """Return the due dates up to the day after: each a place of its own in the index."""
    ((oldest,),) = rows_of(
        "SELECT min(period_due_on) FROM servicing_loan WHERE state = ANY(%(live)s)", parameters
    )
    opening = parameters["opening"]
    if oldest is None:
        return []
    return [oldest + timedelta(days=n) for n in range((opening - oldest).days + 1)]


def _accrue(parameters: Parameters, work: Work, _: Call) -> None:
    for product, count, added, endless in rows_of(_ACCRUE, parameters):
        if endless:
            raise PlanBroken("the interest period has no days")
        work.changed += count
        work.add(product, "interest", added)


def _fall_due(parameters: Parameters, work: Work, _: Call) -> None:
    while fallen := rows_of(_FALL_DUE, parameters):
        for product, count, interest, fee in fallen:
            work.changed += count
            work.add(product, "interest", interest)
            work.add(product, "fee", fee)
    if rows_of(_STUCK, parameters):
        raise PlanBroken("the plan has no instalment for the period that is over")


def _age(parameters: Parameters, work: Work, call: Call) -> None:
    opening = parameters["opening"]
    in_force = [item for item in CLASS_FLOORS if opening >= item.in_force_on]
    watch = watch_on(opening)
    tiers = {
        "watch_months": watch.months,
        "watched_at_best": watch.at_least,
        "tiers": [str(item.tier) for item in in_force],
        "floors": [item.days_over for item in in_force],
        "ladder": [str(tier) for tier in LADDER],
        "non_performing": [str(tier) for tier in NON_PERFORMING],
        "regular_months": REGULAR_MONTHS,
    }
    aged = rows_of(_AGE, parameters | tiers)
    with connection.cursor() as cursor:
        cursor.execute(_UPGRADE, parameters | tiers)
        work.changed += len(aged) + cursor.rowcount
    publish_all(
        LoanOverdue(
            loan_id=loan,
            party_id=party,
            agreement_id=agreement,
            drawing_id=drawing,
            oldest_due_on=oldest,
            happened_at=call.at,
            happened_on=call.on,
        )
        for was, oldest, loan, party, agreement, drawing in sorted(aged, key=lambda row: row[2])
        if was != "overdue"
    )


def _penalise(parameters: Parameters, work: Work, _: Call) -> None:
    for product, count, added in rows_of(_PENALISE, parameters):
        work.changed += count
        work.add(product, "penalty", added)


def _statement(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()


_FIND_FALL_DUE, _FIND_LATE = _statement("find-fall-due"), _statement("find-late")
_ACCRUE, _FALL_DUE = _statement("accrue"), _statement("fall-due")
_AGE, _UPGRADE, _PENALISE = _statement("age"), _statement("upgrade"), _statement("penalise")
# Non-performing loans without arrears: they may be upgraded.
_FIND_CLEARED = """SELECT id FROM servicing_loan WHERE state = ANY(%(live)s)
  AND risk_class = ANY(%(non_performing)s) AND days_past_due = 0 AND id >= %(first)s
  AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid) AND id <> ALL(%(parked)s::uuid[])"""
# Loans whose watch is over by its date; what is late among them is watched on.
_FIND_WATCHED = """SELECT id FROM servicing_loan WHERE watched_until <= %(opening)s
  AND state = ANY(%(live)s) AND id >= %(first)s
  AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid) AND id <> ALL(%(parked)s::uuid[])"""
_LOCK = """SELECT id FROM servicing_loan WHERE id = ANY(%(ids)s::uuid[]) AND state = ANY(%(live)s)
ORDER BY id FOR NO KEY UPDATE"""
_STUCK = """SELECT 1 FROM servicing_loan WHERE id = ANY(%(ids)s::uuid[])
  AND state = ANY(%(live)s) AND period_due_on <= %(opening)s LIMIT 1"""
BODIES: dict[Step, Body] = {
    Step.ACCRUE: _accrue,
    Step.FALL_DUE: _fall_due,
    Step.AGE: _age,
    Step.PENALISE: _penalise,
}
