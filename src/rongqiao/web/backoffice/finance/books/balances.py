"""The books read from the outside in: the trial balance on any date, and an account's postings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.money.ledger.queries import books as ledger
from rongqiao.money.ledger.queries import reports
from rongqiao.money.ledger.queries.books import StatementLine, UnknownAccount
from rongqiao.money.ledger.queries.reports import ReportLine
from rongqiao.parties.queries import get_parties
from rongqiao.platform import clock
from rongqiao.web.backoffice.finance.filters import ChoiceFilter, DayFilter, Filters
from rongqiao.web.backoffice.finance.rooms import BOOKS, READERS, room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import FAMILIES, JOURNALS, account_name, say
from rongqiao.web.frame.access import looked_for, page_mark, staff

PAGE = 50


class TrialFilters(Filters):
    """As of which date, with movement since when, by account or by accounting code."""

    on = DayFilter(gettext_lazy("截至"))
    since = DayFilter(gettext_lazy("发生额从"))
    by = ChoiceFilter({"code": gettext_lazy("会计科目")}, label=gettext_lazy("汇总方式"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Say what stands where nothing is chosen: every account by itself."""
        super().__init__(*args, **options)
        self.fields["by"].widget.choices = [
            ("", _("明细账户")),
            ("code", _("会计科目")),
        ]


@staff(*READERS)
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Show every account that moved or holds something; customers' wallets are one line."""
    filters = TrialFilters(request)
    on = filters.given("on") or clock.business_date()
    since = filters.given("since")
    if since and since > on:
        since = on
    trial = reports.trial_balance(on, since=since, by_code=filters.text("by") == "code")
    heads = (_("代码"), _("科目"), _("类别"))
    opening = (_("期初借方"), _("期初贷方"), _("本期借方"), _("本期贷方")) if since else ()
    table = Table(
        name="trial-balance",
        title=_("试算平衡"),
        facts=((_("截至"), on), *(((_("发生额从"), since),) if since else ())),
        heads=(*heads, *opening, _("借方"), _("贷方")),
        rows=lambda: (_row(one, is_full=bool(since)) for one in trial.lines),
    )
    if file := download(request, table):
        return file
    context = room(
        request,
        BOOKS,
        "books",
        filters=filters,
        trial=trial,
        lines=[_shown_line(one) for one in trial.lines],
        is_even=trial.totals.closing_debit == trial.totals.closing_credit,
    )
    return render(request, "backoffice/finance/books/trial_balance.html", context)


@staff(*READERS)
def account(request: HttpRequest) -> HttpResponse:
    """Show an account's postings, newest first; `code` names it, `before` pages back."""
    code = looked_for(request, "code")
    try:
        state = ledger.account_state(code)
    except UnknownAccount:
        raise Http404 from None
    table = Table(
        name="account",
        title=account_name(code),
        facts=((_("科目"), code), (_("余额"), state.balance)),
        heads=(_("分录"), _("类型"), _("单据"), _("起息日"), _("发生额"), _("余额")),
        rows=lambda: (
            (o.journal, say(JOURNALS, o.kind), o.document, o.value_on, o.amount, o.balance)
            for o in ledger.statement(code, limit=MOST_ROWS)
        ),
    )
    if file := download(request, table):
        return file
    lines = ledger.statement(code, before=page_mark(request), limit=PAGE)
    context = room(
        request,
        BOOKS,
        "",
        code=code,
        name=account_name(code),
        owner=_owner(code),
        state=state,
        lines=[_shown(one) for one in lines],
        older=lines[-1].journal if len(lines) == PAGE else None,
    )
    return render(request, "backoffice/finance/books/account.html", context)


def _name(line: ReportLine) -> str:
    return account_name(line.account) if line.account else line.title


def _row(line: ReportLine, *, is_full: bool) -> tuple[Any, ...]:
    moved = (line.opening_debit, line.opening_credit, line.debits, line.credits)
    return (
        line.account or line.code,
        _name(line),
        say(FAMILIES, line.family),
        *(moved if is_full else ()),
        line.closing_debit,
        line.closing_credit,
    )


def _shown_line(line: ReportLine) -> dict[str, Any]:
    is_one_account = bool(line.account) and line.account != "wallet"
    return {
        "one": line,
        "name": _name(line),
        "family": say(FAMILIES, line.family),
        "account": line.account if is_one_account else "",
    }


def _shown(one: StatementLine) -> dict[str, Any]:
    return {"one": one, "kind": say(JOURNALS, one.kind)}


def _owner(code: str) -> str:
    """Return whose wallet it is, the name as staff see it; empty for other accounts."""
    prefix, _colon, owner = code.partition(":")
    if prefix != "wallet":
        return ""
    try:
        party = UUID(owner)
    except ValueError:
        return ""
    found = get_parties([party]).get(party)
    return found.name if found else ""
