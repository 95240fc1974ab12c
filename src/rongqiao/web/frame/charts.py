"""Charts drawn twice: a plain picture by the server, a live one by ECharts over it.

The server's picture is there without scripts; both come from the same figures, and every chart has
a table twin on its page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from rongqiao.finance.money import Money

LEFT, RIGHT, TOP, BOTTOM = 24, 616, 14, 176
# The colours of ECharts' series (assets/chart.js), in their order.
LOOKS = ("bar-p", "bar-i", "bar-f", "bar-n", "bar-s")
# So many colours in a stack are told apart by everybody; with more, each has strokes of its own.
MOST_UNMARKED = 3


@dataclass(frozen=True)
class Bar:
    """One rectangle of the server's picture, in its own units; `look` is a class of the sheet.

    `mark` is the number of the strokes over it (components/picture.html), 0 for none.
    """

    look: str
    x: float
    y: float
    width: float
    height: float
    mark: int = 0


@dataclass(frozen=True)
class Chart:
    """What components/chart.html shows: an id, a sentence for screen readers, two drawings.

    `top` is what the height of the server's picture stands for, in fen; `half` is half of it.
    """

    id: str
    label: str
    content: dict[str, Any]
    bars: tuple[Bar, ...]
    line: str
    top: int = 0

    @property
    def half(self) -> int:
        """Return half of `top`."""
        return self.top // 2


@dataclass(frozen=True)
class Series:
    """Figures of one name, one per label; amounts in fen."""

    name: str
    minor: Sequence[int]


@dataclass(frozen=True)
class Known:
    """Figures of a line, one per label; None is not known: the line leaves it out, never at 0."""

    name: str
    minor: Sequence[int | None]


def stacked_bars(
    chart_id: str,
    label: str,
    labels: Sequence[str],
    stack: Sequence[Series],
    line: Series | None = None,
) -> Chart:
    """Return bars stacked per label, and a line on an axis of its own (amounts in fen)."""
    sums = [sum(series.minor[i] for series in stack) for i in range(len(labels))]
    top = round_figure(max([*sums, 1]))
    step = (RIGHT - LEFT) / max(len(labels), 1)
    width = round(min(step * 0.6, 26), 1)
    marks = range(len(stack)) if len(stack) > MOST_UNMARKED else [0] * len(stack)
    bars = []
    for i in range(len(labels)):
        floor = 0
        for look, mark, series in zip(cycle(LOOKS), marks, stack, strict=False):
            height = series.minor[i] * (BOTTOM - TOP) / top
            y = BOTTOM - floor * (BOTTOM - TOP) / top - height
            x = LEFT + i * step + (step - width) / 2
            bars.append(Bar(look, round(x, 1), round(y, 1), width, round(height, 1), mark % 5))
            floor += series.minor[i]
    drawn: list[dict[str, Any]] = [
        {
            "name": one.name,
            "kind": "bar",
            "stack": "a",
            "mark": mark % 5,
            "values": _yuan(one.minor),
        }
        for one, mark in zip(stack, marks, strict=True)
    ]
    if line is not None:
        drawn.append({"name": line.name, "kind": "line", "axis": 1, "values": _yuan(line.minor)})
    content = {"labels": list(labels), "series": drawn}
    return Chart(chart_id, label, content, tuple(bars), _points(line.minor) if line else "", top)


def lines(
    chart_id: str, label: str, labels: Sequence[str], series: Sequence[Series | Known]
) -> Chart:
    """Return lines over the labels (amounts in fen); the server draws the first."""
    drawn = [{"name": one.name, "kind": "line", "values": _yuan(one.minor)} for one in series]
    content = {"labels": list(labels), "series": drawn}
    if not series:
        return Chart(chart_id, label, content, (), "")
    top = round_figure(max([1, *(value or 0 for one in series for value in one.minor)]))
    return Chart(chart_id, label, content, (), _points(series[0].minor, top), top)


def round_figure(minor: int) -> int:
    """Return the least of 1, 2, 4, 5 or 8 with noughts after it that is not below `minor` fen.

    The half of it, which an axis shows too, is then as short a figure.
    """
    scale: int = 10 ** (len(str(minor)) - 1)
    return next(figure * scale for figure in (1, 2, 4, 5, 8, 10) if figure * scale >= minor)


def _points(minor: Sequence[int | None], top: int = 0) -> str:
    top = top or max([*(one or 0 for one in minor), 1])
    step = (RIGHT - LEFT) / max(len(minor), 1)
    return " ".join(
        f"{LEFT + (i + 0.5) * step:.1f},{BOTTOM - value * (BOTTOM - TOP) / top:.1f}"
        for i, value in enumerate(minor)
        if value is not None
    )


def _yuan(minor: Sequence[int | None]) -> list[str | None]:
    """Return decimal text: a chart's numbers are never floats on our side."""
    return [None if one is None else Money(one).text() for one in minor]
