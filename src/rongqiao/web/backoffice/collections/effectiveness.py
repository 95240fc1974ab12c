"""What collecting brought: by month, collector and bucket, drawn, in tables and as files."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.lending.servicing.queries.collecting.effect import (
    Cell,
    Figures,
    get_effect,
    grouped,
)
from rongqiao.platform import clock
from rongqiao.web.backoffice.collections import words
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Chart, Series, lines, stacked_bars

DAYS_SHOWN = 365
LONGEST_DAYS = 3660


@staff(*words.READERS)
def effect(request: HttpRequest) -> HttpResponse:
    """Show contacts, promises kept and money recovered between two dates of the address."""
    today = clock.business_date()
    last = _day(request, "to", today)
    first = _day(request, "from", last - timedelta(days=DAYS_SHOWN))
    first = max(min(first, last), last - timedelta(days=LONGEST_DAYS))
    cells = get_effect(first, last)
    if file := download(request, _table(cells, first, last)):
        return file
    months = grouped(cells, lambda one: one.month)
    collectors = grouped(cells, lambda one: one.collector_id)
    buckets = grouped(cells, lambda one: one.bucket)
    whole = _whole(months)
    context = {
        "desk": True,
        "first": first,
        "last": last,
        "whole": _shown(_("合计"), whole),
        "chart": _recovered_chart(cells, months) if months else None,
        "rate_chart": _rate_chart(months) if months else None,
        "groups": [
            (_("按月"), [_shown(f"{month:%Y-%m}", one) for month, one in months.items()]),
            (
                _("按经办"),
                [
                    _shown(words.who(who) if who else _("未领取"), one)
                    for who, one in collectors.items()
                ],
            ),
            (
                _("按逾期天数"),
                [
                    _shown(str(name), buckets[code])
                    for code, name in words.BUCKETS.items()
                    if code in buckets
                ],
            ),
        ],
    }
    return render(request, "backoffice/collections/effect.html", context)


def _whole(months: dict[date, Figures]) -> Figures:
    total = Figures()
    for one in months.values():
        total = total.plus(one)
    return total


def _shown(label: str, figures: Figures) -> dict[str, Any]:
    rate = figures.kept_per_myriad
    return {"label": label, "one": figures, "rate": "—" if rate is None else _percent(rate)}


def _percent(per_myriad: int) -> str:
    return f"{per_myriad // 100}.{per_myriad % 100:02d}%"


def _recovered_chart(cells: tuple[Cell, ...], months: dict[date, Figures]) -> Chart:
    sums = grouped(cells, lambda one: (one.month, one.bucket))
    empty = Figures()
    return stacked_bars(
        "recovered-chart",
        _("每月收回金额，按逾期天数"),
        [f"{month:%Y-%m}" for month in months],
        [
            Series(
                str(name),
                [sums.get((month, code), empty).recovered.minor for month in months],
            )
            for code, name in words.BUCKETS.items()
        ],
    )


def _rate_chart(months: dict[date, Figures]) -> Chart:
    """Return the share of promises kept in percent: a chart's hundredths are per cent here."""
    return lines(
        "kept-chart",
        _("每月承诺履行率（%）"),
        [f"{month:%Y-%m}" for month in months],
        [Series(_("承诺履行率（%）"), [one.kept_per_myriad or 0 for one in months.values()])],
    )


def _table(cells: tuple[Cell, ...], first: date, last: date) -> Table:
    return Table(
        name="collection-effect",
        title=_("催收成效"),
        facts=((_("起"), first), (_("止"), last)),
        heads=(
            _("月份"),
            _("经办"),
            _("逾期天数"),
            _("联系次数"),
            _("接通次数"),
            _("承诺"),
            _("已履行"),
            _("未履行"),
            _("收回金额"),
        ),
        rows=lambda: (
            (
                f"{one.month:%Y-%m}",
                words.who(one.collector_id),
                str(words.BUCKETS[one.bucket]),
                one.figures.contacts,
                one.figures.reached,
                one.figures.promises,
                one.figures.kept,
                one.figures.broken,
                one.figures.recovered,
            )
            for one in cells
        ),
    )


def _day(request: HttpRequest, name: str, otherwise: date) -> date:
    """Return the date in the address; anything else counts as not given."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return otherwise
