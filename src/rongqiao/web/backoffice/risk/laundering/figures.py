"""Figures of the last twelve months: alerts raised, dismissed, pursued, by month and kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.finance.months import add_months
from rongqiao.platform import clock
from rongqiao.risk.queries.laundering.alerts import MonthFigures, months
from rongqiao.risk.queries.laundering.terms.erasing import erased_so_far
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.laundering.wall import compliance_only, frame, own_parties
from rongqiao.web.backoffice.risk.laundering.words import KINDS
from rongqiao.web.frame.charts import Chart, Series, stacked_bars

MONTHS = 12


@compliance_only()
def figure_page(request: HttpRequest) -> HttpResponse:
    """Show a year of alerts: a chart, and the table that says the same."""
    first = add_months(clock.business_date().replace(day=1), 1 - MONTHS)
    rows = months(first, own_parties(request))
    if file := download(request, _file(rows)):
        return file
    context = frame(
        request,
        "laundering-figures",
        rows=[{"one": one, "kind": say(KINDS, one.kind)} for one in rows],
        chart=_chart(rows, first) if rows else None,
        raised=sum(one.raised for one in rows),
        false=sum(one.false for one in rows),
        pursued=sum(one.pursued for one in rows),
        open=sum(one.open for one in rows),
        erased=erased_so_far(),
    )
    return render(request, "backoffice/laundering/figures.html", context)


def _chart(rows: Sequence[MonthFigures], first: date) -> Chart:
    """Return alerts by month, stacked by what became of them; a count is drawn as so many yuan."""
    days = [add_months(first, n) for n in range(MONTHS)]
    names = (("false", _("已排除")), ("pursued", _("已立案")), ("open", _("待处理")))
    return stacked_bars(
        "laundering-chart",
        _("各月预警，按处理结果"),
        [f"{day:%Y-%m}" for day in days],
        [
            Series(
                name,
                [
                    100 * sum(getattr(one, field) for one in rows if one.month == day)
                    for day in days
                ],
            )
            for field, name in names
        ],
    )


def _file(rows: Sequence[MonthFigures]) -> Table:
    return Table(
        name="laundering-figures",
        title=_("反洗钱概览"),
        heads=(_("月份"), _("类型"), _("预警"), _("已排除"), _("已立案"), _("待处理")),
        rows=lambda: (
            (
                f"{one.month:%Y-%m}",
                say(KINDS, one.kind),
                one.raised,
                one.false,
                one.pursued,
                one.open,
            )
            for one in rows
        ),
    )
