"""The reviewers' queue: narrowed and ordered by its address, a page of it, all of it as a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from rongqiao.lending.origination.queries.reviewing.queue import (
    PAGE,
    QueueFilters,
    QueueRow,
    count_queue,
    count_queued,
    list_queue,
    next_in_queue,
    reviewer_loads,
)
from rongqiao.platform import clock
from rongqiao.policies.roles import Role
from rongqiao.risk.queries.watching.cases import count_open
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.reviewing import words
from rongqiao.web.backoffice.reviewing.reading import reason_lines
from rongqiao.web.backoffice.risk.rooms import FRAUD_READERS
from rongqiao.web.borrower.words import product_name, say
from rongqiao.web.frame.access import looked_for, roles_held, staff
from rongqiao.web.frame.exports import MOST_ROWS, too_long


@staff(*words.DESK)
def queue(request: HttpRequest) -> HttpResponse:
    """List the cases that wait; the address says which, in which order, from where on."""
    at, filters = clock.now(), _filters(request)
    count = count_queued(filters, at)
    if request.GET.get("format") in ("csv", "xlsx") and (refused := too_long(request, count)):
        return refused
    table = Table(
        name="queue",
        title=_("待审申请"),
        facts=((_("截至"), at),),
        heads=(
            _("编号"),
            _("产品"),
            _("申请人"),
            _("金额"),
            _("期数"),
            _("状态"),
            _("提交时间"),
            _("时限"),
            _("距评分线"),
            _("未达标项"),
            _("要求人工复核"),
            _("待补材料"),
            _("经办"),
        ),
        rows=lambda: _file_rows(list_queue(filters, at, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    page = _page_number(request, count)
    rows = list_queue(filters, at, start=(page - 1) * PAGE)
    context = {
        "desk": True,
        "rows": [_shown(one, at) for one in rows],
        "filters": filters,
        "me": UUID(str(request.user.pk)),
        "counts": count_queue(at),
        "count": count,
        "stages": words.STAGES.items(),
        "times": words.TIMES.items(),
        "waits": words.DOCUMENTS.items(),
        "sorts": words.SORTS.items(),
        "loads": [{"one": one, "name": words.who(one.reviewer_id)} for one in reviewer_loads(at)],
        "page": page,
        "newer": page - 1 if page > 1 else None,
        "older": page + 1 if page * PAGE < count else None,
        "fraud_cases": count_open() if roles_held(request) & FRAUD_READERS else None,
        "sees_overrides": bool(roles_held(request) & set(words.OVERRIDE_READERS)),
    }
    return render(request, "backoffice/reviewing/queue.html", context)


@staff(*words.DESK)
def next_one(request: HttpRequest) -> HttpResponse:
    """Lead to the next case for this officer, besides the one in `besides`.

    What the officer has in hand comes first, then what nobody has; an approver's are those that
    wait for a second person.
    """
    me, at = UUID(str(request.user.pk)), clock.now()
    besides = _uuid(request.GET.get("besides", "")) or UUID(int=0)
    held, found = roles_held(request), None
    if Role.REVIEWER in held:
        mine = QueueFilters(reviewer_id=me, documents="here")
        found = next_in_queue(mine, at, besides) or next_in_queue(
            QueueFilters(is_free=True), at, besides
        )
    if found is None and Role.APPROVER in held:
        found = next_in_queue(QueueFilters(stage="recommended"), at, besides)
    if found is None:
        messages.info(request, _("没有别的申请要您办理。"))
        return redirect("queue")
    return redirect("case", found)


def _shown(one: QueueRow, at: datetime) -> dict[str, Any]:
    wait = one.wait
    return {
        "one": one,
        "product": product_name(one.row.product.terms),
        "why": reason_lines(one.reasons)[:2],
        "age": words.age(one.row.submitted_at, at),
        "left": words.left(wait.due_at, at),
        "is_late": wait.due_at < at,
        "margin": words.signed(wait.margin),
        "who": words.who(one.reviewer_id),
    }


def _file_rows(rows: Iterable[QueueRow]) -> Iterable[tuple[Any, ...]]:
    return (
        (
            one.row.number,
            product_name(one.row.product.terms),
            one.party.name,
            one.row.amount,
            one.row.term_count,
            say(words.STAGES, one.row.state),
            one.row.submitted_at,
            one.wait.due_at,
            one.wait.margin,
            one.wait.failed,
            _("是") if one.wait.is_asked else "",
            one.wait.documents_missing or "",
            words.who(one.reviewer_id),
        )
        for one in rows
    )


def _filters(request: HttpRequest) -> QueueFilters:
    given = request.GET
    wanted = {
        "stage": words.STAGES,
        "time": words.TIMES,
        "documents": words.DOCUMENTS,
        "sort": words.SORTS,
    }
    known = {
        name: given.get(name, "") if given.get(name, "") in of else ""
        for name, of in wanted.items()
    }
    mine = UUID(str(request.user.pk)) if given.get("mine") else None
    return QueueFilters(
        **known,
        reviewer_id=_uuid(given.get("reviewer", "")) or mine,
        is_free=bool(given.get("free")),
        is_asked=bool(given.get("asked")),
        number=looked_for(request),
    )


def _page_number(request: HttpRequest, count: int) -> int:
    text = request.GET.get("page", "")
    last = max(1, -(-count // PAGE))
    is_number = text.isascii() and text.isdecimal() and len(text) < 7
    return min(max(1, int(text)), last) if is_number else 1


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
