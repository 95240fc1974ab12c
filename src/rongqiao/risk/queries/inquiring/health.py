"""How each source answers: how fast, how often not, and whether it is asked at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.platform.clock import CHINA
from rongqiao.policies.credit.sources import SOURCES, Source
from rongqiao.risk.judging.breaker import FAILURES_TO_OPEN, REMEMBERED, Breaker, Ended, breaker
from rongqiao.risk.models.inquiries import Inquiry, InquiryDay
from rongqiao.risk.models.outcomes import Outcome

# What a call came to; what was served or refused was none.
_CALLS = (Outcome.ANSWERED, Outcome.NO_RECORD, Outcome.FAILED, Outcome.TIMED_OUT)
_FAILURES = frozenset({Outcome.FAILED, Outcome.TIMED_OUT})
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class SourceHealth:
    """A source over the last 30 days; latencies in milliseconds, None where it never answered."""

    source: Source
    calls: int
    served: int
    refused: int
    failures: int
    p50_ms: int | None
    p95_ms: int | None
    breaker: Breaker
    spent_today: Money
    budget: Money

    @property
    def failure_rate(self) -> Fraction | None:
        """Return failures a call; None without calls."""
        return Fraction(self.failures, self.calls) if self.calls else None


def breaker_of(source: str, at: datetime) -> Breaker:
    """Return how a source's breaker stands, in one query."""
    return _breakers(at, source)[source]


def health_of_sources(at: datetime) -> tuple[SourceHealth, ...]:
    """Return the health of every source, in three queries."""
    counted = _counted(at)
    stands = _breakers(at)
    today = at.astimezone(CHINA).date()
    days = InquiryDay.objects.filter(on=today).values_list("source", "spent_minor")
    spent = dict(days)
    found = []
    for source in SOURCES:
        calls, served, refused, failures, p50, p95 = counted.get(
            source.code, (0, 0, 0, 0, None, None)
        )
        found.append(
            SourceHealth(
                source=source,
                calls=calls,
                served=served,
                refused=refused,
                failures=failures,
                p50_ms=None if p50 is None else round(p50),
                p95_ms=None if p95 is None else round(p95),
                breaker=stands[source.code],
                spent_today=Money(spent.get(source.code, 0)),
                budget=Money(source.daily_budget_minor),
            )
        )
    return tuple(found)


def _breakers(at: datetime, only: str = "") -> Mapping[str, Breaker]:
    wanted = [only] if only else [source.code for source in SOURCES]
    ended: dict[str, list[Ended]] = {code: [] for code in wanted}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT one.source, one.answered_at, one.outcome
               FROM unnest(%s::text[]) AS wanted(source)
               CROSS JOIN LATERAL (
                 SELECT source, answered_at, outcome FROM risk_inquiry
                 WHERE source = wanted.source AND asked_at >= %s AND served_from_id IS NULL
                   AND outcome = ANY(%s) AND answered_at <= %s
                 ORDER BY answered_at DESC LIMIT %s) AS one""",
            [wanted, at - 2 * REMEMBERED, list(_CALLS), at, FAILURES_TO_OPEN],
        )
        for source, ended_at, outcome in cursor.fetchall():
            ended[source].append(Ended(ended_at, outcome in _FAILURES))
    return {code: breaker(calls, at) for code, calls in ended.items()}


def _counted(at: datetime) -> dict[str, tuple[int, int, int, int, float | None, float | None]]:
    """Return calls, served, refused, failures, and latencies at half and 19 of 20, by source."""
    table = Inquiry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT source,
                  count(*) FILTER (WHERE served_from_id IS NULL AND outcome = ANY(%(calls)s)),
                  count(*) FILTER (WHERE served_from_id IS NOT NULL),
                  count(*) FILTER (WHERE outcome = %(refused)s),
                  count(*) FILTER (WHERE outcome = ANY(%(failures)s)),
                  percentile_disc(0.5) WITHIN GROUP (ORDER BY latency_ms)
                    FILTER (WHERE served_from_id IS NULL AND outcome = ANY(%(known)s)),
                  percentile_disc(0.95) WITHIN GROUP (ORDER BY latency_ms)
                    FILTER (WHERE served_from_id IS NULL AND outcome = ANY(%(known)s))
                FROM {table} WHERE asked_at > %(since)s AND asked_at <= %(at)s
                GROUP BY source""",  # noqa: S608 - a name of our own
            {
                "calls": list(_CALLS),
                "refused": Outcome.REFUSED,
                "failures": list(_FAILURES),
                "known": [Outcome.ANSWERED, Outcome.NO_RECORD],
                "since": at - LOOKED_BACK,
                "at": at,
            },
        )
        return {row[0]: tuple(row[1:]) for row in cursor.fetchall()}
