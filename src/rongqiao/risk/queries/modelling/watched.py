"""Registered models as monitoring needs them: what they are called, and the chance a score tells.

A decision record keeps the score and the model's sha256. A scorecard's chance follows from the
score alone; trees are put on the scorecards' scale, so that theirs follows to within half a point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.registry import ScoringModel
from rongqiao.risk.queries.modelling.registry import ModelTampered, open_by_hash
from rongqiao.risk.scorecards.card import Scaling
from rongqiao.risk.scorecards.shaping.logistic import sigmoid

ChanceOf = Callable[[int], float]


def chances_of(sha256: str) -> ChanceOf | None:
    """Return what turns a recorded score of a registered model into the chance it told.

    None where the register has no such model, or it is not what was sealed (which is logged).
    """
    try:
        found = open_by_hash(sha256)
    except (NotFound, ModelTampered):
        return None
    scaling = Scaling() if found.card is None else found.card.scaling

    def chance(score: int) -> float:
        logit = (scaling.offset - score) / scaling.factor
        return float(sigmoid(np.array([logit]))[0])

    return chance


def names_of_models(keys: Iterable[str]) -> dict[str, str]:
    """Return code and number of those keys that are the sha256 of a registered model; one query."""
    rows = ScoringModel.objects.filter(sha256__in=list(keys)).values_list(
        "sha256", "code", "number"
    )
    return {sha256: f"{code} {number}" for sha256, code, number in rows}
