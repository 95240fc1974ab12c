"""The queue of fraud cases, and the way to the next one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from rongqiao.risk.queries.watching.cases import (
    PAGE,
    STATES,
    CaseRow,
    count_by_state,
    count_cases,
    list_cases,
    next_case,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.fraud import words
from rongqiao.web.frame.access import page_mark, staff
from rongqiao.web.frame.exports import MOST_ROWS, too_long


@staff(*words.READERS)
def queue(request: HttpRequest) -> HttpResponse:
    """List cases, highest score first; the address says which, and where the page begins."""
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    mine = f"user:{request.user.pk}" if request.GET.get("mine") == "1" else ""
    if request.GET.get("format") in {"csv", "xlsx"} and (
        refused := too_long(request, count_cases(state, mine))
    ):
        return refused
    table = Table(
        name="fraud-cases",
        title=_("反欺诈案件"),
        heads=(
            _("案件"),
            _("对象"),
            _("分数"),
            _("状态"),
            _("命中规则"),
            _("立案时间"),
            _("经办"),
        ),
        rows=lambda: _file_rows(list_cases(state, mine, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    start = page_mark(request) or 0
    rows = list_cases(state, mine, start, PAGE + 1)
    counts = count_by_state()
    context = words.fraud_room(
        request,
        "fraud",
        rows=shown_rows(rows[:PAGE]),
        states=[
            {"code": code, "name": name, "count": counts[code], "is_here": code == state}
            for code, name in words.STATES.items()
        ],
        is_mine=bool(mine),
        state=state,
        following=start + PAGE if len(rows) > PAGE else None,
        start=start,
    )
    return render(request, "backoffice/risk/fraud/queue.html", context)


@staff(*words.ACTORS)
def next_one(request: HttpRequest) -> HttpResponse:
    """Lead to one's most pressing case, besides the one in `besides`."""
    try:
        besides = UUID(request.GET.get("besides", ""))
    except ValueError:
        besides = None
    found = next_case(f"user:{request.user.pk}", besides)
    if found is None:
        messages.info(request, _("没有别的案件等您核查。"))
        return redirect("fraud")
    return redirect("fraud-case", found)


def shown_rows(rows: Iterable[CaseRow]) -> list[dict[str, Any]]:
    """Return cases as templates show them, names masked; two queries however many."""
    found = list(rows)
    names = words.names_of(one.subject_id for one in found if one.about == "party")
    return [
        {
            "one": one,
            "about": _about(one, names),
            "state": say(words.STATES, one.state),
            "tone": words.TONES[one.state],
            "rules": [words.rule_name(code) for code in one.codes[:3]],
            "who": words.who(one.taken_by),
        }
        for one in found
    ]


def _about(one: CaseRow, names: dict[UUID, str]) -> str:
    if one.about == "party":
        return names[one.subject_id]
    return _("关系环 %(number)s（%(size)s 个主体）") % {
        "number": one.ring_number,
        "size": one.ring_size,
    }


def _file_rows(rows: Iterable[CaseRow]) -> Iterable[tuple[Any, ...]]:
    return (
        (
            item["one"].number,
            item["about"],
            item["one"].score,
            item["state"],
            "；".join(words.rule_name(code) for code in item["one"].codes),
            item["one"].opened_at,
            item["who"],
        )
        for item in shown_rows(rows)
    )
