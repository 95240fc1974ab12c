"""How much, and which of the party's own cards: what top-up and withdrawal both ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import Money
from rongqiao.money.payments.queries.orders import latest_alike
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower.wallet.cards import Card
from rongqiao.web.borrower.wallet.overview import shown_order
from rongqiao.web.frame.access import party_of
from rongqiao.web.frame.forms import KeyedForm, MoneyField, StrictForm

ONE_FEN, MOST = Money(1), Money.yuan("100000000.00")
# Who asks for the same again this soon has perhaps gone back, not meant a second order.
SOON = timedelta(minutes=10)


class MoneyFields(StrictForm):
    """An amount and one of the party's cards; asked by GET, so that it has an address."""

    amount = MoneyField(least=ONE_FEN, most=MOST, label=gettext_lazy("金额"))
    account = forms.ChoiceField(label=gettext_lazy("银行卡"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, cards: Sequence[Card], **options: Any) -> None:
        """Offer the party's own cards."""
        super().__init__(*args, **options)
        self.cards = {str(card.id): card for card in cards}
        account = self.fields["account"]
        account.error_messages["required"] = _("请从列出的银行卡中选择一张。")
        account.choices = [  # type: ignore[attr-defined]
            (key, card.account.number) for key, card in self.cards.items()
        ]

    @property
    def card(self) -> Card:
        """Return the chosen card of a valid form."""
        return self.cards[self.cleaned_data["account"]]


class MoneyForm(KeyedForm, MoneyFields):
    """The same as it was shown, now to be done once."""


def refuse_foreign_card(given: QueryDict, cards: Sequence[Card]) -> None:
    """Raise NotFound for a card that is somebody else's: whose is not told."""
    try:
        wanted = UUID(given.get("account", ""))
    except ValueError:
        return
    if all(card.id != wanted for card in cards):
        raise NotFound(what="card")


def chosen(request: HttpRequest, cards: Sequence[Card]) -> str:
    """Return the card to offer first: the one asked for, else the only one there is."""
    asked = request.GET.get("account", "")
    usable = [str(card.id) for card in cards if card.is_bound]
    return asked if asked in usable else (usable[0] if len(usable) == 1 else "")


def asked_before(request: HttpRequest, kind: str, form: MoneyFields) -> dict[str, Any] | None:
    """Return the order of the same kind, amount and card asked for a moment ago, for alike.html."""
    now, amount = clock.now(), form.cleaned_data["amount"]
    found = latest_alike(party_of(request).id, kind, form.card.id, amount, now - SOON)
    if found is None:
        return None
    minutes = max(int((now - found.created_at).total_seconds()) // 60, 1)
    return {**shown_order(found), "minutes": minutes}
