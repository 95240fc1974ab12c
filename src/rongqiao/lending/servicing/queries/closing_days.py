"""Closing days: which chunk is free, how far each step is, which loans stand aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Min, Q, Sum

from rongqiao.lending.servicing.engine import Life, close_day
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, ParkedLoan
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.lives import life_of


@dataclass(frozen=True, kw_only=True)
class StepFigures:
    """One step of one business date: chunks done of all, rows changed, loans parked, and when.

    `seconds` run from the first chunk's start to the last one's end, by the wall clock.
    """

    on: date
    step: str
    chunks: int
    done: int
    changed: int
    parked: int
    started_at: datetime | None
    done_at: datetime | None

    @property
    def seconds(self) -> float | None:
        """Time from the first start to the last end; None before there is one."""
        if self.started_at is None or self.done_at is None:
            return None
        return (self.done_at - self.started_at).total_seconds()


@dataclass(frozen=True, kw_only=True)
class Parked:
    """A loan that stands aside, since when, and why."""

    loan_id: UUID
    number: str
    on: date
    step: str
    reason: str
    parked_at: datetime


def free_chunk(on: date, step: str, *, backwards: bool = False) -> int | None:
    """Return a chunk of the step that is to do and that nobody works on; None where there is none.

    It is locked for the length of this statement only: whoever takes it claims it again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT chunk FROM servicing_endofdaystep
               WHERE "on" = %s AND step = %s AND done_at IS NULL
               ORDER BY chunk {"DESC" if backwards else "ASC"}
               LIMIT 1 FOR UPDATE SKIP LOCKED""",  # noqa: S608 - own words
            [on, step],
        )
        found = cursor.fetchone()
    return found[0] if found else None


def chunks_left(on: date, step: str) -> int:
    """Return how many chunks of the step are not done, those under way among them."""
    return EndOfDayStep.objects.filter(on=on, step=step, done_at=None).count()


def count_parked() -> int:
    """Return how many loans stand aside."""
    return ParkedLoan.objects.filter(released_at=None).count()


def list_parked(limit: int) -> tuple[Parked, ...]:
    """Return the loans that stand aside, longest first."""
    rows = ParkedLoan.objects.filter(released_at=None).select_related("loan")
    return tuple(
        Parked(
            loan_id=row.loan_id,
            number=row.loan.number,
            on=row.on,
            step=row.step,
            reason=row.reason,
            parked_at=row.parked_at,
        )
        for row in rows.order_by("on", "id")[:limit]
    )


def list_steps(first: date, last: date) -> tuple[StepFigures, ...]:
    """Return the steps of the business dates between two, newest first, in the day's order."""
    rows = (
        EndOfDayStep.objects.filter(on__range=(first, last))
        .values("on", "step")
        .annotate(
            chunks=Count("id"),
            done=Count("id", filter=Q(done_at__isnull=False)),
            rows=Sum("changed"),
            aside=Sum("parked"),
            began=Min("started_at"),
            ended=Max("done_at"),
            place=Min("id"),
        )
        .order_by("-on", "place")
    )
    return tuple(
        StepFigures(
            on=row["on"],
            step=row["step"],
            chunks=row["chunks"],
            done=row["done"],
            changed=row["rows"],
            parked=row["aside"],
            started_at=row["began"],
            done_at=row["ended"],
        )
        for row in rows
    )


def list_lives(numbers: Iterable[str]) -> dict[str, Life]:
    """Return the loans of these numbers as the engine's lives."""
    loans = Loan.objects.filter(number__in=list(numbers)).order_by("id")
    return {loan.number: life_of(loan) for loan in loans}


def lives_after(lives: Mapping[str, Life], on: date) -> dict[str, Life]:
    """Return what closing business date `on` makes of lives, by the pure engine alone."""
    return {number: close_day(life, on) for number, life in lives.items()}
