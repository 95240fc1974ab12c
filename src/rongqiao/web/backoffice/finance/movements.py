"""Money noted by hand, by two people: customers' transfers and the operator's own funds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.journals import journals_of
from rongqiao.money.payments.operations.capital.confirm_capital import (
    ConfirmCapital,
    confirm_capital,
)
from rongqiao.money.payments.operations.capital.inject_capital import InjectCapital, inject_capital
from rongqiao.money.payments.operations.receipts.confirm_receipt import (
    ConfirmReceipt,
    confirm_receipt,
)
from rongqiao.money.payments.operations.receipts.register_receipt import (
    RegisterReceipt,
    register_receipt,
)
from rongqiao.money.payments.operations.receipts.reject_receipt import RejectReceipt, reject_receipt
from rongqiao.money.payments.queries import wallets as payments
from rongqiao.money.payments.queries.movements import get_movement
from rongqiao.parties.queries import get_parties
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.policies.masking import mask_name
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.customers import find_customer
from rongqiao.web.backoffice.finance.rooms import MONEY, READERS, room
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import Words, officer, say
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import DayField, KeyedForm, MoneyField, first_error

STATES: Words = {
    "registered": gettext_lazy("待确认"),
    "confirmed": gettext_lazy("已确认"),
    "rejected": gettext_lazy("已驳回"),
}
TONES = {"registered": "info", "confirmed": "success", "rejected": "error"}
CENT, MOST = Money(1), Money(10**12)
SERIAL = gettext_lazy("银行流水号")


class ReceiptForm(KeyedForm):
    """A customer's transfer as the bank shows it."""

    customer = forms.CharField(
        label=gettext_lazy("客户手机号、借款编号或转账附言码"),
        max_length=40,
        help_text=gettext_lazy(
            "收款归到此客户的账户；一人代表多个主体时请填借款编号或附言码（RQ 开头）。"
        ),
    )
    amount = MoneyField(label=gettext_lazy("金额（元）"), least=CENT, most=MOST)
    payer = forms.CharField(label=gettext_lazy("付款人户名"), max_length=60)
    bank_serial = forms.CharField(label=SERIAL, max_length=64)
    received_on = DayField(label=gettext_lazy("到账日期"))

    def clean_customer(self) -> UUID:
        """Return the party a phone, loan number or remark code leads to, if there is one."""
        text = self.cleaned_data["customer"].strip()
        found = find_customer(text)
        if found is None:
            raise forms.ValidationError(
                _("「%(value)s」没有找到唯一的客户：请填已实名的手机号、借款编号或转账附言码。")
                % {"value": text}
            )
        return found


class CapitalForm(KeyedForm):
    """The operator's own funds as the bank shows them."""

    amount = MoneyField(label=gettext_lazy("金额（元）"), least=CENT, most=MOST)
    source = forms.CharField(label=gettext_lazy("资金来源"), max_length=100)
    bank_serial = forms.CharField(label=SERIAL, max_length=64)


class DecisionForm(KeyedForm):
    """The second person's word; what a verb needs is asked by the operation."""

    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200, required=False)


Build = Callable[[UUID, dict[str, Any]], Any]
VERBS: dict[tuple[str, str], tuple[Build, Callable[[Any, Call], Any]]] = {
    ("receipt", "confirm"): (lambda pk, _said: ConfirmReceipt(receipt_id=pk), confirm_receipt),
    ("receipt", "reject"): (
        lambda pk, said: RejectReceipt(receipt_id=pk, reason=said["reason"]),
        reject_receipt,
    ),
    ("capital", "confirm"): (
        lambda pk, _said: ConfirmCapital(injection_id=pk, is_confirmed=True),
        confirm_capital,
    ),
    ("capital", "reject"): (
        lambda pk, said: ConfirmCapital(injection_id=pk, is_confirmed=False, reason=said["reason"]),
        confirm_capital,
    ),
}


@staff(*READERS)
def money_desk(request: HttpRequest) -> HttpResponse:
    """List what waits for a second person, and what was done last."""
    return _desk_page(request)


