"""What a model does to groups of people: four ratios for each, against the largest group.

Which columns tell a group is found by name. Sex, ethnic group, faith, nationality and disability
are measured and never used: nobody may be refused credit for them (PIPL art. 24 forbids unfair
differential treatment by automated decisions; Law on the Protection of Women's Rights and
Interests, art. 2). Age, marriage and schooling are measured, and used unless left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from rongqiao.risk.scorecards.metrics import auc
from rongqiao.risk.scorecards.table import Columns, Numbers, Values, is_words
from rongqiao.risk.scorecards.training.measuring import LEAST_OF_EACH, Tried

_EDGE = r"(?:^|[_\W\d])"
NEVER_USED = re.compile(
    rf"{_EDGE}(?:sex|gender|race|ethnic\w*|religion|nationality|foreign\w*|disab\w*|tribe)"
    r"(?:$|[_\W\d])|性别|民族|种族|宗教|国籍|残疾|籍贯",
    re.IGNORECASE,
)
MEASURED = re.compile(
    rf"{_EDGE}(?:age|marital\w*|marriage|education)(?:$|[_\W\d])|年龄|婚姻|婚否|学历", re.IGNORECASE
)
AGES = (25, 35, 45, 60)
MOST_GROUPS = 8
# A group whose ratio is below this is told of: the four-fifths rule (29 CFR 1607.4 D, 1978).
LEAST_RATIO = 0.8


def is_never_used(name: str) -> bool:
    """Tell whether a column by its name is none that may decide on credit."""
    return NEVER_USED.search(name) is not None


def is_measured(name: str) -> bool:
    """Tell whether a column by its name parts people into groups that are to be compared."""
    return is_never_used(name) or MEASURED.search(name) is not None


def fairness_of(
    columns: Columns, tried: Tried, rows: Any, approved_share: float, used: frozenset[str]
) -> list[dict[str, Any]]:
    """Return for each column of groups the ratios of its groups.

    `rows` are the numbers of the rows that were tried; the `approved_share` of them with the least
    chance of default counts as approved.
    """
    limit = float(np.quantile(tried.chance, approved_share, method="higher"))
    found = []
    for name, values in columns.items():
        if not is_measured(name):
            continue
        groups = _groups(values[rows], is_age=_is_age(name, values))
        told = [{"group": label, **_of_group(tried, here, limit)} for label, here in groups.items()]
        told = [one for one in told if one["rows"] >= 2 * LEAST_OF_EACH]
        if len(told) < 2:
            continue
        largest = max(told, key=lambda one: one["rows"])
        compared = [one | _ratios(one, largest) for one in told]
        found.append({"column": name, "is_used": name in used, "groups": compared})
    return found


def unfair(fairness: list[dict[str, Any]]) -> list[tuple[str, str, float]]:
    """Return column, group and ratio of every group approved less than four fifths as often."""
    return [
        (one["column"], group["group"], group["approval_ratio"])
        for one in fairness
        for group in one["groups"]
        if group["approval_ratio"] is not None and group["approval_ratio"] < LEAST_RATIO
    ]


def _is_age(name: str, values: Values) -> bool:
    if is_words(values) or re.search(r"age|年龄", name, re.IGNORECASE) is None:
        return False
    known = values[~np.isnan(values)]
    return bool(len(known)) and bool(np.all((known >= 0) & (known <= 120)))


def _groups(values: Values, *, is_age: bool) -> dict[str, Numbers]:
    """Return masks of the rows by label, the commonest groups, in the order of their labels."""
    if is_age:
        bands = np.searchsorted(np.array(AGES), values, side="right")
        ends = ["<25", "25-34", "35-44", "45-59", "≥60"]
        return {label: (bands == i) & ~np.isnan(values) for i, label in enumerate(ends)}
    if is_words(values):
        labels = values
    else:
        labels = np.array([None if np.isnan(v) else f"{v:g}" for v in values], object)
    names, counts = np.unique([v for v in labels if v is not None], return_counts=True)
    common = [str(names[i]) for i in np.argsort(-counts, kind="stable")[:MOST_GROUPS]]
    return {label: labels == label for label in sorted(common)}


def _of_group(tried: Tried, here: Any, limit: float) -> dict[str, Any]:
    bad, chance = tried.bad[here], tried.chance[here]
    rows, bads = len(bad), int(bad.sum())
    approved = chance <= limit
    has_both = min(bads, rows - bads) >= LEAST_OF_EACH
    return {
        "rows": rows,
        "observed": _share(bads, rows),
        "expected": round(float(chance.mean()), 6) if rows else None,
        "approved": _share(int(approved.sum()), rows),
        "approved_good": _share(int(approved[bad == 0].sum()), rows - bads),
        "bad_approved": _share(int(bad[approved].sum()), int(approved.sum())),
        "auc": round(auc(bad, chance), 6) if has_both else None,
    }


def _ratios(one: Mapping[str, Any], largest: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the four ratios: approval, approval of the good, losses let in, chance told."""
    return {
        "approval_ratio": _over(one["approved"], largest["approved"]),
        "good_ratio": _over(one["approved_good"], largest["approved_good"]),
        "loss_ratio": _over(one["bad_approved"], largest["bad_approved"]),
        "calibration_ratio": _over(one["expected"], one["observed"]),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _over(above: float | None, below: float | None) -> float | None:
    return round(above / below, 4) if above is not None and below else None
