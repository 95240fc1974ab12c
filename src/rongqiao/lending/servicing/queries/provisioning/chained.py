"""Law 5: what moved the allowance leads from valuation to valuation and to the books.

Every booked valuation begins where the one before it ended, with what write-offs drew and
recoveries gave in between; its movements lead from stage to stage to where it stands; every line
of the allowance is one posting of the general ledger, of that day and sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Sum

from rongqiao.lending.servicing.models.allowance import (
    AllowanceEntry,
    AllowanceLine,
    AllowanceMovement,
    AllowanceProduct,
    AllowanceRun,
    CommitmentProduct,
)
from rongqiao.lending.servicing.postings import (
    ALLOWANCE,
    UNDRAWN,
    accounts_of_undrawn,
    allowance_account,
)
from rongqiao.lending.servicing.queries.provisioning.movements import FLOOR_STAGE
from rongqiao.money.ledger.queries.books import (
    NAMED_AT_MOST,
    Checked,
    balances_of_line,
    postings_of_line,
)

_LAW = "5 movements of the allowance lead from valuation to valuation and to the books"
_Fen = defaultdict[Any, int]
# What is compared, what was told of it, and what is to be found instead.
_Compared = tuple[str, int | str, int | str]


def _fen() -> _Fen:
    return defaultdict(int)


@dataclass
class _Run:
    """A booked valuation: by product and stage where it stands and what moved it, in fen."""

    number: str
    on: date
    opening: _Fen = field(default_factory=_fen)
    target: _Fen = field(default_factory=_fen)
    standing: _Fen = field(default_factory=_fen)
    moved: _Fen = field(default_factory=_fen)
    # By product and kind.
    told: _Fen = field(default_factory=_fen)
    # Between two stages: what left the one less what came to the other.
    carried: _Fen = field(default_factory=_fen)
    booked: _Fen = field(default_factory=_fen)


def check_movements() -> Checked:
    """Check every booked valuation against the one before it, and the last one to the books.

    `checked` counts what was compared: stages, products and postings.
    """
    runs = _booked_runs()
    drawn = _drawn()
    compared: list[_Compared] = []
    before = _Run(number="none", on=date.min)
    for run in runs:
        compared += _steps(before, run, drawn)
        before = run
    compared += _to_the_books(before, drawn)
    compared += _postings()
    compared += _undrawn()
    wrong = [f"{what}: {told}, not {held}" for what, told, held in compared if told != held]
    return Checked(
        law=_LAW, checked=len(compared), broken=len(wrong), examples=tuple(wrong[:NAMED_AT_MOST])
    )


def _steps(before: _Run, run: _Run, drawn: Mapping[Any, int]) -> Iterator[_Compared]:
    """Yield what was told of a step between two valuations, and what is to be found instead."""
    for product, stage in sorted({*before.standing, *run.standing, *run.moved}):
        place = product, stage
        told = before.standing[place] + run.moved[place]
        yield f"{run.number} {product} stage {stage}", told, run.standing[place]
    between = _between(before.on, run.on, drawn)
    for product in sorted({*before.target, *run.target, *(code for code, _kind in between)}):
        for kind in ("write-off", "recovery"):
            place = product, kind
            yield f"{run.number} {product} {kind}", run.told[place], between[place]
        came = between[product, "write-off"] + between[product, "recovery"]
        yield f"{run.number} {product} opening", run.opening[product], before.target[product] + came
        charged = run.target[product] - run.opening[product]
        yield f"{run.number} {product} charge", run.booked[product], charged
    for (product, was, now), left in sorted(run.carried.items()):
        yield f"{run.number} {product} from stage {was} to {now}", left, 0


def _to_the_books(last: _Run, drawn: Mapping[Any, int]) -> Iterator[_Compared]:
    """Yield the last valuation with what moved since, beside the balance in the books."""
    since = _between(last.on, date.max, drawn)
    held = balances_of_line(ALLOWANCE)
    codes = {allowance_account(code): code for code in (*last.target, *(one for one, _ in since))}
    for account in sorted({*codes, *held}):
        product = codes.get(account, "")
        told = last.target[product] + since[product, "write-off"] + since[product, "recovery"]
        yield f"{account} now", told, held[account].minor if account in held else 0


def _postings() -> Iterator[_Compared]:
    """Yield every line of the allowance and every posting of its accounts, side by side."""
    told: dict[tuple[str, int], str] = {}
    rows = AllowanceEntry.objects.order_by("id")
    for product, journal, on, minor in rows.values_list(
        "product_code", "journal_id", "on", "minor"
    ):
        told[allowance_account(product), journal] = f"{minor} on {on}"
    held = {
        (one.account, one.journal): f"{one.amount.minor} on {one.value_on}"
        for one in postings_of_line(ALLOWANCE)
    }
    for account, journal in sorted({*told, *held}):
        place = account, journal
        yield f"{account} journal {journal}", told.get(place, "none"), held.get(place, "none")


def _undrawn() -> Iterator[_Compared]:
    """Yield what valuations booked for undrawn sums, each from where the last one stood."""
    stands: _Fen = _fen()
    told: dict[tuple[str, int | None], str] = {}
    rows = CommitmentProduct.objects.filter(run__state="approved").select_related("run")
    for row in rows.order_by("run__on", "run__made_at", "product_code"):
        product, run = row.product_code, row.run
        yield f"{run.number} {product} undrawn opening", row.opening_minor, stands[product]
        stands[product] = row.target_minor
        if row.movement_minor:
            place = accounts_of_undrawn(product)[0], run.journal_id
            told[place] = f"{row.movement_minor} on {run.on}"
    held = {
        (one.account, one.journal): f"{one.amount.minor} on {one.value_on}"
        for one in postings_of_line(UNDRAWN)
    }
    for place in sorted({*told, *held}, key=str):
        account, journal = place
        posted = held.get(place, "none") if journal is not None else "none"  # type: ignore[arg-type]
        yield f"{account} journal {journal}", told.get(place, "none"), posted


def _between(after: date, until: date, drawn: Mapping[Any, int]) -> _Fen:
    """Return what write-offs and recoveries moved after one date up to another."""
    found = _fen()
    for (product, kind, on), minor in drawn.items():
        if after < on <= until:
            found[product, kind] += minor
    return found


def _drawn() -> dict[tuple[str, str, date], int]:
    rows = AllowanceEntry.objects.exclude(kind="run").values_list("product_code", "kind", "on")
    return {
        (product, kind, on): minor
        for product, kind, on, minor in rows.annotate(sum=Sum("minor")).order_by()
    }


def _booked_runs() -> Iterable[_Run]:
    """Return the booked valuations in the order they were booked in, each with its figures."""
    rows = AllowanceRun.objects.filter(state="approved").order_by("on", "made_at")
    runs: dict[UUID, _Run] = {row.pk: _Run(number=row.number, on=row.on) for row in rows}
    asked = AllowanceProduct.objects.filter(run__in=list(runs))
    for one in asked:
        run = runs[one.run_id]
        run.opening[one.product_code] = one.opening_minor
        run.target[one.product_code] = one.target_minor
        run.standing[one.product_code, FLOOR_STAGE] += one.target_minor
    lines = AllowanceLine.objects.filter(run__in=list(runs))
    grouped = lines.values_list("run_id", "product_code", "stage").annotate(
        sum=Sum("expected_minor")
    )
    for run_id, product, stage, expected in grouped.order_by():
        runs[run_id].standing[product, stage] += expected
        runs[run_id].standing[product, FLOOR_STAGE] -= expected
    for row in AllowanceMovement.objects.filter(run__in=list(runs)):
        _take(runs[row.run_id], row)
    charges = AllowanceEntry.objects.filter(kind="run").annotate(run=F("cause_id"))
    for cause, product, minor in charges.values_list("run", "product_code", "minor"):
        if cause in runs:
            runs[cause].booked[product] += minor
    return runs.values()


def _take(run: _Run, row: AllowanceMovement) -> None:
    """Count a movement in."""
    run.moved[row.product_code, row.stage] += row.minor
    run.told[row.product_code, row.kind] += row.minor
    if row.kind == "transfer-out":
        run.carried[row.product_code, row.stage, row.other] += row.minor
    elif row.kind == "transfer-in":
        run.carried[row.product_code, row.other, row.stage] += row.minor
