"""A month's cases as whole numbers: enough for every figure, and nobody in them can be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MISSING = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One case as it was decided. `bins` gives each characteristic's bin as text, empty: missing.

    `places` gives the number of the bin, as text, that each column of a model's own puts it into.
    `chance` is what the model told, where it tells one. `is_bad` is None while it is not known.
    `outcome`: approved, declined or open. `override`, as the officer recorded it: `up` for
    lending against the system's word, `down` for declining against it, else empty.
    """

    score: int
    bins: Mapping[str, str]
    outcome: str
    by_person: bool = False
    override: str = ""
    chance: float | None = None
    is_bad: bool | None = None
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """Cases of one score: all, known good, known bad; `chance_ppm` is the chance told, or -1."""

    score: int
    rows: int
    good: int
    bad: int
    chance_ppm: int


@dataclass(frozen=True, kw_only=True)
class BinLine:
    """Cases of one bin of one characteristic."""

    column: str
    text: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class MonthTally:
    """A month in whole numbers. What was counted before a model's own bins has no `places`."""

    rows: int
    approved: int
    declined: int
    by_person: int
    overrides_up: int
    overrides_down: int
    scores: tuple[ScoreLine, ...]
    bins: tuple[BinLine, ...]
    places: tuple[BinLine, ...] = ()


def tally(cases: Iterable[Seen]) -> MonthTally:
    """Return the counts of a month's cases."""
    rows = approved = declined = by_person = 0
    overrides: Counter[str] = Counter()
    scores: dict[tuple[int, int], list[int]] = {}
    bins: Counter[tuple[str, str]] = Counter()
    places: Counter[tuple[str, str]] = Counter()
    for one in cases:
        rows += 1
        approved += one.outcome == "approved"
        declined += one.outcome == "declined"
        by_person += one.by_person
        overrides[one.override] += one.by_person
        ppm = -1 if one.chance is None else round(one.chance * 1_000_000)
        line = scores.setdefault((one.score, ppm), [0, 0, 0])
        line[0] += 1
        line[1] += one.is_bad is False
        line[2] += one.is_bad is True
        bins.update(one.bins.items())
        places.update(one.places.items())
    return MonthTally(
        rows=rows,
        approved=approved,
        declined=declined,
        by_person=by_person,
        overrides_up=overrides["up"],
        overrides_down=overrides["down"],
        scores=_score_lines(scores),
        bins=_bin_lines(bins),
        places=_bin_lines(places),
    )


def together(tallies: Sequence[MonthTally]) -> MonthTally:
    """Return several months as one: what later months are compared with."""
    scores: dict[tuple[int, int], list[int]] = {}
    bins: Counter[tuple[str, str]] = Counter()
    places: Counter[tuple[str, str]] = Counter()
    for one in tallies:
        for line in one.scores:
            held = scores.setdefault((line.score, line.chance_ppm), [0, 0, 0])
            held[0] += line.rows
            held[1] += line.good
            held[2] += line.bad
        for each in one.bins:
            bins[each.column, each.text] += each.rows
        for each in one.places:
            places[each.column, each.text] += each.rows
    sums = {
        name: sum(getattr(one, name) for one in tallies)
        for name in ("rows", "approved", "declined", "by_person", "overrides_up", "overrides_down")
    }
    return MonthTally(
        **sums,
        scores=_score_lines(scores),
        bins=_bin_lines(bins),
        places=_bin_lines(places),
    )


def by_column(lines: Iterable[BinLine]) -> dict[str, dict[str, int]]:
    """Return the rows of each bin of each column."""
    found: dict[str, dict[str, int]] = {}
    for line in lines:
        found.setdefault(line.column, {})[line.text] = line.rows
    return found


def _score_lines(scores: Mapping[tuple[int, int], Sequence[int]]) -> tuple[ScoreLine, ...]:
    return tuple(
        ScoreLine(score=score, rows=line[0], good=line[1], bad=line[2], chance_ppm=ppm)
        for (score, ppm), line in sorted(scores.items())
    )


def _bin_lines(bins: Counter[tuple[str, str]]) -> tuple[BinLine, ...]:
    return tuple(
        BinLine(column=column, text=text, rows=count)
        for (column, text), count in sorted(bins.items())
    )
