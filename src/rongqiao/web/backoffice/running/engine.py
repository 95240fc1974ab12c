"""The engine room: business date, parked events, failed jobs, the audit chain, the day's close."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.lending.servicing.operations.end_of_day.release_loan import (
    ReleaseLoan,
    release_loan,
)
from rongqiao.lending.servicing.queries.closing_days import (
    StepFigures,
    count_parked,
    list_parked,
    list_steps,
)
from rongqiao.lending.servicing.queries.provisioning.runs import (
    unvalued_month,
    waiting_run,
)
from rongqiao.platform import audit, clock, jobs, relay
from rongqiao.platform.refusals import Refusal
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.exports import csv_of, wants_csv
from rongqiao.web.frame.forms import KeyedForm
from rongqiao.web.frame.refusals import message_for

KEEPERS = (Role.OPERATOR, Role.ADMINISTRATOR)
STEPS = {
    "accrue": gettext_lazy("计提利息"),
    "fall-due": gettext_lazy("到期入账"),
    "age": gettext_lazy("逾期天数与分类"),
    "penalise": gettext_lazy("计收罚息"),
}
DAYS_SHOWN, PARKED_SHOWN = 14, 100


@staff(*KEEPERS)
def engine_room(request: HttpRequest) -> HttpResponse:
    """Show what the machine has in hand and what it could not do."""
    length, head = audit.head()
    context = {
        "desk": True,
        "business_date": clock.business_date(),
        "calendar_date": clock.calendar_date(),
        "parked": [{"one": one, "form": KeyedForm()} for one in relay.parked()],
        "failed": jobs.failed(),
        "waiting": jobs.waiting(),
        "undelivered": relay.undelivered(),
        "length": length,
        "head": head,
    }
    return render(request, "backoffice/engine.html", context)


@staff(*KEEPERS)
@require_POST
def unpark(request: HttpRequest, event_id: int) -> HttpResponse:
    """Give a parked event back to the relay, after its cause was mended."""
    form = KeyedForm(request.POST)
    if not form.is_valid():
        raise Http404
    done = relay.unpark(relay.Unpark(event_id=event_id), form.call(request))
    messages.success(request, _("已重新投递。") if done.was_parked else _("这个事件没有搁置。"))
    return redirect("engine-room")


@staff(*KEEPERS)
def closing_days(request: HttpRequest) -> HttpResponse:
    """Show how each business date was closed, step by step, and the loans put aside."""
    if wants_csv(request):
        heads = (_("会计日"), _("步骤"), _("分段"), _("已完成"), _("行数"), _("秒"), _("搁置"))
        rows = (
            (o.on, say(STEPS, o.step), o.chunks, o.done, o.changed, o.seconds, o.parked)
            for o in _figures()
        )
        return csv_of("closing-days", heads, rows)
    context = {
        "desk": True,
        **_days(),
        "parked": [
            {"one": one, "step": say(STEPS, one.step), "form": KeyedForm()}
            for one in list_parked(PARKED_SHOWN)
        ],
        "parked_count": count_parked(),
        "allowance": waiting_run(),
        "unvalued": unvalued_month(clock.business_date()),
        "reads_allowance": bool(roles_held(request) & set(RISK_READERS)),
    }
    return render(request, "backoffice/closing.html", context)


@staff(*KEEPERS)
def closing_steps(request: HttpRequest) -> HttpResponse:
    """Answer the page that waits; `X-Final` says that no day is being closed any more."""
    found = _days()
    response = render(request, "backoffice/closing_steps.html", found)
    response["Cache-Control"] = "no-store"
    if not found["is_closing"]:
        response["X-Final"] = "1"
    return response


@staff(*KEEPERS)
@require_POST
def release(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Take a parked loan back, once what was wrong with it is mended."""
    form = KeyedForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        done = release_loan(ReleaseLoan(loan_id=loan_id), form.call(request))
    except Refusal as refusal:
        messages.error(request, message_for(refusal))
    else:
        messages.success(request, _("已恢复，补算 %(days)s 天。") % {"days": done.days})
    return redirect("closing-days")


def _figures() -> tuple[StepFigures, ...]:
    today = clock.business_date()
    return list_steps(today - timedelta(days=DAYS_SHOWN), today)


def _days() -> dict[str, Any]:
    """Return the business dates, newest first, and whether the last of them is being closed."""
    today = clock.business_date()
    days = [
        {
            "on": on,
            "is_closing": on == today,
            "seconds": _seconds_of(steps),
            "steps": [_row(one) for one in steps],
        }
        for on, steps in ((on, list(found)) for on, found in groupby(_figures(), attrgetter("on")))
    ]
    return {"days": days, "is_closing": any(day["is_closing"] for day in days)}


def _row(one: StepFigures) -> dict[str, Any]:
    return {
        "one": one,
        "name": say(STEPS, one.step),
        "changed": f"{one.changed:,}",
        "seconds": "" if one.seconds is None else f"{one.seconds:.1f}",
        "rate": f"{one.changed / one.seconds:,.0f}" if one.seconds else "",
    }


def _seconds_of(steps: list[StepFigures]) -> str:
    """Return the time from the first step's start to the last one's end, as it is shown."""
    began = [one.started_at for one in steps if one.started_at]
    ended = [one.done_at for one in steps if one.done_at]
    return f"{(max(ended) - min(began)).total_seconds():.1f}" if began and ended else ""
