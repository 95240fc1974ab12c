"""The score from which nothing stands against a case that another score would have changed.

Found by judging the same case at other scores, so that it holds for any policy: one that decides by
score, by grade, by what a grade's rate leaves, or by none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from rongqiao.risk.judging.changing.cutoffs import cutoffs_of
from rongqiao.risk.judging.deciding import Case, decide
from rongqiao.risk.judging.evaluation import Values
from rongqiao.risk.judging.features import Value
from rongqiao.risk.judging.points import ScorePart, Scorer
from rongqiao.risk.judging.policy import ModelNamed, Policy

# How far from the case's own score a line is looked for: more than any shipped table spans.
_SPAN = 1000
_SUPPOSED = "0" * 64

Against = frozenset[tuple[str, str]]


@dataclass
class _Supposed:
    """A model that gives one score to every case; its parts are the case's own."""

    points: int
    parts: tuple[ScorePart, ...]
    sha256: str = _SUPPOSED
    names: tuple[str, ...] = ()

    def score(self, values: Mapping[str, Value]) -> tuple[int, tuple[ScorePart, ...]]:  # noqa: ARG002
        return self.points, self.parts


def line_of(
    policy: Policy, features: Values, case: Case, scorer: Scorer | None = None
) -> int | None:
    """Return the lowest score from which on the score stands against the case no more.

    None where no score changes what stands against it: the policy decides by other things. Raises
    ModelNotGiven.
    """
    own = decide(policy, features, case, scorer)
    supposed = replace(policy, score=ModelNamed(_SUPPOSED))

    def against(points: int) -> Against:
        trace = decide(supposed, features, case, _Supposed(points, own.parts)).trace
        return frozenset((one.table, one.rule) for one in trace) - _harmless(policy)

    places = _places(policy, own.score)
    best = against(places[-1])
    for low, high in reversed(list(pairwise(places))):
        if against(low) != best:
            return _between(low, high, lambda points: against(points) == best)
    return None


def _between(low: int, high: int, is_clear: Callable[[int], bool]) -> int:
    """Return the lowest clear score between one that is not and one that is."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_clear(middle) else (middle, high)
    return high


def _places(policy: Policy, score: int) -> list[int]:
    """Return scores between which something may change, in order; changes in sums are halved for.

    At a cut-off and on both its sides, at each grade's end and its start.
    """
    ends = {score - _SPAN, score, score + _SPAN}
    for one in cutoffs_of(policy):
        if one.subject == "score":
            ends |= {int(one.value) + step for step in (-1, 0, 1)}
    for step in policy.grades:
        ends |= {step.score_min - 1, step.score_min}
    return sorted(ends)


def _harmless(policy: Policy) -> Against:
    """Return the rules that approve: meeting one stands against nobody."""
    return frozenset(
        (table.code, rule.code)
        for table in policy.tables
        for rule in table.rules
        if rule.outcome == "approve"
    )
