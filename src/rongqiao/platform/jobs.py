"""Jobs on the PostgreSQL queue (procrastinate), enqueued in the transaction of their cause.

This module alone knows the library. A job is a registered function of plain keyword arguments;
it runs outside any transaction and acts through operations, so running it twice is harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any, TypeVar

from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from rongqiao.platform import clock

J = TypeVar("J", bound=Callable[..., None])

_bodies: dict[str, Callable[..., None]] = {}
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
    app.configure_task(name=_TASK).defer(name=name, arguments=arguments)


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
