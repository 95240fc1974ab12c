"""What every page's frame needs: navigation by role, the demonstration's state, the operator."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from rongqiao.engagement.notifications.queries import count_unread
from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import acting_party, parties_of, roles_held


@dataclass(frozen=True)
class Door:
    """One entry of the navigation."""

    name: str
    label: Promise
    icon: str
    roles: frozenset[Role] = frozenset()


PUBLIC = (
    Door("products", _("贷款产品"), icon="landmark"),
    Door("calculator", _("还款计算器"), icon="calculator"),
    Door("estimate", _("测额度"), icon="gauge"),
    Door("compare", _("方案对比"), icon="columns-3"),
    Door("help", _("帮助"), icon="circle-help"),
)
BORROWER = (
    Door("dashboard", _("总览"), icon="house"),
    Door("applications", _("我的申请"), icon="file-text"),
    Door("loans", _("我的借款"), icon="hand-coins"),
    Door("wallet", _("账户与流水"), icon="wallet"),
    Door("profile", _("身份与账户"), icon="user"),
)
DESK = (
    Door("desk", _("工作台"), icon="layout-dashboard", roles=frozenset(Role)),
    Door("queue", _("待审申请"), icon="inbox", roles=frozenset({Role.REVIEWER, Role.APPROVER})),
    Door(
        "overrides",
        _("人工改判"),
        icon="repeat",
        roles=frozenset({Role.APPROVER, Role.RISK_ANALYST, Role.AUDITOR}),
    ),
    Door(
        "portfolio",
        _("贷款组合"),
        icon="chart-column",
        roles=frozenset(
            {
                Role.REVIEWER,
                Role.APPROVER,
                Role.FINANCE,
                Role.OPERATOR,
                Role.AUDITOR,
                Role.RISK_ANALYST,
            }
        ),
    ),
    Door(
        "desk-loans",
        _("借款"),
        icon="hand-coins",
        roles=frozenset({Role.REVIEWER, Role.APPROVER, Role.FINANCE, Role.OPERATOR, Role.AUDITOR}),
    ),
    Door(
        "collections",
        _("催收"),
        icon="clock",
        roles=frozenset({Role.COLLECTOR, Role.OPERATOR, Role.COMPLIANCE_OFFICER, Role.AUDITOR}),
    ),
    Door(
        "risk-desk",
        _("风控"),
        icon="gauge",
        roles=frozenset(
            {
                Role.RISK_ANALYST,
                Role.REVIEWER,
                Role.APPROVER,
                Role.FINANCE,
                Role.COMPLIANCE_OFFICER,
                Role.INSTITUTION_OFFICER,
                Role.AUDITOR,
            }
        ),
    ),
    Door("finance", _("资金"), icon="banknote", roles=frozenset({Role.FINANCE, Role.AUDITOR})),
    Door("books", _("总账"), icon="book-open", roles=frozenset({Role.FINANCE, Role.AUDITOR})),
    Door("product-desk", _("产品"), icon="package", roles=frozenset({Role.OPERATOR})),
    Door("roles-desk", _("角色"), icon="users", roles=frozenset({Role.ADMINISTRATOR})),
    Door("audit-desk", _("审计"), icon="shield-check", roles=frozenset({Role.AUDITOR})),
    Door(
        "engine-room",
        _("运行"),
        icon="activity",
        roles=frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
    ),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's values; what asks the database is asked only by pages that show it."""
    return {
        "shell": {
            "operator": settings.OPERATOR_NAME,
            "development": settings.DEVELOPMENT,
            "sms_inbox": settings.SMS_GATEWAY_URL if settings.DEVELOPMENT else "",
            "mail_inbox": settings.MAIL_GATEWAY_URL if settings.DEVELOPMENT else "",
            "seed": SimpleLazyObject(_seed),
            "public_doors": SimpleLazyObject(lambda: _shown(PUBLIC, request)),
            "borrower_doors": SimpleLazyObject(lambda: _shown(BORROWER, request)),
            "desk_doors": SimpleLazyObject(lambda: _desk_doors(request)),
            "unread": SimpleLazyObject(lambda: _unread(request)),
            "party": SimpleLazyObject(lambda: acting_party(request)),
            "parties": SimpleLazyObject(lambda: parties_of(request)),
            "is_staff": SimpleLazyObject(lambda: bool(roles_held(request))),
        }
    }


def _desk_doors(request: HttpRequest) -> list[dict[str, Any]]:
    held = roles_held(request)
    return _shown((door for door in DESK if door.roles & held), request)


def _shown(doors: Iterable[Door], request: HttpRequest) -> list[dict[str, Any]]:
    """Return the doors as the templates use them; one whose page is not installed is left out."""
    shown = []
    for door in doors:
        try:
            address = reverse(door.name)
        except NoReverseMatch:
            continue
        is_here = request.path == address or (
            request.path.startswith(address) and address.count("/") > 2
        )
        shown.append(
            {"address": address, "label": door.label, "icon": door.icon, "is_here": is_here}
        )
    return shown


def _seed() -> dict[str, Any]:
    """Return the demonstration's progress, or nothing where no demonstration was seeded."""
    try:
        state: dict[str, Any] = json.loads((settings.PLACES.var / "seed.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return state


def _unread(request: HttpRequest) -> int:
    """Return how many notices the signed-in user has not read."""
    user = request.user
    return count_unread(UUID(str(user.pk))) if user.is_authenticated else 0
