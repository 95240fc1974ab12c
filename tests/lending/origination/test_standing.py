"""When an officer goes against the system's word, and how far a case is from the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.standing import (
    Lending,
    Word,
    against_by_declining,
    against_by_lending,
    failed,
    margin,
)

GRADES = ("A", "B", "C")


def word(outcome="refer", amount=50_000, grade="B", codes=("amount-needs-a-person",)):
    return Word(outcome=outcome, amount=Money(amount) if amount else None, grade=grade, codes=codes)


def lent(amount=50_000, grade="B"):
    return Lending(amount=Money(amount), grade=grade, grades=GRADES)


@pytest.mark.parametrize(
    ("system", "officer", "kind"),
    [
        (word(), lent(), ""),
        (word(), lent(40_000, "C"), ""),
        (word(), lent(50_001), "more-than-system"),
        (word(), lent(grade="A"), "better-grade"),
        (word("decline", None), lent(1, "C"), "despite-decline"),
        # A grade the product does not name says nothing.
        (word(grade="Z"), lent(grade="A"), ""),
    ],
)
def test_lending_against_the_word(system, officer, kind):
    assert against_by_lending(system, officer) == kind


@pytest.mark.parametrize(
    ("system", "kind"),
    [
        (word(), "despite-criteria-met"),
        (word("approve", codes=("within-policy",)), "despite-criteria-met"),
        (word(codes=("amount-needs-a-person", "score-needs-a-person")), ""),
        (word("decline", None, codes=("score-too-low",)), ""),
    ],
)
def test_declining_against_the_word(system, kind):
    assert against_by_declining(system) == kind


@given(
    st.integers(1, 10**9),
    st.integers(1, 10**9),
    st.sampled_from(GRADES),
    st.sampled_from(GRADES),
)
def test_whoever_lends_no_more_and_no_better_goes_along(most, amount, mine, theirs):
    is_along = amount <= most and mine >= theirs
    kind = against_by_lending(word(amount=most, grade=theirs), lent(amount, mine))
    assert (kind == "") == is_along


def test_margin_and_failures():
    assert margin(610, 600) == 10
    assert margin(590, 600) == -10
    assert margin(None, 600) is None
    assert failed(["amount-needs-a-person", "was-past-due"]) == ("was-past-due",)
