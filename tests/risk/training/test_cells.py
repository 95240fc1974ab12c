"""Cells in the usual spellings: numbers, days, marks that say nothing."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.risk.scorecards.training.intake.cells import (
    day,
    day_text,
    days_of,
    is_missing,
    number,
    numbers_of,
    puts_day_first,
    words_of,
    writes_commas,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12.0),
        ("-1.5e3", -1500.0),
        ("1,234,567.50", 1_234_567.5),
        ("¥1,200.00", 1200.0),
        ("￥１２００", 1200.0),
        ("$ -3", -3.0),
        ("3.5万元", 35_000.0),
        ("25%", 0.25),
        ("7‰", 0.007),
        ("(1,000)", -1000.0),
        ("1 234 567", 1_234_567.0),
        ("1'000", 1000.0),
        ("CNY 5", 5.0),
        ("12 34", None),
        ("1,23", None),
        ("abc", None),
        ("", None),
        ("1e999", None),
        ("1-2", None),
    ],
)
def test_a_number_is_read_in_every_usual_spelling(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,5", 1.5),
        ("1.234,50", 1234.5),
        ("1.234", 1234.0),
        ("-7", -7.0),
        ("12,5%", 0.125),
        ("1 234,50 €", 1234.5),
        ("1.5", None),
    ],
)
def test_decimals_after_a_comma_are_read_where_the_column_writes_them(text, value):
    assert number(text, comma=True) == value


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False))
def test_whatever_way_an_amount_is_written_it_is_the_same_amount(amount):
    plain, grouped = f"{amount}", f"{amount:,}"
    commas = grouped.replace(",", "x").replace(".", ",").replace("x", ".")
    assert number(plain) == number(grouped) == number(commas, comma=True) == float(amount)
    assert number(f"¥{plain}") == float(amount)


def test_a_column_shows_by_its_cells_which_mark_stands_before_decimals():
    assert writes_commas(["1,5", "2,25", "3"]) is True
    assert writes_commas(["1.5", "1,234.50"]) is False
    assert writes_commas(["1,234", "5"]) is None


def test_what_is_no_number_in_a_column_of_numbers_is_counted_and_marks_are_not():
    values, strange = numbers_of(["1", "--", "", "NA", "zwölf", "zwölf", "2,000"])
    assert strange == 2
    assert values[0] == 1
    assert values[6] == 2000
    assert np.isnan(values[1:6]).all()
    assert math.isnan(numbers_of(["inf"])[0][0])


def test_none_is_a_word_among_words_and_nothing_among_numbers():
    assert words_of(["none", "NA", " own "]).tolist() == ["none", None, "own"]
    assert is_missing("none", among_numbers=True)
    assert not is_missing("none")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026/1/5", "2026-01-05"),
        ("2026年1月5日", "2026-01-05"),
        ("20260105", "2026-01-05"),
        ("2/28/1997", "1997-02-28"),
        ("28-Feb-97", "1997-02-28"),
        ("Mar-2018", "2018-03-01"),
        ("2026-01-31 12:30:00", "2026-01-31"),
        ("2026-02-30", None),
        ("13/13/2026", None),
        ("5", None),
    ],
)
def test_a_day_is_read_in_every_usual_spelling(text, said):
    found = day(text)
    assert (found and found.isoformat()) == said


def test_a_column_shows_by_its_cells_whether_the_day_stands_first():
    assert puts_day_first(["01/02/2026", "31/01/2026"])
    assert not puts_day_first(["01/02/2026", "01/31/2026"])
    assert day_text(days_of(["31/01/2026"], day_first=True)[0]) == "2026-01-31"
