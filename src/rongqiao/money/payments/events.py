"""Facts of money that came in or went out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from rongqiao.finance.money import Money
from rongqiao.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class ReceiptConfirmed(Event):
    """A customer's bank transfer is in their wallet."""

    name: ClassVar[str] = "payments.receipt-confirmed"
    receipt_id: UUID
    party_id: UUID
    amount: Money

    @property
    @override
    def subject(self) -> str:
        """Facts of one party stay in order."""
        return f"party:{self.party_id}"


@dataclass(frozen=True, kw_only=True)
class PaymentEvent(Event):
    """What every end of an order tells; `about` is the order's subject, such as `loan:<uuid>`."""

    order_id: UUID
    number: str
    kind: str
    about: str
    party_id: UUID | None
    amount: Money

    @property
    @override
    def subject(self) -> str:
        """Facts of one party stay in order; an order of the operator's stands for itself."""
        return f"party:{self.party_id}" if self.party_id else f"order:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class PaymentSucceeded(PaymentEvent):
    """The bank carried an order out and the books moved."""

    name: ClassVar[str] = "payments.payment-succeeded"


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(PaymentEvent):
    """An order came to nothing, by the bank's `reason` or before it was sent."""

    name: ClassVar[str] = "payments.payment-failed"
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentReturned(PaymentEvent):
    """The money of a successful order came back, and the books with it."""

    name: ClassVar[str] = "payments.payment-returned"
    reason: str
