"""Money in: an amount from one of the party's bound cards, shown once more, ordered once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from rongqiao.money.payments.operations.orders.request_top_up import RequestTopUp, request_top_up
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.web.borrower.wallet.cards import cards_of
from rongqiao.web.borrower.wallet.choosing import (
    MoneyFields,
    MoneyForm,
    asked_before,
    chosen,
    refuse_foreign_card,
)
from rongqiao.web.borrower.wallet.statement import account_code
from rongqiao.web.frame.access import acting, party_of


@acting
def top_up(request: HttpRequest) -> HttpResponse:
    """Ask how much and from which card, show it once more, and order it when confirmed."""
    party = party_of(request)
    cards = cards_of(party.id)
    refuse_foreign_card(request.POST if request.method == "POST" else request.GET, cards)
    if request.method == "POST":
        form = MoneyForm(request.POST, cards=cards)
        if not form.is_valid():
            return _asked(request, form)
        command = RequestTopUp(
            party_id=party.id,
            bank_account_id=form.card.id,
            amount=form.cleaned_data["amount"],
        )
        done = form.attempt(lambda: request_top_up(command, form.call(request)))
        return redirect("wallet-order", done.order_id) if done else _confirm(request, form, form)
    if "amount" not in request.GET:
        first = {"account": chosen(request, cards)}
        return _asked(request, MoneyFields(cards=cards, initial=first))
    asked = MoneyFields(request.GET, cards=cards)
    if not (asked.is_valid() and _is_bound(asked)):
        return _asked(request, asked)
    return _confirm(request, asked, MoneyForm(initial=asked.cleaned_data, cards=cards))


def _is_bound(form: MoneyFields) -> bool:
    if form.card.is_bound:
        return True
    form.add_error(None, _("这张卡还没有通过银行核验，不能使用，请选择其他银行卡。"))
    return False


def _asked(request: HttpRequest, form: MoneyFields) -> HttpResponse:
    party = party_of(request)
    content = {
        "form": form,
        "cards": list(form.cards.values()),
        "has_bound": any(card.is_bound for card in form.cards.values()),
        "party_code": account_code(party),
        "wallet": wallet_of(party.id),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/wallet/top_up.html", content, status=status)


def _confirm(request: HttpRequest, asked: MoneyFields, form: MoneyForm) -> HttpResponse:
    """Show `asked`, which is valid, with `form` to confirm it."""
    wallet = wallet_of(party_of(request).id)
    amount = asked.cleaned_data["amount"]
    content = {
        "form": form,
        "amount": amount,
        "card": asked.card,
        "wallet": wallet,
        "after": wallet.available + amount,
        "alike": asked_before(request, "top_up", asked),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/wallet/top_up_confirm.html", content, status=status)
