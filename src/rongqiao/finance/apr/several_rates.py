"""How many rates solve flows whose sign changes more than once, and where: by interval bounds."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, expm1, log, log1p

Plain = tuple[int, float, float]
# Two roots nearer to each other than this part of the scale count as one double root.
_FINEST = 1e-9
# Intervals times flows looked at before the search gives up: some seconds.
_MOST_LOOKS = 1_000_000


class Undecided(ValueError):
    """The roots could not be told apart within the bounds of the search."""


def isolate(flows: Sequence[Plain], largest: float) -> list[float]:
    """Return a force of interest ln(1 + i) of every root within +-`largest`.

    `flows` are (whole periods, part of a period, amount) in order of time. A double root is
    returned twice, so that one root returned is proved to be the only one. Raises Undecided where
    the flows are too many and too tangled for that.
    """
    horizon = flows[-1][0] + flows[-1][1] - flows[0][0] - flows[0][1]
    low = _beyond_roots(flows, -1 / horizon, -largest, flows[-1])
    high = _beyond_roots(flows, 1 / horizon, largest, flows[0])
    found: list[float] = []
    waiting = [(low, high)]
    for _ in range(max(100, _MOST_LOOKS // len(flows))):
        if not waiting:
            return found
        left, right = waiting.pop()
        value, slope = _bounds(flows, left, right)
        if value[0] > 0 or value[1] < 0:
            continue
        if slope[0] > 0 or slope[1] < 0:
            if _sign(flows, left) != _sign(flows, right):
                found.append(_bisect(flows, left, right))
        elif right - left < _FINEST / horizon:
            return [left, right]
        else:
            # Not the middle: a round rate must not sit on the edge of two intervals.
            middle = left + (right - left) * 0.4871
            waiting += [(left, middle), (middle, right)]
    raise Undecided


def _log_worth(flow: Plain, force: float) -> float:
    return -flow[0] * force - log1p(flow[1] * expm1(force))


def _length(flow: Plain, force: float) -> float:
    """Return the time that weighs at this force: minus the derivative of _log_worth."""
    growth = expm1(force)
    return flow[0] + flow[1] * (1 + growth) / (1 + flow[1] * growth)


def _beyond_roots(flows: Sequence[Plain], step: float, limit: float, last: Plain) -> float:
    """Return a force past which `last` outweighs all other flows together."""
    force = step
    while abs(force) < abs(limit):
        own = _log_worth(last, force)
        others = sum(
            abs(flow[2]) * exp(min(_log_worth(flow, force) - own, 600.0))
            for flow in flows
            if flow is not last
        )
        if abs(last[2]) > others:
            return force
        force *= 2
    return limit


def _heaviest(flows: Sequence[Plain], force: float) -> Plain:
    return max(flows, key=lambda flow: log(abs(flow[2])) + _log_worth(flow, force))


def _bounds(
    flows: Sequence[Plain], left: float, right: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return bounds of the worth and of its derivative on [left, right].

    Both times exp(length of the heaviest flow x force), which moves no root and keeps the bounds
    narrow; the weight of the heaviest flow is taken out of every term against overflow.
    """
    middle = (left + right) / 2
    heaviest = _heaviest(flows, middle)
    turn = _length(heaviest, middle)
    scale = _log_worth(heaviest, middle) + turn * middle
    low = high = slope_low = slope_high = 0.0
    for flow in flows:
        at_left = _log_worth(flow, left) + turn * left - scale
        at_right = _log_worth(flow, right) + turn * right - scale
        lean_left = turn - _length(flow, left)
        lean_right = turn - _length(flow, right)
        peak = max(at_left, at_right)
        if lean_left > 0 > lean_right:
            peak += min(lean_left, -lean_right) * (right - left)
        least = flow[2] * exp(min(at_left, at_right, 600.0))
        most = flow[2] * exp(min(peak, 600.0))
        low += min(least, most)
        high += max(least, most)
        corners = (least * lean_left, least * lean_right, most * lean_left, most * lean_right)
        slope_low += min(corners)
        slope_high += max(corners)
    return (low, high), (slope_low, slope_high)


def _sign(flows: Sequence[Plain], force: float) -> bool:
    own = _log_worth(_heaviest(flows, force), force)
    return sum(flow[2] * exp(_log_worth(flow, force) - own) for flow in flows) > 0


def _bisect(flows: Sequence[Plain], left: float, right: float) -> float:
    below = _sign(flows, left)
    for _ in range(60):
        middle = (left + right) / 2
        if _sign(flows, middle) == below:
            left = middle
        else:
            right = middle
    return (left + right) / 2
