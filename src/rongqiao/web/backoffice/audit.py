"""What was done, by whom, in order; read-only, and the head of the chain over it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.platform import audit
from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import looked_for, page_mark, staff
from rongqiao.web.frame.exports import csv_of, wants_csv


@staff(Role.AUDITOR)
def audit_desk(request: HttpRequest) -> HttpResponse:
    """List operations on record, newest first; `name` and `actor` narrow, `before` pages back."""
    records = audit.list_records(
        name=looked_for(request, "name"),
        actor=looked_for(request, "actor"),
        before=page_mark(request),
    )
    if wants_csv(request):
        return csv_of(
            "operations",
            (_("序号"), _("操作"), _("经办"), _("时间"), _("会计日"), _("请求")),
            (
                (one.pk, one.name, one.actor, one.happened_at, one.business_date, str(one.request))
                for one in records
            ),
        )
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
