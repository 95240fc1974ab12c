"""Jobs on the PostgreSQL queue (procrastinate), enqueued in the transaction of their cause.

This module alone knows the library. A job is a registered function of plain keyword arguments;
it runs outside any transaction and acts through operations, so running it twice is harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Max
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from rongqiao.platform import clock

J = TypeVar("J", bound=Callable[..., None])

_bodies: dict[str, Callable[..., None]] = {}
_by_hand: list[frozenset[str]] = []
_TASK = "rongqiao.job"
KEPT_HOURS = 24 * 30


def job(name: str) -> Callable[[J], J]:
    """Register a function as the job `name`."""

    def register(body: J) -> J:
        assert name not in _bodies, name
        _bodies[name] = body
        return body

    return register


def enqueue(name: str, **arguments: Any) -> None:
    """Put a job in the queue, in the caller's transaction; arguments are JSON values."""
    if any(name in names for names in _by_hand):
        return
    # Not the app's own connector, which in a worker is one that stands outside our transaction.
    manager = JobManager(DjangoConnector())
    configure_task(name=_TASK, job_manager=manager).defer(name=name, arguments=arguments)


@contextmanager
def done_by_hand(*names: str) -> Iterator[None]:
    """Keep the jobs of these names out of the queue, process-wide, for the length of the block.

    A simulated life does them itself, at its own hour; the queue's worker lives in the present.
    """
    kept = frozenset(names)
    _by_hand.append(kept)
    try:
        yield
    finally:
        _by_hand.remove(kept)


@app.task(name=_TASK, retry=RetryStrategy(max_attempts=6, exponential_wait=3))
def run(name: str, arguments: dict[str, Any]) -> None:
    """Run the registered job `name`; the queue tries a failing one again, six times in all."""
    try:
        _bodies[name](**arguments)
    finally:
        # The queue runs it in a passing thread, whose connection nobody else would close.
        if not connection.in_atomic_block:
            connection.close()


def run_waiting() -> None:
    """Run what is due in the queue, then return (tests, simulation)."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        working.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def run_worker(concurrency: int = 1) -> None:
    """Work until told to stop by SIGINT or SIGTERM."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        working.run_worker(concurrency=concurrency, shutdown_graceful_timeout=10)


def requeue_stalled() -> int:
    """Give back jobs left `doing` by workers that no longer breathe; return how many."""

    async def give_back() -> int:
        stalled = list(await app.job_manager.get_stalled_jobs())
        for one in stalled:
            await app.job_manager.retry_job(one, retry_at=clock.now())
        await app.job_manager.prune_stalled_workers(seconds_since_heartbeat=60)
        return len(stalled)

    return asyncio.run(give_back())


def clean_up() -> None:
    """Forget jobs that ended well long ago; failed ones stay visible."""
    asyncio.run(app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS))


def waiting() -> int:
    """Return how many jobs wait or run."""
    return ProcrastinateJob.objects.filter(status__in=["todo", "doing"]).count()


def failed(since_days: int = 30) -> list[tuple[str, str]]:
    """Return name and time of jobs that failed for good, newest first."""
    start = clock.now().astimezone(UTC) - timedelta(days=since_days)
    rows = ProcrastinateJob.objects.filter(
        status="failed", procrastinateevent__at__gte=start, procrastinateevent__type="failed"
    ).order_by("-id")[:200]
    return [(row.args["name"], str(row.pk)) for row in rows]


@dataclass(frozen=True, kw_only=True)
class FailedJob:
    """A job that failed for good: its number in the queue, name, plain arguments, and when."""

    id: int
    name: str
    arguments: dict[str, Any]
    failed_at: datetime


def failed_jobs(limit: int = 200) -> tuple[FailedJob, ...]:
    """Return the jobs that failed for good and wait for a person, oldest first."""
    rows = (
        ProcrastinateJob.objects.filter(status="failed", procrastinateevent__type="failed")
        .annotate(failed_at=Max("procrastinateevent__at"))
        .order_by("id")[:limit]
    )
    return tuple(
        FailedJob(
            id=row.pk,
            name=row.args["name"],
            arguments=row.args["arguments"],
            failed_at=row.failed_at,
        )
        for row in rows
        if "name" in row.args
    )


def run_again(job_id: int) -> bool:
    """Give a failed job one more try, in the caller's transaction; False if it has not failed."""
    if not ProcrastinateJob.objects.filter(pk=job_id, status="failed").exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_retry_job_v2(%s, %s, NULL, NULL, NULL)", [job_id, clock.now()]
        )
    return True
