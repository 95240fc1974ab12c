"""Laws of inquiries: no feature from the future, a breaker that gives way, strict answers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongqiao.platform.operations import canonical
from rongqiao.policies.credit.answers import BadAnswer, read_facts, value_of
from rongqiao.policies.credit.sources import BY_CODE, SOURCES, FactKind
from rongqiao.risk.judging.breaker import (
    FAILURES_TO_OPEN,
    LEFT_ALONE,
    REMEMBERED,
    Breaker,
    Ended,
    breaker,
)
from rongqiao.risk.judging.features import Word, known_at, standing_doubts
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.models.sealed_inquiries import digest_of, seal_answer, seal_asked
from rongqiao.risk.queries.features import features_of

START = datetime(2026, 1, 5, tzinfo=UTC)
PARTY, USER = uuid4(), uuid4()
ON = date(2026, 6, 1)


def fact_of(fact):
    """A strategy of right values of a fact."""
    return {
        FactKind.WHOLE: st.integers(fact.least, fact.most),
        FactKind.AMOUNT: st.integers(fact.least, fact.most),
        FactKind.SHARE: st.integers(0, 100).map(lambda n: f"{Decimal(n) / 100:.2f}"),
        FactKind.FLAG: st.booleans(),
        FactKind.CODE: st.sampled_from(fact.codes or ("",)),
        FactKind.DAY: st.dates(date(1990, 1, 1), ON).map(date.isoformat),
    }[fact.kind]


answers = st.sampled_from(SOURCES).flatmap(
    lambda source: st.tuples(
        st.just(source), st.fixed_dictionaries({f.name: fact_of(f) for f in source.facts})
    )
)


@given(answers)
def test_a_right_answer_is_read_whole(answer):
    source, facts = answer
    assert read_facts(source, facts, ON) == facts


@given(answers, st.data())
def test_an_answer_that_is_wrong_in_one_fact_is_none(answer, data):
    source, facts = answer
    fact = data.draw(st.sampled_from(source.facts))
    wrong = {
        FactKind.WHOLE: [-1, fact.most + 1, "3", 3.0, True],
        FactKind.AMOUNT: [-1, fact.most + 1, "3", 3.5, False],
        FactKind.SHARE: [0.5, "1.2", "-0.1", "0,5", "1e-1", 1],
        FactKind.FLAG: [0, 1, "true"],
        FactKind.CODE: ["", "other", 1, True],
        FactKind.DAY: ["2026-13-01", "20260101", (ON + timedelta(days=1)).isoformat(), 20260101],
    }[fact.kind]
    changed = facts | {fact.name: data.draw(st.sampled_from(wrong))}
    with pytest.raises(BadAnswer):
        read_facts(source, changed, ON)
    with pytest.raises(BadAnswer):
        read_facts(source, facts | {"another": 1}, ON)
    if not fact.is_optional:
        with pytest.raises(BadAnswer):
            read_facts(source, {k: v for k, v in facts.items() if k != fact.name}, ON)


@given(answers)
def test_an_amount_becomes_yuan_a_day_a_date_and_nothing_is_rounded(answer):
    source, facts = answer
    for fact in source.facts:
        value = value_of(fact, facts[fact.name])
        if fact.kind is FactKind.AMOUNT:
            assert value * 100 == facts[fact.name]
        if fact.kind in (FactKind.FLAG, FactKind.CODE):
            assert value == facts[fact.name]
        if fact.kind is FactKind.DAY:
            # A day, not its text: a rule reckons with it.
            assert isinstance(value, date)
            assert value.isoformat() == facts[fact.name]
        assert value_of(fact, None) is None


calls = st.lists(
    st.tuples(st.integers(0, 3_000), st.booleans()).map(
        lambda one: Ended(START + timedelta(seconds=one[0]), one[1])
    ),
    max_size=30,
)
moments = st.integers(0, 4_000).map(lambda seconds: START + timedelta(seconds=seconds))


@given(calls, moments)
def test_a_breaker_opens_only_after_failures_alone(ended, at):
    seen = sorted((one for one in ended if one.at <= at), key=lambda one: one.at)
    stands = breaker(ended, at)
    if stands is not Breaker.CLOSED:
        last = seen[-FAILURES_TO_OPEN:]
        assert len(last) == FAILURES_TO_OPEN
        assert all(one.is_failure for one in last)
        assert all(at - one.at <= REMEMBERED for one in last)


@given(calls, moments)
def test_an_open_breaker_gives_way_and_one_answer_closes_it(ended, at):
    if breaker(ended, at) is Breaker.CLOSED:
        return
    known = [one for one in ended if one.at <= at]
    last = max(one.at for one in known)
    assert breaker(known, last) is Breaker.OPEN
    after = breaker(known, last + LEFT_ALONE)
    assert after is Breaker.HALF_OPEN
    answered = [*known, Ended(last + LEFT_ALONE, False)]
    assert breaker(answered, last + LEFT_ALONE) is Breaker.CLOSED
    failed = [*known, Ended(last + LEFT_ALONE, True)]
    assert breaker(failed, last + LEFT_ALONE) is Breaker.OPEN


@given(calls, moments, st.randoms())
def test_the_order_in_which_calls_are_told_does_not_matter(ended, at, random):
    # Of two that ended in the same instant no order is known.
    alone = list({one.at: one for one in ended}.values())
    shuffled = list(alone)
    random.shuffle(shuffled)
    assert breaker(shuffled, at) is breaker(alone, at)


def row(source, asked, waited, outcome, facts, serves=None):
    """An inquiry as the operations leave it."""
    asked_at = START + timedelta(minutes=asked)
    one = Inquiry(
        id=uuid4(),
        source=source.code,
        purpose="application",
        party_id=PARTY,
        subject_index=b"s" * 32,
        subject_shown="王** 1101**********0011",
        asked_index=b"a" * 32,
        consent_user_id=USER,
        consent_kind=source.consent,
        consent_version="2026-01",
        consent_sha256="0" * 64,
        consented_at=START - timedelta(days=1),
        asked_by=f"user:{USER}",
        asked_at=asked_at,
        asked_on=asked_at.date(),
        cost_minor=source.cost_minor,
        outcome=outcome,
    )
    if outcome == "open":
        one.asked_sealed = seal_asked({}, one.pk)
        return one
    one.answered_at = asked_at + timedelta(minutes=waited)
    if outcome in ("answered", "no-record"):
        one.cached_until = one.answered_at + timedelta(days=source.cache_days)
    if outcome == "answered":
        text = canonical(facts)
        one.answer_sealed, one.answer_sha256 = seal_answer(text, one.pk), digest_of(text)
    return one


histories = st.lists(
    st.tuples(
        answers,
        st.integers(0, 60 * 24 * 60),
        st.integers(0, 60 * 30),
        st.sampled_from(("answered", "answered", "no-record", "failed", "timed-out", "open")),
    ),
    max_size=12,
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(histories, st.lists(st.integers(0, 60 * 24 * 90), min_size=1, max_size=4))
def test_no_feature_is_later_than_the_moment_asked_for(db, history, minutes):
    with transaction.atomic():
        made = [
            row(source, asked, waited, outcome, facts)
            for (source, facts), asked, waited, outcome in history
        ]
        Inquiry.objects.bulk_create(made)
        for minute in minutes:
            at = START + timedelta(minutes=minute)
            features = features_of(PARTY, at)
            known_at(features, at)
            assert all(feature.as_of <= at for feature in features)
            assert len({feature.name for feature in features}) == len(features)
            _check_against_the_plain_rule(made, features, at)
        transaction.set_rollback(True)


def _check_against_the_plain_rule(made, features, at):
    """Of each source the newest that had ended counts, if it still holds."""
    by_name = {feature.name: feature for feature in features}
    ended = [one for one in made if one.outcome != "open" and one.answered_at <= at]
    assert {feature.source for feature in features} == {one.source for one in ended}
    for code in {one.source for one in ended}:
        latest = max(one.answered_at for one in ended if one.source == code)
        same = [one for one in ended if one.source == code and one.answered_at == latest]
        if len(same) > 1:
            continue
        (newest,) = same
        holds = newest.cached_until is not None and at <= newest.cached_until
        known = by_name[f"{code}.is-known"]
        assert known.as_of == latest
        assert known.value == (newest.outcome == "answered" if holds else None)
        facts = [by_name[f"{code}.{fact.name}"] for fact in BY_CODE[code].facts]
        if not (holds and newest.outcome == "answered"):
            assert all(fact.value is None for fact in facts)
        assert all(fact.as_of == latest for fact in facts)


def word(source, day, is_same, *, holds=30, number=b"n"):
    at = START + timedelta(days=day)
    until = at + timedelta(days=holds)
    return Word(source=source, number=number, at=at, until=until, as_of=at, is_same=is_same)


@pytest.mark.parametrize(
    ("words", "doubted_by"),
    [
        ((), ()),
        ((word("identity", 0, False),), ("identity",)),
        ((word("identity", 0, False), word("identity", 1, True)), ()),
        ((word("identity", 0, True), word("identity", 1, False)), ("identity",)),
        # Asked beside identity, the phone tells of the phone alone.
        ((word("identity", 0, True), word("phone", 1, False)), ()),
        ((word("identity", 0, True), word("phone", 0, False)), ()),
        ((word("identity", 0, False), word("phone", 1, True)), ("identity",)),
        # Asked in its stead, or once its word holds no more, it tells who it is.
        ((word("phone", 0, False),), ("phone",)),
        ((word("phone", 0, False), word("phone", 1, True)), ()),
        ((word("phone", 0, False), word("identity", 1, True)), ()),
        ((word("identity", 0, True), word("phone", 31, False)), ("phone",)),
        ((word("identity", 0, False), word("phone", 31, True)), ()),
        # A register knows nothing of people, and one number nothing of another.
        ((word("identity", 0, False), word("registry", 1, True)), ("identity",)),
        ((word("registry", 0, False), word("registry", 1, True)), ()),
        ((word("identity", 0, False), word("identity", 1, True, number=b"m")), ("identity",)),
    ],
)
def test_a_doubt_is_ended_by_a_yes_that_counts(words, doubted_by):
    assert tuple(one.source for one in standing_doubts(words)) == doubted_by
    assert tuple(one.source for one in standing_doubts(reversed(words))) == doubted_by


words = st.builds(
    word,
    st.sampled_from(("identity", "phone", "registry")),
    st.integers(0, 60),
    st.booleans(),
    holds=st.integers(0, 40),
    number=st.sampled_from((b"n", b"m")),
)


@given(st.lists(words, max_size=8, unique_by=lambda one: (one.source, one.at)), words)
def test_time_and_silence_end_no_doubt_and_a_later_yes_ends_one_at_most(said, last):
    """A word that comes last changes nothing but the standing of its own number."""
    later = replace(last, at=START + timedelta(days=61), until=START + timedelta(days=90))
    before, after = standing_doubts(said), standing_doubts([*said, later])
    kinds = ("registry",) if later.source == "registry" else ("identity", "phone")

    def untouched(found):
        return {one for one in found if one.number != later.number or one.source not in kinds}

    assert untouched(before) == untouched(after)
    if later.source != "phone":
        assert (later in after) is not later.is_same
        assert len(after) - len(untouched(after)) == int(not later.is_same)
