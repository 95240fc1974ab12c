"""Whom a collector may contact and when: the rule's edges, and laws over every instant."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.policies.contact import (
    CHINA,
    Attempt,
    Channel,
    History,
    NoContactRule,
    Whom,
    Why,
    obstacle,
    rules_on,
)

FRESH = History(calls_today=0, is_stopped=False)
instants = st.datetimes(datetime(2025, 3, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
histories = st.builds(History, calls_today=st.integers(0, 6), is_stopped=st.just(False))
channels = st.sampled_from(Channel)


def china(hour, minute=0, second=0, day=5):
    return datetime(2026, 1, day, hour, minute, second, tzinfo=CHINA)


def call(at, whom=Whom.DEBTOR, channel=Channel.CALL):
    return Attempt(channel=channel, whom=whom, at=at)


@pytest.mark.parametrize(
    ("at", "next_at"),
    [
        (china(7, 59, 59), china(8)),
        (china(8), None),
        (china(21, 59, 59), None),
        (china(22), china(8, day=6)),
        (china(23, 59, 59), china(8, day=6)),
        (china(0, day=6), china(8, day=6)),
    ],
)
def test_nobody_is_called_from_22_to_8(at, next_at):
    found = obstacle(call(at.astimezone(UTC)), FRESH)
    assert (found.next_at if found else None) == next_at


def test_the_fourth_call_of_a_day_waits_for_the_next_morning():
    three = History(calls_today=3, is_stopped=False)
    assert obstacle(call(china(10)), History(calls_today=2, is_stopped=False)) is None
    found = obstacle(call(china(10)), three)
    assert (found.why, found.next_at) == (Why.CALLS_USED, china(8, day=6))
    assert obstacle(call(china(10), channel=Channel.SMS), three) is None


def test_nobody_but_the_debtor_is_spoken_to_at_any_time():
    found = obstacle(call(china(10), Whom.THIRD_PARTY), FRESH)
    assert (found.why, found.next_at) == (Why.THIRD_PARTY, None)


@given(instants, st.integers(0, 6), channels)
def test_a_complaint_stops_every_contact(at, calls, channel):
    found = obstacle(call(at, channel=channel), History(calls_today=calls, is_stopped=True))
    assert (found.why, found.next_at) == (Why.COMPLAINT, None)


@given(instants, histories, channels)
def test_what_is_refused_is_allowed_at_the_instant_named_and_not_before(at, history, channel):
    found = obstacle(call(at, channel=channel), history)
    if found is None:
        return
    named = found.next_at
    assert at < named <= at + timedelta(hours=33)
    same_day = named.astimezone(CHINA).date() == at.astimezone(CHINA).date()
    then = history if same_day else FRESH
    assert obstacle(call(named, channel=channel), then) is None
    before = named - timedelta(seconds=1)
    assert obstacle(call(before, channel=channel), then) is not None or channel is Channel.LETTER


@given(instants, histories)
def test_a_call_is_allowed_by_day_while_calls_are_left_and_never_else(at, history):
    by_day = 8 <= at.astimezone(CHINA).hour < 22
    allowed = obstacle(call(at), history) is None
    assert allowed == (by_day and history.calls_today < 3)


@given(instants)
def test_a_letter_may_be_written_at_night(at):
    assert obstacle(call(at, channel=Channel.LETTER), FRESH) is None


def test_every_day_since_the_first_has_a_rule_with_its_source():
    with pytest.raises(NoContactRule):
        rules_on(date(2020, 12, 31))
    assert [one.key for one in rules_on(date(2025, 2, 27)).rules] == [
        "house.contact_before_standard"
    ]
    later = rules_on(date(2025, 2, 28))
    assert {one.document for one in later.rules} >= {"GB/T 45251-2025"}
