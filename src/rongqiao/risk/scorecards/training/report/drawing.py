"""Pictures of the report as SVG of a few hundred bytes; colours come from the page's sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rongqiao.risk.scorecards.training.report.words import drawn

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 420, 300, 46, 10, 12, 40
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def roc_picture(curves: Sequence[tuple[str, Sequence[Sequence[float]]]]) -> str:
    """Return ROC curves over the diagonal of chance; `curves` are look and points."""
    parts = [_frame("roc-x", "roc-y"), _path([(0, 0), (1, 1)], "chance")]
    parts += [_path([(x, y) for x, y in points], look) for look, points in curves]
    return _svg("roc", parts)


def ks_picture(points: Sequence[Sequence[float]]) -> str:
    """Return cumulative bad and good shares with the place where they are farthest apart."""
    share, bad, good = max(points, key=lambda one: one[1] - one[2])
    parts = [
        _frame("ks-x", "ks-y"),
        _path([(one[0], one[1]) for one in points], "champion"),
        _path([(one[0], one[2]) for one in points], "challenger"),
        _path([(share, bad), (share, good)], "gap"),
        _text(share, (bad + good) / 2, f"KS {bad - good:.3f}", "gap-text"),
    ]
    return _svg("ks", parts)


def calibration_picture(rows: Sequence[Mapping[str, float]]) -> str:
    """Return observed rates over the chances told, with their intervals; right is on the line."""
    top = max([0.05, *(max(one["expected"], one["high"]) for one in rows)])
    scale = 1 / top
    parts = [
        _frame("calibration-x", "calibration-y", top=top),
        _path([(0, 0), (1, 1)], "chance"),
    ]
    for one in rows:
        x = one["expected"] * scale
        parts.append(_path([(x, one["low"] * scale), (x, one["high"] * scale)], "interval"))
        parts.append(f'<circle class="dot" cx="{_x(x)}" cy="{_y(one["observed"] * scale)}" r="4"/>')
    return _svg("calibration", parts)


def share_picture(expected: Sequence[float], actual: Sequence[float]) -> str:
    """Return two shares side by side for each score bin, lowest scores first."""
    top = max([0.01, *expected, *actual])
    step = 1 / max(len(expected), 1)
    parts = [_frame("score-bin", "share", top=top, labels=False)]
    for place, (was, now) in enumerate(zip(expected, actual, strict=True)):
        for side, value, look in ((0.12, was, "was"), (0.5, now, "now")):
            x = (place + side) * step
            height = value / top
            parts.append(
                f'<rect class="{look}" x="{_x(x)}" y="{_y(height)}" '
                f'width="{step * 0.36 * (WIDTH - LEFT - RIGHT):.1f}" '
                f'height="{height * (HEIGHT - TOP - BOTTOM):.1f}"/>'
            )
    return _svg("stability", parts)


def bar(value: float, most: float) -> str:
    """Return a bar to the left (riskier than average) or right (safer) of a middle line."""
    share = 0 if not most else max(-1.0, min(1.0, value / most))
    x, width = (50 + 48 * share, -48 * share) if share < 0 else (50, 48 * share)
    look = "worse" if share < 0 else "better"
    return (
        '<svg class="bar" viewBox="0 0 100 12" aria-hidden="true">'
        f'<line x1="50" x2="50" y1="0" y2="12"/><rect class="{look}" x="{x:.1f}" y="2" '
        f'width="{width:.1f}" height="8" rx="1.5"/></svg>'
    )


def length(share: float) -> str:
    """Return a bar from the left whose length is a share of the whole."""
    return (
        '<svg class="bar" viewBox="0 0 100 12" aria-hidden="true">'
        f'<rect class="now" x="0" y="2" width="{100 * max(0.0, min(1.0, share)):.1f}" height="8" '
        'rx="1.5"/></svg>'
    )


def _svg(key: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="pic-{key}">'
        f'<title id="pic-{key}">{key}</title>{"".join(parts)}</svg>'
    )


def _frame(x_key: str, y_key: str, *, top: float = 1.0, labels: bool = True) -> str:
    parts = []
    for tick in TICKS:
        parts.append(
            f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(tick)}" y2="{_y(tick)}"/>'
        )
        shown = f"{100 * tick * top:.0f}%" if top >= 0.2 else f"{100 * tick * top:.1f}%"
        parts.append(
            f'<text class="tick" x="{LEFT - 6}" y="{_y(tick)}" dy="4" text-anchor="end">{shown}'
            "</text>"
        )
        if labels:
            parts.append(
                f'<text class="tick" x="{_x(tick)}" y="{HEIGHT - BOTTOM + 16}" '
                f'text-anchor="middle">{shown}</text>'
            )
    parts.append(
        f'<text class="axis" x="{_x(0.5)}" y="{HEIGHT - 6}" text-anchor="middle">{drawn(x_key)}'
        "</text>"
    )
    parts.append(f'<text class="axis" x="{LEFT + 4}" y="{TOP + 10}">{drawn(y_key)}</text>')
    return "".join(parts)


def _path(points: Sequence[tuple[float, float]], look: str) -> str:
    text = " ".join(f"{_x(x)},{_y(y)}" for x, y in points)
    return f'<polyline class="{look}" points="{text}"/>'


def _text(x: float, y: float, text: Any, look: str) -> str:
    anchor, by = ("end", -8) if x > 0.7 else ("start", 8)
    return (
        f'<text class="{look}" x="{float(_x(x)) + by:.1f}" y="{_y(y)}" '
        f'text-anchor="{anchor}">{text}</text>'
    )


def _x(share: float) -> str:
    return f"{LEFT + share * (WIDTH - LEFT - RIGHT):.1f}"


def _y(share: float) -> str:
    return f"{HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM):.1f}"
