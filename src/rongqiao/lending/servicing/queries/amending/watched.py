"""Restructured loans that are watched, and for how long yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.changes import RESTRUCTURING, TermChange
from rongqiao.lending.servicing.models.loans import Loan

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class WatchedLoan:
    """A watched loan: when it was restructured last and how often in all, and how it stands.

    The watch ends as `until` opens, `days_left` from the day asked for, unless a day late comes.
    """

    id: UUID
    number: str
    party_id: UUID
    restructured_on: date
    times: int
    until: date
    days_left: int
    state: str
    risk_class: str
    days_past_due: int
    principal: Money


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A loan's watch: from its first due date on the new terms to the day it ends."""

    from_on: date
    until: date
    days_left: int


@dataclass(frozen=True, kw_only=True)
class WatchedSums:
    """How many loans are watched, and the principal they owe."""

    loans: int
    principal: Money


def list_watched(on: date, offset: int, limit: int = PAGE) -> tuple[WatchedLoan, ...]:
    """Return watched loans, the one whose watch ends first at first."""
    loans = list(
        Loan.objects.filter(watched_until__isnull=False).order_by("watched_until", "id")[
            offset : offset + limit
        ]
    )
    made = {
        row["loan_id"]: row
        for row in TermChange.objects.filter(loan__in=loans, kind=RESTRUCTURING, state="approved")
        .values("loan_id")
        .annotate(times=Count("id"), last=Max("decided_on"))
    }
    return tuple(
        WatchedLoan(
            id=loan.pk,
            number=loan.number,
            party_id=loan.party_id,
            restructured_on=made[loan.pk]["last"],
            times=made[loan.pk]["times"],
            until=loan.watched_until,
            days_left=(loan.watched_until - on).days,
            state=loan.state,
            risk_class=loan.risk_class,
            days_past_due=loan.days_past_due,
            principal=Money(loan.principal_outstanding_minor),
        )
        for loan in loans
        if loan.watched_until is not None
    )


def watched_sums() -> WatchedSums:
    """Return how many loans are watched and what principal they owe."""
    found = Loan.objects.filter(watched_until__isnull=False).aggregate(
        loans=Count("id"), principal=Sum("principal_outstanding_minor")
    )
    return WatchedSums(loans=found["loans"], principal=Money(found["principal"] or 0))


def watch_of(loan_id: UUID, on: date) -> Watch | None:
    """Return a loan's watch as of `on`, None where it is not watched."""
    loan = Loan.objects.filter(pk=loan_id, watched_until__isnull=False).first()
    if loan is None or loan.watched_from is None or loan.watched_until is None:
        return None
    left = (loan.watched_until - on).days
    return Watch(from_on=loan.watched_from, until=loan.watched_until, days_left=left)
