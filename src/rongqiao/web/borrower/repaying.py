"""Paying: an amount or an instalment with its allocation shown first; a payoff at its quote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.finance.allocation import Allocation, Bucket, Due, Order, allocate
from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.prepay import Prepay, prepay
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import (
    DAYS_AHEAD,
    QuotePayoff,
    quote_payoff,
)
from rongqiao.lending.servicing.operations.prepaying.quote_prepayment import (
    QuotePrepayment,
    quote_prepayment,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.operations.writing_off.recover import Recover, recover
from rongqiao.lending.servicing.queries.amending.prepayments import get_prepayment_quote
from rongqiao.lending.servicing.queries.amending.write_offs import (
    get_recovery,
    list_recoveries,
    write_off_of,
)
from rongqiao.lending.servicing.queries.loans import (
    LoanDetail,
    PlanRow,
    get_loan,
    get_payoff_quote,
)
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.platform import clock
from rongqiao.web.borrower import words
from rongqiao.web.borrower.loans import (
    Versions,
    kept_rows,
    owed_rows,
    shown_card,
    versions_by_number,
)
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.forms import DayField, KeyedForm, MoneyField, StrictForm, WholeField
from rongqiao.web.templatetags.figures import money

ONE_FEN, MOST = Money(1), Money(LARGEST_MINOR)
INPUT = {"class": "input w-full"}


class AmountForm(StrictForm):
    """How much to pay, in all or on one instalment; asked by GET, so that it has an address."""

    amount = MoneyField(
        least=ONE_FEN,
        most=MOST,
        label=gettext_lazy("还款金额"),
        widget=forms.TextInput(attrs=INPUT),
    )
    instalment = WholeField(
        least=1, most=999, required=False, label="instalment", widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, payable: Money, **options: Any) -> None:
        """Allow up to `payable`."""
        super().__init__(*args, **options)
        self._payable = payable

    @override
    def clean(self) -> dict[str, Any]:
        """Hold the amount to what is due, once it is known on which instalment."""
        cleaned = super().clean()
        amount = cleaned.get("amount")
        if amount is not None and "instalment" in cleaned and amount > self._payable:
            self.add_error(
                "amount",
                _("还款金额「%(value)s」不对：现在最多可还 %(most)s 元。")
                % {"value": amount.text(), "most": self._payable.text()},
            )
        return cleaned


class RepayForm(KeyedForm):
    """The payment as it was shown: `expected` is what was left to pay then."""

    amount = MoneyField(
        least=ONE_FEN, most=MOST, label=gettext_lazy("还款金额"), widget=forms.HiddenInput
    )
    instalment = WholeField(
        least=1, most=999, required=False, label="instalment", widget=forms.HiddenInput
    )
    expected = MoneyField(least=ONE_FEN, most=MOST, label="expected", widget=forms.HiddenInput)

    def command(self, loan_id: UUID, party_id: UUID) -> Repay:
        """Return what the form asks for."""
        given = self.cleaned_data
        return Repay(
            loan_id=loan_id,
            party_id=party_id,
            amount=given["amount"],
            instalment_no=given["instalment"],
            expected=given["expected"],
        )


class PayoffForm(KeyedForm):
    """The day on which to pay everything off."""

    valid_on = DayField(
        label=gettext_lazy("结清日期"), widget=forms.TextInput(attrs={"class": "input w-full"})
    )


class PrepaymentForm(KeyedForm):
    """How much of the principal ahead to pay early."""

    principal = MoneyField(
        least=ONE_FEN,
        most=MOST,
        label=gettext_lazy("提前还本金"),
        widget=forms.TextInput(attrs=INPUT),
    )


class RecoverForm(KeyedForm):
    """How much to pay on what is owed after a write-off."""

    amount = MoneyField(
        least=ONE_FEN,
        most=MOST,
        label=gettext_lazy("还款金额"),
        widget=forms.TextInput(attrs=INPUT),
    )


class ChoiceForm(KeyedForm):
    """What the prepayment does to the plan; the button pressed says it."""

    choice = forms.CharField(max_length=16, widget=forms.HiddenInput)


@acting
def repay_loan(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Ask how much, show how it will be allocated, and take it when confirmed."""
    party = party_of(request)
    detail = get_loan(loan_id, clock.business_date(), party.id)
    if request.method == "POST":
        return _repaid(request, detail)
    if "amount" not in request.GET:
        form = AmountForm(payable=_left(due_rows(detail)), initial={"amount": _first(detail)})
        return _repay_page(request, detail, form)
    payable = _payable(detail, request.GET.get("instalment", ""))
    form = AmountForm(request.GET, payable=_left(payable))
    if not form.is_valid():
        return _repay_page(request, detail, form)
    given = form.cleaned_data
    confirm = RepayForm(initial={**given, "expected": _left(payable)})
    return _confirm_page(request, detail, confirm, given["amount"], payable)


