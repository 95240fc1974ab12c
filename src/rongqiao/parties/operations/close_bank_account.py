"""A party takes a bank account of its own off the list."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties import events
from rongqiao.parties.models import BankAccount
from rongqiao.parties.operations.refusals import acting_for
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class CloseBankAccount:
    """Which account of which party."""

    party_id: UUID
    bank_account_id: UUID


@dataclass(frozen=True, kw_only=True)
class BankAccountClosed:
    """The account takes no more payments."""

    bank_account_id: UUID


@operation("parties.close_bank_account", restore=BankAccountClosed)
def close_bank_account(command: CloseBankAccount, call: Call) -> BankAccountClosed:
    """Close an account and tell it; its row stays for what it took. Raises NotYours, NotFound."""
    acting_for(call, command.party_id)
    closed = BankAccount.objects.filter(
        pk=command.bank_account_id, party_id=command.party_id, closed_at=None
    ).update(closed_at=call.at)
    if not closed:
        raise NotFound(what="bank_account")
    publish(
        events.BankAccountClosed(
            party_id=command.party_id,
            bank_account_id=command.bank_account_id,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return BankAccountClosed(bank_account_id=command.bank_account_id)
