"""Rounding is exact, once, and where the mode says."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.rounding import TO_THE_FEN, Mode, Rounding

DECIMAL = {
    Mode.HALF_UP: ROUND_HALF_UP,
    Mode.HALF_EVEN: ROUND_HALF_EVEN,
    Mode.UP: ROUND_UP,
    Mode.DOWN: ROUND_DOWN,
}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.HALF_UP, [2, 3, 3, 4, -3]),
        (Mode.HALF_EVEN, [2, 2, 3, 4, -2]),
        (Mode.UP, [3, 3, 3, 4, -3]),
        (Mode.DOWN, [2, 2, 2, 3, -2]),
    ],
)
def test_halves_go_where_the_mode_says(mode, expected):
    tenths = [24, 25, 26, 35, -25]
    assert [Rounding(mode).of(each, 10) for each in tenths] == expected


@given(st.integers(-(10**15), 10**15), st.sampled_from(Mode), st.sampled_from((1, 5, 10, 1000)))
def test_rounding_is_that_of_decimal_arithmetic(ten_thousandths, mode, unit):
    exact = Decimal(ten_thousandths) / 10_000 / unit
    expected = int(exact.quantize(Decimal(1), DECIMAL[mode])) * unit
    assert Rounding(mode, unit).of(ten_thousandths, 10_000) == expected


def test_the_usual_rounding_is_half_up_to_the_fen():
    assert Rounding(Mode.HALF_UP, 1) == TO_THE_FEN
