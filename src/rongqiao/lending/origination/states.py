"""The life of an application: which state may follow which. A step not drawn here is refused."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SCREENING = "screening"
    REFERRED = "referred"
    RECOMMENDED = "recommended"
    COUNTERED = "countered"
    RETURNED = "returned"
    APPROVED = "approved"
    ACCEPTED = "accepted"
    SIGNED = "signed"
    FUNDED = "funded"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


DRAWN: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.SCREENING}),
    State.SCREENING: frozenset({State.APPROVED, State.REFERRED, State.DECLINED}),
    State.REFERRED: frozenset({State.RECOMMENDED, State.COUNTERED, State.DECLINED, State.RETURNED}),
    State.RETURNED: frozenset({State.DRAFT}),
    State.RECOMMENDED: frozenset({State.APPROVED, State.DECLINED}),
    State.COUNTERED: frozenset({State.APPROVED}),
    State.APPROVED: frozenset({State.ACCEPTED, State.EXPIRED}),
    State.ACCEPTED: frozenset({State.SIGNED, State.EXPIRED}),
    State.SIGNED: frozenset({State.FUNDED, State.EXPIRED}),
    State.FUNDED: frozenset(),
    # Only where the borrower asked for a person to look at what was decided automatically.
    State.DECLINED: frozenset({State.REFERRED}),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
}
# What is over: nothing is withdrawn from these, and nothing is lent on all but one.
FINAL = frozenset({State.FUNDED, State.DECLINED, State.WITHDRAWN, State.EXPIRED})


def may_follow(now: State, then: State) -> bool:
    """Tell whether `then` is drawn after `now`; whatever is not over may be withdrawn."""
    if then is State.WITHDRAWN:
        return now not in FINAL
    return then in DRAWN[now]
