"""The repair desk: everything half-known, since when, why, and the guided steps out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from rongqiao.money.ledger.queries.books import has_expired_holds
from rongqiao.money.payments.models.orders import (
    AT_THE_BANK,
    BankMessage,
    BoundCard,
    By,
    CardState,
    OrderState,
    PaymentOrder,
)
from rongqiao.money.payments.models.reconciling import (
    Break,
    BreakKind,
    BreakState,
    StatementFile,
)
from rongqiao.platform import jobs, relay

# Younger than this nothing is stuck: the platform is still at it by itself.
PATIENCE = timedelta(minutes=10)
MOST_OF_A_KIND = 200
# The steps, by the names of operations in operations/repair.
ASK, SEND, CLOSE = "ask-bank-now", "send-again", "close-at-bank"
JUDGE, UNPARK, RUN = "judge-again", "unpark-event", "run-job-again"
BIND, FETCH, RELEASE = "bind-card-again", "fetch-statement-now", "release-expired-holds"


@dataclass(frozen=True, kw_only=True)
class HalfKnown:
    """One thing in a half-known state.

    `kind` order-unknown, order-sent, order-not-sent, message-waiting, message-parked,
    event-parked, job-failed, holds-expired, card-pending, statement-missing. `reference` is what
    its steps take: an order's or bank account's id, an event id, a job's number, a day. `number`
    is what people know it by; `why` a code or the technical cause. `steps` are to be tried in
    this order.
    """

    kind: str
    reference: str
    number: str
    since: datetime | None
    age_seconds: int
    why: str
    steps: tuple[str, ...]


def list_half_known(now: datetime, on: date) -> tuple[HalfKnown, ...]:
    """Return all that is stuck by `now`, the oldest first; `on` is the business date."""
    found = chain(
        _orders(now),
        _messages(now),
        _events(now),
        _jobs(now),
        _cards(now),
        _holds(),
        _statements(on),
    )
    return tuple(sorted(found, key=lambda one: (-one.age_seconds, one.kind, one.reference)))


def count_half_known(now: datetime, on: date) -> int:
    """Return how many things are stuck, for the badge."""
    return len(list_half_known(now, on))


def _orders(now: datetime) -> Iterator[HalfKnown]:
    rows = PaymentOrder.objects.filter(state__in=AT_THE_BANK, sent_at__lte=now - PATIENCE)
    for row in rows.order_by("sent_at")[:MOST_OF_A_KIND]:
        assert row.sent_at is not None, row.number
        why = "no-answer" if row.state == OrderState.UNKNOWN else "not-settled"
        steps = (ASK, CLOSE)
        yield _stuck(f"order-{row.state}", (str(row.pk), row.number), row.sent_at, now, why, steps)
    unsent = PaymentOrder.objects.filter(
        state=OrderState.CREATED, created_at__lte=now - PATIENCE
    ).exclude(needs_approval=True, approved_by="")
    for row in unsent.order_by("created_at")[:MOST_OF_A_KIND]:
        since = row.approved_at or row.created_at
        if since <= now - PATIENCE:
            yield _stuck(
                "order-not-sent", (str(row.pk), row.number), since, now, "not-sent", (SEND,)
            )


def _messages(now: datetime) -> Iterator[HalfKnown]:
    waiting = BankMessage.objects.filter(verdict="waiting", received_at__lte=now - PATIENCE)
    # What a statement's line could not do is the line's case; what a case closed is known by now.
    parked = BankMessage.objects.filter(verdict__startswith="parked:").exclude(by=By.STATEMENT)
    closed = Break.objects.filter(kind=BreakKind.PARKED_CALLBACK, state=BreakState.RESOLVED)
    subjects = closed.values_list("subject", flat=True)
    parked = parked.exclude(pk__in=[int(one.removeprefix("message:")) for one in subjects])
    for kind, rows in (("message-waiting", waiting), ("message-parked", parked)):
        for row in rows.order_by("received_at")[:MOST_OF_A_KIND]:
            why = row.verdict.partition(":")[2] or "order-not-ended"
            since = row.received_at
            yield _stuck(kind, (row.event_id, row.order_no), since, now, why, (JUDGE,))


def _events(now: datetime) -> Iterator[HalfKnown]:
    for row in relay.parked():
        assert row.parked_at is not None, row.pk
        yield _stuck(
            "event-parked", (str(row.pk), row.name), row.parked_at, now, row.last_error, (UNPARK,)
        )


def _jobs(now: datetime) -> Iterator[HalfKnown]:
    for one in jobs.failed_jobs(MOST_OF_A_KIND):
        yield _stuck("job-failed", (str(one.id), one.name), one.failed_at, now, "failed", (RUN,))


def _cards(now: datetime) -> Iterator[HalfKnown]:
    rows = BoundCard.objects.filter(
        state=CardState.PENDING, requested_at__lte=now - PATIENCE, bank_account__closed_at=None
    )
    for row in rows.order_by("requested_at")[:MOST_OF_A_KIND]:
        yield _stuck(
            "card-pending", (str(row.pk), str(row.pk)), row.requested_at, now, "not-bound", (BIND,)
        )


def _holds() -> Iterator[HalfKnown]:
    # By the database's clock alone: since when is not ours to say.
    if has_expired_holds():
        yield HalfKnown(
            kind="holds-expired",
            reference="",
            number="",
            since=None,
            age_seconds=0,
            why="past-expiry",
            steps=(RELEASE,),
        )


def _statements(on: date) -> Iterator[HalfKnown]:
    """Yield the days since the first statement that have none; yesterday's is due today."""
    days = set(StatementFile.objects.filter(state="imported").values_list("day", flat=True))
    if not days:
        return
    first, last = max(min(days), on - timedelta(days=62)), on - timedelta(days=1)
    for place in range((last - first).days + 1):
        day = first + timedelta(days=place)
        if day not in days:
            yield HalfKnown(
                kind="statement-missing",
                reference=day.isoformat(),
                number=day.isoformat(),
                since=None,
                age_seconds=(on - day).days * 86_400,
                why="no-statement",
                steps=(FETCH,),
            )


def _stuck(
    kind: str,
    named: tuple[str, str],
    since: datetime,
    now: datetime,
    why: str,
    steps: tuple[str, ...],
) -> HalfKnown:
    reference, number = named
    return HalfKnown(
        kind=kind,
        reference=reference,
        number=number,
        since=since,
        age_seconds=max(int((now - since).total_seconds()), 0),
        why=why,
        steps=steps,
    )
