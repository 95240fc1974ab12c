"""A finance officer notes a customer's transfer that the bank reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.movements import Receipt, State
from rongqiao.money.payments.operations.two_people import (
    SerialUsed,
    checked_amount,
    checked_serial,
    officer_acting,
    refuse_own_affair,
)
from rongqiao.parties.queries import get_party
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_PAYER = 120


class PayerRefused(Refusal):
    """The payer's name is missing or too long; fact: `allowed` characters."""

    kind, code = Kind.INVALID, "payments.payer"


class NotYetReceived(Refusal):
    """The bank cannot have received it after today; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "payments.not-yet-received"


@dataclass(frozen=True, kw_only=True)
class RegisterReceipt:
    """For whom, how much, from whom, the bank's number of the transfer and its day."""

    party_id: UUID
    amount: Money
    bank_serial: str
    received_on: date
    payer: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class ReceiptRegistered:
    """The receipt another officer has to confirm."""

    receipt_id: UUID
    number: str


@operation("payments.register_receipt", restore=ReceiptRegistered)
def register_receipt(command: RegisterReceipt, call: Call) -> ReceiptRegistered:
    """Note a receipt; the wallet moves only when another officer confirms it.

    Raises FinanceOfficerNeeded, OwnAffair, AmountRefused, SerialRefused, SerialUsed,
    PayerRefused, NotYetReceived, NotFound.
    """
    refuse_own_affair(officer_acting(call), get_party(command.party_id).id)
    amount, serial = checked_amount(command.amount), checked_serial(command.bank_serial)
    payer = " ".join(command.payer.split())
    if not payer or len(payer) > LONGEST_PAYER:
        raise PayerRefused(field="payer", allowed=str(LONGEST_PAYER))
    if command.received_on > call.on:
        raise NotYetReceived(
            field="received_on", value=command.received_on.isoformat(), allowed=call.on.isoformat()
        )
    row_id = new_id(call.at)
    row = Receipt(
        id=row_id,
        number=short_number("RC", call.at),
        party_id=command.party_id,
        amount_minor=amount.minor,
        payer_sealed=encrypt(payer, table="payments_receipt", column="payer_sealed", row=row_id),
        bank_serial=serial,
        received_on=command.received_on,
        state=State.REGISTERED,
        registered_by=call.actor,
        registered_at=call.at,
    )
    Receipt.objects.bulk_create([row], ignore_conflicts=True)
    if not Receipt.objects.filter(pk=row_id).exists():
        raise SerialUsed(value=serial)
    return ReceiptRegistered(receipt_id=row_id, number=row.number)
