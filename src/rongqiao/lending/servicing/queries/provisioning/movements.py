"""What moved the allowance in a month: from the valuation booked before it to the last one in it.

Held to the general ledger as of both dates, to the fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.allowance import (
    MOVEMENT_KINDS,
    AllowanceEntry,
    AllowanceLine,
    AllowanceMovement,
    AllowanceProduct,
    AllowanceRun,
    CommitmentProduct,
)
from rongqiao.lending.servicing.postings import ALLOWANCE, UNDRAWN
from rongqiao.money.ledger.queries.books import balances_of_line_on

# Beside the three stages: what the floor asks more than is expected, of a whole product.
FLOOR_STAGE = 0
# Below both: what is provided for sums agreed but undrawn, in an account of its own.
UNDRAWN_STAGE = 5


@dataclass(frozen=True, kw_only=True)
class StageMoves:
    """A product's allowance in a stage: before, what moved it by kind, and after.

    Stage 0 is what the floor asks more than is expected, of the product as a whole. Stage 5 is what
    is provided for its undrawn sums: a liability, no part of the allowance and of no sum with it.
    """

    product_code: str
    stage: int
    opening: Money
    moved: dict[str, Money]
    closing: Money

    @property
    def gap(self) -> Money:
        """What the movements leave untold."""
        return self.closing - self.opening - sum(self.moved.values(), Money.zero())


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Loans that went from one stage to another: what stood for them, and what that changed."""

    was: int
    now: int
    loans: int
    carried: Money
    remeasured: Money


@dataclass(frozen=True, kw_only=True)
class MonthMoves:
    """A month's movements; `since` is None where nothing was booked before.

    `books_opening` and `books_closing` are the general ledger's, `charged` is what the valuations
    of the month booked, above zero an expense.
    """

    since: date | None
    until: date
    runs: tuple[str, ...]
    rows: tuple[StageMoves, ...]
    passages: tuple[Passage, ...]
    books_opening: Money
    books_closing: Money
    books_undrawn: Money
    charged: Money

    def sum_of(self, stages: Iterable[int], product_code: str = "") -> StageMoves:
        """Return the sum of some stages, of a product or of all; its own stage is the first."""
        wanted = tuple(stages)
        rows = [
            one
            for one in self.rows
            if one.stage in wanted and product_code in {"", one.product_code}
        ]
        return StageMoves(
            product_code=product_code,
            stage=wanted[0],
            opening=sum((one.opening for one in rows), Money.zero()),
            moved={
                name: sum((one.moved[name] for one in rows), Money.zero())
                for name in MOVEMENT_KINDS
            },
            closing=sum((one.closing for one in rows), Money.zero()),
        )

    @property
    def is_whole(self) -> bool:
        """Whether every fen is told, and both ends are the general ledger's."""
        total = self.sum_of(range(FLOOR_STAGE, 4))
        return (
            total.opening == self.books_opening
            and total.closing == self.books_closing
            and self.sum_of([UNDRAWN_STAGE]).closing == self.books_undrawn
            and not any(one.gap for one in self.rows)
        )


def months_booked() -> tuple[date, ...]:
    """Return the first days of months with a booked valuation, the latest first."""
    rows = AllowanceRun.objects.filter(state="approved").values_list("on", flat=True)
    return tuple(sorted({on.replace(day=1) for on in rows}, reverse=True))


