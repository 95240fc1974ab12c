"""Every placement plan, the newest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.risk.operations.planning.deciding import PROPOSERS
from rongqiao.risk.queries.policies.plans import list_plans
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.risk.plans.words import head_row
from rongqiao.web.backoffice.risk.rooms import PLAN_READERS, risk_room
from rongqiao.web.frame.access import roles_held, staff


@staff(*PLAN_READERS)
def plan_list(request: HttpRequest) -> HttpResponse:
    """List the plans; a risk analyst is led to proposing another."""
    rows = [head_row(one) for one in list_plans()]
    table = Table(
        name="placement-plans",
        title=_("投放方案"),
        heads=(
            _("方案"),
            _("首月"),
            _("末月"),
            _("预算"),
            _("投放额"),
            _("预期损失"),
            _("预期损失上限"),
            _("状态"),
            _("提出人"),
            _("决定人"),
        ),
        rows=lambda: (
            (
                row["one"].number,
                f"{row['one'].first_on:%Y-%m}",
                f"{row['one'].last_on:%Y-%m}",
                row["one"].budget,
                row["one"].placed,
                row["one"].loss,
                row["one"].loss_ceiling,
                row["state"],
                row["proposer"],
                row["decider"],
            )
            for row in rows
        ),
    )
    if rows and (file := download(request, table)):
        return file
    may_propose = bool(roles_held(request) & set(PROPOSERS))
    context = risk_room(request, "plans", plans=rows, may_propose=may_propose)
    return render(request, "backoffice/risk/plans/list.html", context)