@acting
def recover_loan(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show what is still owed on a written-off loan, and take a payment on it."""
    party = party_of(request)
    detail = get_loan(loan_id, clock.business_date(), party.id)
    written = write_off_of(loan_id)
    if written is None:
        return redirect("repay", loan_id)
    form = RecoverForm(request.POST or None, initial={"amount": written.left})
    if request.method == "POST" and form.is_valid():
        command = Recover(loan_id=loan_id, party_id=party.id, amount=form.cleaned_data["amount"])
        paid = form.attempt(lambda: recover(command, form.call(request)))
        if paid is not None:
            return redirect("recovery", paid.recovery_id)
    content = {
        **shown_card(detail.card, versions_by_number()),
        "write_off": written,
        "written": owed_rows(written.amounts),
        "recoveries": list_recoveries(written.id),
        "form": form,
        "wallet": wallet_of(party.id),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/recover.html", content, status=status)


@acting
def recovery(request: HttpRequest, recovery_id: UUID) -> HttpResponse:
    """Show the receipt of a payment on a written-off loan."""
    receipt = get_recovery(recovery_id, party_of(request).id)
    content = {"receipt": receipt, "parts": owed_rows(receipt.amounts)}
    return render(request, "borrower/loans/recovery.html", content)


@acting
def payoff(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Ask for the day of the payoff and quote it to the fen."""
    party, today = party_of(request), clock.business_date()
    detail = get_loan(loan_id, today, party.id)
    form = PayoffForm(request.POST or None, initial={"valid_on": today})
    if request.method == "POST" and form.is_valid():
        command = QuotePayoff(
            loan_id=loan_id, party_id=party.id, valid_on=form.cleaned_data["valid_on"]
        )
        quoted = form.attempt(lambda: quote_payoff(command, form.call(request)))
        if quoted is not None:
            return redirect("payoff-quote", quoted.quote_id)
    content = {
        **shown_card(detail.card, versions_by_number()),
        "detail": detail,
        "form": form,
        "days_ahead": DAYS_AHEAD,
        "outstanding": owed_rows(detail.card.outstanding),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/payoff.html", content, status=status)


@acting
def payoff_quote(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """Show a quote, and pay it on its day."""
    party, today = party_of(request), clock.business_date()
    quote = get_payoff_quote(quote_id, party.id)
    form = KeyedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        command = PayOff(quote_id=quote_id, party_id=party.id)
        paid = form.attempt(lambda: pay_off(command, form.call(request)))
        if paid is not None:
            messages.success(
                request, _("已支付 %(total)s 元，借款已结清。") % {"total": money(paid.total)}
            )
            return redirect("loan", quote.loan_id)
    card = get_loan(quote.loan_id, today, party.id).card
    content = {
        **shown_card(card, versions_by_number()),
        "quote": quote,
        "rows": owed_rows(quote.owed),
        "form": form,
        "wallet": wallet_of(party.id),
        "is_today": quote.valid_on == today,
        "is_past": quote.valid_on < today,
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/payoff_quote.html", content, status=status)


@acting
def prepayment(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Ask how much to pay early and quote it with the plans that may follow."""
    party = party_of(request)
    detail = get_loan(loan_id, clock.business_date(), party.id)
    form = PrepaymentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        command = QuotePrepayment(
            loan_id=loan_id, party_id=party.id, principal=form.cleaned_data["principal"]
        )
        quoted = form.attempt(lambda: quote_prepayment(command, form.call(request)))
        if quoted is not None:
            return redirect("prepayment-quote", quoted.quote_id)
    content = {
        **shown_card(detail.card, versions_by_number()),
        "detail": detail,
        "form": form,
        "wallet": wallet_of(party.id),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/prepayment.html", content, status=status)


@acting
def prepayment_quote(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """Show both plans side by side, and pay for the one that is chosen."""
    party, today = party_of(request), clock.business_date()
    quote = get_prepayment_quote(quote_id, party.id)
    form = ChoiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        command = Prepay(quote_id=quote_id, party_id=party.id, choice=form.cleaned_data["choice"])
        paid = form.attempt(lambda: prepay(command, form.call(request)))
        if paid is not None:
            messages.success(
                request,
                _("已支付 %(total)s 元，新的还款计划已生效。") % {"total": money(paid.total)},
            )
            return redirect("loan", quote.loan_id)
    content = {
        **shown_card(get_loan(quote.loan_id, today, party.id).card, versions_by_number()),
        "quote": quote,
        "options": [
            {"it": option, **words.CHOICE[option.choice], "rows": kept_rows(option.rows)}
            for option in quote.options
        ],
        "form": form,
        "wallet": wallet_of(party.id),
        "is_today": quote.valid_on == today,
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/prepayment_quote.html", content, status=status)


def due_rows(detail: LoanDetail) -> list[PlanRow]:
    """Return the instalments that may be paid now: due by today, with something left."""
    today = clock.business_date()
    return [row for row in detail.rows if row.left and row.due_on <= today]


def planned_allocation(
    detail: LoanDetail, amount: Money, payable: Sequence[PlanRow], versions: Versions
) -> Allocation:
    """Return how servicing will allocate the amount: the product's order, oldest first."""
    card = detail.card
    version = versions.get((card.product_code, card.product_version))
    order = Order(version.terms.allocation_order) if version else Order.BY_INSTALMENT
    return allocate(amount, [due for row in payable for due in _dues(row)], order)


def _dues(row: PlanRow) -> list[Due]:
    found = []
    for bucket in Bucket:
        left = getattr(row.scheduled, bucket.value) - getattr(row.paid, bucket.value)
        if left:
            found.append(Due(row.no, bucket, left))
    return found


def _payable(detail: LoanDetail, instalment: str) -> list[PlanRow]:
    """Return the due rows the payment is for; all of them unless one is named."""
    rows = due_rows(detail)
    return [row for row in rows if str(row.no) == instalment] if instalment else rows


def _left(rows: Sequence[PlanRow]) -> Money:
    return Money(sum(row.left.minor for row in rows))


def _first(detail: LoanDetail) -> Money:
    return _left(due_rows(detail))


def _repaid(request: HttpRequest, detail: LoanDetail) -> HttpResponse:
    form = RepayForm(request.POST)
    party = party_of(request)
    if form.is_valid():
        command = form.command(detail.card.id, party.id)
        paid = form.attempt(lambda: repay(command, form.call(request)))
        if paid is not None:
            messages.success(
                request, _("已还款 %(amount)s 元。") % {"amount": money(command.amount)}
            )
            return redirect("loan", detail.card.id)
        payable = _payable(detail, str(command.instalment_no or ""))
        return _confirm_page(request, detail, form, command.amount, payable)
    amount_form = AmountForm(
        {name: request.POST.get(name, "") for name in ("amount", "instalment")},
        payable=_left(due_rows(detail)),
    )
    if amount_form.is_valid():
        # The amount is in order: what is wrong is what the form carries along unseen.
        for sentence in form.non_field_errors():
            amount_form.add_error(None, sentence)
    return _repay_page(request, detail, amount_form)


def _repay_page(request: HttpRequest, detail: LoanDetail, form: AmountForm) -> HttpResponse:
    content = {
        **shown_card(detail.card, versions_by_number()),
        "detail": detail,
        "form": form,
        "due": due_rows(detail),
        "owed": owed_rows(detail.card.owed_now),
        "wallet": wallet_of(detail.card.party_id),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/repay.html", content, status=status)


def _confirm_page(
    request: HttpRequest,
    detail: LoanDetail,
    form: RepayForm,
    amount: Money,
    payable: Sequence[PlanRow],
) -> HttpResponse:
    versions = versions_by_number()
    allocation = planned_allocation(detail, amount, payable, versions)
    content = {
        **shown_card(detail.card, versions),
        "form": form,
        "amount": amount,
        "lines": [
            {"no": due.instalment, "label": words.BUCKET[due.bucket.value], "amount": due.amount}
            for due in allocation.paid
        ],
        "left": Money(_left(payable).minor - amount.minor),
        "wallet": wallet_of(detail.card.party_id),
    }
    status = 422 if form.errors else 200
    return render(request, "borrower/loans/repay_confirm.html", content, status=status)
