"""What two policies said of the same applications: one decided, the other stood in the shadow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q

from rongqiao.lending.origination.models import Decision


@dataclass(frozen=True)
class Beside:
    """How many decisions had these two outcomes: the policy's own and its challenger's."""

    own: str
    other: str
    count: int


def outcomes_beside(policy: str, challenger: str) -> tuple[Beside, ...]:
    """Return the outcomes of both on all decisions they both judged, in one query.

    Policies by sha256, whichever of the two decided. Every screening counts, also a repeated one.
    """
    decided = Q(policy_sha256=policy, shadow__policy_sha256=challenger)
    stood = Q(policy_sha256=challenger, shadow__policy_sha256=policy)
    rows = (
        Decision.objects.filter(decided | stood)
        .values_list("policy_sha256", "outcome", "shadow__outcome")
        .annotate(count=Count("pk"))
        .order_by()
    )
    counted: Counter[tuple[str, str]] = Counter()
    for decider, outcome, beside, count in rows:
        pair = (outcome, beside) if decider == policy else (beside, outcome)
        counted[pair] += count
    return tuple(Beside(*pair, count) for pair, count in counted.items())
