"""Payments of a loan put right on the desk: worked out, proposed by one, decided by another."""

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

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.servicing.operations.correcting.decide_correction import (
    CorrectionDecided,
    DecideCorrection,
    decide_correction,
)
from rongqiao.lending.servicing.operations.correcting.deciding import DECIDERS, PROPOSERS
from rongqiao.lending.servicing.operations.correcting.propose_backdating import (
    ProposeBackdating,
    propose_backdating,
)
from rongqiao.lending.servicing.operations.correcting.propose_reversal import (
    ProposeReversal,
    propose_reversal,
)
from rongqiao.lending.servicing.queries.amending.corrections import (
    CorrectionView,
    EffectView,
    Figures,
    list_corrections,
    list_payments,
    quote_backdating,
    quote_reversal,
)
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.parties.queries import get_party
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal
from rongqiao.web.backoffice.portfolio.amending.deciding import (
    DecideForm,
    answer,
    checked_word,
    may_propose,
    waiting_for,
)
from rongqiao.web.backoffice.portfolio.rooms import CLASSES, READERS
from rongqiao.web.borrower import words
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import DayField, KeyedForm, MoneyField, StrictForm
from rongqiao.web.frame.refusals import message_for

LEAST, MOST = Money(1), Money(LARGEST_MINOR)
CAUSES = {
    "operator-error": gettext_lazy("操作失误"),
    "charge-back": gettext_lazy("银行退单"),
}
KINDS = {**CAUSES, "back-dating": gettext_lazy("补记还款")}
STATES = {
    "waiting": gettext_lazy("待复核"),
    "approved": gettext_lazy("已更正"),
    "declined": gettext_lazy("已驳回"),
    "withdrawn": gettext_lazy("已撤回"),
}


class ReversalForm(KeyedForm):
    """The payment to take back, and why."""

    journal = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    cause = forms.ChoiceField(choices=list(CAUSES.items()), label=gettext_lazy("冲正原因"))
    reason = forms.CharField(max_length=200, label=gettext_lazy("更正理由"))


class QuoteForm(StrictForm):
    """How much was paid, and on which day it should have counted."""

    amount = MoneyField(least=LEAST, most=MOST, label=gettext_lazy("还款金额"))
    value_on = DayField(label=gettext_lazy("起算日"))


class BackdatingForm(KeyedForm):
    """What was worked out, and why."""

    amount = MoneyField(least=LEAST, most=MOST, widget=forms.HiddenInput)
    value_on = DayField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=200, label=gettext_lazy("更正理由"))


