"""The queue of warning cases: those due first, and how firms' levels moved month by month."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.months import add_months
from rongqiao.parties.queries import get_parties
from rongqiao.platform import clock
from rongqiao.risk.queries.enterprise import WarningView, count_levels, warnings
from rongqiao.web.backoffice.finance.filters import ChoiceFilter, Filters
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.rooms import WARNING_READERS, risk_room
from rongqiao.web.backoffice.risk.warnings import words
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Series, stacked_bars
from rongqiao.web.templatetags.figures import day

MONTHS_SHOWN = 12


class CaseFilters(Filters):
    """What narrows the cases."""

    state = ChoiceFilter(words.STATES, label=gettext_lazy("状态"))


@staff(*WARNING_READERS)
def warning_queue(request: HttpRequest) -> HttpResponse:
    """List the cases that wait, with the picture of all watched firms."""
    filters = CaseFilters(request)
    state = filters.text("state")
    table = Table(
        name="warnings",
        title=_("预警"),
        heads=(
            _("企业"),
            _("级别"),
            _("状态"),
            _("期限"),
            _("当月风险率"),
            _("信号"),
            _("处理人"),
            _("结果"),
        ),
        rows=lambda: _file_rows(warnings(state)),
    )
    if file := download(request, table):
        return file
    today = clock.business_date()
    context = risk_room(
        request,
        "warnings",
        filters=filters,
        rows=[row | {"is_late": row["one"].due_on < today} for row in _shown(warnings(state))],
        **_levels(),
    )
    return render(request, "backoffice/risk/warnings/queue.html", context)


def _levels() -> dict[str, Any]:
    """Return the picture of levels by month and the table beside it; nothing before a month."""
    since = add_months(clock.business_date().replace(day=1), -MONTHS_SHOWN)
    counted = count_levels(since)
    months = sorted({month for month, _level, _firms in counted})
    if not months:
        return {}
    found = {(month, level): firms for month, level, firms in counted}
    series = [
        Series(
            name=say(words.LEVELS, level),
            minor=[found.get((month, level), 0) * 100 for month in months],
        )
        for level in words.LEVELS
    ]
    labels = [month.strftime("%Y-%m") for month in months]
    chart = stacked_bars("warning-levels", _("各月受监测企业的级别"), labels, series)
    return {
        # Firms are counted here: no figure of it is money.
        "chart": replace(chart, content={**chart.content, "plain": True}),
        "levels": [series_of.name for series_of in series],
        "counts": [
            {"month": label, "firms": [one.minor[i] // 100 for one in series]}
            for i, label in enumerate(labels)
        ],
    }


def _shown(found: tuple[WarningView, ...]) -> list[dict[str, Any]]:
    parties = get_parties(one.party_id for one in found)
    return [
        {
            "one": one,
            "name": parties[one.party_id].name,
            "level": say(words.LEVELS, one.level),
            "tone": words.TONES[one.level],
            "state": say(words.STATES, one.state),
            "state_tone": words.STATE_TONES[one.state],
            "hazard": one.watch.hazard,
            "signs": "、".join(say(words.SIGNS, sign["code"]) for sign in one.watch.signals[:3]),
            "taker": officer(one.taken_by) if one.taken_by else "",
        }
        for one in found
    ]


def _file_rows(found: tuple[WarningView, ...]) -> list[tuple[Any, ...]]:
    return [
        (
            row["name"],
            row["level"],
            row["state"],
            day(row["one"].due_on),
            row["hazard"],
            row["signs"],
            row["taker"],
            say(words.OUTCOMES, row["one"].outcome) if row["one"].outcome else "",
        )
        for row in _shown(found)
    ]
