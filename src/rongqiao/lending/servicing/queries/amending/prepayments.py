"""Prepayments in part as pages show them: a quote with its plans, and the plans they replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.quotes import PrepaymentQuote
from rongqiao.lending.servicing.models.loans import FormerPlan
from rongqiao.platform.refusals import NotFound

# What the page shows first: the one that saves more.
_ORDER = ("shorten", "lower")


@dataclass(frozen=True, kw_only=True)
class KeptRow:
    """A row of a plan that is offered, or that was replaced."""

    no: int
    from_on: date
    due_on: date
    principal: Money
    interest: Money
    fee: Money
    balance: Money

    @property
    def payment(self) -> Money:
        """All of it."""
        return self.principal + self.interest + self.fee


@dataclass(frozen=True, kw_only=True)
class Option:
    """What one choice makes of the plan: `rows` from now on, and the interest that is saved."""

    choice: str
    rows: tuple[KeptRow, ...]
    next_due_on: date
    next_due: Money
    matures_on: date
    interest_saved: Money


@dataclass(frozen=True, kw_only=True)
class PrepaymentQuoteView:
    """A quote as it was given; `chosen` is empty until it was paid."""

    id: UUID
    loan_id: UUID
    valid_on: date
    quoted_at: datetime
    principal: Money
    interest: Money
    fee: Money
    total: Money
    options: tuple[Option, ...]
    chosen: str


@dataclass(frozen=True, kw_only=True)
class FormerPlanView:
    """The rows ahead as they stood until `replaced_on`."""

    no: int
    cause: str
    replaced_on: date
    rows: tuple[KeptRow, ...]


def get_prepayment_quote(quote_id: UUID, party_id: UUID) -> PrepaymentQuoteView:
    """Return a quote on one of the party's loans. Raises NotFound."""
    row = PrepaymentQuote.objects.filter(pk=quote_id, loan__party_id=party_id).first()
    if row is None:
        raise NotFound(what="prepayment-quote")
    return PrepaymentQuoteView(
        id=row.pk,
        loan_id=row.loan_id,
        valid_on=row.valid_on,
        quoted_at=row.quoted_at,
        principal=Money(row.principal_minor),
        interest=Money(row.interest_minor),
        fee=Money(row.fee_minor),
        total=Money(row.principal_minor + row.interest_minor + row.fee_minor),
        options=tuple(_option(row, choice) for choice in _ORDER if choice in row.plans),
        chosen=row.chosen,
    )


def list_former_plans(loan_id: UUID) -> tuple[FormerPlanView, ...]:
    """Return the plans that were replaced, the latest first."""
    return tuple(
        FormerPlanView(
            no=plan.no, cause=plan.cause, replaced_on=plan.replaced_on, rows=kept_rows(plan.rows)
        )
        for plan in FormerPlan.objects.filter(loan_id=loan_id).order_by("-no")
    )


def _option(quote: PrepaymentQuote, choice: str) -> Option:
    # The first row is the prepayment itself, with the interest of the days used.
    rows = kept_rows(quote.plans[choice])
    planned = sum(row.interest.minor for row in rows)
    following = rows[1]
    return Option(
        choice=choice,
        rows=rows[1:],
        next_due_on=following.due_on,
        next_due=following.payment,
        matures_on=rows[-1].due_on,
        interest_saved=Money(quote.interest_ahead_minor - planned),
    )


def kept_rows(kept: Iterable[list[Any]]) -> tuple[KeptRow, ...]:
    """Return the rows of a plan as it was kept."""
    return tuple(
        KeptRow(
            no=no,
            from_on=date.fromisoformat(start),
            due_on=date.fromisoformat(due),
            principal=Money(principal),
            interest=Money(interest),
            fee=Money(fee),
            balance=Money(balance),
        )
        for no, start, due, principal, interest, fee, balance in kept
    )
