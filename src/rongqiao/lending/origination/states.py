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
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
}
FINAL = frozenset(state for state, following in DRAWN.items() if not following)


def may_follow(now: State, then: State) -> bool:
    """Tell whether `then` is drawn after `now`; whatever is not final may be withdrawn."""
    if then is State.WITHDRAWN:
        return now not in FINAL
    return then in DRAWN[now]
