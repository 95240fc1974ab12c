"""A policy that another one challenges, over many cases: each judged by whichever decides it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from rongqiao.risk.judging.changing.backtesting.cases import Judged, Whole
from rongqiao.risk.judging.changing.backtesting.columns import Sheet
from rongqiao.risk.judging.changing.backtesting.replay import Replay
from rongqiao.risk.judging.expressions import Node
from rongqiao.risk.judging.policy import Policy


@dataclass(frozen=True)
class Divided:
    """The champion over all cases; `challenger` over those at `places`, which it decides."""

    champion: Replay
    challenger: Replay
    places: Whole

    @property
    def policy(self) -> Policy:
        """Return the champion's policy."""
        return self.champion.policy

    @property
    def sheet(self) -> Sheet:
        """Return what the champion sees of the cases."""
        return self.champion.sheet

    @cached_property
    def judged(self) -> Judged:
        """Return what is said of each case by the policy that decides it."""
        found = {}
        for one in fields(Judged):
            column = np.array(getattr(self.champion.judged, one.name), copy=True)
            column[self.places] = getattr(self.challenger.judged, one.name)
            found[one.name] = column
        return Judged(**found)

    def verdict_with(self, table: str, rule: str, when: Node) -> Whole:
        """Return the verdicts were this rule of the champion another; the challenger's stay."""
        found = self.champion.verdict_with(table, rule, when)
        found[self.places] = self.challenger.judged.verdict
        return found
