"""What was measured of one step of a rule, and the words for what it came to."""

from __future__ import annotations

from dataclasses import dataclass

# More failures than average and than the step below; than the step below alone; than average
# alone; than neither; fewer than average; too few firms to say. All beyond what chance gives.
HOLDS, RISES, NOT_APART = "holds", "rises", "not-apart"
NO_MORE, FEWER, FEW = "no-more", "fewer", "few"
VERDICTS = (HOLDS, RISES, NOT_APART, NO_MORE, FEWER, FEW)


@dataclass(frozen=True, kw_only=True)
class StepMeasure:
    """One step: firms marked, failures among them, their share and lift with 95 % intervals.

    Shares and lifts are None where a step marks no firm.
    """

    step: int
    bound: str
    marked: int
    failed: int
    share: float | None
    share_low: float | None
    share_high: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    verdict: str
