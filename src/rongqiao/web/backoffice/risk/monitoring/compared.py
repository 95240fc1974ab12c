"""What a month was held against, why something was not, and the bounds of every figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.risk.queries.modelling.monitored import Bound, MonthView, bounds
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.models.words import tried
from rongqiao.web.backoffice.risk.monitoring.words import ABSENT, ALARMS, COMPARES


def populations(one: MonthView) -> dict[str, Any]:
    """Return both populations of a month, each with what is known of it."""
    against, taught = one.against, one.taught
    return {
        "months": None
        if against is None
        else {
            "span": _("%(first)s 至 %(last)s")
            % {"first": f"{against.first:%Y-%m}", "last": f"{against.last:%Y-%m}"},
            "rows": _("%(n)s 笔") % {"n": against.rows},
        },
        "taught": taught if taught is not None and taught.rows else None,
        "tried": tried(taught.population) if taught else "",
        "taught_rows": _("%(n)s 笔") % {"n": taught.rows} if taught else "",
        "why": _why(one),
    }


def unlearnt(months: Sequence[MonthView]) -> list[dict[str, str]]:
    """Return each reason why months were not held against training, with these months."""
    found: dict[str, list[str]] = {}
    for one in months:
        if why := _why(one):
            found.setdefault(why, []).append(f"{one.month:%Y-%m}")
    if len(found) == 1 and len(months) == sum(map(len, found.values())):
        return [{"months": _("各月"), "why": next(iter(found))}]
    return [{"months": "、".join(names), "why": why} for why, names in found.items()]


def why_short(one: MonthView) -> str:
    """Return a word beside a dash; nothing where the figure is there."""
    if one.psi_learnt is not None:
        return ""
    return _("当时未比较") if one.taught is None else _("不可知")


def uncalibrated(one: MonthView) -> str:
    """Return why nothing says how right the chances were; nothing where something does."""
    if not one.tells_chances:
        return _("评分表只给分数，不给违约概率")
    return "" if one.expected is not None else _("概率已有，已知结果太少")


def bound_rows() -> list[dict[str, str]]:
    """Return every bound in words: from where on, compared with what, by whose word."""
    return [
        {
            "figure": say(ALARMS, one.code),
            "compares": say(COMPARES, one.compares),
            "watch": _ends(one, one.watch),
            "act": _ends(one, one.act),
            "source": one.source or _("本项目自定"),
        }
        for one in bounds()
    ]


def _why(one: MonthView) -> str:
    if one.psi_learnt is not None:
        return ""
    return say(ABSENT, one.taught.absent if one.taught else "")


def _ends(one: Bound, ends: Sequence[Any]) -> str:
    if len(one.watch) == 1:
        return f"≥ {ends[0]}"
    return _("%(least)s 至 %(most)s 之外") % {"least": ends[0], "most": ends[1]}
