"""The party's money here: what is available and held, its movements, money in and money out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.books import StatementLine
from rongqiao.money.payments.operations.withdrawals.request_withdrawal import (
    RequestWithdrawal,
    request_withdrawal,
)
from rongqiao.money.payments.queries.wallets import (
    PAGE,
    list_receipts_of,
    list_withdrawals_of,
    statement,
    wallet_of,
)
from rongqiao.parties.queries import list_bank_accounts
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower import words
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.exports import csv_of, wants_csv
from rongqiao.web.frame.forms import KeyedForm, MoneyField, StrictForm

MOST_IN_A_FILE = 10_000
# A page is asked for by a signed mark: journal numbers are nobody's to count.
SALT = "wallet-page"
Choices = list[tuple[str, str]]
ONE_FEN, MOST = Money(1), Money.yuan("100000000.00")


class WithdrawFields(StrictForm):
    """How much, to which of the party's own accounts; asked by GET, so that it has an address."""

    amount = MoneyField(
        least=ONE_FEN,
        most=MOST,
        label=gettext_lazy("提现金额"),
        widget=forms.TextInput(attrs={"class": "input w-full"}),
    )
    account = forms.ChoiceField(
        label=gettext_lazy("收款账户"), widget=forms.Select(attrs={"class": "select w-full"})
    )

    def __init__(self, *args: Any, accounts: Choices, **options: Any) -> None:
        """Offer the party's own accounts."""
        super().__init__(*args, **options)
        self.fields["account"].choices = accounts  # type: ignore[attr-defined]


class WithdrawForm(KeyedForm, WithdrawFields):
    """The withdrawal as it was shown."""

    def command(self, party_id: UUID) -> RequestWithdrawal:
        """Return what the form asks for."""
        given = self.cleaned_data
        return RequestWithdrawal(
            party_id=party_id, bank_account_id=UUID(given["account"]), amount=given["amount"]
        )


@acting
def wallet(request: HttpRequest) -> HttpResponse:
    """Show the balance, the movements page by page, and how to bring money in."""
    party = party_of(request)
    if wants_csv(request):
        return _csv(statement(party.id, limit=MOST_IN_A_FILE))
    before = _page_asked(request)
    lines = statement(party.id, before=before, limit=PAGE + 1)
    last = lines[PAGE - 1].journal if len(lines) > PAGE else None
    content = {
        "wallet": wallet_of(party.id),
        "lines": [_shown_line(line) for line in lines[:PAGE]],
        "next_page": signing.dumps(last, salt=SALT) if last else "",
        "is_first": before is None,
        "withdrawals": [_shown_movement(one) for one in list_withdrawals_of(party.id)],
        "receipts": [_shown_movement(one) for one in list_receipts_of(party.id)],
        # What a transfer's remark carries, so that finance finds whose money it is.
        "party_code": f"RQ{str(party.id)[-8:].upper()}",
        "has_account": bool(list_bank_accounts(party.id)),
    }
    return render(request, "borrower/wallet/wallet.html", content)


@acting
def withdraw(request: HttpRequest) -> HttpResponse:
    """Ask how much and where to, show it once more, and hold the money when confirmed."""
    party = party_of(request)
    accounts = list_bank_accounts(party.id)
    choices = [(str(one.id), f"{one.bank_name} {one.number}") for one in accounts]
    if request.method == "POST":
        form = WithdrawForm(request.POST, accounts=choices)
        if form.is_valid():
            done = form.attempt(
                lambda: request_withdrawal(form.command(party.id), form.call(request))
            )
            if done is not None:
                said = _("提现 %(no)s 已受理，财务复核后付款。") % {"no": done.number}
                messages.success(request, said)
                return redirect("wallet")
            return _confirm_page(request, form, form.cleaned_data, choices)
        return _withdraw_page(request, form, choices)
    if "amount" not in request.GET:
        return _withdraw_page(request, WithdrawFields(accounts=choices), choices)
    asked = WithdrawFields(request.GET, accounts=choices)
    if not (asked.is_valid() and _is_covered(asked, wallet_of(party.id).available)):
        return _withdraw_page(request, asked, choices)
    confirm = WithdrawForm(initial=asked.cleaned_data, accounts=choices)
    return _confirm_page(request, confirm, asked.cleaned_data, choices)


def _is_covered(asked: WithdrawFields, available: Money) -> bool:
    amount: Money = asked.cleaned_data["amount"]
    if amount <= available:
        return True
    said = _("提现金额「%(value)s」超过可用余额：最多可提 %(most)s 元。")
    asked.add_error("amount", said % {"value": amount.text(), "most": available.text()})
    return False


def _withdraw_page(request: HttpRequest, form: WithdrawFields, accounts: Choices) -> HttpResponse:
    party_id = party_of(request).id
    content = {"form": form, "wallet": wallet_of(party_id), "accounts": accounts}
    status = 422 if form.errors else 200
    return render(request, "borrower/wallet/withdraw.html", content, status=status)


def _confirm_page(
    request: HttpRequest, form: WithdrawForm, given: dict[str, Any], accounts: Choices
) -> HttpResponse:
    content = {
        "form": form,
        "wallet": wallet_of(party_of(request).id),
        "amount": given["amount"],
        "account": dict(accounts)[given["account"]],
        "account_id": given["account"],
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/wallet/withdraw_confirm.html", content, status=status)


def _page_asked(request: HttpRequest) -> int | None:
    """Return the journal before which the page begins; a forged one is not there."""
    page = request.GET.get("page")
    if not page:
        return None
    try:
        return int(signing.loads(page, salt=SALT))
    except signing.BadSignature:
        raise NotFound from None


def _shown_line(line: StatementLine) -> dict[str, Any]:
    return {"line": line, "kind": words.say(words.JOURNAL, line.kind)}


def _shown_movement(one: Any) -> dict[str, Any]:
    return {
        "movement": one,
        "state": words.say(words.MOVEMENT, one.state),
        "tone": words.MOVEMENT_TONE.get(one.state, "ghost"),
    }


def _csv(lines: tuple[StatementLine, ...]) -> HttpResponse:
    heads = (_("业务日期"), _("记账时间"), _("事项"), _("凭据"), _("收支"), _("余额"))
    rows = [
        (
            line.value_on,
            line.booked_at,
            words.say(words.JOURNAL, line.kind),
            line.document,
            line.amount,
            line.balance,
        )
        for line in lines
    ]
    return csv_of("wallet", heads, rows)