@staff(*READERS)
def movement(request: HttpRequest, kind: str, movement_id: UUID) -> HttpResponse:
    """Show one movement, whatever became of it, with the journals it moved by."""
    found = get_movement(kind, movement_id)
    if found is None:
        raise Http404
    parties = get_parties([found.party_id] if found.party_id else [])
    context = room(
        request,
        MONEY,
        "money-desk",
        one=found,
        what=_("客户来款") if found.kind == "receipt" else _("自有资金"),
        party=parties[found.party_id].name if found.party_id else "",
        state=say(STATES, found.state),
        tone=TONES.get(found.state, "ghost"),
        registered_by=officer(found.registered_by),
        decided_by=officer(found.decided_by),
        journals=journals_of(found.number),
    )
    return render(request, "backoffice/finance/movement.html", context)


@staff(Role.FINANCE)
@require_POST
def decide(request: HttpRequest, kind: str, movement_id: UUID, verb: str) -> HttpResponse:
    """Confirm or reject one movement."""
    if (kind, verb) not in VERBS:
        raise Http404
    build, operation = VERBS[kind, verb]
    form = DecisionForm(request.POST)
    if form.is_valid():
        command = build(movement_id, form.cleaned_data)
        if form.attempt(lambda: operation(command, form.call(request))) is not None:
            messages.success(request, _("已办理。"))
            return redirect("money-desk")
    return _desk_page(request, errors=first_error(form), status=422)


@staff(Role.FINANCE)
def new_receipt(request: HttpRequest) -> HttpResponse:
    """Register a customer's transfer for another officer to confirm."""
    form = ReceiptForm(
        request.POST or None, initial={"received_on": clock.business_date().isoformat()}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = RegisterReceipt(
            party_id=said["customer"],
            amount=said["amount"],
            bank_serial=said["bank_serial"],
            received_on=said["received_on"],
            payer=said["payer"],
        )
        if form.attempt(lambda: register_receipt(command, form.call(request))) is not None:
            messages.success(request, _("已登记，等待另一位财务人员确认。"))
            return redirect("money-desk")
    return _form_page(request, form, _("登记客户来款"))


@staff(Role.FINANCE)
def new_capital(request: HttpRequest) -> HttpResponse:
    """Register own funds for another officer to confirm."""
    form = CapitalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = InjectCapital(
            amount=said["amount"], source=said["source"], bank_serial=said["bank_serial"]
        )
        if form.attempt(lambda: inject_capital(command, form.call(request))) is not None:
            messages.success(request, _("已登记，等待另一位财务人员确认。"))
            return redirect("money-desk")
    return _form_page(request, form, _("登记自有资金"))


def _form_page(request: HttpRequest, form: KeyedForm, title: str) -> HttpResponse:
    context = room(request, MONEY, "money-desk", form=form, title=title)
    status = 422 if request.method == "POST" else 200
    return render(request, "backoffice/finance/form.html", context, status=status)


def _desk_page(request: HttpRequest, errors: str = "", status: int = 200) -> HttpResponse:
    groups = [
        ("receipt", _("客户来款"), payments.list_receipts()),
        ("capital", _("自有资金"), payments.list_capital()),
    ]
    table = Table(
        name="movements",
        title=_("收付款"),
        heads=(_("类别"), _("编号"), _("金额"), _("登记人"), _("登记时间")),
        rows=lambda: (
            (label, one.number, one.amount, one.registered_by, one.registered_at)
            for _kind, label, rows in groups
            for one in rows
        ),
    )
    if file := download(request, table):
        return file
    ids = {one.party_id for _k, _l, rows in groups for one in rows if hasattr(one, "party_id")}
    names = {str(key): party.name for key, party in get_parties(ids).items()}
    me = f"user:{request.user.pk}"
    shown = [
        {
            "kind": kind,
            "label": label,
            "rows": [_shown_row(one, names, me) for one in rows],
        }
        for kind, label, rows in groups
    ]
    context = room(request, MONEY, "money-desk", groups=shown, error=errors)
    return render(request, "backoffice/finance/movements.html", context, status=status)


def _shown_row(one: Any, names: dict[str, str], me: str) -> dict[str, Any]:
    party = names.get(str(getattr(one, "party_id", "")), "")
    payer = getattr(one, "payer", "")
    return {
        "one": one,
        "party": party,
        # Payers come masked, a firm's name does not: both are compared as masked.
        "is_other_payer": bool(payer) and payer != mask_name(party),
        "is_mine": one.registered_by == me,
        "form": DecisionForm(),
    }
