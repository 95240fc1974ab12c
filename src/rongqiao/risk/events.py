"""Facts that risk tells: ids and plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from rongqiao.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class PayoutRuled(Event):
    """A pay-out for bringing somebody was ruled on: `allow`, `hold` or `refuse`."""

    name: ClassVar[str] = "risk.payout-ruled"
    payout_id: UUID
    referrer_id: UUID
    referee_id: UUID
    ruling: str

    @property
    @override
    def subject(self) -> str:
        """Facts of one pay-out keep their order."""
        return f"payout:{self.payout_id}"
