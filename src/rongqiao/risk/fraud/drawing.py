"""Lay a ring out as a picture: attributes inside, parties around them, the same every time.

No forces and no chance: parties stand on circles in the order of what joins them, each attribute in
the middle of its own. Numbers in the picture are the rows of the table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from rongqiao.risk.fraud.attributes import Kind

# Units of the picture; a small ring fits a phone as it is.
SMALL, LARGE = 400, 640
SMALL_MOST = 60
RADIUS = 10.0
# Room that one party takes on its circle.
ROOM = 22.0
# At most this many are drawn; the table has them all.
MOST_DRAWN = 240


@dataclass(frozen=True)
class Spot:
    """A party: its number (row of the table) and place."""

    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Hub:
    """An attribute: its letter (row of the second table), kind, holders and place."""

    letter: str
    kind: Kind
    count: int
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """From a party to what it holds."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Picture:
    """What the template draws: a square of `side` units."""

    side: int
    radius: float
    spots: tuple[Spot, ...]
    hubs: tuple[Hub, ...]
    lines: tuple[Line, ...]
    left_out: int


def draw(members: int, marks: Sequence[tuple[Kind, Sequence[int]]]) -> Picture:
    """Return the picture of parties 0 to `members` - 1, in this order, and what joins them.

    `marks` are kinds with the positions of their holders, most shared first.
    """
    drawn = min(members, MOST_DRAWN)
    side = SMALL if drawn <= SMALL_MOST else LARGE
    places = _places(range(drawn), side)
    hubs, lines = _hubs(marks, places, side)
    spots = tuple(Spot(one + 1, *places[one]) for one in sorted(places))
    return Picture(side, RADIUS, spots, hubs, lines, members - drawn)


def side_by_side(members: int, marks: Sequence[tuple[Kind, Sequence[int]]]) -> list[int]:
    """Return the parties in an order that puts together who shares, the rarest sharing first."""
    found: dict[int, None] = {}
    for _kind, holders in sorted(marks, key=lambda mark: len(mark[1])):
        found |= dict.fromkeys(holders)
    found |= dict.fromkeys(range(members))
    return list(found)


def letter_of(position: int) -> str:
    """Return A to Z, then AA, AB, ... for the rows of attributes."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _places(order: Sequence[int], side: int) -> dict[int, tuple[float, float]]:
    """Fill circles from the outermost inwards, as many on each as have room."""
    centre, radius = side / 2, side / 2 - RADIUS - 4
    places: dict[int, tuple[float, float]] = {}
    at = 0
    while at < len(order):
        fitting = max(1, int(2 * pi * radius / ROOM))
        here = order[at : at + fitting]
        for i, one in enumerate(here):
            angle = 2 * pi * i / len(here) - pi / 2
            places[one] = (
                round(centre + radius * cos(angle), 1),
                round(centre + radius * sin(angle), 1),
            )
        at += len(here)
        radius = max(radius - ROOM - 4, ROOM)
    return places


def _hubs(
    marks: Sequence[tuple[Kind, Sequence[int]]],
    places: dict[int, tuple[float, float]],
    side: int,
) -> tuple[tuple[Hub, ...], tuple[Line, ...]]:
    hubs, lines = [], []
    for position, (kind, holders) in enumerate(marks):
        spots = [places[one] for one in holders if one in places]
        if not spots:
            continue
        x, y = _inside(spots, position, len(marks), side)
        hubs.append(Hub(letter_of(position), kind, len(holders), x, y))
        lines += [Line(one_x, one_y, x, y) for one_x, one_y in spots]
    return tuple(hubs), tuple(lines)


def _inside(
    spots: Sequence[tuple[float, float]], position: int, count: int, side: int
) -> tuple[float, float]:
    """Return the middle of the holders drawn towards the centre, apart from other attributes'."""
    centre = side / 2
    x = sum(one[0] for one in spots) / len(spots)
    y = sum(one[1] for one in spots) / len(spots)
    apart = 0.0 if count == 1 else side * 0.14
    angle = 2 * pi * position / count - pi / 2
    return (
        round(centre + (x - centre) * 0.4 + apart * cos(angle), 1),
        round(centre + (y - centre) * 0.4 + apart * sin(angle), 1),
    )
