"""The books read from the outside in: trial balance, an account's postings, one journal."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries import books as ledger
from rongqiao.money.ledger.queries.books import UnknownAccount
from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import looked_for, page_mark, staff
from rongqiao.web.frame.exports import csv_of, wants_csv

PAGE = 50
FAMILIES = {
    "custodian-cash": gettext_lazy("存管资金"),
    "operator-capital": gettext_lazy("自有放贷资金"),
    "wallet": gettext_lazy("客户账户"),
    "loan-principal": gettext_lazy("贷款本金"),
    "interest-receivable": gettext_lazy("应收利息"),
    "penalty-receivable": gettext_lazy("应收罚息"),
    "fee-receivable": gettext_lazy("应收费用"),
    "interest-income": gettext_lazy("利息收入"),
    "penalty-income": gettext_lazy("罚息收入"),
    "fee-income": gettext_lazy("费用收入"),
    "suspense": gettext_lazy("待查款项"),
}


@staff(Role.FINANCE, Role.AUDITOR)
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Show the accounts that moved; customers' wallets are one line (`ledger.trial_balance`)."""
    lines = ledger.trial_balance()
    if wants_csv(request):
        return csv_of(
            "trial-balance",
            (_("科目"), _("类别"), _("借方"), _("贷方")),
            ((one.code, one.family, one.debit, one.credit) for one in lines),
        )
    context = {
        "desk": True,
        "lines": [{"one": one, "name": account_name(one.code)} for one in lines],
        "debit": _sum(one.debit for one in lines),
        "credit": _sum(one.credit for one in lines),
    }
    return render(request, "backoffice/books.html", context)


@staff(Role.FINANCE, Role.AUDITOR)
def account(request: HttpRequest) -> HttpResponse:
    """Show an account's postings, newest first; `code` names it, `before` pages back."""
    code = looked_for(request, "code")
    try:
        lines = ledger.statement(code, before=page_mark(request))
    except UnknownAccount:
        raise Http404 from None
    if wants_csv(request):
        return csv_of(
            "account",
            (_("分录"), _("类型"), _("单据"), _("起息日"), _("发生额"), _("余额")),
            ((o.journal, o.kind, o.document, o.value_on, o.amount, o.balance) for o in lines),
        )
    older = lines[-1].journal if len(lines) == PAGE else None
    context = {"desk": True, "code": code, "lines": lines, "older": older}
    return render(request, "backoffice/account.html", context)


@staff(Role.FINANCE, Role.AUDITOR)
def journal(request: HttpRequest, number: int) -> HttpResponse:
    """Show one journal with its legs and the document it tells of."""
    found = ledger.get_journal(number)
    if found is None:
        raise Http404
    legs = [
        {
            "account": leg.account,
            "debit": -leg.amount if leg.amount.minor < 0 else None,
            "credit": leg.amount if leg.amount.minor > 0 else None,
        }
        for leg in found.legs
    ]
    context = {"desk": True, "journal": found, "legs": legs}
    return render(request, "backoffice/journal.html", context)


def account_name(code: str) -> str:
    """Return what an account is for, in words; of a product's account, its family."""
    family = code.partition(":")[0]
    return str(FAMILIES.get(family, family))


def _sum(amounts: Iterable[Money]) -> Money:
    total = Money.zero()
    for one in amounts:
        total += one
    return total
