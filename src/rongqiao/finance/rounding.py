"""Rounding an exact ratio of fen, once, to a multiple of a unit: where a fen is decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Where the exact amount lies between two multiples of the unit, which of them it becomes."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Rounding:
    """A mode and a unit in fen: `Rounding(Mode.UP, 1000)` rounds up to whole tens of yuan."""

    mode: Mode = Mode.HALF_UP
    unit: int = 1

    def of(self, numerator: int, denominator: int = 1) -> int:
        """Return the multiple of the unit, in fen, that stands for numerator/denominator fen.

        `denominator` is positive. Up and down mean away from zero and towards it.
        """
        if numerator < 0:
            return -self.of(-numerator, denominator)
        whole = denominator * self.unit
        if self.mode is Mode.HALF_UP:
            return (2 * numerator + whole) // (2 * whole) * self.unit
        units, rest = divmod(numerator, whole)
        if self.mode is Mode.UP:
            units += rest > 0
        elif self.mode is Mode.HALF_EVEN:
            units += 2 * rest > whole or (2 * rest == whole and units % 2)
        return units * self.unit


TO_THE_FEN = Rounding()
