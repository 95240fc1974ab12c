"""What was done, by whom, in order; read-only, and the head of the chain over it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.platform import audit
from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import looked_for, page_mark, staff
from rongqiao.web.frame.exports import MOST_ROWS, csv_of, too_long, wants_csv

# What compliance does against money laundering is told to nobody else, an auditor neither: who is
# under suspicion would follow from it (反洗钱法 on secrecy). The chain covers it all the same.
BEHIND_THE_WALL = "risk.laundering."


@staff(Role.AUDITOR)
def audit_desk(request: HttpRequest) -> HttpResponse:
    """List operations on record, newest first; `name` and `actor` narrow, `before` pages back."""
    wanted: dict[str, Any] = {
        "name": looked_for(request, "name"),
        "actor": looked_for(request, "actor"),
        "hidden": BEHIND_THE_WALL,
    }
    if wants_csv(request):
        return too_long(request, audit.count_records(**wanted)) or _file(wanted)
    records = audit.list_records(**wanted, before=page_mark(request))
    length, head = audit.head()
    context = {
        "desk": True,
        "records": records,
        "length": length,
        "head": head,
        "older": records[-1].pk if len(records) == audit.PAGE else None,
        "name": request.GET.get("name", ""),
        "actor": request.GET.get("actor", ""),
    }
    return render(request, "backoffice/audit.html", context)


def _file(wanted: dict[str, Any]) -> HttpResponse:
    """Return every operation that fits, whatever page was on screen."""
    heads = (_("序号"), _("操作"), _("经办"), _("时间"), _("会计日"), _("请求"))
    rows = (
        (one.pk, one.name, one.actor, one.happened_at, one.business_date, str(one.request))
        for one in audit.list_records(**wanted, limit=MOST_ROWS)
    )
    return csv_of("operations", heads, rows)
