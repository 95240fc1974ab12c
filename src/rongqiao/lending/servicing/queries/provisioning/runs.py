"""Valuations of the portfolio for the allowance: by stage, class and product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.allowance import (
    STANDING,
    AllowanceEntry,
    AllowanceLine,
    AllowanceProduct,
    AllowanceRun,
    CommitmentProduct,
)
from rongqiao.lending.servicing.models.closing_days import PortfolioDay
from rongqiao.platform.refusals import NotFound

PAGE = 24


@dataclass(frozen=True, kw_only=True)
class LineView:
    """Loans of a product in a stage and five-tier class."""

    product_code: str
    stage: int
    risk_class: str
    loans: int
    principal: Money
    exposure: Money
    expected: Money
    floor: Money


@dataclass(frozen=True, kw_only=True)
class ProductView:
    """A product's allowance: before, as it is to be, and what is booked between the two."""

    product_code: str
    expected: Money
    floor: Money
    opening: Money
    target: Money

    @property
    def movement(self) -> Money:
        """Above zero where the allowance grows, an expense."""
        return self.target - self.opening


@dataclass(frozen=True, kw_only=True)
class UndrawnView:
    """A product's sums that are agreed but undrawn, and what is provided for them (2801)."""

    product_code: str
    loans: int
    undrawn: Money
    opening: Money
    target: Money

    @property
    def movement(self) -> Money:
        """Above zero where more is provided, an expense."""
        return self.target - self.opening


