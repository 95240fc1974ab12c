"""The population that a model was taught by, as its own file tells it; nothing of it is made up.

A trained scorecard keeps the shares of its score and the rows of each bin, a plain scorecard the
bins alone. Boosted trees keep, tree by tree, how many rows of a sample drawn for that tree fell on
each leaf: neither the distribution of the score nor that of a column follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import floor, isfinite
from typing import Any

from rongqiao.risk.scorecards.card import Scorecard
from rongqiao.risk.scorecards.monitoring.tallies import BinLine
from rongqiao.risk.scorecards.training.opening import Opened

PlaceOf = Callable[[Mapping[str, Any]], dict[str, str]]
PPM = 1_000_000
# Why the population of a score is not known.
POINTS_TABLE, NOT_OPENED, TREES = "points-table", "not-opened", "trees"
SCORES_NOT_KEPT = "scores-not-kept"
# Where there is no time the shares are of the rows of four folds of five, else of all: the least.
SCORE_ROWS_LEAST = 0.8


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """What a model was taught by, in whole numbers. What its file does not tell is empty.

    `edges` cut the score (value <= edge goes left) into bins that held `shares_ppm` of at least
    `score_rows`. `bins` has the rows of each column's bins by number. `absent` says why the shares
    of the score are not known, empty where they are.
    """

    data: str = ""
    population: str = ""
    trained_on: str = ""
    rows: int = 0
    score_rows: int = 0
    edges: tuple[int, ...] = ()
    shares_ppm: tuple[int, ...] = ()
    bins: tuple[BinLine, ...] = ()
    absent: str = ""


NO_MODEL = Learnt(absent=POINTS_TABLE)
UNOPENED = Learnt(absent=NOT_OPENED)


def learnt_of(model: Opened) -> Learnt:
    """Return the population of an opened model of any kind."""
    about = model.about
    told = Learnt(data=about.data, population=about.population, trained_on=about.trained_on)
    if model.card is None:
        return replace(told, rows=about.rows, absent=TREES)
    binnings = model.card.binnings
    rows = max((sum(one.counts) for one in binnings.values()), default=0)
    bins = tuple(
        BinLine(column=name, text=str(at), rows=count)
        for name, one in sorted(binnings.items())
        for at, count in enumerate(one.counts)
    )
    told = replace(told, rows=rows, bins=bins)
    scored = _shares(model.evidence)
    if scored is None:
        return replace(told, absent=SCORES_NOT_KEPT)
    least = floor(SCORE_ROWS_LEAST * rows)
    return replace(told, score_rows=least, edges=scored[0], shares_ppm=scored[1])


def placer_of(card: Scorecard) -> PlaceOf:
    """Return what puts a case's plain values (number, word, None) into the card's bins anew."""
    finders = {name: one.finder() for name, one in card.binnings.items()}

    def place(values: Mapping[str, Any]) -> dict[str, str]:
        return {name: str(find(values.get(name))) for name, find in finders.items()}

    return place


def _shares(evidence: Mapping[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return the score's edges and shares in millionths; None where they do not hold together.

    Evidence is sealed but not read by scoring, so that whoever made a file may have put anything.
    """
    try:
        edges = [float(one) for one in evidence["score_edges"]]
        parts = [float(one) for one in evidence["score_shares"]]
    except (KeyError, TypeError, ValueError):
        return None
    is_whole = (
        len(parts) == len(edges) + 1 > 1
        and all(map(isfinite, (*edges, *parts)))
        and edges == sorted(set(edges))
        and min(parts) >= 0
        and abs(sum(parts) - 1) < 0.001
    )
    if not is_whole:
        return None
    # Scores are whole points: what is at most an edge is at most its whole part.
    return tuple(floor(one) for one in edges), tuple(round(one * PPM) for one in parts)
