"""Auto-debit: leave to collect what is due from a card, within caps; given and taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from typing_extensions import override

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.loans import LoanCard, list_loans
from rongqiao.money.payments.operations.mandates.give_mandate import GiveMandate, give_mandate
from rongqiao.money.payments.operations.mandates.withdraw_mandate import (
    WithdrawMandate,
    withdraw_mandate,
)
from rongqiao.money.payments.queries.cards import mandates_of
from rongqiao.money.payments.queries.terms import debit_days
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower.loans import DebitForm, shown_card, versions_by_number
from rongqiao.web.borrower.wallet.cards import Card, cards_of
from rongqiao.web.borrower.wallet.choosing import MOST, ONE_FEN, refuse_foreign_card
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.forms import KeyedForm, MoneyField

LIVE = ("active", "overdue", "restructured")


class MandateForm(KeyedForm):
    """From which card, at most how much at once and in a day, and the owner's word for it."""

    account = forms.ChoiceField(label=gettext_lazy("银行卡"))
    per_debit = MoneyField(least=ONE_FEN, most=MOST, label=gettext_lazy("单笔上限"))
    per_day = MoneyField(least=ONE_FEN, most=MOST, label=gettext_lazy("单日上限"))
    is_agreed = forms.BooleanField(label=gettext_lazy("委托扣款的同意"))

    def __init__(self, *args: Any, cards: list[Card], **options: Any) -> None:
        """Offer the cards the bank has bound."""
        super().__init__(*args, **options)
        self.fields["account"].choices = [  # type: ignore[attr-defined]
            (str(card.id), f"{card.account.bank_name} {card.account.number}") for card in cards
        ]

    @override
    def clean(self) -> dict[str, Any]:
        """Hold one debit to what may be debited in a day."""
        cleaned = super().clean()
        once, day = cleaned.get("per_debit"), cleaned.get("per_day")
        if once and day and once > day:
            said = _("单笔上限 %(once)s 元高于单日上限 %(day)s 元，请调整。")
            self.add_error("per_debit", said % {"once": once.text(), "day": day.text()})
        return cleaned


@acting
def auto_debit(request: HttpRequest) -> HttpResponse:
    """Show what may be collected and how, and take a new mandate."""
    party = party_of(request)
    cards = cards_of(party.id)
    bound = [card for card in cards if card.is_bound]
    live = [one for one in list_loans(party.id, clock.business_date()) if one.state in LIVE]
    if request.method == "POST":
        refuse_foreign_card(request.POST, cards)
        form = MandateForm(request.POST, cards=bound)
        if form.is_valid() and _given(request, form, party.id):
            messages.success(request, _("代扣授权已开通，可以随时撤回。"))
            return redirect("auto-debit")
    else:
        form = MandateForm(cards=bound, initial=_first(bound, live))
    versions = versions_by_number() if live else {}
    by_id = {card.id: card for card in cards}
    content = {
        "form": form,
        "has_bound": bool(bound),
        "mandates": [
            {"mandate": one, "card": by_id.get(one.bank_account_id), "form": KeyedForm()}
            for one in mandates_of(party.id)
            if one.withdrawn_at is None
        ],
        "loans": [
            {
                **shown_card(one, versions),
                "form": DebitForm(initial={"is_authorised": not one.is_debit_authorised}),
            }
            for one in live
        ],
        "retry_days": [number for number in debit_days() if number],
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/wallet/auto_debit.html", content, status=status)


@require_POST
@acting
def end_mandate(request: HttpRequest, mandate_id: UUID) -> HttpResponse:
    """Take the leave back."""
    form = KeyedForm(request.POST)
    if not form.is_valid():
        raise NotFound
    command = WithdrawMandate(party_id=party_of(request).id, mandate_id=mandate_id)
    withdraw_mandate(command, form.call(request))
    messages.success(request, _("代扣授权已撤回。已经发往银行的扣款会继续办完。"))
    return redirect("auto-debit")


def _given(request: HttpRequest, form: MandateForm, party_id: UUID) -> bool:
    given = form.cleaned_data
    command = GiveMandate(
        party_id=party_id,
        bank_account_id=UUID(given["account"]),
        per_debit=given["per_debit"],
        per_day=given["per_day"],
    )
    return form.attempt(lambda: give_mandate(command, form.call(request))) is not None


def _first(cards: list[Card], live: list[LoanCard]) -> dict[str, Any]:
    """Offer caps that cover the instalments to come: what is next on all loans, in whole yuan."""
    most = sum(max(one.next_due.minor, one.owed_now.total.minor) for one in live)
    cap = Money(-(-most // 10_000) * 10_000) if most else None
    account = str(cards[0].id) if len(cards) == 1 else None
    return {"account": account, "per_debit": cap, "per_day": cap}
