"""The books read from the outside in: trial balance, an account's postings, one journal."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.money.ledger import queries as ledger
from rongqiao.money.ledger.queries import UnknownAccount
from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.exports import csv_of, wants_csv

WALLET = "wallet:"
PAGE = 50


@staff(Role.FINANCE, Role.AUDITOR)
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Show the platform's own accounts by name and customers' wallets as one line."""
    lines = ledger.trial_balance()
    if wants_csv(request):
        return csv_of(
            "trial-balance",
            (_("科目"), _("类别"), _("借方"), _("贷方")),
            ((one.code, one.family, one.debit, one.credit) for one in lines),
        )
    wallets = [one for one in lines if one.code.startswith(WALLET)]
    own = [one for one in lines if not one.code.startswith(WALLET)]
    context = {
        "desk": True,
        "lines": own,
        "wallets": len(wallets),
        "wallets_debit": _sum(one.debit for one in wallets),
        "wallets_credit": _sum(one.credit for one in wallets),
        "debit": _sum(one.debit for one in lines),
        "credit": _sum(one.credit for one in lines),
    }
    return render(request, "backoffice/books.html", context)


@staff(Role.FINANCE, Role.AUDITOR)
def account(request: HttpRequest) -> HttpResponse:
    """Show an account's postings, newest first; `code` names it, `before` pages back."""
    code = request.GET.get("code", "")
    before = request.GET.get("before", "")
    try:
        lines = ledger.statement(code, before=int(before) if before.isdecimal() else None)
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


def _sum(amounts: Iterable[Money]) -> Money:
    total = Money.zero()
    for one in amounts:
        total += one
    return total
