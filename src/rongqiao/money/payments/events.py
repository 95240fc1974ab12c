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
class WithdrawalEnded(Event):
    """A withdrawal was paid out, or (`is_paid` False) rejected and its money given back."""

    name: ClassVar[str] = "payments.withdrawal-ended"
    withdrawal_id: UUID
    party_id: UUID
    amount: Money
    is_paid: bool

    @property
    @override
    def subject(self) -> str:
        """Facts of one party stay in order."""
        return f"party:{self.party_id}"
