"""Back-tests: figures reckoned by hand, laws over random cases, swap sets, the public set."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.money import Money
from rongqiao.policies.credit.policy import document_on
from rongqiao.risk.judging.changing.backtesting.cases import (
    APPROVE,
    BAD,
    DECLINE,
    GOOD,
    REFER,
    UNKNOWN,
    Assumptions,
    Cases,
    Judged,
    chance_of_bad,
)
from rongqiao.risk.judging.changing.backtesting.comparing import NoCases, compare, plain
from rongqiao.risk.judging.changing.backtesting.figures import figures_of, reckon, wilson
from rongqiao.risk.judging.changing.backtesting.german import german_cases
from rongqiao.risk.judging.changing.backtesting.past import asked_of, cases_of
from rongqiao.risk.judging.changing.backtesting.replay import Replay
from rongqiao.risk.judging.changing.cutoffs import with_cutoffs
from rongqiao.risk.judging.deciding import decide
from rongqiao.risk.judging.document import from_bytes, read_policy
from rongqiao.risk.queries.policies.trying import public_cases, try_policy

GIVEN = Assumptions(
    loss_share=Decimal("0.5"), funding_rate_annual=Decimal("0.06"), cost_each_minor=1000
)
DOCUMENT = from_bytes(document_on("consumer", date(2026, 1, 1)))


def columns(**told):
    count = len(told["outcome"])
    filled = {
        "references": [f"A{n}" for n in range(count)],
        "months": [2026 * 12] * count,
        "asked": [1_200_000] * count,
        "term_months": [11] * count,
        "was_lent": [one != UNKNOWN for one in told["outcome"]],
        **dict.fromkeys(("lent", "interest", "fee", "loss"), [0] * count),
        "rate": [0.0] * count,
    } | told
    return Cases(
        references=filled.pop("references"),
        **{name: np.array(values) for name, values in filled.items()},
    )


def judged(verdict, **told):
    count = len(verdict)
    filled = {
        "verdict": verdict,
        "score": [600.0] * count,
        "grade": np.array(["A"] * count, object),
        "rate": [0.12] * count,
        "amount": [1_200_000] * count,
        "reason": np.array(["within-policy"] * count, object),
    } | told
    return Judged(**{name: np.array(values) for name, values in filled.items()})


def whole(cases, policy):
    return figures_of(reckon(cases, policy, GIVEN), np.ones(len(cases), bool))


def test_the_figures_of_four_cases_are_those_reckoned_by_hand():
    cases = columns(outcome=[GOOD, BAD, UNKNOWN, GOOD])
    found = whole(cases, judged([APPROVE, APPROVE, APPROVE, DECLINE]))
    assert (found.approved, found.declined, found.accepted) == (3, 1, 3)
    assert (found.known, found.bad) == (2, 1)
    assert found.approval_rate == Decimal("0.75")
    assert found.bad_rate == Decimal("0.5")
    # 12,000 x 12 % x (11 + 1) / 24 of the good one; half of the bad one's principal is lost.
    assert found.interest == Money.yuan("720.00")
    assert found.loss == Money.yuan("6000.00")
    # Twice 12,000 x 6 % x 12 / 24, and ten yuan each.
    assert found.cost == Money.yuan("740.00")
    assert found.profit == Money.yuan("-6020.00")
    assert found.amount == Money.yuan("24000.00")
    assert found.amount_unknown == Money.yuan("12000.00")
    # One in three known of that score went bad: 4,000 more may be lost than half of it.
    third = 600_000 / 3
    assert found.band.loss_low == Money(600_000 + round(third))
    assert found.band.loss_high == Money(600_000 + round(2 * third))
    assert found.band.profit_low < found.band.profit_high < Money.yuan("-5600.00")


def test_a_referred_case_counts_where_a_person_lent_to_it():
    cases = columns(outcome=[GOOD, GOOD], was_lent=[True, False])
    found = whole(cases, judged([REFER, REFER]))
    assert (found.referred, found.accepted) == (2, 1)
    assert found.referral_rate == 1


def test_what_the_books_tell_counts_in_proportion_to_amount_and_rate():
    cases = columns(
        outcome=[GOOD, BAD],
        lent=[1_200_000, 1_200_000],
        rate=[0.10, 0.10],
        interest=[50_000, 10_000],
        fee=[2_000, 0],
        loss=[0, 900_000],
    )
    policy = judged([APPROVE, APPROVE], amount=[600_000, 1_200_000], rate=[0.20, 0.10])
    found = whole(cases, policy)
    # Half the amount at twice the rate, and half of the fee.
    assert found.interest == Money(50_000 + 10_000)
    assert found.fee == Money(1_000)
    assert found.loss == Money(900_000)


def test_the_swap_set_is_who_changes_sides():
    policy = read_policy(DOCUMENT)
    stricter = read_policy(with_cutoffs(DOCUMENT, {"score/score-too-low/0": Decimal(700)}))
    past = german_cases()
    rows, cases = asked_of(past), cases_of(past)
    current, candidate = Replay(policy, rows), Replay(stricter, rows)
    found = compare(cases, current, candidate)
    one_by_one = [
        (decide(policy, given, case).outcome, decide(stricter, given, case).outcome)
        for given, case in rows
    ]
    left = [
        past[i].reference
        for i, (was, now) in enumerate(one_by_one)
        if was != "decline" and now == "decline"
    ]
    assert sorted(one.reference for one in found.swaps.listed_out) == left
    assert found.swaps.swapped_out.accepted == len(left)
    assert found.swaps.swapped_in.accepted == 0
    both = found.swaps.both.accepted
    assert both + len(left) == found.whole.current.accepted
    assert both + len(left) + found.swaps.neither == len(past)
    back = compare(cases, candidate, current)
    assert sorted(one.reference for one in back.swaps.listed_in) == left
    assert back.swaps.swapped_in.profit == found.swaps.swapped_out.profit


def test_a_curve_passes_through_the_policy_itself_and_falls_with_the_cut_off():
    policy = read_policy(DOCUMENT)
    past = german_cases()
    result = try_policy(past, policy, policy)
    curve = result["curves"][0]
    assert (curve["subject"], curve["value"]) == ("score", "570")
    assert 15 <= len(curve["points"]) <= 21
    (own,) = [one for one in curve["points"] if one["value"] == "570"]
    assert own["accepted"] == result["whole"]["candidate"]["accepted"]
    assert own["profit"] == result["whole"]["candidate"]["profit"]
    accepted = [one["accepted"] for one in curve["points"]]
    assert accepted == sorted(accepted, reverse=True)
    for point in curve["points"][::5]:
        other = with_cutoffs(DOCUMENT, {"score/score-too-low/0": Decimal(point["value"])})
        tried = try_policy(past, policy, read_policy(other))
        assert tried["whole"]["candidate"]["accepted"] == point["accepted"]
        assert tried["whole"]["candidate"]["profit"] == point["profit"]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 1), st.booleans()), min_size=1))
def test_parts_make_the_whole(rows):
    verdicts, outcomes, lent = zip(*rows, strict=True)
    cases = columns(
        outcome=outcomes, was_lent=[a or b != UNKNOWN for a, b in zip(lent, outcomes, strict=True)]
    )
    policy = judged(verdicts)
    found = whole(cases, policy)
    assert found.approved + found.referred + found.declined == found.cases == len(rows)
    assert found.bad <= found.known <= found.accepted <= found.approved + found.referred
    assert found.profit == found.interest + found.fee - found.loss - found.cost
    assert found.band.loss_low >= found.loss
    assert found.band.loss_high >= found.band.loss_low
    assert found.band.profit_high >= found.band.profit_low
    if found.known == found.accepted:
        assert found.band.loss_high == found.loss
        assert found.band.profit_low == found.band.profit_high == found.profit


def test_hidden_outcomes_are_never_a_headline_and_the_band_holds_the_truth():
    """The set's truth is known: what is hidden below a cut-off must lie within the band."""
    policy = read_policy(DOCUMENT)
    past = german_cases()
    scores = Replay(policy, asked_of(past)).judged.score
    pairs = list(zip(past, scores, strict=True))
    never = [replace(one, was_lent=False) if score < 680 else one for one, score in pairs]
    hidden = [one if one.was_lent else replace(one, outcome=UNKNOWN) for one in never]
    loose = with_cutoffs(DOCUMENT, {"for-a-person/score-needs-a-person/0": Decimal(0)})
    tried = try_policy(hidden, policy, read_policy(loose))["whole"]["candidate"]
    true = try_policy(never, policy, read_policy(loose))["whole"]["candidate"]
    assert tried["known"] < tried["accepted"]
    assert Decimal(tried["loss"]) < Decimal(tried["band"]["loss_low"])
    assert Decimal(tried["loss"]) < Decimal(true["loss"])
    assert Decimal(true["loss"]) <= Decimal(tried["band"]["loss_high"])


