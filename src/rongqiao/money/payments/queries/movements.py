"""One movement noted by hand, whatever became of it: for staff who come from its number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.movements import CapitalInjection, Receipt
from rongqiao.platform.crypto import decrypt
from rongqiao.policies.masking import mask_name


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A receipt or capital (`kind`); `source` is the payer, masked, or where the capital is from.

    `registered_by` and `decided_by` are actors; `party_id` and `received_on` are of receipts alone.
    """

    kind: str
    id: UUID
    number: str
    amount: Money
    state: str
    source: str
    bank_serial: str
    registered_by: str
    registered_at: datetime
    decided_by: str
    decided_at: datetime | None
    reject_reason: str
    party_id: UUID | None
    received_on: date | None


def get_movement(kind: str, movement_id: UUID) -> Movement | None:
    """Return the receipt or capital of an id, or None."""
    if kind == "receipt":
        receipt = Receipt.objects.filter(pk=movement_id).first()
        return _receipt(receipt) if receipt else None
    capital = CapitalInjection.objects.filter(pk=movement_id).first() if kind == "capital" else None
    return _capital(capital) if capital else None


def find_movement(number: str) -> Movement | None:
    """Return the receipt or capital of a number, or None."""
    receipt = Receipt.objects.filter(number=number).first()
    if receipt is not None:
        return _receipt(receipt)
    capital = CapitalInjection.objects.filter(number=number).first()
    return _capital(capital) if capital else None


def _receipt(row: Receipt) -> Movement:
    payer = decrypt(row.payer_sealed, table="payments_receipt", column="payer_sealed", row=row.pk)
    return _movement(
        row, "receipt", mask_name(payer), party_id=row.party_id, received_on=row.received_on
    )


def _capital(row: CapitalInjection) -> Movement:
    return _movement(row, "capital", row.source)


def _movement(
    row: Receipt | CapitalInjection,
    kind: str,
    source: str,
    *,
    party_id: UUID | None = None,
    received_on: date | None = None,
) -> Movement:
    return Movement(
        kind=kind,
        id=row.pk,
        number=row.number,
        amount=Money(row.amount_minor),
        state=row.state,
        source=source,
        bank_serial=row.bank_serial,
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reject_reason=row.reject_reason,
        party_id=party_id,
        received_on=received_on,
    )
