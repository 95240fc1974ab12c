"""The console's frame: which pages stand side by side, and who may act on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import roles_held

# The auditor sees everything and acts on nothing.
READERS = (Role.FINANCE, Role.AUDITOR)


@dataclass(frozen=True)
class Tab:
    """One page of a row of pages."""

    name: str
    label: Promise


MONEY = (
    Tab("finance", _("总览")),
    Tab("orders-desk", _("支付指令")),
    Tab("money-desk", _("收付款")),
    Tab("reconciling", _("对账")),
    Tab("breaks", _("差错")),
    Tab("repair", _("修复台")),
)
BOOKS = (
    Tab("books", _("试算平衡")),
    Tab("journals", _("分录")),
    Tab("balance-sheet", _("资产负债表")),
    Tab("income-statement", _("利润表")),
    Tab("chart-of-accounts", _("科目表")),
    Tab("manual-journals", _("手工分录")),
    Tab("periods", _("结账")),
)


def acts(request: HttpRequest) -> bool:
    """Tell whether who reads the page may act on it."""
    return Role.FINANCE in roles_held(request)


def room(request: HttpRequest, tabs: tuple[Tab, ...], here: str, **more: Any) -> dict[str, Any]:
    """Return a page's context: the desk's frame, the row of pages with `here` marked, `more`."""
    shown = []
    for tab in tabs:
        try:
            address = reverse(tab.name)
        except NoReverseMatch:
            continue
        shown.append({"address": address, "label": tab.label, "is_here": tab.name == here})
    return {"desk": True, "tabs": shown, "acts": acts(request), **more}