@dataclass(frozen=True, kw_only=True)
class RunHead:
    """A valuation without its figures. `is_latest`: no newer one stands beside it."""

    id: UUID
    number: str
    on: date
    rule_id: UUID
    rule_number: int
    conversion_percent: int
    state: str
    made_by: str
    made_at: datetime
    proposed_by: str
    proposed_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    declined_because: str
    journal_id: int | None
    opening: Money
    target: Money
    undrawn_opening: Money
    undrawn_target: Money
    is_latest: bool

    @property
    def movement(self) -> Money:
        """What all products together book, for loans and for undrawn sums."""
        return self.target - self.opening + self.undrawn_target - self.undrawn_opening


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A valuation with its figures."""

    head: RunHead
    lines: tuple[LineView, ...]
    products: tuple[ProductView, ...]
    undrawn: tuple[UndrawnView, ...]

    @property
    def expected(self) -> Money:
        """Expected loss of all loans."""
        return sum((one.expected for one in self.lines), Money.zero())

    @property
    def floor(self) -> Money:
        """What the floor asks of all loans."""
        return sum((one.floor for one in self.lines), Money.zero())

    @property
    def exposure(self) -> Money:
        """What all loans owe."""
        return sum((one.exposure for one in self.lines), Money.zero())


def allowances_on(on: date) -> dict[str, int]:
    """Return what the books held by product as of a date, in fen, by value date."""
    rows = AllowanceEntry.objects.filter(on__lte=on).values("product_code")
    return {row["product_code"]: row["held"] for row in rows.annotate(held=Sum("minor"))}


def allowance_now() -> Money:
    """Return what the books hold in all."""
    return Money(AllowanceEntry.objects.aggregate(held=Sum("minor"))["held"] or 0)


def undrawn_held() -> dict[str, int]:
    """Return what is provided for undrawn sums by product, in fen: as the last booked run asked."""
    last = last_booked()
    rows = CommitmentProduct.objects.filter(run=last, target_minor__gt=0) if last else ()
    return {row.product_code: row.target_minor for row in rows}


def newer_runs(run: AllowanceRun) -> bool:
    """Tell whether a newer valuation stands: of a later date, or of the same one made later."""
    later = Q(on__gt=run.on) | Q(on=run.on, made_at__gt=run.made_at)
    return AllowanceRun.objects.filter(later, state__in=STANDING).exclude(pk=run.pk).exists()


def is_valued(on: date) -> bool:
    """Tell whether the portfolio was valued as of a date, whatever became of it."""
    return AllowanceRun.objects.filter(on=on).exists()


def unvalued_month(today: date) -> date | None:
    """Return the end of the month before `today` where it closed with loans but was not valued."""
    on = today.replace(day=1) - timedelta(days=1)
    had_loans = PortfolioDay.objects.filter(on=on).exists()
    return on if had_loans and not is_valued(on) else None


def last_booked() -> AllowanceRun | None:
    """Return the valuation that was booked last: only newer ones are booked after it."""
    rows = AllowanceRun.objects.select_related("rule").filter(state="approved")
    return rows.order_by("-on", "-made_at").first()


def list_runs(offset: int = 0, limit: int = PAGE) -> tuple[RunHead, ...]:
    """Return valuations, the latest first."""
    rows = AllowanceRun.objects.select_related("rule").order_by("-on", "-made_at")
    return _heads(rows[offset : offset + limit])


def count_waiting() -> int:
    """Return how many valuations wait for a second person."""
    return AllowanceRun.objects.filter(state="waiting").count()


def waiting_run() -> RunHead | None:
    """Return the latest valuation that waits for a second person, or None."""
    rows = AllowanceRun.objects.select_related("rule").filter(state="waiting")
    return next(iter(_heads(rows.order_by("-on", "-made_at")[:1])), None)


def latest_run() -> UUID | None:
    """Return the latest valuation, or None where there is none."""
    rows = AllowanceRun.objects.order_by("-on", "-made_at")
    return rows.values_list("pk", flat=True).first()


def get_run(run_id: UUID) -> RunView:
    """Return one valuation. Raises NotFound."""
    row = AllowanceRun.objects.select_related("rule").filter(pk=run_id).first()
    if row is None:
        raise NotFound(what="allowance-run")
    lines = AllowanceLine.objects.filter(run=row).order_by("product_code", "stage", "id")
    views = tuple(_line(one) for one in lines)
    return RunView(
        head=_heads([row])[0],
        lines=views,
        products=tuple(
            _product(one, views)
            for one in AllowanceProduct.objects.filter(run=row).order_by("product_code")
        ),
        undrawn=tuple(
            UndrawnView(
                product_code=one.product_code,
                loans=one.loans,
                undrawn=Money(one.undrawn_minor),
                opening=Money(one.opening_minor),
                target=Money(one.target_minor),
            )
            for one in CommitmentProduct.objects.filter(run=row).order_by("product_code")
        ),
    )


def _heads(rows: Iterable[AllowanceRun]) -> tuple[RunHead, ...]:
    found = list(rows)
    sums, undrawn = _sums(AllowanceProduct, found), _sums(CommitmentProduct, found)
    standing = AllowanceRun.objects.filter(state__in=STANDING).order_by("-on", "-made_at")
    newest = standing.values_list("pk", flat=True).first()
    nothing = Money.zero(), Money.zero()
    return tuple(
        _head(
            row,
            sums.get(row.pk, nothing),
            undrawn.get(row.pk, nothing),
            is_latest=row.pk == newest,
        )
        for row in found
    )


def _sums(
    table: type[AllowanceProduct | CommitmentProduct], runs: Iterable[AllowanceRun]
) -> dict[UUID, tuple[Money, Money]]:
    """Return what each run asks of all products: before, and as it is to be."""
    rows = table.objects.filter(run__in=runs).values("run_id")
    return {
        row["run_id"]: (Money(row["opening"]), Money(row["target"]))
        for row in rows.annotate(opening=Sum("opening_minor"), target=Sum("target_minor"))
    }


def _head(
    row: AllowanceRun,
    loans: tuple[Money, Money],
    undrawn: tuple[Money, Money],
    *,
    is_latest: bool,
) -> RunHead:
    return RunHead(
        id=row.pk,
        number=row.number,
        on=row.on,
        rule_id=row.rule_id,
        rule_number=row.rule.number,
        conversion_percent=row.rule.conversion_percent,
        state=row.state,
        made_by=row.made_by,
        made_at=row.made_at,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        declined_because=row.declined_because,
        journal_id=row.journal_id,
        opening=loans[0],
        target=loans[1],
        undrawn_opening=undrawn[0],
        undrawn_target=undrawn[1],
        is_latest=is_latest,
    )


def _line(row: AllowanceLine) -> LineView:
    return LineView(
        product_code=row.product_code,
        stage=row.stage,
        risk_class=row.risk_class,
        loans=row.loans,
        principal=Money(row.principal_minor),
        exposure=Money(row.exposure_minor),
        expected=Money(row.expected_minor),
        floor=Money(row.floor_minor),
    )


def _product(row: AllowanceProduct, lines: Iterable[LineView]) -> ProductView:
    own = [one for one in lines if one.product_code == row.product_code]
    return ProductView(
        product_code=row.product_code,
        expected=sum((one.expected for one in own), Money.zero()),
        floor=sum((one.floor for one in own), Money.zero()),
        opening=Money(row.opening_minor),
        target=Money(row.target_minor),
    )
