"""What a benchmark found: figures, each with its target, and whether all targets are held."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Work:
    """How much to do: `quick` ends within 45 seconds; `options` are the benchmark's own."""

    quick: bool = False
    options: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A number with its unit, and its target: `least` to reach, `most` not to pass, or both.

    Where neither is given it is only told.
    """

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def target(self) -> str | None:
        """Return the target in words, None where there is none."""
        ends = [
            f"{sign} {end:g}"
            for sign, end in ((">=", self.least), ("<=", self.most))
            if end is not None
        ]
        return " and ".join(ends) or None

    @property
    def held(self) -> bool:
        """Whether the target is kept; true where there is none."""
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    def plain(self) -> dict[str, Any]:
        """Return the figure as the contract's JSON has it."""
        value = float(f"{self.value:.4g}")
        return {
            "name": self.name,
            "value": value,
            "unit": self.unit,
            "target": self.target,
            "held": self.held,
        }


@dataclass(frozen=True, kw_only=True)
class Report:
    """The outcome of `rounds` rounds; `limit` is what the figures are measured against."""

    bench: str
    rounds: int
    limit: Mapping[str, Any]
    figures: tuple[Figure, ...]

    @property
    def held(self) -> bool:
        """Whether every target is reached."""
        return all(figure.held for figure in self.figures)

    def json(self) -> str:
        """Return the contract's JSON document."""
        return json.dumps(
            {
                "bench": self.bench,
                "rounds": self.rounds,
                "limit": dict(self.limit),
                "figures": [figure.plain() for figure in self.figures],
                "held": self.held,
            },
            ensure_ascii=False,
        )

    def show(self) -> None:
        """Print a table for people."""
        table = Table("figure", "value", "unit", "target", "held", title=f"bench {self.bench}")
        for figure in self.figures:
            plain = figure.plain()
            held = "" if figure.target is None else ("yes" if figure.held else "NO")
            shown = f"{figure.value:,.4g}" if figure.value < 1000 else f"{figure.value:,.0f}"
            table.add_row(figure.name, shown, figure.unit, plain["target"] or "", held)
        console = Console()
        console.print(table)
        limits = ", ".join(f"{name}: {value}" for name, value in self.limit.items())
        console.print(f"Median of {self.rounds} rounds. Measured against {limits}")


def take_turns(rounds: int, measures: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Return each measure's values, taken in turn `rounds` times.

    In turn, so that a slow minute of the machine slows all of them alike.
    """
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            taken[name].append(measure())
    return taken


def median_ratio(above: list[float], below: list[float]) -> float:
    """Return the median of the ratios of each round."""
    return median(a / b for a, b in zip(above, below, strict=True))


def per_second(times: int, work: Callable[[], object]) -> float:
    """Return how many of `times` units of work a second did."""
    started = perf_counter()
    work()
    return times / (perf_counter() - started)
