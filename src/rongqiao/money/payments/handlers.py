"""Reactions to facts: whoever becomes a party gets a wallet."""

from __future__ import annotations

from rongqiao.money.payments.operations.open_wallet import OpenWallet, open_wallet
from rongqiao.parties.events import PartyRegistered
from rongqiao.platform.operations import Call


def open_wallet_of_party(event: PartyRegistered, call: Call) -> None:
    """Open the wallet of a new party."""
    open_wallet(OpenWallet(party_id=event.party_id), call)
