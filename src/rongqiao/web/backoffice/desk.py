"""The staff's first page: what waits for this person, by role."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from rongqiao.lending.origination.queries.reviewing.queue import count_queue
from rongqiao.lending.servicing.queries.amending.write_offs import write_off_totals
from rongqiao.lending.servicing.queries.portfolio import get_portfolio
from rongqiao.lending.servicing.queries.provisioning.runs import count_waiting
from rongqiao.parties.queries import list_grants
from rongqiao.platform import clock, jobs, relay
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.collections.queue import collection_tiles
from rongqiao.web.backoffice.finance.home import waiting_for_a_second
from rongqiao.web.backoffice.risk.waiting import risk_tiles
from rongqiao.web.frame.access import roles_held, staff


@staff(*Role)
def home(request: HttpRequest) -> HttpResponse:
    """Show the counts of what waits, each with its door."""
    held = roles_held(request)
    tiles = []
    if held & {Role.REVIEWER, Role.APPROVER}:
        waiting = count_queue(clock.now())
        tiles += [
            _tile(_("待初审"), waiting.referred, "queue", "?stage=referred"),
            _tile(_("待复审"), waiting.recommended, "queue", "?stage=recommended"),
            _tile(_("超时未审"), waiting.late, "queue", "?time=late"),
        ]
    tiles += risk_tiles(request)
    if held & {Role.COLLECTOR, Role.OPERATOR}:
        tiles += collection_tiles(request)
    if Role.FINANCE in held:
        tiles += waiting_for_a_second()
        tiles.append(
            _tile(_("核销待复核"), write_off_totals().waiting, "write-offs", "?state=waiting")
        )
        tiles.append(_tile(_("损失准备待复核"), count_waiting(), "allowance"))
    if Role.ADMINISTRATOR in held:
        open_grants = list_grants("proposed")
        tiles.append(_tile(_("待确认角色"), len(open_grants), "roles-desk"))
    if held & {Role.OPERATOR, Role.ADMINISTRATOR}:
        tiles += [
            _tile(_("搁置的事件"), len(relay.parked()), "engine-room"),
            _tile(_("失败的任务"), len(jobs.failed()), "engine-room"),
        ]
    sees_loans = bool(held - {Role.ADMINISTRATOR, Role.SUPPORT, Role.CONTENT_EDITOR})
    return render(
        request,
        "backoffice/desk.html",
        {
            "desk": True,
            "tiles": tiles,
            "roles": sorted(str(role) for role in held),
            "business_date": clock.business_date(),
            "portfolio": get_portfolio() if sees_loans else None,
            "officer": UUID(str(request.user.pk)),
        },
    )


def _tile(label: str, count: int, door: str, query: str = "") -> dict[str, object]:
    return {"label": label, "count": count, "address": reverse(door) + query}
