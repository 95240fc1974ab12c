"""The words and small figures of scoring models, as pages and files show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.risk.queries.reading import BinLine, CardView
from rongqiao.web.backoffice.finance.words import Words
from rongqiao.web.frame.charts import Chart, Series, lines

KINDS: Words = {
    "scorecard": gettext_lazy("评分卡"),
    "trained-scorecard": gettext_lazy("评分卡（训练所得）"),
    "challenger": gettext_lazy("梯度提升树"),
}
STATES: Words = {
    "proposed": gettext_lazy("待放行"),
    "released": gettext_lazy("已放行，未生效"),
    "in-force": gettext_lazy("使用中"),
    "replaced": gettext_lazy("已被替换"),
    "retired": gettext_lazy("已停用"),
}
TONES = {"proposed": "info", "released": "info", "in-force": "success", "retired": "error"}
METRICS: Words = {
    "auc": gettext_lazy("AUC"),
    "gini": gettext_lazy("基尼系数"),
    "ks": gettext_lazy("KS"),
    "brier": gettext_lazy("Brier 分"),
    "intercept": gettext_lazy("校准截距"),
    "slope": gettext_lazy("校准斜率"),
}
DIRECTIONS: Words = {
    "rising": gettext_lazy("越大风险越高"),
    "falling": gettext_lazy("越大风险越低"),
    "free": gettext_lazy("不限方向"),
}
# Where a curve is read off, in percent.
STEPS = tuple(range(0, 101, 5))


def figure(value: float | None, digits: int = 3) -> str:
    """Return a figure with so many decimals; a dash for none."""
    return "—" if value is None else f"{value:.{digits}f}"


def decimal_of(value: float | None) -> Decimal | None:
    """Return a figure for a file."""
    return None if value is None else Decimal(repr(value))


def roc_chart(curves: Sequence[tuple[str, Sequence[Sequence[float]]]]) -> Chart:
    """Return hits over false alarms, both in percent, a line for each model."""
    drawn = [
        Series(name, [round(100 * 100 * one) for one in read_off(points)])
        for name, points in curves
    ]
    label = _("ROC：每 5% 误报率对应的命中率（%）")
    chart = lines("roc-chart", label, [f"{step}%" for step in STEPS], drawn)
    return replace(chart, content={**chart.content, "plain": True})


def read_off(points: Sequence[Sequence[float]]) -> list[float]:
    """Return the hits at every 5 % of false alarms, between the points of a curve."""
    found = []
    for step in STEPS:
        wanted = step / 100
        after = next((i for i, one in enumerate(points) if one[0] >= wanted), len(points) - 1)
        (x, y), (u, v) = points[max(after - 1, 0)], points[after]
        found.append(v if u <= x or wanted >= u else y + (v - y) * (wanted - x) / (u - x))
    return found


def metric_rows(metrics: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
    """Return the figures on all cases and on those learnt from, a row each."""
    names = {"all": _("检验样本"), "learnt": _("学习样本")}
    return [
        {"name": names[key], "cells": [figure(metrics[key].get(one)) for one in METRICS]}
        for key in names
        if key in metrics
    ]


def group_rows(metrics: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
    """Return the figures of groups of people: what the model's card told of each."""
    return [
        {
            "name": key,
            "rows": int(one["rows"]) if "rows" in one else None,
            "observed": share(one.get("observed")),
            "expected": share(one.get("expected")),
            "auc": figure(one.get("auc")),
            "ratio": figure(one.get("approval_ratio"), 2),
            "is_low": one.get("approval_ratio", 1.0) < 0.8,
        }
        for key, one in metrics.items()
        if key not in {"all", "learnt"}
    ]


def share(value: float | None) -> str:
    """Return a share in percent with one decimal; a dash for none."""
    return "—" if value is None else f"{100 * value:.1f}%"


def bin_cells(one: BinLine) -> dict[str, Any]:
    """Return a bin for the page."""
    return {
        "text": one.text,
        "rows": one.rows,
        "rate": share(one.rate),
        "woe": "—" if one.woe is None else f"{one.woe:+.3f}",
        "points": one.points,
    }


def has_curves(view: CardView) -> bool:
    """Tell whether a model brought the curve that shows how well it parts good from bad."""
    return len(view.roc) > 1
