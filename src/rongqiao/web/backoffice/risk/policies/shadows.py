"""A policy beside its challenger: what each said of the applications that both judged."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from rongqiao.lending.origination.queries.looking_back.shadows import outcomes_beside
from rongqiao.risk.queries.policies.versions import VersionView
from rongqiao.web.backoffice.finance.tables import Table
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.policies.words import OUTCOME_TONES, OUTCOMES


def shadow_of(view: VersionView, challenge: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the pairs of outcomes with their numbers; None for a version without a challenger."""
    if challenge is None:
        return None
    order = list(OUTCOMES)
    found = sorted(
        outcomes_beside(view.sha256, challenge["policy"]),
        key=lambda one: (order.index(one.own), order.index(one.other)),
    )
    return {
        "cases": sum(one.count for one in found),
        "same": sum(one.count for one in found if one.own == one.other),
        "rows": [
            {
                "own": say(OUTCOMES, one.own),
                "own_tone": OUTCOME_TONES[one.own],
                "other": say(OUTCOMES, one.other),
                "other_tone": OUTCOME_TONES[one.other],
                "count": one.count,
            }
            for one in found
        ],
    }


def shadow_table(view: VersionView, shadow: dict[str, Any]) -> Table:
    """Return the same as a file."""
    return Table(
        name=f"policy-{view.code}-{view.number}-challenger",
        title=_("与挑战者比较"),
        facts=((_("版本"), f"{view.number} {view.label}"),),
        heads=(_("本策略"), _("挑战者"), _("笔数")),
        rows=lambda: ((one["own"], one["other"], one["count"]) for one in shadow["rows"]),
    )
