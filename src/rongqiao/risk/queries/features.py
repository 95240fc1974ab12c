"""What outside sources said of a party, as features: each with its source and when it was known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from rongqiao.policies.credit.answers import value_of
from rongqiao.policies.credit.sources import BY_CODE
from rongqiao.risk.enterprise.learning.figures import figures_of
from rongqiao.risk.judging.features import (
    DOUBTED,
    IDENTIFYING,
    Feature,
    Word,
    is_same,
    standing_doubts,
)
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.models.outcomes import KNOWN, Outcome
from rongqiao.risk.models.sealed_inquiries import unseal_answer
from rongqiao.risk.queries.enterprise import statements_of
from rongqiao.risk.queries.inquiring.consenting import taken_back

STATEMENTS = "statements"
_YEAR = 12


def features_of(party_id: UUID, at: datetime) -> tuple[Feature, ...]:
    """Return what was known of a party at an instant, in three queries whatever the sources.

    Of each source the newest inquiry counts that had ended by then and whose consent was not taken
    back by then (without one the source is as if never asked, PIPL art. 15): its facts, named
    `source.fact`, amounts in yuan; `source.is-known` tells an answer from none. An answer that no
    longer held at `at` (its cache time was over) and a source that did not answer give None. The
    moment of a feature is when it was first answered, also where it was served again later.

    `source.is-doubted` is there, and True, while a doubt about who the party is stands, also where
    consent was taken back or the answer's time is over: whoever lends has to know whom (反洗钱法
    art. 29, doubts about what was known of a customer), and a legal duty asks for no consent (PIPL
    art. 13). Nothing else of such an answer is used.
    """
    rows = (
        Inquiry.objects.filter(party_id=party_id, answered_at__lte=at)
        .exclude(outcome=Outcome.OPEN)
        .select_related("served_from")
        # Several people may have agreed for one firm; what the first took back, another did not.
        .order_by("source", "consent_user_id", "-answered_at", "-id")
        .distinct("source", "consent_user_id")
    )
    ended = taken_back(rows, at)
    newest: dict[str, Inquiry] = {}
    for row in sorted(rows, key=_when):
        if row.pk not in ended:
            newest[row.source] = row
    known = (feature for source in sorted(newest) for feature in _features(newest[source], at))
    return (*known, *_doubts(party_id, at))


def _doubts(party_id: UUID, at: datetime) -> Iterator[Feature]:
    rows = Inquiry.objects.filter(
        party_id=party_id, source__in=IDENTIFYING, outcome__in=KNOWN, answered_at__lte=at
    ).select_related("served_from")
    latest: dict[str, datetime] = {}
    for word in standing_doubts(_word(row) for row in rows):
        latest[word.source] = max(word.as_of, latest.get(word.source, word.as_of))
    for source, as_of in sorted(latest.items()):
        yield Feature(name=f"{source}.{DOUBTED}", value=True, as_of=as_of, source=source)


def _word(row: Inquiry) -> Word:
    first = row.served_from or row
    assert row.answered_at is not None, "an ended inquiry without its moment"
    assert first.answered_at is not None, "an ended inquiry without its moment"
    return Word(
        source=row.source,
        number=bytes(row.subject_index),
        at=row.answered_at,
        until=row.cached_until or row.answered_at,
        as_of=first.answered_at,
        is_same=row.outcome == Outcome.ANSWERED and is_same(_facts(first)),
    )


def _when(row: Inquiry) -> tuple[datetime, UUID]:
    assert row.answered_at is not None, "an ended inquiry without its moment"
    return row.answered_at, row.pk


def statement_features(party_id: UUID, at: datetime) -> tuple[Feature, ...]:
    """Return the figures of a firm's last whole year on record at an instant, in one query.

    Named `statement.figure`; none at all where no year was stated by then. The moment is when the
    statement was put on record.
    """
    years = [one for one in statements_of(party_id, at) if one.statement.months == _YEAR]
    if not years:
        return ()
    last = years[-1]
    return tuple(
        Feature(name=name, value=value, as_of=last.recorded_at, source=STATEMENTS)
        for name, value in figures_of(last.statement).items()
    )


def _features(row: Inquiry, at: datetime) -> Iterator[Feature]:
    first = row.served_from or row
    as_of = first.answered_at
    assert as_of is not None, "an ended inquiry without its moment"
    source = BY_CODE[row.source]
    holds = row.outcome in KNOWN and row.cached_until is not None and at <= row.cached_until
    facts = _facts(first) if holds and row.outcome == Outcome.ANSWERED else {}
    has_record = row.outcome == Outcome.ANSWERED if holds else None
    yield Feature(name=f"{source.code}.is-known", value=has_record, as_of=as_of, source=source.code)
    for fact in source.facts:
        yield Feature(
            name=f"{source.code}.{fact.name}",
            value=value_of(fact, facts.get(fact.name)),
            as_of=as_of,
            source=source.code,
        )


def _facts(row: Inquiry) -> dict[str, int | str | bool]:
    assert row.answer_sealed is not None, "an answer that is not there"
    found: dict[str, int | str | bool] = json.loads(
        unseal_answer(row.answer_sealed, row.pk, row.answer_sha256)
    )
    return found
