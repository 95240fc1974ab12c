"""Money out to one of the party's own cards: shown, proved by its owner, ordered once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from rongqiao.finance.money import Money
from rongqiao.money.payments.operations.orders.request_withdrawal import (
    APPROVED_FROM,
    RequestWithdrawal,
    request_withdrawal,
)
from rongqiao.money.payments.queries.orders import withdrawn_on
from rongqiao.money.payments.queries.terms import withdrawal_purpose
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.parties.operations.step_up.ask_step_up import AskStepUp, ask_step_up
from rongqiao.parties.operations.step_up.prove_step_up import ProveStepUp, prove_step_up
from rongqiao.parties.queries import masked_phone_of
from rongqiao.platform import clock
from rongqiao.web.borrower.wallet.cards import cards_of
from rongqiao.web.borrower.wallet.choosing import (
    MoneyFields,
    MoneyForm,
    asked_before,
    chosen,
    refuse_foreign_card,
)
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.forms import first_error
from rongqiao.web.templatetags.figures import moment

SMS = "sms"
CARRIED = ("amount", "account")


class ProveForm(MoneyForm):
    """The withdrawal as it was shown, with the proof that its owner asks for it."""

    answer = forms.CharField(
        label=gettext_lazy("验证码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    by = forms.CharField(max_length=10, required=False, widget=forms.HiddenInput, label="by")

    def ask_for(self, method: str) -> None:
        """Ask for a texted code, or for the password."""
        field = self.fields["answer"]
        if method == SMS:
            code = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "6"}
            field.widget = forms.TextInput(attrs={**code, "class": "input w-full"})
        else:
            field.label = _("登录密码")
            field.widget.attrs["autocomplete"] = "current-password"


@acting
def withdraw(request: HttpRequest) -> HttpResponse:
    """Ask how much and where to, show it once more, and ask its owner for a proof."""
    party = party_of(request)
    cards = cards_of(party.id)
    refuse_foreign_card(request.POST if request.method == "POST" else request.GET, cards)
    if request.method == "POST":
        form = MoneyForm(request.POST, cards=cards)
        if not (form.is_valid() and _may_go(request, form)):
            return _asked(request, form)
        asked = form.attempt(lambda: ask_step_up(_question(request, form), form.call(request)))
        if asked is None:
            return _confirm(request, form, form)
        given = {key: form.data[key] for key in CARRIED} | {"by": asked.method}
        address = reverse("withdraw-prove", args=[asked.step_up_id])
        return redirect(f"{address}?{urlencode(given)}")
    if "amount" not in request.GET:
        first: dict[str, Any] = {
            "account": chosen(request, [card for card in cards if card.is_open]),
            "amount": wallet_of(party.id).available if request.GET.get("all") else None,
        }
        return _asked(request, MoneyFields(cards=cards, initial=first))
    asked_for = MoneyFields(request.GET, cards=cards)
    if not (asked_for.is_valid() and _may_go(request, asked_for)):
        return _asked(request, asked_for)
    return _confirm(request, asked_for, MoneyForm(initial=asked_for.cleaned_data, cards=cards))


@sensitive_post_parameters("answer")
@acting
def prove(request: HttpRequest, step_up_id: UUID) -> HttpResponse:
    """Take the code or the password, and order the withdrawal it was asked for."""
    cards = cards_of(party_of(request).id)
    given = request.POST if request.method == "POST" else request.GET
    refuse_foreign_card(given, cards)
    shown = MoneyFields({key: given.get(key, "") for key in CARRIED}, cards=cards)
    if not shown.is_valid():
        return _asked(request, shown)
    method = given.get("by", "")
    if request.method != "POST":
        return _prove_page(request, shown, method)
    form = ProveForm(request.POST, cards=cards)
    form.ask_for(method)
    if form.is_valid() and _is_proved(request, form, step_up_id):
        command = RequestWithdrawal(
            party_id=party_of(request).id,
            bank_account_id=form.card.id,
            amount=form.cleaned_data["amount"],
            step_up_id=step_up_id,
        )
        done = form.attempt(lambda: request_withdrawal(command, form.call(request)))
        if done is not None:
            return redirect("wallet-order", done.order_id)
    return _prove_page(request, shown, method, first_error(form))


def _question(request: HttpRequest, form: MoneyForm) -> AskStepUp:
    amount: Money = form.cleaned_data["amount"]
    said = _(
        "【%(operator)s】您正在提现 %(amount)s 元到尾号 %(last)s 的银行卡，验证码 {code}，"
        "5 分钟内有效。若非本人操作，请立即修改密码并联系客服，不要告诉任何人。"
    ) % {
        "operator": settings.OPERATOR_NAME.replace("{", "").replace("}", ""),
        "amount": amount.text(),
        "last": form.card.account.number[-4:],
    }
    purpose = withdrawal_purpose(party_of(request).id, form.card.id, amount)
    return AskStepUp(purpose=purpose, words=said)


def _may_go(request: HttpRequest, form: MoneyFields) -> bool:
    """Hold the form to what there is and to cards money may go to; say what is not so."""
    available, amount = wallet_of(party_of(request).id).available, form.cleaned_data["amount"]
    if amount > available:
        said = _("提现金额「%(value)s」超过可用余额：最多可提 %(most)s 元。")
        form.add_error("amount", said % {"value": amount.text(), "most": available.text()})
    card = form.card
    if not card.is_bound:
        form.add_error(None, _("这张卡还没有通过银行核验，不能使用，请选择其他银行卡。"))
    elif card.opens_at is not None:
        said = _("为防盗用，这张卡要到 %(when)s 才能收款，请选择其他银行卡或届时再来。")
        form.add_error(None, said % {"when": moment(card.opens_at)})
    return not form.errors


def _is_proved(request: HttpRequest, form: ProveForm, step_up_id: UUID) -> bool:
    command = ProveStepUp(step_up_id=step_up_id, answer=form.cleaned_data["answer"])
    answered = form.attempt(lambda: prove_step_up(command, form.call(request)))
    if answered is None or answered.is_proved:
        return answered is not None
    if answered.tries_left:
        said = _("%(what)s不对，还可以试 %(left)s 次。")
        facts = {"what": form.fields["answer"].label, "left": answered.tries_left}
        form.add_error("answer", said % facts)
    else:
        form.add_error(None, _("验证已失效：超过 5 分钟或错误次数过多，请返回重新验证。"))
    return False


def _asked(request: HttpRequest, form: MoneyFields) -> HttpResponse:
    content = {
        "form": form,
        "cards": list(form.cards.values()),
        "has_open": any(card.is_open for card in form.cards.values()),
        "wallet": wallet_of(party_of(request).id),
        "approved_from": APPROVED_FROM,
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/wallet/withdraw.html", content, status=status)


def _confirm(request: HttpRequest, asked: MoneyFields, form: MoneyForm) -> HttpResponse:
    """Show `asked`, which is valid, with `form` to go on to the proof."""
    content = {
        **_facts(request, asked),
        "form": form,
        "phone": _phone(request),
        "alike": asked_before(request, "withdrawal", asked),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/wallet/withdraw_confirm.html", content, status=status)


def _prove_page(
    request: HttpRequest, shown: MoneyFields, method: str, said: str = ""
) -> HttpResponse:
    """Ask for the proof, under a new key: another answer is another try."""
    carried = {key: shown.data[key] for key in CARRIED}
    form = ProveForm(initial={**carried, "by": method}, cards=list(shown.cards.values()))
    form.ask_for(method)
    content = {
        **_facts(request, shown),
        "form": form,
        "said": said,
        "is_sms": method == SMS,
        "phone": _phone(request),
    }
    status = 422 if said else 200
    return render(request, "borrower/wallet/withdraw_prove.html", content, status=status)


def _facts(request: HttpRequest, shown: MoneyFields) -> dict[str, Any]:
    amount = shown.cleaned_data["amount"]
    wallet = wallet_of(party_of(request).id)
    return {
        "amount": amount,
        "card": shown.card,
        "wallet": wallet,
        "after": wallet.available - amount,
        "needs_approval": _is_large(request, amount),
        "approved_from": APPROVED_FROM,
    }


def _is_large(request: HttpRequest, amount: Money) -> bool:
    """Tell whether an officer looks at it first: the day's withdrawals count together."""
    earlier = withdrawn_on(party_of(request).id, clock.business_date())
    return earlier + amount >= APPROVED_FROM


def _phone(request: HttpRequest) -> str:
    return masked_phone_of(UUID(str(request.user.pk)))
