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
# What training warned of, by the codes that a model's card keeps.
NOTES: Words = {
    "round-in-one-class": gettext_lazy("排除（事后才知道）"),
    "missing-in-one-class": gettext_lazy("排除（是否为空就是结果）"),
    "copy-of-target": gettext_lazy("排除（目标的副本）"),
    "too-good-alone": gettext_lazy("排除（单独就好得可疑）"),
    "tells-the-time": gettext_lazy("排除（只反映时间）"),
    "protected": gettext_lazy("受保护属性，不用"),
    "serial": gettext_lazy("编号，不用"),
    "kept": gettext_lazy("应训练者要求保留"),
    "no-time": gettext_lazy("没有时间列，数字偏乐观"),
    "time-too-short": gettext_lazy("时间跨度太短，未跨期检验"),
    "strange-cells": gettext_lazy("有读不成数值的单元格"),
    "few-bad": gettext_lazy("坏客户太少，数字粗略"),
    "ragged": gettext_lazy("有字段数不符的行"),
    "no-target": gettext_lazy("有没有结果的行"),
    "overfit": gettext_lazy("检验样本上明显变差"),
    "badly-calibrated": gettext_lazy("定价前须重新校准"),
    "drifts": gettext_lazy("分布已移动"),
    "unequal": gettext_lazy("有一组批准比低于 0.80"),
}
TRIED: Words = {
    "cross-validation": gettext_lazy("交叉检验"),
    "out-of-time": gettext_lazy("跨期检验"),
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
        {
            "name": names[key],
            "cells": [
                {"head": label, "value": figure(metrics[key].get(one))}
                for one, label in METRICS.items()
            ],
        }
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


def note(text: str) -> str:
    """Return a note of a model's card in words: what it is about, and what was found."""
    code, _colon, column = text.partition(": ")
    said = str(NOTES.get(code, code))
    return f"{column}：{said}" if column else said


def tried(population: str) -> str:
    """Return how a model was tried, in words; the days it was cut between stay as they are."""
    kind, _space, days = population.partition(" ")
    return f"{TRIED.get(kind, kind)} {days}".strip()


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
