"""The words of placement plans, and a plan's lines as tables show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.risk.queries.policies.plans import Line, PlanHead, expected_of
from rongqiao.web.backoffice.finance.words import Words, officer, say
from rongqiao.web.frame.charts import Chart, Series, stacked_bars

STATES: Words = {
    "proposed": gettext_lazy("待放行"),
    "released": gettext_lazy("已放行"),
    "declined": gettext_lazy("已驳回"),
    "withdrawn": gettext_lazy("已撤回"),
    "superseded": gettext_lazy("已被取代"),
}
TONES = {"proposed": "info", "released": "success", "declined": "error"}


def head_row(head: PlanHead) -> dict[str, Any]:
    """Return a plan as a list shows it."""
    return {
        "one": head,
        "state": say(STATES, head.state),
        "tone": TONES.get(head.state, ""),
        "proposer": officer(head.proposed_by),
        "decider": officer(head.decided_by) if head.decided_by else "",
    }


def line_rows(lines: Iterable[Line], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return each line with the product's name and what it is expected to bring."""
    return [
        {
            "line": line,
            "product": names.get(line.product_code, line.product_code),
            "expected": expected_of(line),
        }
        for line in lines
    ]


def expected_chart(rows: list[dict[str, Any]]) -> Chart:
    """Return what becomes of each line's interest; a line that loses shows no profit."""
    told = [row["expected"] for row in rows]
    return stacked_bars(
        "expected-chart",
        _("各行预期利息的去向"),
        [f"{row['product']} {row['line'].grade}" for row in rows],
        [
            Series(_("资金成本"), [one.funds.minor for one in told]),
            Series(_("操作成本"), [one.cost.minor for one in told]),
            Series(_("预期损失"), [one.loss.minor for one in told]),
            Series(_("预期利润"), [max(one.profit.minor, 0) for one in told]),
        ],
    )
