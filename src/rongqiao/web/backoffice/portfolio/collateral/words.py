"""The words of the desk for collateral, and its ratios."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from rongqiao.lending.collateral.queries.register import ItemView
from rongqiao.web.backoffice.finance.words import Words, say
from rongqiao.web.borrower.credit.items import titled
from rongqiao.web.borrower.words import COLLATERAL

BASES: Words = {
    "market": _("市场法"),
    "income": _("收益法"),
    "cost": _("成本法"),
    "guide": _("行情价"),
    "face": _("凭证金额"),
}
USES: Words = {
    "secured": _("有担保"),
    "free": _("未设担保"),
    "stale": _("估值过期"),
    "ended": _("已到期"),
    "retired": _("已注销"),
}
STATES: Words = {
    "proposed": _("待复核"),
    "agreed": _("已设立"),
    "declined": _("已驳回"),
    "withdrawn": _("已撤回"),
    "released": _("已解除"),
}
TONES = {"proposed": "info", "agreed": "success"}
REASONS: Words = {
    "settled": _("债务已清偿"),
    "surplus": _("其余押品足够"),
    "substituted": _("已置换"),
}
RULE_STATES: Words = {
    "waiting": _("待复核"),
    "released": _("已生效"),
    "declined": _("已驳回"),
    "withdrawn": _("已撤回"),
}


def ratio(permyriad: int | None) -> str:
    """Return ten-thousandths in percent with two decimals; a dash for none."""
    return "—" if permyriad is None else f"{permyriad // 100}.{permyriad % 100:02d}%"


def shown_item(item: ItemView) -> dict[str, Any]:
    """Return what a table row shows of an item."""
    return {"it": item, "kind": say(COLLATERAL, item.kind), "title": titled(item)}
