"""What end of day needs to know: where it stands, and which loans may be debited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models import LIVE, EndOfDayStep, Instalment
from rongqiao.lending.servicing.postings import wallet
from rongqiao.money.ledger.queries.books import balances
from rongqiao.platform.models import BusinessDate

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


@dataclass(frozen=True, kw_only=True)
class Collectable:
    """A loan whose borrower authorised debits, and what its wallet can pay of what is due."""

    loan_id: UUID
    party_id: UUID
    amount: Money


def open_business_date() -> date | None:
    """Return the business date that is open, or None before the first one was set."""
    row = BusinessDate.objects.filter(pk=1).first()
    return row.on if row else None


def planned_chunks(on: date) -> int:
    """Return into how many chunks the closing of `on` was cut; 0 before it was planned."""
    last = EndOfDayStep.objects.filter(on=on).order_by("-chunk").first()
    return last.chunk + 1 if last else 0


def list_collectable(on: date) -> tuple[Collectable, ...]:
    """Return what the wallets of willing borrowers can pay of instalments due by `on`."""
    late = (
        Instalment.objects.filter(
            settled_on=None,
            is_due=True,
            due_on__lte=on,
            loan__is_debit_authorised=True,
            loan__state__in=LIVE,
        )
        .values("loan_id", "loan__party_id")
        .annotate(owing=Sum(_LEFT))
        .order_by("loan_id")
    )
    rows = list(late)
    money = balances([wallet(row["loan__party_id"]) for row in rows])
    found = []
    for row in rows:
        party = row["loan__party_id"]
        there = money.get(wallet(party), Money.zero()).minor
        amount = min(there, row["owing"])
        if amount > 0:
            money[wallet(party)] = Money(there - amount)
            found.append(Collectable(loan_id=row["loan_id"], party_id=party, amount=Money(amount)))
    return tuple(found)
