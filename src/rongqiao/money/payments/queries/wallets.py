"""Wallets as their owners see them, and the movements that wait for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries import books as ledger
from rongqiao.money.ledger.queries.books import StatementLine
from rongqiao.money.payments.models.movements import CapitalInjection, Receipt, State
from rongqiao.money.payments.postings import wallet
from rongqiao.platform.crypto import decrypt
from rongqiao.policies.masking import mask_name

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Wallet:
    """A party's money at the platform: `held` + `available` = `balance`, none below zero."""

    party_id: UUID
    balance: Money
    held: Money
    available: Money


@dataclass(frozen=True, kw_only=True)
class MovementView:
    """What every movement shows; `registered_by` and `decided_by` are actors."""

    id: UUID
    number: str
    amount: Money
    state: str
    registered_by: str
    registered_at: datetime
    decided_by: str
    decided_at: datetime | None
    reject_reason: str
    bank_serial: str


@dataclass(frozen=True, kw_only=True)
class ReceiptView(MovementView):
    """A customer's transfer; the payer masked."""

    party_id: UUID
    payer: str
    received_on: date


@dataclass(frozen=True, kw_only=True)
class CapitalView(MovementView):
    """Own funds of the operator."""

    source: str


def wallet_of(party_id: UUID) -> Wallet:
    """Return a party's wallet; one not opened yet is empty."""
    if not ledger.balances([wallet(party_id)]):
        nothing = Money.zero()
        return Wallet(party_id=party_id, balance=nothing, held=nothing, available=nothing)
    state = ledger.account_state(wallet(party_id))
    return Wallet(
        party_id=party_id, balance=state.balance, held=state.held, available=state.available
    )


def statement(
    party_id: UUID, *, before: int | None = None, limit: int = PAGE
) -> tuple[StatementLine, ...]:
    """Return a wallet's movements, newest first; `before` is the last journal number seen."""
    if not ledger.balances([wallet(party_id)]):
        return ()
    return ledger.statement(wallet(party_id), before=before, limit=limit)


def list_receipts(state: str = State.REGISTERED) -> tuple[ReceiptView, ...]:
    """Return receipts in a state, those waiting longest first."""
    rows = Receipt.objects.filter(state=state).order_by("registered_at", "id")[:PAGE]
    return tuple(_receipt(row) for row in rows)


def list_receipts_of(party_id: UUID) -> tuple[ReceiptView, ...]:
    """Return a party's receipts, newest first."""
    rows = Receipt.objects.filter(party_id=party_id).order_by("-registered_at", "-id")[:PAGE]
    return tuple(_receipt(row) for row in rows)


def list_capital(state: str = State.REGISTERED) -> tuple[CapitalView, ...]:
    """Return capital injections in a state, those waiting longest first."""
    rows = CapitalInjection.objects.filter(state=state).order_by("registered_at", "id")[:PAGE]
    return tuple(CapitalView(**_movement(row), source=row.source) for row in rows)


def count_receipts(state: str = State.REGISTERED) -> int:
    """Return how many receipts are in a state."""
    return Receipt.objects.filter(state=state).count()


def count_capital(state: str = State.REGISTERED) -> int:
    """Return how many capital injections are in a state."""
    return CapitalInjection.objects.filter(state=state).count()


def _receipt(row: Receipt) -> ReceiptView:
    payer = decrypt(row.payer_sealed, table="payments_receipt", column="payer_sealed", row=row.pk)
    return ReceiptView(
        **_movement(row),
        party_id=row.party_id,
        payer=mask_name(payer),
        received_on=row.received_on,
    )


def _movement(row: Receipt | CapitalInjection) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "amount": Money(row.amount_minor),
        "state": row.state,
        "registered_by": row.registered_by,
        "registered_at": row.registered_at,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
        "reject_reason": row.reject_reason,
        "bank_serial": row.bank_serial,
    }
