"""The bank has opened a party's account."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import CustodyAccount
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class NoteCustodyAccount:
    """Whose, and the bank's number of it."""

    party_id: UUID
    account_no: str


@dataclass(frozen=True, kw_only=True)
class CustodyAccountNoted:
    """The number that counts: the first one noted."""

    account_no: str


@operation("payments.note_custody_account", restore=CustodyAccountNoted)
def note_custody_account(command: NoteCustodyAccount, call: Call) -> CustodyAccountNoted:
    """Keep the account's number; one that is known is left alone."""
    row, _is_new = CustodyAccount.objects.get_or_create(
        party_id=command.party_id,
        defaults={"account_no": command.account_no, "opened_at": call.at},
    )
    return CustodyAccountNoted(account_no=row.account_no)
