"""The life of an application: what is drawn happens, everything else is refused."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.lending.origination.states import DRAWN, FINAL, State, may_follow

# Section 4 of the domain's page, as one line each.
PICTURE = """
draft -> submitted
submitted -> screening
screening -> approved referred declined
referred -> recommended countered declined returned
returned -> draft
recommended -> approved declined
countered -> approved
approved -> accepted expired
accepted -> signed expired
declined -> referred
signed -> funded expired
"""
ARROWS = {
    (State(start), State(end))
    for line in PICTURE.strip().splitlines()
    for start, _, ends in [line.partition(" -> ")]
    for end in ends.split()
}


@pytest.mark.parametrize(("now", "then"), list(product(State, State)))
def test_only_what_is_drawn_may_follow(now, then):
    is_drawn = (now, then) in ARROWS or (then is State.WITHDRAWN and now not in FINAL)
    assert may_follow(now, then) == is_drawn


def test_nothing_follows_the_end():
    assert {State.FUNDED, State.DECLINED, State.WITHDRAWN, State.EXPIRED} == FINAL
    for now in FINAL:
        # A decline made automatically may be looked at by a person who is asked for.
        allowed = {State.REFERRED} if now is State.DECLINED else set()
        assert {then for then in State if may_follow(now, then)} == allowed


@given(st.lists(st.sampled_from(list(State)), max_size=30))
def test_no_walk_is_funded_without_approval_acceptance_and_signature(wishes):
    walked = [State.DRAFT]
    for wish in wishes:
        if may_follow(walked[-1], wish):
            walked.append(wish)
    if State.FUNDED in walked:
        assert walked[-4:] == [State.APPROVED, State.ACCEPTED, State.SIGNED, State.FUNDED]


def test_every_state_can_be_reached():
    reached, edge = {State.DRAFT}, [State.DRAFT]
    while edge:
        following = DRAWN[edge.pop()] - reached
        reached |= following
        edge += following
    assert reached | {State.WITHDRAWN} == set(State)
