"""Reactions to facts: whoever becomes a party gets a wallet, its bank accounts go to the bank."""

from __future__ import annotations

from rongqiao.money.payments.operations.cards.close_card import CloseCard, close_card
from rongqiao.money.payments.operations.cards.submit_card import SubmitCard, submit_card
from rongqiao.money.payments.operations.open_wallet import OpenWallet, open_wallet
from rongqiao.parties.events import BankAccountAdded, BankAccountClosed, PartyRegistered
from rongqiao.platform.operations import Call


def open_wallet_of_party(event: PartyRegistered, call: Call) -> None:
    """Open the wallet of a new party."""
    open_wallet(OpenWallet(party_id=event.party_id), call)


def submit_card_of_account(event: BankAccountAdded, call: Call) -> None:
    """Have the bank bind a new bank account."""
    submit_card(SubmitCard(party_id=event.party_id, bank_account_id=event.bank_account_id), call)


def close_card_of_account(event: BankAccountClosed, call: Call) -> None:
    """Close the card of a bank account that was taken off."""
    close_card(CloseCard(bank_account_id=event.bank_account_id), call)
