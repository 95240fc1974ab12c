"""A second finance officer confirms a receipt: the money is in the wallet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.payments import postings
from rongqiao.money.payments.events import ReceiptConfirmed
from rongqiao.money.payments.models.movements import Receipt, State
from rongqiao.money.payments.operations.mending.crediting import book_credit
from rongqiao.money.payments.operations.mending.pool_moves import Owner
from rongqiao.money.payments.operations.two_people import decide, open_for_second
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class ConfirmReceipt:
    """Which one."""

    receipt_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReceiptBooked:
    """The journal that moved the money."""

    receipt_id: UUID
    journal: int
    amount: Money


@operation("payments.confirm_receipt", restore=ReceiptBooked)
def confirm_receipt(command: ConfirmReceipt, call: Call) -> ReceiptBooked:
    """Post custodian cash against the wallet and tell ReceiptConfirmed.

    Money that the bank's statement brought to suspense before comes from there. Raises
    FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, NotOpen, CreditPlaced, CreditDiffers,
    NotFound.
    """
    row = Receipt.objects.select_for_update().filter(pk=command.receipt_id).first()
    if row is None:
        raise NotFound(what="receipt")
    open_for_second(row, call)
    amount = Money(row.amount_minor)
    decide(row, State.CONFIRMED, call)
    fresh = postings.receipt(row.number, call.on, row.party_id, amount)
    journal = book_credit(row, fresh, Owner(postings.wallet(row.party_id)), call)
    publish(
        ReceiptConfirmed(
            receipt_id=row.pk,
            party_id=row.party_id,
            amount=amount,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return ReceiptBooked(receipt_id=row.pk, journal=journal, amount=amount)
