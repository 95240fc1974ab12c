"""Facts this context tells: ids and plain values, never a name or a number of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from rongqiao.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class PartyRegistered(Event):
    """A person or an organization (`kind`) became a party, by the doing of a user."""

    name: ClassVar[str] = "parties.party-registered"
    party_id: UUID
    kind: str
    user_id: UUID

    @property
    @override
    def subject(self) -> str:
        """Facts of one party stay in order."""
        return f"party:{self.party_id}"


@dataclass(frozen=True, kw_only=True)
class RoleChanged(Event):
    """A staff role came into force (`is_held`) or was taken away."""

    name: ClassVar[str] = "parties.role-changed"
    user_id: UUID
    role: str
    is_held: bool

    @property
    @override
    def subject(self) -> str:
        """Facts of one user stay in order."""
        return f"user:{self.user_id}"


@dataclass(frozen=True, kw_only=True)
class BankAccountAdded(Event):
    """A party named a bank account of its own."""

    name: ClassVar[str] = "parties.bank-account-added"
    party_id: UUID
    bank_account_id: UUID

    @property
    @override
    def subject(self) -> str:
        """Facts of one party stay in order."""
        return f"party:{self.party_id}"


@dataclass(frozen=True, kw_only=True)
class BankAccountClosed(Event):
    """A party took a bank account of its own off the list."""

    name: ClassVar[str] = "parties.bank-account-closed"
    party_id: UUID
    bank_account_id: UUID

    @property
    @override
    def subject(self) -> str:
        """Facts of one party stay in order."""
        return f"party:{self.party_id}"


@dataclass(frozen=True, kw_only=True)
class OwnersDeclared(Event):
    """A firm declared its beneficial owners, for the `number`th time."""

    name: ClassVar[str] = "parties.owners-declared"
    party_id: UUID
    number: int

    @property
    @override
    def subject(self) -> str:
        """Facts of one party stay in order."""
        return f"party:{self.party_id}"
