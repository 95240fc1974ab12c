"""Try a policy on past cases beside another one: the door to the back-test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from rongqiao.risk.judging.changing.backtesting.cases import BAD, GOOD, UNKNOWN, Assumptions
from rongqiao.risk.judging.changing.backtesting.comparing import NoCases, compare, plain
from rongqiao.risk.judging.changing.backtesting.german import german_cases
from rongqiao.risk.judging.changing.backtesting.past import PastCase, asked_of, cases_of
from rongqiao.risk.judging.changing.backtesting.replay import Replay
from rongqiao.risk.judging.document import from_bytes, read_policy
from rongqiao.risk.judging.policy import Policy
from rongqiao.risk.judging.schema import BadPolicy
from rongqiao.risk.queries.policies.scoring import scorer_for

# What other contexts hold in their hands of a back-test.
__all__ = [
    "BAD",
    "GOOD",
    "PLATFORM",
    "PUBLIC_SET",
    "UNKNOWN",
    "Assumptions",
    "BadPolicy",
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

    Raises NoCases, and ModelNotGiven for a policy that names a model.
    """
    if not past:
        raise NoCases("no case lies in this period")
    rows = asked_of(past)
    tell(20)
    was = Replay(current, rows, scorer_for(current))
    tell(50)
    now = Replay(candidate, rows, scorer_for(candidate))
    tell(80)
    found: dict[str, Any] = plain(compare(cases_of(past), was, now, given))
    return found


def assumptions_of(said: dict[str, str]) -> Assumptions:
    """Return the assumptions that a stored request says."""
    return Assumptions(
        loss_share=Decimal(said["loss_share"]),
        funding_rate_annual=Decimal(said["funding_rate_annual"]),
        cost_each_minor=int(said["cost_each_minor"]),
        reject_multiple=Decimal(said["reject_multiple"]),
    )
