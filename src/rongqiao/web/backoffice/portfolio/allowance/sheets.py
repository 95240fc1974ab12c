"""The assumptions of a version as tables: what the lines of its text say, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from rongqiao.lending.servicing.queries.provisioning.rules import RuleView
from rongqiao.web.backoffice.portfolio.allowance.runs import STAGES
from rongqiao.web.backoffice.portfolio.rooms import CLASSES

ANY_PRODUCT = "*"


def sheets(one: RuleView, names: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return curves, scenarios and floors line by line; `names` are products' by code.

    A chance of default is of one month; the last one told goes on.
    """
    return {
        "curves": [_curve(line, names) for line in _lines(one.curves)],
        "scenarios": [
            {"name": name, "weight": weight, "hazard": hazard, "lgd": lgd}
            for name, weight, hazard, lgd in _lines(one.scenarios)
        ],
        "floors": [
            {"name": CLASSES.get(code, code), "share": share} for code, share in _lines(one.floors)
        ],
    }


def _lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.strip()]


def _curve(line: list[str], names: dict[str, str]) -> dict[str, Any]:
    code, stage, lgd, *hazards = line
    every = _("、").join(f"{hazard}%" for hazard in hazards)
    if not hazards:
        chances = _("已违约")
    elif len(hazards) == 1:
        chances = _("每月 %(chance)s") % {"chance": every}
    else:
        chances = _("第 1 月起 %(chances)s，此后不变") % {"chances": every}
    return {
        "product": _("全部产品") if code == ANY_PRODUCT else names.get(code, code),
        "stage": STAGES[int(stage)],
        "lgd": lgd,
        "chances": chances,
    }
