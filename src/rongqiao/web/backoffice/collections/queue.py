"""The collectors' queue, the way to the next case, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from rongqiao.lending.servicing.queries.collecting.cases import list_waiting_proposals
from rongqiao.lending.servicing.queries.collecting.queue import (
    PAGE,
    CaseRow,
    Mark,
    QueueFilters,
    count_buckets,
    count_cases,
    count_waiting_proposals,
    list_cases,
    list_collectors,
    next_case,
)
from rongqiao.parties.queries import get_parties
from rongqiao.platform import clock
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.collections import words
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.frame.access import looked_for, roles_held, staff
from rongqiao.web.frame.exports import MOST_ROWS, too_long


@staff(*words.READERS)
def queue(request: HttpRequest) -> HttpResponse:
    """List open cases by their next step; the address says which, and where the page begins."""
    on, filters = clock.business_date(), _filters(request)
    if request.GET.get("format") in ("csv", "xlsx") and (
        refused := too_long(request, count_cases(filters, on))
    ):
        return refused
    table = Table(
        name="collections",
        title=_("催收案件"),
        facts=((_("会计日"), on),),
        heads=(
            _("案件"),
            _("借款编号"),
            _("债务人"),
            _("状态"),
            _("经办"),
            _("逾期天数"),
            _("逾期金额"),
            _("下一步"),
            _("承诺还款日"),
        ),
        rows=lambda: _file_rows(list_cases(filters, on, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    rows = list_cases(filters, on, _mark(request), limit=PAGE + 1)
    shown, more = rows[:PAGE], len(rows) > PAGE
    counts = count_buckets(on)
    context = {
        "desk": True,
        "rows": shown_rows(shown, on),
        "filters": filters,
        "me": UUID(str(request.user.pk)),
        "buckets": [{"one": one, "name": words.BUCKETS[one.bucket]} for one in counts],
        "states": [(code, words.STATES[code]) for code in ("open", "assigned", "handed-over")],
        "dues": words.DUES.items(),
        "collectors": [(one, words.who(one)) for one in list_collectors()],
        "waiting": count_waiting_proposals(),
        "following": f"{shown[-1].next_on.isoformat()},{shown[-1].id}" if more else "",
        "is_first": "after" not in request.GET,
        "is_collector": Role.COLLECTOR in roles_held(request),
        "on": on,
    }
    return render(request, "backoffice/collections/queue.html", context)


@staff(Role.COLLECTOR)
def next_one(request: HttpRequest) -> HttpResponse:
    """Lead to the collector's most pressing case, besides the one in `besides`."""
    besides = _uuid(request.GET.get("besides", ""))
    found = next_case(UUID(str(request.user.pk)), clock.business_date(), besides)
    if found is None:
        messages.info(request, _("您手上今天没有别的案件要办。可以从队列里再领取。"))
        return redirect("collections")
    return redirect("collection-case", found)


@staff(*words.READERS)
def proposals(request: HttpRequest) -> HttpResponse:
    """List what waits for a second person, longest first."""
    rows = [
        {"one": one, "kind": say(words.KINDS, one.kind), "by": words.who(one.proposed_by)}
        for one in list_waiting_proposals()
    ]
    context = {"desk": True, "rows": rows}
    return render(request, "backoffice/collections/proposals.html", context)


def collection_tiles(request: HttpRequest) -> list[dict[str, Any]]:
    """Return for the desk's first page what waits in collections, each with its door."""
    me, on = UUID(str(request.user.pk)), clock.business_date()
    door = reverse("collections")
    return [
        {
            "label": _("待领取的催收案件"),
            "count": count_cases(QueueFilters(state="open"), on),
            "address": f"{door}?state=open",
        },
        {
            "label": _("我今天该办的催收"),
            "count": count_cases(QueueFilters(collector_id=me, due="step"), on),
            "address": f"{door}?collector={me}&due=step",
        },
        {
            "label": _("催收方案待复核"),
            "count": count_waiting_proposals(),
            "address": reverse("collection-proposals"),
        },
    ]


def shown_rows(rows: Iterable[CaseRow], on: date) -> list[dict[str, Any]]:
    """Return cases as the templates show them, names masked."""
    found = list(rows)
    parties = get_parties(one.party_id for one in found)
    return [
        {
            "one": one,
            "party": parties[one.party_id].name,
            "state": say(words.STATES, one.state),
            "tone": words.TONES[one.state],
            "bucket": words.BUCKETS[one.bucket],
            "who": one.handed_to or words.who(one.collector_id),
            "is_late": one.next_on < on,
        }
        for one in found
    ]


def _file_rows(rows: Iterable[CaseRow]) -> Iterable[tuple[Any, ...]]:
    found = list(rows)
    parties = get_parties(one.party_id for one in found)
    return (
        (
            one.number,
            one.loan_number,
            parties[one.party_id].name,
            say(words.STATES, one.state),
            one.handed_to or words.who(one.collector_id),
            one.days_past_due,
            one.past_due,
            one.next_on,
            one.promise_due_on,
        )
        for one in found
    )


def _filters(request: HttpRequest) -> QueueFilters:
    given = request.GET
    wanted = {
        "state": words.STATES,
        "bucket": words.BUCKETS,
        "due": words.DUES,
    }
    known = {
        name: given.get(name, "") if given.get(name, "") in of else ""
        for name, of in wanted.items()
    }
    if known["state"] == "closed":
        known["state"] = ""
    collector = _uuid(given.get("collector", ""))
    return QueueFilters(**known, collector_id=collector, text=looked_for(request))


def _mark(request: HttpRequest) -> Mark | None:
    day, _comma, number = request.GET.get("after", "").partition(",")
    case_id = _uuid(number)
    try:
        return Mark(next_on=date.fromisoformat(day), case_id=case_id) if case_id else None
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
