"""Rated firms: how they are spread over the scale, and each with its grade."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.parties.queries import PartyView, get_parties
from rongqiao.risk.queries.enterprise import (
    RatingView,
    count_grades,
    firms_with_statements,
    rated_firms,
    scale,
    watched_levels,
)
from rongqiao.web.backoffice.finance.filters import ChoiceFilter, Filters, offset_in, pages
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.rooms import RATING_READERS, risk_room
from rongqiao.web.backoffice.risk.warnings.words import LEVELS, TONES
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Series, stacked_bars
from rongqiao.web.templatetags.figures import day

PAGE = 50
NONE = "none"
UNRATED = gettext_lazy("未评出")
CHOICES: dict[str, Any] = {**{band.grade: band.grade for band in scale()}, NONE: UNRATED}


class FirmFilters(Filters):
    """What narrows the firms."""

    grade = ChoiceFilter(CHOICES, label=gettext_lazy("等级"))


@staff(*RATING_READERS)
def firm_list(request: HttpRequest) -> HttpResponse:
    """List firms by their last rating, newest first; those with statements and no rating apart."""
    filters, offset = FirmFilters(request), offset_in(request)
    grade = filters.text("grade")
    table = Table(
        name="firm-ratings",
        title=_("企业评级"),
        heads=(
            _("企业"),
            _("等级"),
            _("得分"),
            _("一年违约概率"),
            _("覆盖率"),
            _("评级日"),
            _("复评日"),
            _("预警"),
        ),
        rows=lambda: _file_rows(rated_firms(grade, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    found = rated_firms(grade, offset, PAGE + 1)
    context = risk_room(
        request,
        "ratings",
        filters=filters,
        rows=_shown(found[:PAGE]),
        pages=pages(offset, PAGE, has_more=len(found) > PAGE),
        chart=_spread(),
        bands=scale(),
        waiting=_unrated(),
    )
    return render(request, "backoffice/risk/ratings/list.html", context)


def _spread() -> Any:
    counted = count_grades()
    names = [*(band.grade for band in scale()), str(UNRATED)]
    firms = [*(counted.get(band.grade, 0) for band in scale()), counted.get("", 0)]
    if not sum(firms):
        return None
    series = Series(name=_("企业数"), minor=[number * 100 for number in firms])
    return stacked_bars("rating-spread", _("企业在各等级的分布"), names, [series])


def _unrated() -> list[dict[str, Any]]:
    stated = dict(firms_with_statements())
    rated = {one.party_id for one in rated_firms(limit=MOST_ROWS)} if stated else set()
    waiting = [party_id for party_id in stated if party_id not in rated][:20]
    parties = get_parties(waiting)
    return [
        {"id": party_id, "name": parties[party_id].name, "ends_on": stated[party_id]}
        for party_id in waiting
    ]


def _shown(found: list[RatingView]) -> list[dict[str, Any]]:
    parties = get_parties(one.party_id for one in found)
    levels = watched_levels(one.party_id for one in found)
    return [_row(one, parties, levels) for one in found]


def _row(
    one: RatingView, parties: dict[UUID, PartyView], levels: dict[UUID, str]
) -> dict[str, Any]:
    level = levels.get(one.party_id, "")
    return {
        "one": one,
        "name": parties[one.party_id].name,
        "grade": one.grade_that_counts or str(UNRATED),
        "is_other": one.grade_that_counts != one.grade,
        "level": say(LEVELS, level) if level else "",
        "tone": TONES.get(level, ""),
    }


def _file_rows(found: list[RatingView]) -> list[tuple[Any, ...]]:
    return [
        (
            row["name"],
            row["grade"],
            row["one"].score,
            row["one"].probability,
            row["one"].coverage,
            day(row["one"].rated_on),
            day(row["one"].review_on),
            row["level"],
        )
        for row in _shown(found)
    ]
