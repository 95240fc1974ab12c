"""A scorecard: whole points for each bin of each characteristic, reasons, and a probability.

The score is the base plus one number of points for each characteristic; the probability follows
from the score alone. Points: offset + factor * ln(good odds), factor = doubling / ln 2 (Siddiqi,
Intelligent Credit Scoring, 2017, chapter 10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import exp, log
from typing import Any

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.binning import Binning
from rongqiao.risk.scorecards.modelcard import FORMAT, About, hash_of, opened, sealed
from rongqiao.risk.scorecards.table import Columns, Numbers, Rows, rows_in

KIND = "scorecard"
REASONS = 4
# Rows worked on at once: what fits the processor's near memory.
CHUNK = 16_384
NO_REASON = -1


@dataclass(frozen=True)
class Scaling:
    """`points` at good odds of `odds` to 1; `doubling` more points double the odds."""

    points: int = 600
    odds: float = 20.0
    doubling: float = 50.0

    @property
    def factor(self) -> float:
        """Return the points of one unit of log-odds."""
        return self.doubling / log(2)

    @property
    def offset(self) -> float:
        """Return the points at even odds."""
        return self.points - self.factor * log(self.odds)


@dataclass(frozen=True)
class Characteristic:
    """One or two crossed columns and the points of their bins (the first column's outermost)."""

    columns: tuple[str, ...]
    points: tuple[int, ...]

    @property
    def name(self) -> str:
        """Return the reason code: the column's name, or both with × between."""
        return "×".join(self.columns)

    @cached_property
    def best(self) -> int:
        """Return the most points it can give."""
        return max(self.points)


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores of many rows; `reasons` has a row's losses, gravest first, as characteristic numbers.

    NO_REASON fills up where fewer characteristics lost points.
    """

    points: npt.NDArray[np.int32]
    probability: Numbers
    reasons: npt.NDArray[np.int16]


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """A fitted scorecard; everything scoring needs, and what the model says of itself."""

    base: int
    binnings: Mapping[str, Binning]
    characteristics: tuple[Characteristic, ...]
    scaling: Scaling = field(default_factory=Scaling)
    about: About = field(default_factory=About)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the reason code of each characteristic number."""
        return tuple(one.name for one in self.characteristics)

    def points(self, columns: Columns) -> npt.NDArray[np.int32]:
        """Return each row's score. A column that is not there counts as missing."""
        return self.score_all(columns, count=0).points

    def probability(self, columns: Columns) -> Numbers:
        """Return each row's chance of the event."""
        return self.probability_of(self.points(columns))

    def probability_of(self, points: npt.NDArray[Any]) -> Numbers:
        """Return the chance of the event at scores; it falls as points rise."""
        logit = (self.scaling.offset - points) / self.scaling.factor
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logit)))

    def reasons(self, columns: Columns, count: int = REASONS) -> npt.NDArray[np.int16]:
        """Return for each row the `count` characteristics that lost most to their best bin."""
        return self.score_all(columns, count).reasons

    def score_all(self, columns: Columns, count: int = REASONS) -> Scores:
        """Return scores, chances and reasons of many rows in one pass."""
        rows = rows_in(columns)
        points = np.empty(rows, np.int32)
        reasons = np.empty((rows, count), np.int16)
        for start in range(0, rows, CHUNK):
            part = slice(start, min(start + CHUNK, rows))
            self._score_chunk(columns, part, points, reasons)
        return Scores(points=points, probability=self.probability_of(points), reasons=reasons)

    def score_one(
        self, row: Mapping[str, Any], count: int = REASONS
    ) -> tuple[int, float, tuple[int, ...]]:
        """Return score, chance and reasons of one case given as plain values by column name."""
        finders, parts, radix = self._plan
        bins = [find(row.get(column)) for column, find in finders]
        score = self.base
        losses = []
        for first, second, width, table, best, rank in parts:
            points = table[bins[first] if second < 0 else bins[first] * width + bins[second]]
            score += points
            if points < best:
                losses.append((best - points) * radix + rank)
        losses.sort(reverse=True)
        reasons = tuple(radix - 1 - loss % radix for loss in losses[:count])
        logit = (self.scaling.offset - score) / self.scaling.factor
        chance = 1 / (1 + exp(-logit)) if logit > -700 else 0.0
        return score, chance, reasons

    def parts_of(self, row: Mapping[str, Any]) -> tuple[tuple[str, str, int, int], ...]:
        """Return for each characteristic its code, the text of its bin, its points and its best."""
        return tuple(
            (one.name, self._text(one, row), self._points_of(one, row), one.best)
            for one in self.characteristics
        )

    @cached_property
    def sha256(self) -> str:
        """Return the hash of everything in the model."""
        return hash_of(self._body())

    def to_json(self) -> str:
        """Return the model as one sealed canonical JSON text."""
        return sealed(self._body())

    @classmethod
    def from_json(cls, text: str) -> Scorecard:
        """Return the model of a text; raises ModelChanged where a byte of it was changed."""
        body = opened(text, KIND)
        return cls(
            base=body["base"],
            binnings={name: _binning(plain) for name, plain in body["binnings"].items()},
            characteristics=tuple(
                Characteristic(tuple(one["columns"]), tuple(one["points"]))
                for one in body["characteristics"]
            ),
            scaling=Scaling(**body["scaling"]),
            about=About.of(body["about"]),
        )

    def _body(self) -> dict[str, Any]:
        return {
            "kind": KIND,
            "format": FORMAT,
            "base": self.base,
            "binnings": {name: _plain(one) for name, one in self.binnings.items()},
            "characteristics": [
                {"columns": list(one.columns), "points": list(one.points)}
                for one in self.characteristics
            ],
            "scaling": asdict(self.scaling),
            "about": self.about.plain(),
        }

    def _score_chunk(
        self,
        columns: Columns,
        part: slice,
        points: npt.NDArray[np.int32],
        reasons: npt.NDArray[np.int16],
    ) -> None:
        """Score the rows of `part`; the gravest losses are kept in falling order as they come."""
        rows, radix = part.stop - part.start, len(self.characteristics)
        count = reasons.shape[1]
        bins = {
            name: one.bins_of(columns[name][part])
            if name in columns
            else np.full(rows, one.size - 1, np.uint16)
            for name, one in self.binnings.items()
        }
        score = np.full(rows, self.base, np.int32)
        top = [np.zeros(rows, np.int32) for _ in range(count)]
        for rank, one in enumerate(self.characteristics):
            at = bins[one.columns[0]]
            if len(one.columns) > 1:
                second = one.columns[1]
                at = at * np.uint16(self.binnings[second].size) + bins[second]
            table = np.array(one.points, np.int32)
            score += table.take(at)
            if count:
                lost = one.best - table
                loss = np.where(lost > 0, lost * radix + (radix - 1 - rank), 0).take(at)
                for place in range(count):
                    top[place], loss = np.maximum(top[place], loss), np.minimum(top[place], loss)
        points[part] = score
        for place, kept in enumerate(top):
            reasons[part, place] = np.where(kept > 0, radix - 1 - kept % radix, NO_REASON)

    @cached_property
    def _plan(
        self,
    ) -> tuple[
        list[tuple[str, Callable[[Any], int]]],
        list[tuple[int, int, int, tuple[int, ...], int, int]],
        int,
    ]:
        """Return what scoring one row walks through, looked up beforehand."""
        names = list(self.binnings)
        radix = max(len(self.characteristics), 1)
        parts = []
        for rank, one in enumerate(self.characteristics):
            first, second, width = names.index(one.columns[0]), -1, 0
            if len(one.columns) > 1:
                second = names.index(one.columns[1])
                width = self.binnings[one.columns[1]].size
            parts.append((first, second, width, one.points, one.best, radix - 1 - rank))
        finders = [(name, binning.finder()) for name, binning in self.binnings.items()]
        return finders, parts, radix

    def _at(self, one: Characteristic, row: Mapping[str, Any]) -> list[int]:
        return [self.binnings[name].finder()(row.get(name)) for name in one.columns]

    def _points_of(self, one: Characteristic, row: Mapping[str, Any]) -> int:
        at = self._at(one, row)
        if len(at) == 1:
            return one.points[at[0]]
        return one.points[at[0] * self.binnings[one.columns[1]].size + at[1]]

    def _text(self, one: Characteristic, row: Mapping[str, Any]) -> str:
        at = self._at(one, row)
        texts = (
            self.binnings[name].texts[place] for name, place in zip(one.columns, at, strict=True)
        )
        return " × ".join(texts)


def information(card: Scorecard) -> dict[str, float]:
    """Return the information value of each column the card looks at."""
    return {name: one.iv for name, one in card.binnings.items()}


def bins_of_card(card: Scorecard, columns: Columns) -> dict[str, Rows]:
    """Return each column's bins, for stability reports."""
    return {
        name: one.bins_of(columns[name]).astype(np.int64)
        for name, one in card.binnings.items()
        if name in columns
    }


def _plain(binning: Binning) -> dict[str, Any]:
    return {
        "kind": binning.kind,
        "direction": binning.direction,
        "edges": list(binning.edges),
        "groups": [list(group) for group in binning.groups],
        "counts": list(binning.counts),
        "bads": list(binning.bads),
        "woe": list(binning.woe),
        "iv": binning.iv,
    }


def _binning(plain: Mapping[str, Any]) -> Binning:
    return Binning(
        kind=plain["kind"],
        direction=plain["direction"],
        edges=tuple(plain["edges"]),
        groups=tuple(tuple(group) for group in plain["groups"]),
        counts=tuple(plain["counts"]),
        bads=tuple(plain["bads"]),
        woe=tuple(plain["woe"]),
        iv=plain["iv"],
    )
