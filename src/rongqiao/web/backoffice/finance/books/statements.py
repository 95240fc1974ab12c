"""The operator's balance sheet and income statement, by accounting code; client money beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.money.ledger.queries.reports import (
    BalanceSheet,
    IncomeStatement,
    SheetLine,
    balance_sheet,
    income_statement,
)
from rongqiao.platform import clock
from rongqiao.web.backoffice.finance.filters import DayFilter, Filters
from rongqiao.web.backoffice.finance.rooms import BOOKS, READERS, room
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Chart, Series, stacked_bars


class SheetFilters(Filters):
    """As of which date."""

    on = DayFilter(gettext_lazy("截至"))


class IncomeFilters(Filters):
    """From which date to which, both included."""

    since = DayFilter(gettext_lazy("从"))
    until = DayFilter(gettext_lazy("到"))

    @override
    def clean(self) -> dict[str, Any]:
        """Hold the days to be a stretch of time."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until") or clock.business_date()
        if since and since > until:
            said = _("开始日期 %(since)s 晚于结束日期 %(until)s，请调整。")
            self.add_error("since", said % {"since": since, "until": until})
        return cleaned

    def span(self, today: date) -> tuple[date, date]:
        """Return the days in force, and show them in the fields."""
        until = self.given("until") or today
        since = self.given("since") or until.replace(day=1)
        self.data = {"since": since.isoformat(), "until": until.isoformat()}
        return since, until


@staff(*READERS)
def sheet(request: HttpRequest) -> HttpResponse:
    """Show the balance sheet as of a date."""
    filters = SheetFilters(request)
    found = balance_sheet(filters.given("on") or clock.business_date())
    table = Table(
        name="balance-sheet",
        title=_("资产负债表"),
        facts=((_("截至"), found.on),),
        heads=(_("部分"), _("代码"), _("科目"), _("金额")),
        rows=lambda: _sheet_rows(found),
    )
    if file := download(request, table):
        return file
    context = room(
        request,
        BOOKS,
        "balance-sheet",
        filters=filters,
        sheet=found,
        is_even=found.total_assets == found.total_claims,
        is_pool_even=found.total_custody_assets == found.total_custody_liabilities,
    )
    return render(request, "backoffice/finance/books/balance_sheet.html", context)


@staff(*READERS)
def income(request: HttpRequest) -> HttpResponse:
    """Show what was earned and spent; without dates, this month so far."""
    filters = IncomeFilters(request)
    today = clock.business_date()
    if filters.errors:
        context = room(
            request, BOOKS, "income-statement", filters=filters, spans=_spans(today), found=None
        )
        return render(request, "backoffice/finance/books/income_statement.html", context)
    since, until = filters.span(today)
    found = income_statement(since, until)
    table = Table(
        name="income-statement",
        title=_("利润表"),
        facts=((_("从"), since), (_("到"), until)),
        heads=(_("部分"), _("代码"), _("科目"), _("金额")),
        rows=lambda: _income_rows(found),
    )
    if file := download(request, table):
        return file
    context = room(
        request,
        BOOKS,
        "income-statement",
        filters=filters,
        found=found,
        chart=_chart(found),
        spans=_spans(today),
    )
    return render(request, "backoffice/finance/books/income_statement.html", context)


def _spans(today: date) -> list[dict[str, Any]]:
    """Return the stretches of time one mostly asks for."""
    first = today.replace(day=1)
    last = first.replace(year=first.year - 1, month=12) if first.month == 1 else None
    before = last or first.replace(month=first.month - 1)
    return [
        {"label": _("本月"), "since": first, "until": today},
        {"label": _("上月"), "since": before, "until": date.fromordinal(first.toordinal() - 1)},
        {"label": _("本年"), "since": today.replace(month=1, day=1), "until": today},
    ]


def _chart(found: IncomeStatement) -> Chart | None:
    """Return income beside expenses, or nothing where there is neither."""
    if not found.income and not found.expenses:
        return None
    return stacked_bars(
        "income-chart",
        _("收入与费用"),
        [_("收入"), _("费用")],
        [
            Series(line.title, [line.amount.minor, 0] if is_earned else [0, line.amount.minor])
            for lines, is_earned in ((found.income, True), (found.expenses, False))
            for line in lines
            if line.amount.minor > 0
        ],
    )


def _sheet_rows(found: BalanceSheet) -> Iterable[tuple[Any, ...]]:
    yield from _part(_("资产"), found.assets)
    yield (_("资产"), "", _("合计"), found.total_assets)
    yield from _part(_("负债"), found.liabilities)
    yield from _part(_("所有者权益"), found.equity)
    yield (_("所有者权益"), "", _("未分配损益"), found.result)
    yield (_("负债和所有者权益"), "", _("合计"), found.total_claims)
    yield from _part(_("代管资金资产"), found.custody_assets)
    yield from _part(_("代管资金负债"), found.custody_liabilities)


def _income_rows(found: IncomeStatement) -> Iterable[tuple[Any, ...]]:
    yield from _part(_("收入"), found.income)
    yield (_("收入"), "", _("合计"), found.total_income)
    yield from _part(_("费用"), found.expenses)
    yield (_("费用"), "", _("合计"), found.total_expenses)
    yield ("", "", _("净额"), found.result)


def _part(name: str, lines: Iterable[SheetLine]) -> Iterable[tuple[Any, ...]]:
    return ((name, line.code, line.title, line.amount) for line in lines)
