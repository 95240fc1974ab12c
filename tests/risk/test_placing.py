"""A period's money split for the largest expected profit: exact, against corners and scipy."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from rongqiao.finance.money import Money
from rongqiao.risk.judging.changing.placing import (
    BadPlanLine,
    Line,
    NoSplit,
    best_amounts,
    expected_of,
    read_lines,
    split,
    total_of,
    written,
)

percents = st.integers(0, 40).map(lambda n: Decimal(n) / 100)


@st.composite
def plan_line(draw, name="consumer-monthly"):
    floor = draw(st.integers(0, 40))
    return Line(
        product_code=name,
        grade="A",
        amount=Money(0),
        floor=Money(floor),
        cap=Money(floor + draw(st.integers(0, 100))),
        rate=draw(percents),
        funds=draw(percents),
        cost=draw(percents),
        default_rate=draw(percents),
        loss_given_default=draw(st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)])),
        months=draw(st.sampled_from([6, 12, 24])),
    )


def lines_of(most):
    return st.lists(plan_line(), min_size=1, max_size=most)


def profit(lines, amounts):
    return sum(line.profit_each * x for line, x in zip(lines, amounts, strict=True))


def loss(lines, amounts):
    return sum(line.loss_each * x for line, x in zip(lines, amounts, strict=True))


def is_allowed(lines, amounts, budget, ceiling):
    return (
        all(line.floor.minor <= x <= line.cap.minor for line, x in zip(lines, amounts, strict=True))
        and sum(amounts) <= budget
        and loss(lines, amounts) <= ceiling
    )


def corners(lines, budget, ceiling):
    """Every corner of what is allowed: all but two amounts at a bound, those two by the sums."""
    n = len(lines)
    bounds = [(Fraction(line.floor.minor), Fraction(line.cap.minor)) for line in lines]
    e = [line.loss_each for line in lines]
    for fixed in product(*bounds):
        yield fixed
        for i in range(n):
            others = [fixed[k] if k != i else Fraction(0) for k in range(n)]
            yield tuple(budget - sum(others) if k == i else fixed[k] for k in range(n))
            if e[i]:
                x = (ceiling - loss(lines, others)) / e[i]
                yield tuple(x if k == i else fixed[k] for k in range(n))
        for i, j in combinations(range(n), 2):
            if e[i] == e[j]:
                continue
            others = [fixed[k] if k not in {i, j} else Fraction(0) for k in range(n)]
            b, c = budget - sum(others), ceiling - loss(lines, others)
            xi = (c - e[j] * b) / (e[i] - e[j])
            yield tuple(xi if k == i else b - xi if k == j else fixed[k] for k in range(n))


@settings(max_examples=400, deadline=None)
@given(lines_of(4), st.integers(0, 300), st.integers(0, 60))
def test_no_corner_of_what_is_allowed_earns_more(lines, budget, ceiling):
    allowed = [
        profit(lines, x)
        for x in corners(lines, budget, ceiling)
        if is_allowed(lines, x, budget, ceiling)
    ]
    if not allowed:
        with pytest.raises(NoSplit):
            best_amounts(lines, Fraction(budget), Fraction(ceiling))
        return
    found = best_amounts(lines, Fraction(budget), Fraction(ceiling))
    assert is_allowed(lines, found, budget, ceiling)
    assert profit(lines, found) == max(allowed)


@settings(max_examples=60, deadline=None)
@given(lines_of(30), st.integers(0, 3000), st.integers(0, 300))
def test_a_solver_of_linear_programmes_finds_the_same_profit(lines, budget, ceiling):
    solved = linprog(
        [-float(line.profit_each) for line in lines],
        A_ub=np.array([[1.0] * len(lines), [float(line.loss_each) for line in lines]]),
        b_ub=[budget, ceiling],
        bounds=[(line.floor.minor, line.cap.minor) for line in lines],
    )
    try:
        found = best_amounts(lines, Fraction(budget), Fraction(ceiling))
    except NoSplit:
        assert solved.status == 2
        return
    assert float(profit(lines, found)) == pytest.approx(-solved.fun, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(lines_of(6), st.integers(0, 400), st.integers(0, 80))
def test_whole_fen_keep_every_bound_and_lie_within_a_fen_a_line(lines, budget, ceiling):
    try:
        exact = best_amounts(lines, Fraction(budget), Fraction(ceiling))
    except NoSplit:
        return
    found = [one.amount.minor for one in split(lines, Money(budget), Money(ceiling))]
    assert is_allowed(lines, found, budget, ceiling)
    assert all(0 <= x - whole < 1 for x, whole in zip(exact, found, strict=True))


def test_more_room_for_loss_never_earns_less():
    lines = read_lines(
        "consumer-monthly A 0 0 600000 8 2.5 1.5 1 60 12\n"
        "consumer-monthly C 0 0 600000 18 2.5 1.5 12 60 12"
    )
    earned = [
        total_of(expected_of(x) for x in split(lines, Money(100_000_000), Money(room))).profit.minor
        for room in range(0, 6_000_000, 500_000)
    ]
    assert earned == sorted(earned)
    assert earned[0] == 0
    assert earned[-1] > earned[3]


def test_what_a_line_brings_is_reckoned_as_a_policys_margin_is():
    (line,) = read_lines("consumer-monthly B 1200000 0 2000000 12 2.5 1.5 3 60 18")
    told = expected_of(line)
    assert (told.interest.text(), told.funds.text(), told.cost.text(), told.loss.text()) == (
        "216000.00",
        "45000.00",
        "27000.00",
        "32400.00",
    )
    assert told.profit.text() == "111600.00"
    assert told.yearly_return == Fraction("0.062")
    assert read_lines(written([line])) == (line,)
    assert expected_of(replace(line, amount=Money(0))).yearly_return is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "consumer-monthly A 1 0 2 8 2.5 1.5 1 60",
        "consumer-monthly A 1 3 2 8 2.5 1.5 1 60 12",
        "consumer-monthly A 1 0 2 8 2.5 1.5 101 60 12",
        "consumer-monthly A 1 0 2 8 2.5 1.5 1 60 0",
        "consumer-monthly A -1 0 2 8 2.5 1.5 1 60 12",
        "consumer-monthly A １ 0 2 8 2.5 1.5 1 60 12",
        "consumer-monthly A 1 0 2 8 2.5 1.5 1 60 12\nconsumer-monthly A 1 0 2 8 2.5 1.5 1 60 12",
    ],
)
def test_a_line_that_cannot_be_meant_is_quoted(text):
    with pytest.raises(BadPlanLine):
        read_lines(text)
