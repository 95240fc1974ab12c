"""The journals: found by kind, document, account, amount or day, and read to the leg."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.money.ledger.queries.books import get_journal
from rongqiao.money.ledger.queries.journals import (
    PAGE,
    JournalLine,
    Wanted,
    journals_of,
    list_journals,
)
from rongqiao.web.backoffice.finance.books.documents import door_of
from rongqiao.web.backoffice.finance.filters import (
    AmountFilter,
    ChoiceFilter,
    DayFilter,
    Filters,
    TextFilter,
)
from rongqiao.web.backoffice.finance.rooms import BOOKS, READERS, room
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import JOURNALS, account_name, officer, say
from rongqiao.web.frame.access import looked_for, page_mark, staff


class JournalFilters(Filters):
    """What narrows the journals."""

    kind = ChoiceFilter(JOURNALS, label=gettext_lazy("类型"))
    document = TextFilter(gettext_lazy("单据号"))
    account = TextFilter(gettext_lazy("科目代码"))
    amount = AmountFilter(gettext_lazy("某行金额（元）"))
    since = DayFilter(gettext_lazy("起息日从"))
    until = DayFilter(gettext_lazy("到"))

    def wanted(self) -> Wanted:
        """Return them as the ledger's query takes them."""
        return Wanted(
            kind=self.text("kind"),
            document=self.text("document"),
            account=self.text("account"),
            amount=self.given("amount"),
            since=self.given("since"),
            until=self.given("until"),
        )


@staff(*READERS)
def journal_list(request: HttpRequest) -> HttpResponse:
    """List journals, newest first; `before` pages back."""
    filters = JournalFilters(request)
    wanted = filters.wanted()
    table = Table(
        name="journals",
        title=_("分录"),
        heads=(_("编号"), _("类型"), _("单据"), _("起息日"), _("记账时间"), _("金额"), _("经办")),
        rows=lambda: _rows(list_journals(wanted, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    lines = list_journals(wanted, before=page_mark(request))
    context = room(
        request,
        BOOKS,
        "journals",
        filters=filters,
        rows=[_shown(one) for one in lines],
        older=lines[-1].number if len(lines) == PAGE else None,
    )
    return render(request, "backoffice/finance/books/journals.html", context)


@staff(*READERS)
def journal(request: HttpRequest, number: int) -> HttpResponse:
    """Show one journal with its legs and the document it tells of."""
    found = get_journal(number)
    if found is None:
        raise Http404
    legs = [
        {
            "account": leg.account,
            "name": account_name(leg.account),
            "debit": -leg.amount if leg.amount.minor < 0 else None,
            "credit": leg.amount if leg.amount.minor > 0 else None,
        }
        for leg in found.legs
    ]
    context = room(
        request,
        BOOKS,
        "journals",
        journal=found,
        kind=say(JOURNALS, found.kind),
        who=officer(found.actor),
        door=door_of(found.document),
        legs=legs,
        siblings=[one for one in journals_of(found.document) if one != number],
    )
    return render(request, "backoffice/finance/books/journal.html", context)


@staff(*READERS)
def document(request: HttpRequest) -> HttpResponse:
    """Lead to the page of the document whose `number` a journal bears, else to its journals."""
    number = looked_for(request, "number")
    journals = f"{reverse('journals')}?{urlencode({'document': number})}"
    return redirect(door_of(number) or journals)


def _shown(one: JournalLine) -> dict[str, Any]:
    return {"one": one, "kind": say(JOURNALS, one.kind), "who": officer(one.actor)}


def _rows(lines: Iterable[JournalLine]) -> Iterable[tuple[Any, ...]]:
    return (
        (
            one.number,
            say(JOURNALS, one.kind),
            one.document,
            one.value_on,
            one.booked_at,
            one.total,
            one.actor,
        )
        for one in lines
    )
