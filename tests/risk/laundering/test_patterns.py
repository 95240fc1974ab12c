"""Patterns and thresholds: inclusive lines by date, what raises and what does not, measured."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.risk.laundering import generating
from rongqiao.risk.laundering.large_value import large_sums
from rongqiao.risk.laundering.movements import Movement, Profile
from rongqiao.risk.laundering.patterns import PATTERNS, findings
from rongqiao.risk.laundering.rating import UnknownAnswer, factors, rate
from rongqiao.risk.laundering.thresholds import deadlines, large_values_on

ON = date(2026, 6, 30)
ROOT = Path(__file__).parents[3]
ME = Profile(party="me", income_minor=8_000_00, linked=frozenset({"friend"}))


def moved(yuan, days_ago=0, *, is_in=True, **more):
    on = ON - timedelta(days=days_ago)
    return Movement(party="me", on=on, minor=round(yuan * 100), is_in=is_in, **more)


def patterns_of(*movements, profile=ME):
    ordered = sorted(movements, key=lambda one: one.on)
    return {one.pattern for one in findings(ordered, profile, ON)}


@pytest.mark.parametrize(
    ("code", "kind", "channel", "yuan"),
    [
        ("0501", "person", "cash", 50_000),
        ("0501", "organization", "cash", 50_000),
        ("0502", "organization", "transfer", 2_000_000),
        ("0503", "person", "transfer", 500_000),
        ("0504", "person", "cross-border", 200_000),
    ],
)
def test_a_line_is_met_when_it_is_reached_exactly(code, kind, channel, yuan):
    def codes(*sums):
        rows = [moved(one, channel=channel) for one in sums]
        return [one.code for one in large_sums(rows, {"me": kind})]

    assert codes(yuan) == [code]
    assert codes(yuan - 0.01) == []
    assert codes(yuan - 1000, 1000) == [code]
    assert codes(yuan - 1000, 999.99) == []


def test_sums_are_taken_by_day_direction_channel_and_customer():
    kinds = {"me": "person"}
    assert large_sums([moved(300_000), moved(300_000, 1)], kinds) == ()
    assert large_sums([moved(300_000), moved(300_000, is_in=False)], kinds) == ()
    assert large_sums([moved(300_000), moved(300_000, channel="loan")], kinds) == ()
    assert large_sums([moved(2_000_000)], {"me": "organization"})[0].code == "0502"
    assert large_sums([moved(1_999_999)], {"me": "organization"}) == ()


def test_no_line_is_in_force_before_the_rule():
    assert large_values_on(date(2017, 6, 30)) == ()
    assert {line.code for line in large_values_on(date(2017, 7, 1))} == {
        "0501",
        "0502",
        "0503",
        "0504",
    }
    assert deadlines().large_value == 5
    assert "from memory" in deadlines().large_value_source


def test_ten_movements_just_below_the_line_are_structuring_and_nine_are_not():
    near = [moved(480_000, n, counterparty="x") for n in range(10)]
    assert "structuring" in patterns_of(*near)
    assert "structuring" not in patterns_of(*near[:9])
    far = [moved(300_000, n, counterparty="x") for n in range(10)]
    assert "structuring" not in patterns_of(*far)
    # Six in ten of all movements of the month: seven more elsewhere hide it.
    assert "structuring" in patterns_of(*near, *[moved(10, n) for n in range(6)])
    assert "structuring" not in patterns_of(*near, *[moved(10, n) for n in range(7)])
    edge = [moved(450_000, n, counterparty="x") for n in range(10)]
    assert "structuring" in patterns_of(*edge)


def test_money_that_leaves_at_once_passes_through():
    assert "pass-through" in patterns_of(moved(60_000, 1), moved(58_000, is_in=False))
    assert "pass-through" not in patterns_of(moved(60_000, 1), moved(30_000, is_in=False))
    assert "pass-through" not in patterns_of(moved(60_000, 3), moved(58_000, is_in=False))
    assert "pass-through" not in patterns_of(moved(40_000), moved(40_000, is_in=False))


def test_a_round_trip_needs_somebody_else():
    out = moved(50_000, 5, is_in=False, counterparty="x", is_third_party=True)
    assert "round-trip" in patterns_of(out, moved(49_000, counterparty="x"))
    own = moved(50_000, 5, is_in=False, counterparty="own")
    assert "round-trip" not in patterns_of(own, moved(49_000, counterparty="own"))
    assert "round-trip" in patterns_of(
        out, moved(49_000, counterparty="friend", is_third_party=True)
    )
    assert "round-trip" not in patterns_of(out, moved(30_000, counterparty="x"))


def test_a_loan_paid_back_early_by_others_is_told_from_one_paid_by_its_borrower():
    lent = moved(50_000, 20, channel="loan")
    back = moved(48_000, is_in=False, channel="loan")
    others = moved(48_000, 1, counterparty="y", is_third_party=True)
    assert "early-repayment" in patterns_of(lent, others, back)
    own = moved(48_000, 1, counterparty="own")
    assert "early-repayment" not in patterns_of(lent, own, back)
    assert "early-repayment" not in patterns_of(lent, others)


def test_who_lay_still_and_who_is_new_are_told_apart():
    busy = [moved(20_000, n) for n in range(3)]
    assert "dormant" in patterns_of(moved(100, 250), *busy)
    assert "dormant" not in patterns_of(*busy)
    assert "dormant" not in patterns_of(moved(100, 100), *busy)


def test_income_is_held_against_what_comes_in_only_where_it_was_stated():
    assert "income-mismatch" in patterns_of(moved(48_000, 3))
    assert "income-mismatch" not in patterns_of(moved(47_999, 3))
    assert "income-mismatch" not in patterns_of(moved(48_000), profile=Profile(party="me"))


MOVES = st.lists(
    st.builds(
        moved,
        st.integers(1, 600_000),
        st.integers(0, 200),
        is_in=st.booleans(),
        channel=st.sampled_from(["transfer", "loan", "cash"]),
        counterparty=st.sampled_from(["", "a", "b", "own"]),
        is_third_party=st.booleans(),
    ),
    max_size=25,
)


@given(MOVES)
def test_findings_are_of_known_patterns_within_what_was_seen_and_the_same_again(rows):
    rows = sorted(rows, key=lambda one: one.on)
    found = findings(rows, ME, ON)
    assert found == findings(rows, ME, ON)
    assert len({one.pattern for one in found}) == len(found)
    for one in found:
        assert one.pattern in PATTERNS
        assert 0 < one.score <= 1
        assert rows[0].on <= one.since <= one.until <= ON


@given(MOVES)
def test_a_day_has_a_report_exactly_where_its_sum_reaches_the_line(rows):
    for one in large_sums(rows, {"me": "person"}):
        own = [r for r in rows if (r.on, r.is_in) == (one.on, one.is_in)]
        assert one.minor <= sum(r.minor for r in own)
        line = next(v for v in large_values_on(one.on) if v.code == one.code)
        assert one.minor >= line.least_minor


def test_recall_and_alarms_are_what_the_page_says():
    assert generating.page_table() in (ROOT / "docs" / "laundering.md").read_text()
    for one in generating.measure(generating.SEED, 600, 40):
        assert one.found_by_any >= 0.85 * one.launderers, one
        assert one.alarms_per_thousand <= 50, one
    alone = {one.pattern: one for one in generating.measure(20260101, 0, 40, is_linked=False)}
    assert alone["round-trip"].found == 0


def answers(**more):
    return {factor: next(iter(said)) for factor, said in factors().items()} | more


def test_levels_and_cycles_are_those_of_the_table():
    low = rate(answers(), ON)
    assert (low.level, low.points, low.review_on) == ("low", 0, date(2028, 6, 30))
    medium = rate(answers(trade="gambling"), ON)
    assert (medium.level, medium.review_on) == ("medium", date(2027, 6, 30))
    high = rate(answers(trade="gambling", region="border", channel="agent"), ON)
    assert (high.level, high.review_on) == ("high", date(2026, 12, 30))
    assert rate(answers(exposure="foreign-official"), ON).level == "high"
    with pytest.raises(UnknownAnswer):
        rate(answers(trade="unheard-of"), ON)


@given(st.data())
def test_a_graver_answer_never_lowers_a_level(data):
    said = {f: data.draw(st.sampled_from(sorted(points))) for f, points in factors().items()}
    factor = data.draw(st.sampled_from(sorted(said)))
    points = factors()[factor]
    graver = data.draw(st.sampled_from([a for a in points if points[a] >= points[said[factor]]]))
    order = ["low", "medium", "high"]
    before, after = rate(said, ON), rate({**said, factor: graver}, ON)
    if said[factor] not in ("foreign-official", "reported", "listed-country"):
        assert order.index(after.level) >= order.index(before.level)
    assert after.points >= before.points
