"""Trained models as the judge asks them: a score in points, with what each characteristic gave.

A model is kept as its body's canonical text, whose sha256 is the model's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import floor, log
from typing import Any

import numpy as np

from rongqiao.risk.judging.features import Value
from rongqiao.risk.judging.points import ScorePart, Scorer
from rongqiao.risk.scorecards.card import Scaling, Scorecard
from rongqiao.risk.scorecards.challenger import Challenger
from rongqiao.risk.scorecards.modelcard import canonical, sealed
from rongqiao.risk.scorecards.table import Columns
from rongqiao.risk.scorecards.training.opening import open_model

# In points; the two ways of reckoning a chance differ by less than a billionth of it.
_NEAR_HALF = 1e-6


class NotAModel(ValueError):
    """The text is no model that can score."""


def model_body(text: str) -> bytes:
    """Return what is kept of a sealed model file.

    Raises ModelChanged for a changed one, ValueError for a kind that is not known.
    """
    open_model(text)
    plain = json.loads(text)
    del plain["sha256"]
    return canonical(plain).encode()


def scorer_of(body: bytes) -> Scorer:
    """Return the model of a kept body; raises NotAModel."""
    try:
        found = open_model(sealed(json.loads(body)))
    except (ValueError, TypeError) as error:
        raise NotAModel(f"the text is no model that can score: {error}") from error
    if found.challenger is not None:
        return TreesScorer(found.challenger)
    assert found.card is not None, found.kind
    return CardScorer(found.card, found.sha256)


class CardScorer:
    """A scorecard: whole points of each characteristic's bin."""

    def __init__(self, card: Scorecard, sha256: str) -> None:
        """Look the bins up beforehand; `sha256` is of the file the card came in."""
        self.sha256 = sha256
        self.names = tuple(card.binnings)
        self._base = card.base
        finders = {name: binning.finder() for name, binning in card.binnings.items()}
        widths = {name: binning.size for name, binning in card.binnings.items()}
        self._parts = tuple(
            (
                one.name,
                tuple((column, finders[column], widths[column]) for column in one.columns),
                one.points,
                one.best,
            )
            for one in card.characteristics
        )

    def score(self, values: Mapping[str, Value]) -> tuple[int, tuple[ScorePart, ...]]:
        """Return the score and what each characteristic gave and could give."""
        parts = []
        for name, columns, points, best in self._parts:
            at = 0
            for column, find, width in columns:
                at = at * width + find(plain_value(values.get(column)))
            parts.append(ScorePart(name, points[at], best))
        return self._base + sum(part.points for part in parts), tuple(parts)


class TreesScorer:
    """Boosted trees: the calibrated chance as points, on the scale of the scorecards.

    What a column adds to the log-odds is its part, in points; the best it could give counts as
    nothing added.
    """

    def __init__(self, model: Challenger) -> None:
        """Take the scale of the scorecards."""
        self.sha256 = model.sha256
        self.names = model.names
        self._model, self._scaling = model, Scaling()

    def score(self, values: Mapping[str, Value]) -> tuple[int, tuple[ScorePart, ...]]:
        """Return the score and what each column gave."""
        row: Columns = {
            name: _columns([plain_value(values.get(name))], is_words=name in self._model.words)
            for name in self.names
        }
        added = self._model.contributions(row)[0]
        factor = self._scaling.factor
        parts = tuple(
            ScorePart(name, round(-factor * float(one)), 0)
            for name, one in zip(self.names, added, strict=False)
        )
        return round(self._points(float(self._model.probability(row)[0]))), parts

    def scores(self, rows: Sequence[Mapping[str, Value]]) -> list[int]:
        """Return the scores alone, the trees asked once for all cases.

        Many chances at once may differ in their last digits from one alone: a case that lies near
        half a point is asked alone.
        """
        if not rows:
            return []
        columns: Columns = {
            name: _columns(
                [plain_value(row.get(name)) for row in rows], is_words=name in self._model.words
            )
            for name in self.names
        }
        points = [self._points(float(one)) for one in self._model.probability(columns)]
        return [
            self.score(row)[0] if abs(one - floor(one) - 0.5) < _NEAR_HALF else round(one)
            for row, one in zip(rows, points, strict=True)
        ]

    def _points(self, chance: float) -> float:
        """Return a chance on the scale of the scorecards."""
        inside = min(max(chance, 1e-6), 1 - 1e-6)
        return self._scaling.offset - self._scaling.factor * log(inside / (1 - inside))


def plain_value(value: Value) -> float | str | None:
    """Return a value as the models take them: a date by its day number, a flag as 0 or 1."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date):
        return float(value.toordinal())
    return float(value if isinstance(value, Decimal) else int(value))


def _columns(values: Sequence[float | str | None], *, is_words: bool) -> Any:
    if is_words:
        return np.array([one if isinstance(one, str) else None for one in values], dtype=object)
    return np.array([one if isinstance(one, float) else np.nan for one in values], dtype=np.float64)