def test_chances_are_those_of_like_scores():
    cases = columns(outcome=[GOOD] * 5 + [BAD] * 5 + [UNKNOWN] * 2)
    score = np.array([700.0] * 5 + [500.0] * 5 + [710.0, np.nan])
    chances = chance_of_bad(cases, score, bands=2)
    assert list(chances) == [0.0] * 5 + [1.0] * 5 + [0.0, 1.0]
    nobody = columns(outcome=[UNKNOWN, UNKNOWN])
    assert list(chance_of_bad(nobody, np.array([1.0, 2.0]))) == [0, 0]


def test_wilsons_interval_is_that_of_the_table():
    # Agresti and Coull, The American Statistician 52 (1998), p. 119: 0 of 10 and 5 of 10.
    assert wilson(0, 10) == (Decimal("0.000000"), Decimal("0.277533"))
    low, high = wilson(5, 10)
    assert (round(low, 3), round(high, 3)) == (Decimal("0.237"), Decimal("0.763"))
    assert wilson(0, 0) == (None, None)


def test_the_public_set_is_whole_and_says_whose_it_is():
    past = german_cases()
    assert (len(past), sum(one.outcome == BAD for one in past)) == (1000, 300)
    assert all(one.was_lent and one.case.on.year == 1994 for one in past)
    assert public_cases("organization") == ()
    policy = read_policy(DOCUMENT)
    with pytest.raises(NoCases):
        try_policy([], policy, policy)
    same = try_policy(past, policy, policy)
    assert same["swaps"]["swapped_in"]["accepted"] == same["swaps"]["swapped_out"]["accepted"] == 0
    assert plain(Money(150)) == "1.50"
