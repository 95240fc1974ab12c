"""Rules of early warning measured on the Polish set: what ships is what the set gives, no more."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.risk.enterprise.watching.measuring import measure_steps
from rongqiao.risk.enterprise.watching.polish import (
    COLUMNS,
    back_test,
    measures_of,
    polish_rows,
    shipped_back_test,
)
from rongqiao.risk.enterprise.watching.steps import (
    FEW,
    FEWER,
    HOLDS,
    NO_MORE,
    NOT_APART,
    RISES,
)
from rongqiao.risk.enterprise.watching.warnings import warning_rules

BOUNDS = ("1", "2", "3")


def firms(*steps):
    """Firms by (step, how many, how many of them failed)."""
    reached, failed = [], []
    for step, count, lost in steps:
        reached += [step] * count
        failed += [True] * lost + [False] * (count - lost)
    return reached, failed


def test_shares_and_lifts_are_those_reckoned_by_hand():
    reached, failed = firms((0, 800, 8), (1, 100, 5), (2, 60, 12), (3, 40, 15))
    one, two, three = measure_steps(reached, failed, BOUNDS)
    assert [(step.marked, step.failed) for step in (one, two, three)] == [
        (100, 5), (60, 12), (40, 15),
    ]  # fmt: skip
    assert one.share == 0.05
    assert one.lift == pytest.approx(0.05 / 0.04)
    assert two.lift == pytest.approx(0.2 / 0.04)
    assert one.verdict == RISES
    assert two.verdict == HOLDS
    assert three.verdict == FEW, "forty firms judge nothing"


def test_intervals_hold_what_they_promise():
    """An interval for a share misses the truth in about one draw of twenty."""
    random = np.random.default_rng(4)
    missed = 0
    for _turn in range(200):
        reached = (random.random(1500) < 0.3).astype(int)
        failed = random.random(1500) < np.where(reached, 0.2, 0.05)
        (step,) = measure_steps(reached, failed, ("1", None, None))
        missed += not step.share_low <= 0.2 <= step.share_high
    assert 2 <= missed <= 22


def test_a_step_with_fewer_failures_than_the_average_is_told_as_such():
    reached, failed = firms((0, 2000, 200), (1, 1000, 10), (2, 1000, 300), (3, 1000, 300))
    one, two, three = measure_steps(reached, failed, BOUNDS)
    assert (one.verdict, two.verdict, three.verdict) == (FEWER, HOLDS, NOT_APART)


def test_a_step_that_marks_nobody_or_is_not_used_says_nothing():
    reached, failed = firms((0, 500, 20), (3, 100, 50))
    first, third = measure_steps(reached, failed, ("1", None, "3"))
    assert (first.step, first.marked, first.share, first.verdict) == (1, 0, None, FEW)
    assert (third.step, third.verdict) == (3, HOLDS)
    with pytest.raises(ValueError, match="no firm failed"):
        measure_steps([0, 1], [False, False], BOUNDS)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=300))
def test_figures_lie_within_their_intervals_and_firms_are_counted_once(rows):
    reached, failed = [step for step, _ in rows], [end for _, end in rows]
    if not any(failed):
        return
    found = measure_steps(reached, failed, BOUNDS)
    assert sum(one.marked for one in found) == sum(step > 0 for step in reached)
    for one in found:
        if one.marked:
            assert (
                one.share_low - 1e-9 <= round(one.failed / one.marked, 4) <= one.share_high + 1e-9
            )
            assert 0 <= one.lift_low <= one.lift_high


def test_what_ships_is_what_the_set_gives():
    assert asdict(shipped_back_test()) == asdict(back_test())


def test_only_rules_that_the_set_expresses_are_measured():
    told = {one.code for one in shipped_back_test().rules}
    assert told == {one.code for one in warning_rules() if one.measure in COLUMNS}
    assert "pays-late" not in told
    assert "margin-falling" not in told


def test_a_firm_without_a_figure_is_neither_marked_nor_unmarked():
    rows = polish_rows()
    sales = next(one for one in shipped_back_test().rules if one.code == "sales-falling")
    absent = [row for row in rows if row["X21"] is None]
    assert (sales.absent, sales.failed_absent) == (103, 99) == (
        len(absent), sum(row["bankrupt"] == 1 for row in absent),
    )  # fmt: skip
    assert sales.known + sales.absent == len(rows) == 5910
    assert "revenue-growth" not in measures_of(absent[0])


def test_which_bounds_the_set_supports_is_what_the_docs_say():
    verdicts = {
        one.code: tuple(step.verdict for step in one.steps) for one in shipped_back_test().rules
    }
    assert verdicts == {
        "debt-high": (RISES, HOLDS, HOLDS),
        "interest-uncovered": (FEWER, FEWER, HOLDS),
        "liquidity-thin": (HOLDS, HOLDS, HOLDS),
        "running-at-a-loss": (RISES, HOLDS, HOLDS),
        "receivables-slow": (NO_MORE, NO_MORE, NOT_APART),
        "sales-falling": (HOLDS, NOT_APART, NOT_APART),
    }
    assert [one.verdict for one in shipped_back_test().levels] == [FEWER, RISES, HOLDS]
    serious = {one.code: one.without[1] for one in shipped_back_test().rules}
    assert serious["interest-uncovered"].lift > 2.3 > shipped_back_test().levels[1].lift
    assert serious["interest-uncovered"].marked < shipped_back_test().levels[1].marked / 2
