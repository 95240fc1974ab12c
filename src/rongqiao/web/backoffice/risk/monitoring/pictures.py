"""The months of a model as pictures; the table beside them tells the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _

from rongqiao.risk.queries.modelling.monitored import MonthView
from rongqiao.web.frame.charts import Chart, Known, Series, lines, stacked_bars


def charts(months: Sequence[MonthView]) -> list[Chart]:
    """Return the pictures, oldest month first; the table beside them tells the same."""
    labels = [f"{one.month:%Y-%m}" for one in months]

    def drawn(
        chart_id: str, label: str, *series: tuple[str, Callable[[MonthView], Decimal | None], int]
    ) -> Chart:
        chart = lines(
            chart_id,
            label,
            labels,
            [
                Known(name, [_scaled(of(one), scale) for one in months])
                for name, of, scale in series
            ],
        )
        return replace(chart, content={**chart.content, "plain": True})

    decided = stacked_bars(
        "decided-chart",
        _("每月批准与拒绝（笔）"),
        labels,
        [
            Series(_("批准"), [100 * one.approved for one in months]),
            Series(_("拒绝"), [100 * one.declined for one in months]),
        ],
    )
    return [
        drawn(
            "stability-chart",
            _("总分稳定性与区分能力"),
            (_("PSI（最初三月）"), lambda one: one.psi, 100),
            (_("PSI（训练总体）"), lambda one: one.psi_learnt, 100),
            ("KS", lambda one: one.ks, 100),
        ),
        drawn(
            "columns-chart",
            _("移动最大的变量（CSI）"),
            (_("CSI（最初三月）"), lambda one: max(one.csi.values(), default=None), 100),
            (_("CSI（训练总体）"), lambda one: max(one.csi_learnt.values(), default=None), 100),
        ),
        replace(decided, content={**decided.content, "plain": True}),
        drawn(
            "override-chart",
            _("人工改判占人工决定（%）"),
            (_("逆系统放款"), lambda one: one.override_up_rate, 10_000),
            (_("逆系统拒绝"), lambda one: one.override_down_rate, 10_000),
        ),
        drawn(
            "ends-chart",
            _("已知结果中的违约率（%）"),
            (_("实际"), lambda one: one.observed, 10_000),
            (_("预测"), lambda one: one.expected, 10_000),
        ),
    ]


def _scaled(value: Decimal | None, scale: int) -> int | None:
    return None if value is None else round(value * scale)
