"""The months of a model as a file: every figure, and why one is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.risk.queries.modelling.monitored import MonthView
from rongqiao.web.backoffice.finance.tables import Table
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.monitoring import compared
from rongqiao.web.backoffice.risk.monitoring.words import CHARACTERISTICS


def file_of(model: str, months: Sequence[MonthView]) -> Table:
    """Return the months as a table, newest first; what is not known is empty."""
    names = sorted({name for one in months for name in one.missing})
    columns = sorted({name for one in months for name in one.csi_learnt})
    return Table(
        name="monitoring",
        title=_("模型监测"),
        facts=(
            (_("模型"), model),
            *(
                (f"{_('校准')} {one.month:%Y-%m}", why)
                for one in months
                if (why := compared.uncalibrated(one))
            ),
            *(
                (f"{_('训练总体')} {one['months']}", one["why"])
                for one in compared.unlearnt(months)
            ),
        ),
        heads=_heads(names, columns),
        rows=lambda: (_row(one, names, columns) for one in months),
    )


def _heads(names: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    told = [say(CHARACTERISTICS, name) for name in names]
    return (
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
        _("PSI（训练总体）"),
        _("最初三月笔数"),
        _("训练总体笔数"),
        "KS",
        "AUC",
        _("已知结果"),
        _("实际违约率"),
        _("预测违约率"),
        _("校准截距"),
        _("校准斜率"),
        *(_("CSI %(name)s") % {"name": one} for one in told),
        *(_("缺失率 %(name)s") % {"name": one} for one in told),
        *(_("CSI（训练总体）%(name)s") % {"name": say(CHARACTERISTICS, one)} for one in columns),
    )


def _row(one: MonthView, names: Sequence[str], columns: Sequence[str]) -> tuple[Any, ...]:
    return (
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
        one.psi_learnt,
        one.against.rows if one.against else None,
        one.taught.rows if one.taught and one.taught.rows else None,
        one.ks,
        one.auc,
        one.known,
        one.observed,
        one.expected,
        one.intercept,
        one.slope,
        *(one.csi.get(name) for name in names),
        *(one.missing.get(name) for name in names),
        *(one.csi_learnt.get(name) for name in columns),
    )
