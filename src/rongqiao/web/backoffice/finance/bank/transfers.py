"""Own money into the pool or out of it: asked for here, read once more, approved by another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import Money
from rongqiao.money.payments.operations.capital.request_transfer import (
    LONGEST_PURPOSE,
    RequestTransfer,
    request_transfer,
)
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.rooms import MONEY, room
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import KeyedForm, MoneyField

CENT, MOST = Money(1), Money(10**12)
DIRECTIONS = {
    "in": gettext_lazy("转入存管户"),
    "out": gettext_lazy("从存管户转出"),
}


class TransferForm(KeyedForm):
    """Which way, how much and why; with `is_confirmed` it is done, without it read once more."""

    direction = forms.ChoiceField(label=gettext_lazy("方向"), choices=tuple(DIRECTIONS.items()))
    amount = MoneyField(label=gettext_lazy("金额（元）"), least=CENT, most=MOST)
    reason = forms.CharField(
        label=gettext_lazy("转账事由"),
        max_length=LONGEST_PURPOSE,
        help_text=gettext_lazy("例如：归还股东借款。请不要填写个人姓名、证件或账号。"),
    )
    is_confirmed = forms.BooleanField(
        required=False, widget=forms.HiddenInput, label="is_confirmed"
    )


@staff(Role.FINANCE)
def new_transfer(request: HttpRequest) -> HttpResponse:
    """Ask for a transfer of own money; it waits for another officer among the orders."""
    form = TransferForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    said = form.cleaned_data
    if not said["is_confirmed"]:
        return _page(request, form, facts=_facts(said))
    command = RequestTransfer(
        direction=said["direction"], amount=said["amount"], reason=said["reason"]
    )
    made = form.attempt(lambda: request_transfer(command, form.call(request)))
    if made is None:
        return _page(request, form)
    messages.success(request, _("已提交，等待另一位财务人员批准。"))
    return redirect("order-desk", made.order_id)


def _facts(said: dict[str, Any]) -> dict[str, Any]:
    """Return what is read once more before it is done."""
    return {
        "direction": say(DIRECTIONS, said["direction"]),
        "amount": said["amount"],
        "reason": said["reason"],
        "is_out": said["direction"] == "out",
    }


def _page(
    request: HttpRequest, form: TransferForm, facts: dict[str, Any] | None = None
) -> HttpResponse:
    context = room(request, MONEY, "orders-desk", form=form, facts=facts)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "backoffice/finance/bank/transfer.html", context, status=status)
