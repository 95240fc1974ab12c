"""Loans by the day: where its closing stands, what falls due, which loans may be debited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Case, F, Min, Sum, When

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import LIVE, Instalment, Loan
from rongqiao.lending.servicing.postings import wallet
from rongqiao.lending.servicing.queries.amending.holds import held_parties
from rongqiao.money.ledger.queries.availability import available_in
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.refusals import NotFound

BATCH = 1_000
_LEFT = (
    F("principal_minor")
    - F("principal_paid_minor")
    + F("interest_charged_minor")
    - F("interest_paid_minor")
    + F("penalty_charged_minor")
    - F("penalty_paid_minor")
    + F("fee_charged_minor")
    - F("fee_paid_minor")
)
# What is left of an instalment that fell due, or what one ahead will ask for. Two of a loan share a
# due date where interest was put off to it.
_ASKED = Case(
    When(is_due=True, then=_LEFT),
    default=F("principal_minor") + F("interest_minor") + F("fee_minor") - F("principal_paid_minor"),
)


@dataclass(frozen=True, kw_only=True)
class Collectable:
    """A loan whose borrower authorised debits, and what its wallet can pay of what is due."""

    loan_id: UUID
    party_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Short:
    """A loan whose borrower authorised debits, and what the wallet lacks of what is due."""

    loan_id: UUID
    party_id: UUID
    amount: Money
    oldest_due_on: date


@dataclass(frozen=True, kw_only=True)
class DueLoan:
    """What a loan is asked for on one due date and has not paid: as planned, or as charged."""

    loan_id: UUID
    party_id: UUID
    number: str
    due_on: date
    amount: Money


@dataclass(frozen=True, kw_only=True)
class _Owing:
    loan_id: UUID
    party_id: UUID
    amount: Money
    oldest_due_on: date


def open_business_date() -> date | None:
    """Return the business date that is open, or None before the first one was set."""
    row = BusinessDate.objects.filter(pk=1).first()
    return row.on if row else None


def planned_chunks(on: date) -> int:
    """Return into how many chunks the closing of `on` was cut; 0 before it was planned."""
    last = EndOfDayStep.objects.filter(on=on).order_by("-chunk").first()
    return last.chunk + 1 if last else 0


def list_dues(due_on: date) -> Iterator[DueLoan]:
    """Yield the loans with something unpaid that falls due on that date, in order of id.

    None of borrowers on hold: nobody reminds them.
    """
    last = UUID(int=0)
    while True:
        rows = list(
            Instalment.objects.filter(
                due_on=due_on, settled_on=None, loan_id__gt=last, loan__state__in=LIVE
            )
            .exclude(loan__party_id__in=held_parties())
            .values("loan_id", "loan__party_id", "loan__number")
            .annotate(asked=Sum(_ASKED))
            .order_by("loan_id")[:BATCH]
        )
        for row in rows:
            if row["asked"] > 0:
                yield DueLoan(
                    loan_id=row["loan_id"],
                    party_id=row["loan__party_id"],
                    number=row["loan__number"],
                    due_on=due_on,
                    amount=Money(row["asked"]),
                )
        if len(rows) < BATCH:
            return
        last = rows[-1]["loan_id"]


def number_of(loan_id: UUID) -> str:
    """Return the number that people read of a loan; raises NotFound."""
    number = Loan.objects.filter(pk=loan_id).values_list("number", flat=True).first()
    if number is None:
        raise NotFound(what="loan")
    return number


def list_collectable(on: date) -> tuple[Collectable, ...]:
    """Return what the wallets of willing borrowers can pay of instalments due by `on`.

    Nothing of borrowers on hold.
    """
    found, money = [], _Purse()
    for row in _owing(on, money):
        amount = min(money.of(row.party_id).minor, row.amount.minor)
        if amount > 0:
            money.spend(row.party_id, amount)
            found.append(
                Collectable(loan_id=row.loan_id, party_id=row.party_id, amount=Money(amount))
            )
    return tuple(found)


def list_short(on: date) -> tuple[Short, ...]:
    """Return what willing borrowers' wallets lack for instalments due by `on`, loan by loan.

    Nothing of borrowers on hold.
    """
    found, money = [], _Purse()
    for row in _owing(on, money):
        there = min(money.of(row.party_id).minor, row.amount.minor)
        money.spend(row.party_id, there)
        if there < row.amount.minor:
            lacking = Money(row.amount.minor - there)
            found.append(
                Short(
                    loan_id=row.loan_id,
                    party_id=row.party_id,
                    amount=lacking,
                    oldest_due_on=row.oldest_due_on,
                )
            )
    return tuple(found)


def owing_of(loan_id: UUID, on: date) -> Money:
    """Return what of one loan is due by `on` and unpaid."""
    rows = Instalment.objects.filter(
        loan_id=loan_id, settled_on=None, is_due=True, due_on__lte=on, loan__state__in=LIVE
    )
    return Money(rows.aggregate(owing=Sum(_LEFT))["owing"] or 0)


class _Purse:
    """What several loans of one borrower share."""

    def __init__(self) -> None:
        self._money: dict[str, Money] = {}

    def fill(self, parties: Iterable[UUID]) -> None:
        self._money = available_in([wallet(party) for party in parties])

    def of(self, party: UUID) -> Money:
        return self._money.get(wallet(party), Money.zero())

    def spend(self, party: UUID, minor: int) -> None:
        self._money[wallet(party)] = Money(self.of(party).minor - minor)


def _owing(on: date, money: _Purse) -> list[_Owing]:
    late = (
        Instalment.objects.filter(
            settled_on=None,
            is_due=True,
            due_on__lte=on,
            loan__is_debit_authorised=True,
            loan__state__in=LIVE,
        )
        .exclude(loan__party_id__in=held_parties())
        .values("loan_id", "loan__party_id")
        .annotate(owing=Sum(_LEFT), oldest=Min("due_on"))
        .order_by("loan_id")
    )
    rows = [
        _Owing(
            loan_id=row["loan_id"],
            party_id=row["loan__party_id"],
            amount=Money(row["owing"]),
            oldest_due_on=row["oldest"],
        )
        for row in late
    ]
    money.fill({row.party_id for row in rows})
    return rows
