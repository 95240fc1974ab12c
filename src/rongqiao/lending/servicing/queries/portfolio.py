"""The portfolio for staff: by five-tier class today, and day by day as business dates closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, DateField, ExpressionWrapper, F, Q, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.looking_back.grades import GRADED
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, PortfolioDay
from rongqiao.lending.servicing.models.loans import CLASSES, Loan
from rongqiao.platform.models import BusinessDate


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


# Interest owed of each loan as far as it is booked: what of the running period closed days have
# earned is worked out, not stored. A parked loan's days since it was put aside are not booked.
INTEREST_OWED = """loan.interest_outstanding_minor - loan.period_accrued_minor
  + coalesce(servicing_booked(loan, CASE WHEN parked.id IS NULL THEN %(booked_to)s::date
      WHEN parked.step = 'accrue' THEN parked."on" ELSE parked."on" + 1 END),
    loan.period_accrued_minor)"""
LOANS_AND_PARKED = """servicing_loan AS loan LEFT JOIN servicing_parkedloan AS parked
  ON parked.loan_id = loan.id AND parked.released_at IS NULL"""

# Loans of a period by product and grade: number, lent, interest received and owed, given up, bad.
_LENT = f"""SELECT loan.product_code, graded.grade, count(*), sum(loan.principal_minor)::bigint,
  sum(coalesce(paid.interest, 0) + {INTEREST_OWED})::bigint,
  coalesce(sum(lost.principal), 0)::bigint,
  coalesce(sum(loan.principal_outstanding_minor)
    FILTER (WHERE loan.risk_class IN ('substandard', 'doubtful', 'loss')), 0)::bigint
FROM {LOANS_AND_PARKED}
JOIN {GRADED} AS graded ON graded.agreement_id = loan.agreement_id
LEFT JOIN LATERAL (SELECT sum(one.interest_paid_minor) AS interest
  FROM servicing_instalment AS one WHERE one.loan_id = loan.id) AS paid ON true
LEFT JOIN LATERAL (SELECT sum(one.principal_minor - one.principal_recovered_minor) AS principal
  FROM servicing_writeoff AS one WHERE one.loan_id = loan.id AND one.state = 'approved') AS lost
  ON true
WHERE loan.disbursed_on BETWEEN %(from)s AND %(to)s AND loan.state NOT IN ('pending', 'cancelled')
  AND loan.id >= %(first)s AND (%(before)s::uuid IS NULL OR loan.id < %(before)s)
GROUP BY 1, 2"""  # noqa: S608 - own words


def interest_owed() -> dict[str, int]:
    """Return interest owed in fen by product, as far as it is booked or waits in a chunk's row."""
    owed: dict[str, int] = {}
    for first, before, booked_to in _stretches():
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT loan.product_code, sum({INTEREST_OWED})::bigint FROM {LOANS_AND_PARKED}
                WHERE loan.id >= %(first)s AND (%(before)s::uuid IS NULL OR loan.id < %(before)s)
                GROUP BY 1""",  # noqa: S608 - own words
                {"first": first, "before": before, "booked_to": booked_to},
            )
            for product, minor in cursor.fetchall():
                owed[product] = owed.get(product, 0) + minor
    return owed


def _stretches() -> list[tuple[UUID, UUID | None, date]]:
    """Return which loans are booked before which day: all alike but while a date is closed."""
    business = BusinessDate.objects.filter(pk=1).first()
    on = business.on if business else date.min
    found: list[tuple[UUID, UUID | None, date]] = []
    for chunk in EndOfDayStep.objects.filter(on=on, step="accrue").order_by("chunk"):
        booked_to = on if chunk.done_at is None else on + timedelta(days=1)
        first = chunk.first_loan
        if found and found[-1][2] == booked_to:
            first = found.pop()[0]
        found.append((first, chunk.before_loan, booked_to))
    return found or [(UUID(int=0), None, on)]


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
        interest=Money(sum(interest_owed().values())),
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


@dataclass(frozen=True, kw_only=True)
class LentLine:
    """What was lent in a period by product and grade, and what it brought as far as it is booked.

    `interest` is what was received and what is owed; `given_up` is principal written off that did
    not come back, `not_performing` principal still owed of the three lowest classes.
    """

    product_code: str
    grade: str
    loans: int
    lent: Money
    interest: Money
    given_up: Money
    not_performing: Money


def lent_between(first: date, last: date) -> tuple[LentLine, ...]:
    """Return what loans begun between two dates, both included, come to; taken over ones do not.

    One statement for each stretch of loans booked to one day: one, but while a date is closed.
    """
    sums: dict[tuple[str, str], list[int]] = {}
    for first_loan, before, booked_to in _stretches():
        with connection.cursor() as cursor:
            cursor.execute(
                _LENT,
                {
                    "from": first,
                    "to": last,
                    "first": first_loan,
                    "before": before,
                    "booked_to": booked_to,
                },
            )
            for product, grade, *figures in cursor.fetchall():
                had = sums.get((product, grade), [0] * len(figures))
                sums[product, grade] = [a + b for a, b in zip(had, figures, strict=True)]
    return tuple(
        LentLine(
            product_code=product,
            grade=grade,
            loans=figures[0],
            lent=Money(figures[1]),
            interest=Money(figures[2]),
            given_up=Money(figures[3]),
            not_performing=Money(figures[4]),
        )
        for (product, grade), figures in sorted(sums.items())
    )
