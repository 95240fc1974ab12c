"""Jobs on the PostgreSQL queue (procrastinate), enqueued in the transaction of their cause.

This module alone knows the library. A job is a registered function of plain keyword arguments;
it runs outside any transaction and acts through operations, so running it twice is harmless.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Max
from procrastinate import App, RetryStrategy
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
# The lanes of the queue, each with how many of its jobs run at a time. Quick jobs go one after
# another, as they were put in; outsiders are waited for beside them, a few at a time.
_QUICK, _OUTSIDE = "default", "outside"
_LANES = {_QUICK: 1, _OUTSIDE: 4}
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
    _defer(_QUICK, name, arguments)


def enqueue_outside(name: str, **arguments: Any) -> None:
    """Put a job in the lane of calls to outsiders, who may be slow: nothing else waits for them."""
    _defer(_OUTSIDE, name, arguments)


def _defer(lane: str, name: str, arguments: dict[str, Any]) -> None:
    if any(name in names for names in _by_hand):
        return
    # Not the app's own connector, which in a worker is one that stands outside our transaction.
    manager = JobManager(DjangoConnector())
    task = configure_task(name=_TASK, job_manager=manager, queue=lane)
    task.defer(name=name, arguments=arguments)


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


def run_worker() -> None:
    """Work on every lane until told to stop by SIGINT or SIGTERM; what runs may end first."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        asyncio.run(_work(working))


async def _work(working: App) -> None:
    async with working.open_async(), asyncio.TaskGroup() as lanes:
        tasks = [
            lanes.create_task(
                working.run_worker_async(
                    queues=[lane],
                    concurrency=at_once,
                    # One handler for all lanes: each would put its own in the place of the others'.
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=10,
                )
            )
            for lane, at_once in _LANES.items()
        ]

        def stop() -> None:
            for task in tasks:
                task.cancel()

        for told in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(told, stop)


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
