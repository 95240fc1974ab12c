"""The portfolio for staff: by five-tier class today, and day by day as business dates closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, DateField, ExpressionWrapper, F, Q, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.closing_days import PortfolioDay
from rongqiao.lending.servicing.models.loans import CLASSES, Loan


@dataclass(frozen=True, kw_only=True)
class ClassFigures:
    """Live loans of one five-tier class."""

    risk_class: str
    loans: int
    principal: Money


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """Live loans by class, worst last, and counts of all loans by state.

    `overdue_principal` is all principal of loans with anything past due.
    """

    classes: tuple[ClassFigures, ...]
    states: dict[str, int]
    principal: Money
    interest: Money
    penalty: Money
    fee: Money
    overdue_loans: int
    overdue_principal: Money
    lent_in_all: Money


@dataclass(frozen=True, kw_only=True)
class PortfolioPoint:
    """The portfolio as one business date closed."""

    on: date
    loans: int
    loans_overdue: int
    principal: Money
    not_performing: Money


def get_portfolio() -> Portfolio:
    """Return the portfolio as it stands."""
    live = Loan.objects.live()
    by_class = {
        row["risk_class"]: row
        for row in live.values("risk_class").annotate(
            loans=Count("id"), principal=Sum("principal_outstanding_minor")
        )
    }
    sums = live.aggregate(
        principal=Sum("principal_outstanding_minor"),
        interest=Sum("interest_outstanding_minor"),
        penalty=Sum("penalty_outstanding_minor"),
        fee=Sum("fee_outstanding_minor"),
        overdue=Count("id", filter=Q(state="overdue")),
        late=Sum("principal_outstanding_minor", filter=Q(state="overdue")),
    )
    states = Loan.objects.values("state").annotate(count=Count("id")).order_by("state")
    lent = Loan.objects.aggregate(lent=Sum("principal_minor"))["lent"]
    return Portfolio(
        classes=tuple(
            ClassFigures(
                risk_class=name,
                loans=by_class[name]["loans"] if name in by_class else 0,
                principal=Money(by_class[name]["principal"] if name in by_class else 0),
            )
            for name in CLASSES
        ),
        states={row["state"]: row["count"] for row in states},
        principal=Money(sums["principal"] or 0),
        interest=Money(sums["interest"] or 0),
        penalty=Money(sums["penalty"] or 0),
        fee=Money(sums["fee"] or 0),
        overdue_loans=sums["overdue"],
        overdue_principal=Money(sums["late"] or 0),
        lent_in_all=Money(lent or 0),
    )


def portfolio_days(first: date, last: date) -> tuple[PortfolioPoint, ...]:
    """Return the closed days between two dates, both included, oldest first."""
    bad = Q(risk_class__in=["substandard", "doubtful", "loss"])
    rows = (
        PortfolioDay.objects.filter(on__range=(first, last))
        .values("on")
        .annotate(
            count=Sum("loans"),
            late=Sum("loans_overdue"),
            principal=Sum("principal_minor"),
            bad=Sum("principal_minor", filter=bad),
        )
        .order_by("on")
    )
    return tuple(
        PortfolioPoint(
            on=row["on"],
            loans=row["count"],
            loans_overdue=row["late"],
            principal=Money(row["principal"]),
            not_performing=Money(row["bad"] or 0),
        )
        for row in rows
    )


def month_end_classes(
    first: date, last: date, product_code: str = ""
) -> tuple[tuple[date, str, int], ...]:
    """Return month's end, five-tier class and principal in fen, of months that ended in between."""
    rows = PortfolioDay.objects.filter(on__range=(first, last))
    if product_code:
        rows = rows.filter(product_code=product_code)
    day_after = ExpressionWrapper(F("on") + timedelta(days=1), output_field=DateField())
    ends = rows.annotate(opening=day_after).filter(opening__day=1)
    summed = ends.values("on", "risk_class").annotate(principal=Sum("principal_minor"))
    return tuple(
        (row["on"], row["risk_class"], row["principal"])
        for row in summed.order_by("on", "risk_class")
    )
