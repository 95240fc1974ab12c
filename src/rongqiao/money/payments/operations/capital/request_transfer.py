"""A finance officer asks for own money to come into the pool, or to leave it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.refusals import InsufficientFunds
from rongqiao.money.payments.models.orders import OrderKind
from rongqiao.money.payments.operations.orders.placing import Wish, place
from rongqiao.money.payments.operations.two_people import checked_amount, officer_acting
from rongqiao.money.payments.queries.orders import OWN
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

DIRECTIONS = {"in": OrderKind.TRANSFER_IN, "out": OrderKind.TRANSFER_OUT}
# With `own:` before it, it fits the order's subject.
LONGEST_PURPOSE = 90


class DirectionRefused(Refusal):
    """Own money goes into the pool or out of it. Facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "payments.transfer-direction"


class PurposeNeeded(Refusal):
    """Why own money is moved is missing or too long; fact: `allowed` characters."""

    kind, code = Kind.INVALID, "payments.transfer-reason"


class OwnFundsShort(Refusal):
    """More than the operator has in the pool and is not lent; facts: `value`, `allowed`."""

    kind, code = Kind.CONFLICT, "payments.own-funds-short"


@dataclass(frozen=True, kw_only=True)
class RequestTransfer:
    """`in` to the pool or `out` of it, how much, and why; the reason names no person."""

    direction: str
    amount: Money
    reason: str


@dataclass(frozen=True, kw_only=True)
class TransferRequested:
    """The order another officer has to approve; what is to leave is set aside."""

    order_id: UUID
    number: str


@operation("payments.request_transfer", restore=TransferRequested)
def request_transfer(command: RequestTransfer, call: Call) -> TransferRequested:
    """Make the order; it goes to the bank when another officer approves it.

    Raises FinanceOfficerNeeded, DirectionRefused, AmountRefused, CurrencyRefused, PurposeNeeded,
    OwnFundsShort.
    """
    officer_acting(call)
    kind = DIRECTIONS.get(command.direction)
    if kind is None:
        raise DirectionRefused(
            field="direction", value=command.direction, allowed=", ".join(DIRECTIONS)
        )
    amount, reason = checked_amount(command.amount), " ".join(command.reason.split())
    if not reason or len(reason) > LONGEST_PURPOSE:
        raise PurposeNeeded(field="reason", allowed=str(LONGEST_PURPOSE))
    wish = Wish(kind=kind, amount=amount, subject=f"{OWN}{reason}", needs_approval=True)
    try:
        row = place(wish, call)
    except InsufficientFunds as short:
        raise OwnFundsShort(
            field="amount", value=amount.text(), allowed=short.facts["available"]
        ) from short
    return TransferRequested(order_id=row.pk, number=row.number)
