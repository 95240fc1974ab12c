"""The months of a model: stability, separation, calibration, approvals, overrides, alarms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.risk.queries.modelling.monitored import (
    AlarmView,
    MonthView,
    models_watched,
    months_of,
)
from rongqiao.risk.queries.modelling.watched import names_of_models
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import Words, say
from rongqiao.web.backoffice.risk.rooms import POLICY_READERS, risk_room
from rongqiao.web.frame.access import looked_for, staff
from rongqiao.web.frame.charts import Chart, Known, Series, lines, stacked_bars

ALARMS: Words = {
    "psi": gettext_lazy("总分分布移动（PSI）"),
    "csi": gettext_lazy("变量分布移动（CSI）"),
    "ks": gettext_lazy("区分能力下降（KS 降幅）"),
    "missing": gettext_lazy("缺失率上升"),
    "override-up": gettext_lazy("逆系统放款过多"),
    "override-down": gettext_lazy("逆系统拒绝过多"),
    "slope": gettext_lazy("校准斜率偏离"),
}
LEVELS: Words = {"amber": gettext_lazy("留意"), "red": gettext_lazy("须处理")}
TONES = {"amber": "warning", "red": "error"}
# What a points table looks at.
CHARACTERISTICS: Words = {
    "age": gettext_lazy("年龄"),
    "months-established": gettext_lazy("从业或经营月数"),
    "monthly-income": gettext_lazy("月收入"),
    "revenue-annual": gettext_lazy("年营业收入"),
    "debt-share": gettext_lazy("已有还款占收入"),
    "employment": gettext_lazy("就业"),
    "housing": gettext_lazy("居住"),
    "sector": gettext_lazy("行业"),
    "loans-closed": gettext_lazy("在本平台还清的借款"),
    "days-past-due-worst": gettext_lazy("在本平台最长逾期天数"),
}
# From here on an index is watched, where it comes of enough cases.
WATCHED = Decimal("0.1")
SHARES = frozenset({"missing", "override-up", "override-down"})


@staff(*POLICY_READERS)
def page(request: HttpRequest) -> HttpResponse:
    """Show the months of one model, `model`; by default that with the newest month."""
    models = models_watched()
    wanted = looked_for(request, "model")
    model = wanted if wanted in models else next(iter(models), "")
    months = months_of(model) if model else ()
    names = names_of_models(models)
    if months and (file := download(request, _file(names.get(model, model), months))):
        return file
    newest = next(iter(months), None)
    context = risk_room(
        request,
        "monitoring",
        models=[(one, names.get(one, one)) for one in models],
        model=model,
        model_name=names.get(model, model),
        newest=newest,
        stats=_stats(newest) if newest else [],
        months=[_row(one) for one in months],
        alarms=[_alarm(one, alarm) for one in months for alarm in sorted(one.alarms, key=_gravity)],
        columns=_columns(newest) if newest else [],
        charts=_charts(months[::-1]) if newest else [],
    )
    return render(request, "backoffice/models/monitoring.html", context)


def _gravity(alarm: AlarmView) -> tuple[bool, str, str]:
    return alarm.level != "red", alarm.code, alarm.column


def _stats(newest: MonthView) -> list[dict[str, str]]:
    return [
        {"label": _("已评分"), "value": str(newest.rows)},
        {"label": _("批准率"), "value": _share(newest.approval_rate)},
        {"label": "PSI", "value": _figure(newest.psi)},
        {"label": "KS", "value": _figure(newest.ks)},
        {"label": _("逆系统放款率"), "value": _share(newest.override_up_rate)},
        {"label": _("逆系统拒绝率"), "value": _share(newest.override_down_rate)},
    ]


def _row(one: MonthView) -> dict[str, Any]:
    return {
        "one": one,
        "month": f"{one.month:%Y-%m}",
        "approval": _share(one.approval_rate),
        "up": _share(one.override_up_rate),
        "down": _share(one.override_down_rate),
        "psi": _figure(one.psi),
        "psi_tone": _tone(one, "psi"),
        "psi_unjudged": _unjudged(one, "psi", one.psi),
        "ks": _figure(one.ks),
        "observed": _share(one.observed),
        "expected": _share(one.expected),
        "uncalibrated": _uncalibrated(one),
        "slope": _figure(one.slope, 2),
        "intercept": _figure(one.intercept, 2),
        "red": sum(alarm.level == "red" for alarm in one.alarms),
        "amber": sum(alarm.level == "amber" for alarm in one.alarms),
    }


def _uncalibrated(one: MonthView) -> str:
    """Return why nothing says how right the chances were; nothing where something does."""
    if not one.tells_chances:
        return _("评分表只给分数，不给违约概率")
    return "" if one.expected is not None else _("概率已有，已知结果太少")


def _alarm(one: MonthView, alarm: AlarmView) -> dict[str, str]:
    value = _share(alarm.value) if alarm.code in SHARES else _figure(alarm.value)
    return {
        "month": f"{one.month:%Y-%m}",
        "what": say(ALARMS, alarm.code),
        "column": say(CHARACTERISTICS, alarm.column) if alarm.column else "",
        "value": value,
        "level": say(LEVELS, alarm.level),
        "tone": TONES[alarm.level],
    }


def _columns(newest: MonthView) -> list[dict[str, Any]]:
    """Return every characteristic of the newest month, the one that moved most first."""
    names = sorted(newest.missing, key=lambda name: (-newest.csi.get(name, Decimal(0)), name))
    return [
        {
            "name": say(CHARACTERISTICS, name),
            "csi": _figure(newest.csi.get(name)),
            "tone": _tone(newest, "csi", name),
            "unjudged": _unjudged(newest, "csi", newest.csi.get(name), name),
            "missing": _share(newest.missing[name]),
        }
        for name in names
    ]


def _charts(months: Sequence[MonthView]) -> list[Chart]:
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
            ("PSI", lambda one: one.psi, 100),
            ("KS", lambda one: one.ks, 100),
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


def _figure(value: Decimal | None, digits: int = 3) -> str:
    return "—" if value is None else f"{value:.{digits}f}"


def _share(value: Decimal | None) -> str:
    return "—" if value is None else f"{100 * value:.1f}%"


def _tone(one: MonthView, code: str, column: str = "") -> str:
    """Return how a stability index is set: as its alarm says, plain where there is none."""
    levels = {alarm.level for alarm in one.alarms if (alarm.code, alarm.column) == (code, column)}
    if not levels:
        return ""
    return "text-error font-semibold" if "red" in levels else "font-semibold"


def _unjudged(one: MonthView, code: str, index: Decimal | None, column: str = "") -> bool:
    """Tell whether an index would be watched, but comes of too few cases for an alarm."""
    return index is not None and index >= WATCHED and not _tone(one, code, column)


def _file(model: str, months: Sequence[MonthView]) -> Table:
    names = sorted({name for one in months for name in one.missing})
    told = [say(CHARACTERISTICS, name) for name in names]
    return Table(
        name="monitoring",
        title=_("模型监测"),
        facts=(
            (_("模型"), model),
            *(
                (f"{_('校准')} {one.month:%Y-%m}", why)
                for one in months
                if (why := _uncalibrated(one))
            ),
        ),
        heads=(
            _("月份"),
            _("计数日"),
            _("已评分"),
            _("批准"),
            _("拒绝"),
            _("批准率"),
            _("人工决定"),
            _("逆系统放款率"),
            _("逆系统拒绝率"),
            "PSI",
            "KS",
            "AUC",
            _("已知结果"),
            _("实际违约率"),
            _("预测违约率"),
            _("校准截距"),
            _("校准斜率"),
            *(_("CSI %(name)s") % {"name": one} for one in told),
            *(_("缺失率 %(name)s") % {"name": one} for one in told),
        ),
        rows=lambda: (
            (
                f"{one.month:%Y-%m}",
                one.as_of,
                one.rows,
                one.approved,
                one.declined,
                one.approval_rate,
                one.by_person,
                one.override_up_rate,
                one.override_down_rate,
                one.psi,
                one.ks,
                one.auc,
                one.known,
                one.observed,
                one.expected,
                one.intercept,
                one.slope,
                *(one.csi.get(name) for name in names),
                *(one.missing.get(name) for name in names),
            )
            for one in months
        ),
    )
