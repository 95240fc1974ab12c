"""Try a policy on past cases beside another one: the door to the back-test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from rongqiao.risk.judging.changing.backtesting.cases import BAD, GOOD, UNKNOWN, Assumptions
from rongqiao.risk.judging.changing.backtesting.comparing import (
    Judging,
    NoCases,
    compare,
    plain,
)
from rongqiao.risk.judging.changing.backtesting.dividing import Divided
from rongqiao.risk.judging.changing.backtesting.german import german_cases
from rongqiao.risk.judging.changing.backtesting.past import PastCase, asked_of, cases_of
from rongqiao.risk.judging.changing.backtesting.replay import Asked, Replay
from rongqiao.risk.judging.deciding import ModelNotGiven
from rongqiao.risk.judging.document import from_bytes, read_policy
from rongqiao.risk.judging.points import Scorer
from rongqiao.risk.judging.policy import Policy
from rongqiao.risk.judging.schema import BadPolicy
from rongqiao.risk.queries.policies.scoring import (
    ChallengerNotKept,
    challenger_for,
    scorer_for,
)
from rongqiao.risk.queries.recording import is_challenged

# What other contexts hold in their hands of a back-test.
__all__ = [
    "BAD",
    "GOOD",
    "PLATFORM",
    "PUBLIC_SET",
    "UNKNOWN",
    "Assumptions",
    "BadPolicy",
    "ChallengerNotKept",
    "ModelNotGiven",
    "NoCases",
    "PastCase",
    "Policy",
    "assumptions_of",
    "public_cases",
    "read_text",
    "try_policy",
]
PLATFORM, PUBLIC_SET = "platform", "german-1994"


def read_text(body: str) -> Policy:
    """Return the policy of a document's text; raises BadPolicy."""
    return read_policy(from_bytes(body.encode()))


def public_cases(party_kind: str) -> tuple[PastCase, ...]:
    """Return the public set's cases for a kind of party; there are none of firms."""
    return german_cases() if party_kind == "person" else ()


def try_policy(
    past: Sequence[PastCase],
    current: Policy,
    candidate: Policy,
    given: Assumptions | None = None,
    tell: Callable[[int], None] = lambda _percent: None,
) -> dict[str, Any]:
    """Return the comparison as JSON values; `tell` hears how far it is, in percent.

    What a policy's challenger decides counts as it decides it; `challenged` says how many cases
    that were. Raises NoCases, and ModelNotGiven or ChallengerNotKept where what a policy names is
    not here.
    """
    armed = [_armed(policy) for policy in (current, candidate)]
    if not past:
        raise NoCases("no case lies in this period")
    rows = asked_of(past)
    tell(20)
    was = _judging(armed[0], past, rows)
    tell(50)
    now = _judging(armed[1], past, rows)
    tell(80)
    found: dict[str, Any] = plain(compare(cases_of(past), was, now, given))
    return {**found, "challenged": {"current": _challenged(was), "candidate": _challenged(now)}}


@dataclass(frozen=True)
class _Armed:
    """A policy with its model, and the policy that challenges it with its own."""

    policy: Policy
    scorer: Scorer | None
    challenger: Policy | None
    challenging: Scorer | None


def _armed(policy: Policy) -> _Armed:
    challenger = challenger_for(policy)
    challenging = None if challenger is None else scorer_for(challenger)
    return _Armed(policy, scorer_for(policy), challenger, challenging)


def _judging(armed: _Armed, past: Sequence[PastCase], rows: Sequence[Asked]) -> Judging:
    champion = Replay(armed.policy, rows, armed.scorer)
    places = [i for i, one in enumerate(past) if is_challenged(armed.policy, one.application_id)]
    if armed.challenger is None or not places:
        return champion
    theirs = Replay(armed.challenger, [rows[i] for i in places], armed.challenging)
    return Divided(champion, theirs, np.array(places, np.int64))


def _challenged(judging: Judging) -> int:
    return len(judging.places) if isinstance(judging, Divided) else 0


def assumptions_of(said: dict[str, str]) -> Assumptions:
    """Return the assumptions that a stored request says."""
    return Assumptions(
        loss_share=Decimal(said["loss_share"]),
        funding_rate_annual=Decimal(said["funding_rate_annual"]),
        cost_each_minor=int(said["cost_each_minor"]),
        reject_multiple=Decimal(said["reject_multiple"]),
    )
