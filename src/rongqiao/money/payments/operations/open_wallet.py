"""Open a party's wallet: an account of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.payments.postings import wallet
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class OpenWallet:
    """Whose."""

    party_id: UUID


@dataclass(frozen=True, kw_only=True)
class WalletOpened:
    """The account's code; `is_new` False where it was there before."""

    account: str
    is_new: bool


@operation("payments.open_wallet", restore=WalletOpened)
def open_wallet(command: OpenWallet, call: Call) -> WalletOpened:
    """Open the wallet; one that is there is left alone."""
    account = wallet(command.party_id)
    return WalletOpened(account=account, is_new=bool(open_accounts([account], call)))
