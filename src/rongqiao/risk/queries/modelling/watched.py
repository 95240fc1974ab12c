"""Registered models as monitoring needs them: their names, chances, bins, and who taught them.

A decision record keeps the score and the model's sha256. A scorecard's chance follows from the
score alone; trees are put on the scorecards' scale, so that theirs follows to within half a point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.judging.features import Value
from rongqiao.risk.models.registry import ScoringModel
from rongqiao.risk.queries.modelling.registry import ModelTampered, open_by_hash
from rongqiao.risk.queries.modelling.scorers import plain_value
from rongqiao.risk.scorecards.card import Scaling
from rongqiao.risk.scorecards.monitoring.learnt import (
    NO_MODEL,
    UNOPENED,
    Learnt,
    learnt_of,
    placer_of,
)
from rongqiao.risk.scorecards.shaping.logistic import sigmoid
from rongqiao.risk.scorecards.training.opening import Opened

ChanceOf = Callable[[int], float]
PlaceOf = Callable[[Mapping[str, Value]], dict[str, str]]


def _nowhere(_values: Mapping[str, Value]) -> dict[str, str]:
    return {}


@dataclass(frozen=True, kw_only=True)
class WatchedModel:
    """What scored cases, as far as it tells.

    `chance_of` turns a recorded score into the chance it told, None where it told none. `place_of`
    puts a case's values into the model's own bins, nothing where it has none. `learnt` is the
    population it was taught by.
    """

    chance_of: ChanceOf | None = None
    place_of: PlaceOf = _nowhere
    learnt: Learnt = NO_MODEL


def watched_model(sha256: str) -> WatchedModel:
    """Return the registered model of a sha256, empty for a table of points; one query.

    Where the register has no such model, or it is not what was sealed (which is logged), nothing
    is told of it.
    """
    if not sha256:
        return WatchedModel()
    try:
        found = open_by_hash(sha256)
    except (NotFound, ModelTampered):
        return WatchedModel(learnt=UNOPENED)
    return WatchedModel(chance_of=_chance(found), place_of=_place(found), learnt=learnt_of(found))


def _chance(found: Opened) -> ChanceOf:
    scaling = Scaling() if found.card is None else found.card.scaling

    def chance(score: int) -> float:
        logit = (scaling.offset - score) / scaling.factor
        return float(sigmoid(np.array([logit]))[0])

    return chance


def _place(found: Opened) -> PlaceOf:
    if found.card is None:
        return _nowhere
    place = placer_of(found.card)
    return lambda values: place({name: plain_value(one) for name, one in values.items()})


def names_of_models(keys: Iterable[str]) -> dict[str, str]:
    """Return code and number of those keys that are the sha256 of a registered model; one query."""
    rows = ScoringModel.objects.filter(sha256__in=list(keys)).values_list(
        "sha256", "code", "number"
    )
    return {sha256: f"{code} {number}" for sha256, code, number in rows}
