"""Score a case: start plus one number a line, each line shown; or a trained model behind a door."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

from rongqiao.risk.judging.features import Value
from rongqiao.risk.judging.policy import Line, PointsTable


@dataclass(frozen=True)
class ScorePart:
    """What one line of the table gave, and the most it can give."""

    name: str
    points: int
    best: int

    @property
    def lost(self) -> int:
        """Return how far the line is from its best."""
        return self.best - self.points


class Scorer(Protocol):
    """A trained model: which features it reads, and the score of a case with its parts.

    `sha256` is of the file it was read from. Any values give a score; the riskier, the lower.
    """

    sha256: str
    names: tuple[str, ...]

    def score(self, values: Mapping[str, Value]) -> tuple[int, tuple[ScorePart, ...]]:
        """Return the score and what each characteristic gave and could give."""
        ...


@runtime_checkable
class ScorerOfMany(Scorer, Protocol):
    """A model that is asked for many cases at once, where one by one would take minutes."""

    def scores(self, rows: Sequence[Mapping[str, Value]]) -> list[int]:
        """Return the scores alone, each the one that `score` gives."""
        ...


def scores_of(scorer: Scorer, rows: Sequence[Mapping[str, Value]]) -> list[int]:
    """Return the score of each case."""
    if isinstance(scorer, ScorerOfMany):
        return scorer.scores(rows)
    return [scorer.score(row)[0] for row in rows]


def score(table: PointsTable, values: Mapping[str, Value]) -> tuple[int, tuple[ScorePart, ...]]:
    """Return the score and its parts in the table's order."""
    parts = tuple(
        ScorePart(line.name, points_of(line, values.get(line.name)), line.best)
        for line in table.lines
    )
    return table.start + sum(part.points for part in parts), parts


def points_of(line: Line, value: Value) -> int:
    """Return the points of a value."""
    if isinstance(value, str):
        return line.points_by_word.get(value, line.missing)
    if not isinstance(value, Decimal):
        return line.missing
    reached = bisect_right(line.bounds, value, key=lambda bound: bound[0])
    return line.bounds[reached - 1][1] if reached else line.missing


def weakest(parts: tuple[ScorePart, ...]) -> tuple[str, ...]:
    """Return the names of up to four parts that lost most against their best, most first."""
    ordered = sorted(parts, key=lambda part: -part.lost)[:4]
    return tuple(part.name for part in ordered if part.lost > 0)
