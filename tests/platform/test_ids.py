"""Ids sort by time and follow from the injected source."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rongqiao.platform import ids

START = datetime(2026, 1, 5, tzinfo=UTC)


def test_an_id_is_a_version_7_uuid_of_its_instant():
    made = ids.new_id(START)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(START.timestamp() * 1000)


@given(st.integers(1, 10**9), st.integers(1, 10**6))
def test_later_ids_sort_later(first, step):
    early = START + timedelta(milliseconds=first)
    assert ids.new_id(early) < ids.new_id(early + timedelta(milliseconds=step))


def test_seeded_ids_are_the_same_twice():
    def draw():
        with ids.drawing_from(random.Random(7)):
            return ids.new_id(START), ids.short_number("L", START)

    assert draw() == draw()


@given(st.integers(0, 8), st.integers(0, 9))
def test_one_wrong_digit_in_a_short_number_is_noticed(position, digit):
    number = ids.short_number("L", START)
    body, check = number[1:-1], number[-1]
    if body[position] != str(digit):
        wrong = body[:position] + str(digit) + body[position + 1 :]
        assert ids.check_digit(wrong) != check