def moves_of_month(month: date) -> MonthMoves | None:
    """Return what moved in the month that begins on `month`; None where nothing was booked."""
    after = (month + timedelta(days=32)).replace(day=1)
    booked = AllowanceRun.objects.filter(state="approved").order_by("on", "made_at")
    runs = list(booked.filter(on__gte=month, on__lt=after))
    if not runs:
        return None
    before, last = booked.filter(on__lt=month).last(), runs[-1]
    opening = standing_of(before) if before else {}
    closing = standing_of(last)
    moved, passages = _moved(runs)
    # The floor's part, stage 0, stands below the stages.
    places = sorted({*opening, *closing, *moved}, key=lambda one: (one[0], one[1] or 4))
    charged = AllowanceEntry.objects.filter(kind="run", cause_id__in=[run.pk for run in runs])
    return MonthMoves(
        since=before.on if before else None,
        until=last.on,
        runs=tuple(run.number for run in runs),
        rows=tuple(
            StageMoves(
                product_code=product,
                stage=stage,
                opening=Money(opening.get((product, stage), 0)),
                moved={name: Money(moved[product, stage].get(name, 0)) for name in MOVEMENT_KINDS},
                closing=Money(closing.get((product, stage), 0)),
            )
            for product, stage in places
        )
        + _undrawn_moves(before, last),
        passages=passages,
        books_opening=_in_books(ALLOWANCE, before.on) if before else Money.zero(),
        books_closing=_in_books(ALLOWANCE, last.on),
        books_undrawn=_in_books(UNDRAWN, last.on),
        charged=Money(charged.aggregate(sum=Sum("minor"))["sum"] or 0),
    )


def standing_of(run: AllowanceRun) -> dict[tuple[str, int], int]:
    """Return what a valuation books by product and stage, in fen; the floor's part as stage 0."""
    found: dict[tuple[str, int], int] = {}
    for product, target in AllowanceProduct.objects.filter(run=run).values_list(
        "product_code", "target_minor"
    ):
        found[product, FLOOR_STAGE] = target
    lines = AllowanceLine.objects.filter(run=run).values_list("product_code", "stage")
    for product, stage, expected in lines.annotate(sum=Sum("expected_minor")).order_by():
        found[product, stage] = expected
        found[product, FLOOR_STAGE] -= expected
    return found


def undrawn_of(run: AllowanceRun | None) -> dict[str, int]:
    """Return what a valuation books for undrawn sums by product, in fen; nothing of none."""
    rows = CommitmentProduct.objects.filter(run=run) if run else ()
    return {row.product_code: row.target_minor for row in rows}


def _undrawn_moves(before: AllowanceRun | None, last: AllowanceRun) -> tuple[StageMoves, ...]:
    opening, closing = undrawn_of(before), undrawn_of(last)
    found = []
    for product in sorted({*opening, *closing}):
        was, now = opening.get(product, 0), closing.get(product, 0)
        moved = {name: Money.zero() for name in MOVEMENT_KINDS} | {"remeasured": Money(now - was)}
        found.append(
            StageMoves(
                product_code=product,
                stage=UNDRAWN_STAGE,
                opening=Money(was),
                moved=moved,
                closing=Money(now),
            )
        )
    return tuple(found)


def _in_books(line: str, on: date) -> Money:
    """Return what the general ledger holds on a line for all products as of a date."""
    return sum(balances_of_line_on(line, on).values(), Money.zero())


def _moved(
    runs: Iterable[AllowanceRun],
) -> tuple[dict[tuple[str, int], dict[str, int]], tuple[Passage, ...]]:
    """Return what moved by product, stage and column, and the passages between stages."""
    moved: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    passages: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    rows = AllowanceMovement.objects.filter(run__in=runs).values(
        "product_code", "stage", "kind", "other"
    )
    for row in rows.annotate(many=Sum("loans"), sum=Sum("minor")):
        stage, kind, passage = row["stage"], row["kind"], passages[row["other"], row["stage"]]
        moved[row["product_code"], stage][kind] += row["sum"]
        if kind == "transfer-in":
            passage[0] += row["many"]
            passage[1] += row["sum"]
        elif kind == "stage":
            passage[2] += row["sum"]
    return moved, tuple(
        Passage(was=was, now=now, loans=loans, carried=Money(carried), remeasured=Money(rest))
        for (was, now), (loans, carried, rest) in sorted(passages.items())
        if loans
    )
