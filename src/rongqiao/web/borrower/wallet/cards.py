"""The party's cards: what the bank made of them, since when money may go there, taking one off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from rongqiao.money.payments.queries.cards import CardView, bound_cards_of, mandates_of
from rongqiao.parties.operations.close_bank_account import CloseBankAccount, close_bank_account
from rongqiao.parties.queries import BankAccountView, list_bank_accounts
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower.wallet import words
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.forms import KeyedForm


@dataclass(frozen=True, kw_only=True)
class Card:
    """A bank account with what the bank says of it; one the bank has not seen yet is pending."""

    account: BankAccountView
    at_bank: CardView | None
    now: datetime

    @property
    def id(self) -> UUID:
        """Return the bank account's id."""
        return self.account.id

    @property
    def state(self) -> str:
        """Return how far the bank came with it."""
        return self.at_bank.state if self.at_bank else "pending"

    @property
    def word(self) -> str:
        """Return the state in words."""
        return str(words.CARD[self.state])

    @property
    def tone(self) -> str:
        """Return the badge's tone."""
        return words.CARD_TONE.get(self.state, "ghost")

    @property
    def is_bound(self) -> bool:
        """Tell whether money can be brought in from it."""
        return self.state == "bound"

    @property
    def opens_at(self) -> datetime | None:
        """Return when money may go to it, if that is still to come."""
        opens = self.at_bank.opens_at if self.at_bank else None
        return opens if opens is not None and opens > self.now else None

    @property
    def is_open(self) -> bool:
        """Tell whether money may go to it now."""
        return self.is_bound and self.opens_at is None

    @property
    def reason(self) -> str:
        """Return why the bank refused it, in words."""
        return words.reason_text(self.at_bank.reason) if self.at_bank else ""


def cards_of(party_id: UUID) -> tuple[Card, ...]:
    """Return the party's open bank accounts as cards, oldest first."""
    at_bank = {one.bank_account_id: one for one in bound_cards_of(party_id)}
    now = clock.now()
    return tuple(
        Card(account=account, at_bank=at_bank.get(account.id), now=now)
        for account in list_bank_accounts(party_id)
    )


def own_card(party_id: UUID, card_id: UUID) -> Card:
    """Return one of the party's cards; raises NotFound for any other."""
    found = next((card for card in cards_of(party_id) if card.id == card_id), None)
    if found is None:
        raise NotFound(what="card")
    return found


@acting
def cards(request: HttpRequest) -> HttpResponse:
    """List the cards; one the bank still looks at changes by itself."""
    return render(request, "borrower/wallet/cards.html", _listed(party_of(request).id))


@acting
def cards_part(request: HttpRequest) -> HttpResponse:
    """Answer the page that waits; `X-Final` says that the bank has looked at every card."""
    content = _listed(party_of(request).id)
    response = render(request, "borrower/wallet/parts/cards.html", content)
    if not content["is_waiting"]:
        response["X-Final"] = "1"
    return response


@acting
def card(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """Show one card, and take it off when confirmed."""
    party = party_of(request)
    form = KeyedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        was_bound = any(one.id == card_id and one.is_bound for one in cards_of(party.id))
        command = CloseBankAccount(party_id=party.id, bank_account_id=card_id)
        close_bank_account(command, form.call(request))
        messages.success(request, _("银行卡已解绑。"))
        if was_bound:
            messages.info(request, _("为防盗用，24 小时内其他银行卡也不能提现。"))
        return redirect("wallet-cards")
    shown = own_card(party.id, card_id)
    mandates = mandates_of(party.id)
    content = {
        "card": shown,
        "form": form,
        "mandate": next(
            (one for one in mandates if one.bank_account_id == card_id and not one.withdrawn_at),
            None,
        ),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/wallet/card.html", content, status=status)


def _listed(party_id: UUID) -> dict[str, object]:
    found = cards_of(party_id)
    return {"cards": found, "is_waiting": any(card.state == "pending" for card in found)}