@staff(*READERS)
def correction_page(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show a loan's payments and corrections; `journal`, or `amount` and `value_on`, work one out.

    Nothing is written here.
    """
    today, given = clock.business_date(), request.GET
    journal = given.get("journal", "")
    if journal.isdecimal():
        return _page(request, loan_id, ReversalForm(initial={"journal": int(journal[:18])}))
    if "amount" not in given:
        return _page(request, loan_id)
    asked = QuoteForm(given)
    if not asked.is_valid():
        return _page(request, loan_id, asked=asked, status=422)
    wanted = {name: asked.cleaned_data[name] for name in ("amount", "value_on")}
    try:
        quote_backdating(loan_id, wanted["amount"], wanted["value_on"], today)
    except Refusal as refusal:
        field = refusal.facts.get("field", "")
        asked.add_error(field if field in asked.fields else None, message_for(refusal))
        return _page(request, loan_id, asked=asked, status=422)
    return _page(request, loan_id, BackdatingForm(initial=wanted), asked=asked)


@require_POST
@staff(*PROPOSERS)
def reverse_payment(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Propose to take a payment back."""
    form = ReversalForm(request.POST)
    if form.is_valid():
        command = ProposeReversal(
            loan_id=loan_id,
            journal=form.cleaned_data["journal"],
            cause=form.cleaned_data["cause"],
            reason=form.cleaned_data["reason"],
        )
        if form.attempt(lambda: propose_reversal(command, form.call(request))) is not None:
            return _proposed(request, loan_id)
    return _page(request, loan_id, form, status=422)


@require_POST
@staff(*PROPOSERS)
def backdate_payment(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Propose to book a payment that counts from an earlier day."""
    form = BackdatingForm(request.POST)
    if form.is_valid():
        command = ProposeBackdating(
            loan_id=loan_id,
            amount=form.cleaned_data["amount"],
            value_on=form.cleaned_data["value_on"],
            reason=form.cleaned_data["reason"],
        )
        if form.attempt(lambda: propose_backdating(command, form.call(request))) is not None:
            return _proposed(request, loan_id)
    return _page(request, loan_id, form, status=422)


def _proposed(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    messages.success(request, _("还款更正已提交，等待另一位复核。"))
    return redirect("loan-corrections", loan_id)


@require_POST
@staff(*{*PROPOSERS, *DECIDERS})
def decide(request: HttpRequest, loan_id: UUID, correction_id: UUID, word: str) -> HttpResponse:
    """Approve, decline or take back a correction."""
    form = DecideForm(request.POST)

    def act(call: Call) -> CorrectionDecided:
        command = DecideCorrection(correction_id=correction_id, word=word, shown=form.amount())
        return decide_correction(command, call)

    checked_word(word)
    return answer(request, form, act, ("loan-corrections", loan_id))


def _page(
    request: HttpRequest,
    loan_id: UUID,
    form: ReversalForm | BackdatingForm | None = None,
    *,
    asked: QuoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = clock.business_date()
    card = get_loan(loan_id, today).card
    rows = list_corrections(loan_id, today)
    is_free = may_propose(request, card, rows, PROPOSERS)
    effect, problem = _worked_out(loan_id, form) if form else (None, "")
    context = {
        "desk": True,
        "card": card,
        "party": get_party(card.party_id),
        "payments": list_payments(loan_id),
        "corrections": [_shown(request, one) for one in rows],
        "may_propose": is_free,
        "asked": asked or QuoteForm(),
        "reversal": form if is_free and isinstance(form, ReversalForm) else None,
        "backdating": form if is_free and isinstance(form, BackdatingForm) else None,
        "effect": _lines(effect) if effect else None,
        "problem": problem,
        "key": KeyedForm(),
    }
    return render(request, "backoffice/portfolio/corrections.html", context, status=status)


def _worked_out(
    loan_id: UUID, form: ReversalForm | BackdatingForm
) -> tuple[EffectView | None, str]:
    """Return what a form's correction would do, or why it cannot be done."""
    today = clock.business_date()
    values = form.cleaned_data if form.is_bound else form.initial
    try:
        if isinstance(form, ReversalForm):
            return quote_reversal(loan_id, values["journal"], today), ""
        return quote_backdating(loan_id, values["amount"], values["value_on"], today), ""
    except KeyError:
        return None, ""
    except Refusal as refusal:
        return None, message_for(refusal)


def _shown(request: HttpRequest, one: CorrectionView) -> dict[str, Any]:
    shown = one.effect.given_back.minor if one.effect else None
    return {
        "it": one,
        "kind": KINDS[one.kind],
        "state": STATES[one.state],
        "effect": _lines(one.effect) if one.effect else None,
        "is_stuck": one.state == "waiting" and one.effect is None,
        **waiting_for(request, one, DECIDERS),
        "form": DecideForm(initial={"shown": shown}),
    }


def _lines(effect: EffectView) -> dict[str, Any]:
    """Return the before/after table of an effect, and the money that moves."""
    before, after = _column(effect.before), _column(effect.after)
    charges, wallet = effect.given_back, effect.to_wallet
    return {
        "rows": [
            {
                "label": label,
                "before": was,
                "after": now,
                "is_changed": was != now,
                "is_money": isinstance(was, Money),
            }
            for (label, was), (_label, now) in zip(before, after, strict=True)
        ],
        "charges": _("补收的息费") if charges.minor < 0 else _("退还的息费"),
        "charges_amount": Money(abs(charges.minor)),
        "wallet": _("从钱包扣取") if wallet.minor < 0 else _("退入钱包"),
        "wallet_amount": Money(abs(wallet.minor)),
    }


def _column(figures: Figures) -> list[tuple[str, Money | str]]:
    return [
        (_("本金余额"), figures.principal),
        (_("到期利息"), figures.interest),
        (_("未还罚息"), figures.penalty),
        (_("未还费用"), figures.fee),
        (_("逾期天数"), str(figures.days_past_due)),
        (_("风险分类"), str(CLASSES[figures.risk_class])),
        (_("状态"), str(words.say(words.LOAN, figures.state))),
    ]
