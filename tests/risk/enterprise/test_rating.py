"""A firm's rating: laws of the score, the scale, its calibration, and what silence does."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.risk.enterprise.rating import ANSWERS, questions, rate
from rongqiao.risk.enterprise.ratios import CODES, Ratio, ratios
from rongqiao.risk.enterprise.scale import (
    GRADES,
    Calibration,
    calibrate,
    grade_of_probability,
    master_scale,
)
from rongqiao.risk.enterprise.standards import BadStandards, read_standards, shipped_standards
from rongqiao.risk.enterprise.statements import read_statement

TABLE = shipped_standards()["industry-medium-2006"]
SCALE = Calibration(intercept=0.25, slope=-5.0, population="test", cases=100, failures=50)
WELL = dict.fromkeys(questions(), "a")
SOUND = {
    "revenue": "12000000",
    "cost_of_sales": "8000000",
    "selling_and_administrative": "1500000",
    "operating_profit": "2000000",
    "interest_expense": "200000",
    "profit_before_tax": "1900000",
    "net_profit": "1500000",
    "operating_cash_flow": "1600000",
    "receivables": "1500000",
    "inventories": "900000",
    "current_assets": "5000000",
    "total_assets": "11000000",
    "current_liabilities": "3000000",
    "total_liabilities": "5000000",
    "equity": "6000000",
}


def made_of(figures, before=None):
    now = read_statement(date(2025, 12, 31), 12, figures)
    last = before and read_statement(date(2024, 12, 31), 12, before)
    return ratios(now, last)


def test_a_sound_firm_is_rated_well_and_every_line_adds_up():
    before = SOUND | {"revenue": "10000000", "equity": "5200000", "total_assets": "10200000"}
    rating = rate(made_of(SOUND, before), TABLE, SCALE, answers=WELL)
    assert rating.score > 80
    assert rating.grade in GRADES[:4]
    scored = [line for line in rating.lines if line.points is not None]
    plain = sum(line.points for line in scored) / sum(line.weight for line in scored) * 100
    factor = 1 + sum(change for _, change in rating.adjustments)
    assert rating.score == (plain * factor).quantize(Decimal("0.01"))
    assert sum(line.weight for line in rating.lines) == 100


def test_silence_is_no_good_figure():
    bare = {"revenue": "1000000", "total_assets": "500000"}
    rating = rate(made_of(bare), TABLE, SCALE)
    assert (rating.score, rating.probability, rating.grade) == (None, None, "")
    assert rating.coverage < Decimal("0.60")
    assert all(line.why_not for line in rating.lines if line.points is None)


def test_conduct_counts_once_a_code_at_its_gravest_and_no_more_than_its_cap():
    made = made_of(SOUND)
    plain = rate(made, TABLE, SCALE, answers=WELL).score
    late = rate(made, TABLE, SCALE, answers=WELL, conduct={"days-past-due-worst": Decimal(45)})
    assert late.conduct == (("days-past-due-worst", Decimal(-12)),)
    assert late.score == plain - 12
    all_bad = {
        "tax-arrears": True,
        "tax-grade-d": True,
        "judicial-enforced": True,
        "judicial-defendant": Decimal(9),
        "invoices-falling": Decimal("0.9"),
    }
    assert rate(made, TABLE, SCALE, answers=WELL, conduct=all_bad).score == plain - 20


def test_an_answer_nobody_may_give_is_refused():
    with pytest.raises(ValueError, match="management: 'z'"):
        rate(made_of(SOUND), TABLE, SCALE, answers={"management": "z"})


values = st.one_of(st.none(), st.decimals("-50", "50", places=3))


@st.composite
def made_ratios(draw):
    found = {}
    for code in CODES:
        value = draw(values)
        found[code] = Ratio(code=code, value=value, why_not="" if value is not None else "x")
    return found


@settings(max_examples=60)
@given(
    made_ratios(),
    st.sampled_from(sorted(TABLE.values)),
    st.decimals("0", "5", places=2),
    st.dictionaries(st.sampled_from(questions()), st.sampled_from(sorted(ANSWERS))),
)
def test_a_better_ratio_never_lowers_a_score_and_scores_stay_in_range(made, code, step, answers):
    rating = rate(made, TABLE, SCALE, answers=answers)
    assert rating.score is None or 0 <= rating.score <= 100
    value = made[code].value
    if value is None or rating.score is None:
        return
    better = value + step if TABLE.values[code].more_is_better else value - step
    improved = rate(made | {code: Ratio(code=code, value=better)}, TABLE, SCALE, answers=answers)
    assert improved.score >= rating.score
    assert improved.probability <= rating.probability


def test_the_scale_has_no_gap_and_the_worst_grade_holds_the_rest():
    bands = master_scale()
    assert [band.grade for band in bands] == list(GRADES)
    assert bands[0].low == 0
    assert bands[-1].high == 1
    for one, after in pairwise(bands):
        assert one.high == after.low
        assert grade_of_probability(one.low) == one.grade
        assert grade_of_probability(one.high) == after.grade
    assert grade_of_probability(Decimal(1)) == GRADES[-1]


def test_calibration_finds_the_curve_that_made_the_outcomes():
    draw = np.random.default_rng(7)
    scores = draw.uniform(0, 100, 60_000)
    chance = 1 / (1 + np.exp(-(1.0 - 6.0 * scores / 100)))
    found = calibrate(scores, draw.uniform(size=60_000) < chance, "made up")
    assert found.intercept == pytest.approx(1.0, abs=0.06)
    assert found.slope == pytest.approx(-6.0, abs=0.15)
    assert found.probability(Decimal(90)) < found.probability(Decimal(10))


def test_calibration_refuses_what_cannot_be_learnt_from():
    with pytest.raises(ValueError, match="at least 20"):
        calibrate([1.0, 2.0], [True, False], "two firms")
    scores = list(range(100))
    with pytest.raises(ValueError, match="more often"):
        calibrate(scores, [score > 50 for score in scores], "upside down")


@pytest.mark.parametrize(
    "bands", [["1", "2", "3", "4"], ["1", "3", "2", "4", "5"], ["1", "1", "2", "3", "4"]]
)
def test_standard_values_that_run_both_ways_are_refused(bands):
    row = {
        "label": "x",
        "source": "x",
        "values": {"quick-ratio": {"label": "x", "unit": "1", "bands": bands}},
    }
    with pytest.raises(BadStandards, match="quick-ratio"):
        read_standards("x", row, ["1.0", "0.8", "0.6", "0.4", "0.2"])
