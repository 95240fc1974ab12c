"""The rooms of risk: which stand side by side, and who may open each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import roles_held, staff


@dataclass(frozen=True)
class Room:
    """One room: its first page and the roles that may open it."""

    name: str
    label: Promise
    roles: frozenset[Role]


# Reports of suspicion are compliance's alone (反洗钱法 on secrecy): whoever may not see them is
# not told that there is such a room.
POLICY_READERS = frozenset({Role.RISK_ANALYST, Role.APPROVER, Role.AUDITOR})
PLAN_READERS = POLICY_READERS | {Role.FINANCE}
FRAUD_READERS = frozenset({Role.RISK_ANALYST, Role.COMPLIANCE_OFFICER, Role.AUDITOR})
LAUNDERING_READERS = frozenset({Role.COMPLIANCE_OFFICER})
RATING_READERS = frozenset({Role.RISK_ANALYST, Role.REVIEWER, Role.APPROVER, Role.AUDITOR})
WARNING_READERS = RATING_READERS | {Role.INSTITUTION_OFFICER}
ROOMS = (
    Room("policies", _("信贷政策"), POLICY_READERS),
    Room("models", _("评分模型"), POLICY_READERS),
    Room("monitoring", _("监测"), POLICY_READERS),
    Room("plans", _("投放方案"), PLAN_READERS),
    Room("inquiries", _("外部查询"), RATING_READERS),
    Room("fraud", _("反欺诈"), FRAUD_READERS),
    Room("laundering", _("反洗钱"), LAUNDERING_READERS),
    Room("ratings", _("企业评级"), RATING_READERS),
    Room("warnings", _("预警"), WARNING_READERS),
)
READERS = frozenset().union(*(room.roles for room in ROOMS))


@staff(*READERS)
def first_room(request: HttpRequest) -> HttpResponse:
    """Lead to the first room that the reader may open; raises NotFound where there is none."""
    rooms = _open_to(request)
    if not rooms:
        raise NotFound
    return redirect(rooms[0][1])


def risk_room(request: HttpRequest, here: str, **more: Any) -> dict[str, Any]:
    """Return a page's context: the desk's frame, the row of rooms with `here` marked, `more`."""
    shown = [
        {"address": address, "label": room.label, "is_here": room.name == here}
        for room, address in _open_to(request)
    ]
    return {"desk": True, "tabs": shown, **more}


def _open_to(request: HttpRequest) -> list[tuple[Room, str]]:
    held = roles_held(request)
    found = []
    for room in ROOMS:
        if not room.roles & held:
            continue
        try:
            found.append((room, reverse(room.name)))
        except NoReverseMatch:
            continue
    return found
