"""Rings: the list, and one drawn, with tables that say the same."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.risk.queries.watching.rings import (
    PAGE,
    RingView,
    count_rings,
    get_ring,
    list_rings,
)
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.fraud import words
from rongqiao.web.frame.access import page_mark, staff


@staff(*words.READERS)
def ring_list(request: HttpRequest) -> HttpResponse:
    """List the rings there are now, largest first."""
    table = Table(
        name="fraud-rings",
        title=_("关系环"),
        heads=(_("关系环"), _("主体数"), _("共用"), _("发现时间"), _("最近汇总")),
        rows=lambda: (
            (one.number, one.size, words.kinds(one.kinds), one.found_at, one.gathered_at)
            for one in list_rings(limit=MOST_ROWS)
        ),
    )
    if file := download(request, table):
        return file
    start = page_mark(request) or 0
    rows = list_rings(start, PAGE + 1)
    context = words.fraud_room(
        request,
        "fraud-rings",
        rows=[{"one": one, "kinds": words.kinds(one.kinds)} for one in rows[:PAGE]],
        total=count_rings(),
        start=start,
        following=start + PAGE if len(rows) > PAGE else None,
    )
    return render(request, "backoffice/risk/fraud/rings.html", context)


@staff(*words.READERS)
def ring(request: HttpRequest, ring_id: UUID) -> HttpResponse:
    """Show one ring as a picture, and as tables."""
    view = get_ring(ring_id)
    shown = shown_ring(view)
    table = Table(
        name=f"fraud-ring-{view.row.number}",
        title=_("关系环 %(number)s") % {"number": view.row.number},
        heads=(_("图中编号"), _("主体"), _("共用"), _("加入时间")),
        rows=lambda: (
            (one["one"].number, one["name"], one["letters"], one["one"].since_at)
            for one in shown["people"]
        ),
    )
    if file := download(request, table):
        return file
    return render(
        request,
        "backoffice/risk/fraud/ring.html",
        words.fraud_room(request, "fraud-rings", ring=shown),
    )


def shown_ring(view: RingView, marked: UUID | None = None) -> dict[str, Any]:
    """Return a ring as the picture's template shows it; `marked` is one party to point out."""
    names = words.names_of(one.subject_id for one in view.people)
    marks: list[dict[str, Any]] = [
        {"one": one, "kind": say(words.KINDS, one.kind)} for one in view.marks
    ]
    number_marked = next((one.number for one in view.people if one.subject_id == marked), None)
    shared = _("、").join(
        _("%(kind)s %(letter)s 有 %(count)s 个主体")
        % {"kind": item["kind"], "letter": item["one"].letter, "count": item["one"].holders}
        for item in marks[:3]
    )
    return {
        "view": view,
        "row": view.row,
        "kinds": words.kinds(view.row.kinds),
        "picture": view.picture,
        "marks": marks,
        "marked": number_marked,
        "people": [
            {"one": one, "name": names[one.subject_id], "letters": " ".join(one.letters)}
            for one in view.people
        ],
        "label": _("关系环 %(number)s：%(size)s 个主体。%(shared)s。")
        % {"number": view.row.number, "size": view.row.size, "shared": shared},
    }
