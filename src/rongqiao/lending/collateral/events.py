"""What collateral tells: what secures a case has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from rongqiao.finance.money import Money
from rongqiao.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class SecurityChanged(Event):
    """A pledge was agreed or released. `has_free_vehicle`: a vehicle without charges of others
    stands for the case in the first rank. One of the two ids says which case, of whom `party_id`.

    `given_by` is who gave the item or the guarantee; None where a guarantor is no customer here,
    and in facts told before it was noted.
    """

    name: ClassVar[str] = "collateral.security-changed"
    application_id: UUID | None
    agreement_id: UUID | None
    party_id: UUID
    pledge_id: UUID
    pledge_number: str
    amount: Money
    is_released: bool
    has_free_vehicle: bool
    case_number: str = ""
    collateral_kind: str = ""
    given_by: UUID | None = None

    @property
    @override
    def subject(self) -> str:
        """Facts of one case keep their order."""
        return f"security:{self.application_id or self.agreement_id}"
