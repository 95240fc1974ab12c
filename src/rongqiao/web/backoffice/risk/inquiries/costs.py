"""What inquiries cost, by month and source, as a chart with its table beside it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.platform import clock
from rongqiao.policies.credit.sources import SOURCES
from rongqiao.risk.queries.inquiring.inquiries import MonthCost, costs_by_month
from rongqiao.web.account.checks import words
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.risk.inquiries.frame import inquiry_room
from rongqiao.web.backoffice.risk.rooms import RATING_READERS
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Chart, Series, stacked_bars


@staff(*RATING_READERS)
def months(request: HttpRequest) -> HttpResponse:
    """Show the last twelve months."""
    found = costs_by_month(clock.calendar_date())
    if found and (file := download(request, _file(found))):
        return file
    total = Money(sum(one.charged.minor for one in found))
    served = sum(one.served for one in found)
    saved = Money(sum(one.served * one.source.cost_minor for one in found))
    context = inquiry_room(
        request,
        "inquiry-costs",
        rows=[{"one": one, "source": words.SOURCES[one.source.code]} for one in reversed(found)],
        chart=_chart(found) if found else None,
        total=total,
        served=served,
        saved=saved,
    )
    return render(request, "backoffice/risk/inquiries/costs.html", context)


def _chart(found: tuple[MonthCost, ...]) -> Chart:
    """Return a bar for each month, stacked by source; sources that cost nothing are left out."""
    labels = list(dict.fromkeys(one.month for one in found))
    by_place = {(one.source.code, one.month): one.charged.minor for one in found}
    stack = [
        Series(
            str(words.SOURCES[source.code]),
            [by_place.get((source.code, month), 0) for month in labels],
        )
        for source in SOURCES
        if any(by_place.get((source.code, month)) for month in labels)
    ]
    return stacked_bars(
        "inquiry-costs", _("各月查询费用"), [f"{month:%Y-%m}" for month in labels], stack
    )


def _file(found: tuple[MonthCost, ...]) -> Table:
    return Table(
        name="inquiry-costs",
        title=_("查询费用"),
        heads=(_("月份"), _("来源"), _("查询"), _("缓存"), _("未答复"), _("费用")),
        rows=lambda: (
            (
                f"{one.month:%Y-%m}",
                str(words.SOURCES[one.source.code]),
                one.asked,
                one.served,
                one.unanswered,
                one.charged,
            )
            for one in found
        ),
    )
