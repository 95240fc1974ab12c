"""What of risk waits for an officer, as the desk's first page counts it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from rongqiao.platform import clock
from rongqiao.policies.roles import Role
from rongqiao.risk.operations.enterprise.acting import WATCHERS
from rongqiao.risk.operations.planning.deciding import DECIDERS as PLAN_DECIDERS
from rongqiao.risk.operations.policies.deciding import RELEASERS
from rongqiao.risk.queries.enterprise import count_warnings
from rongqiao.risk.queries.laundering.alerts import count_alerts
from rongqiao.risk.queries.laundering.cases import count_cases
from rongqiao.risk.queries.modelling.registry import list_models
from rongqiao.risk.queries.policies.plans import list_plans
from rongqiao.risk.queries.policies.versions import list_policies
from rongqiao.risk.queries.watching.cases import count_by_state
from rongqiao.web.backoffice.risk.fraud.words import ACTORS
from rongqiao.web.backoffice.risk.laundering.wall import own_parties
from rongqiao.web.backoffice.risk.rooms import LAUNDERING_READERS
from rongqiao.web.frame.access import roles_held

Tile = dict[str, Any]


def risk_tiles(request: HttpRequest) -> list[Tile]:
    """Return what the officer may work on in the rooms of risk: counts with their doors.

    Nothing of laundering is counted, nor asked for, for anybody outside compliance's wall.
    """
    held = roles_held(request)
    tiles: list[Tile] = []
    if held & set(WATCHERS):
        tiles.append(_tile(_("预警待处理"), count_warnings("open"), "warnings", "?state=open"))
    if held & set(ACTORS):
        fraud = count_by_state()
        tiles += [
            _tile(_("反欺诈待核查"), fraud["open"], "fraud", "?state=open"),
            _tile(_("反欺诈待复核"), fraud["proposed"], "fraud", "?state=proposed"),
        ]
    if held & LAUNDERING_READERS:
        aside = own_parties(request)
        tiles += [
            _tile(_("反洗钱预警待处理"), count_alerts(aside=aside), "laundering"),
            _tile(_("反洗钱未结案件"), count_cases(aside=aside), "laundering-cases"),
        ]
    return tiles + _to_release(held)


def _to_release(held: Iterable[Role]) -> list[Tile]:
    """Return what one person put forward and another one is to release."""
    roles, today, tiles = set(held), clock.business_date(), []
    if roles & set(RELEASERS):
        policies = sum(one.waiting is not None for one in list_policies(today))
        tiles.append(_tile(_("信贷政策待放行"), policies, "policies"))
    if Role.RISK_ANALYST in roles:
        models = sum(one.state == "proposed" for one in list_models(today))
        tiles.append(_tile(_("评分模型待放行"), models, "models"))
    if roles & set(PLAN_DECIDERS):
        plans = sum(one.state == "proposed" for one in list_plans())
        tiles.append(_tile(_("投放方案待放行"), plans, "plans"))
    return tiles


def _tile(label: str, count: int, door: str, query: str = "") -> Tile:
    return {"label": label, "count": count, "address": reverse(door) + query}
