"""`rongqiao worker`: deliver events, run jobs, seal both chains, close the day at midnight."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django is set up above
from django.db import Error, connection  # noqa: E402

from rongqiao.cli.eod import catch_up  # noqa: E402
from rongqiao.cli.simulate.seed.progress import is_seeding  # noqa: E402
from rongqiao.config.wiring import (  # noqa: E402
    BIND_CARDS_LEFT_BEHIND,
    CHASE_INQUIRIES,
    CHASE_MAILS,
    CHASE_ORDERS,
    FETCH_STATEMENTS,
    FORGET_SIGHTINGS,
    GATHER_RINGS,
    LOOK_AFTER_CASES,
    LOOK_AFTER_LAUNDERING,
    PRINT_PAPERS,
    REMIND,
    SUBSCRIBERS,
    WATCH_FIRMS,
)
from rongqiao.money.ledger.operations.closing.seal_books import seal_books  # noqa: E402
from rongqiao.money.ledger.operations.upkeep.release_expired_holds import (  # noqa: E402
    ReleaseExpiredHolds,
    release_expired_holds,
)
from rongqiao.money.ledger.operations.upkeep.roll_up import roll_up  # noqa: E402
from rongqiao.money.ledger.queries.books import has_expired_holds  # noqa: E402
from rongqiao.platform import audit, clock, files, jobs, relay  # noqa: E402
from rongqiao.platform.operations import Call  # noqa: E402
from rongqiao.platform.postgres import backing_up  # noqa: E402

_log = logging.getLogger("rongqiao.worker")
_stop = threading.Event()


def command() -> None:
    """Work until SIGINT or SIGTERM; a lost database is waited for, not died of."""
    beats: list[tuple[str, float, Callable[[], object]]] = [
        ("relay", 0.2, _deliver),
        ("sealer", 1.0, audit.seal),
        ("sealer of the books", 1.0, seal_books),
        ("balances", 1.0, roll_up),
        ("holds", 10.0, _free_holds),
        ("housekeeping", 60.0, _keep_house),
        ("backup", 15.0, _keep_files),
        ("bank", 2.0, _look_after_orders),
        ("statements", 60.0, _compare_with_bank),
        ("papers", 120.0, _print_papers),
        ("calendar", 60.0, _close_days),
        ("cases", 300.0, _look_after_cases),
        ("laundering", 60.0, _look_after_laundering),
        ("reminders", 300.0, _remind),
        ("mails", 300.0, CHASE_MAILS),
        ("watches", 600.0, _watch_firms),
        ("rings", 300.0, GATHER_RINGS),
        ("sightings", 600.0, _forget_sightings),
        ("inquiries", 15.0, CHASE_INQUIRIES),
    ]
    threads = [
        threading.Thread(target=_beat, args=beat, name=beat[0], daemon=True) for beat in beats
    ]
    for thread in threads:
        thread.start()
    try:
        jobs.run_worker()
    finally:
        _stop.set()
        for thread in threads:
            thread.join(timeout=10)


def _beat(name: str, pause: float, work: Callable[[], object]) -> None:
    while not _stop.wait(pause):
        try:
            work()
        except Error as error:
            _log.warning("%s waits for the database: %s", name, type(error).__name__)
            connection.close()
        except Exception:  # noqa: BLE001 - one bad round must not end the beat
            _log.exception("%s failed a round", name)


def _free_holds() -> None:
    """Give back what holds keep past their time, within a minute of it."""
    if has_expired_holds():
        key = f"holds:{clock.now().isoformat()}"
        call = Call(actor="system:worker", key=key, at=clock.now(), on=clock.business_date())
        release_expired_holds(ReleaseExpiredHolds(), call)


def _keep_house() -> None:
    jobs.requeue_stalled()
    jobs.clean_up()
    files.sweep(older_than=clock.now() - timedelta(days=1))
    if not is_seeding():
        BIND_CARDS_LEFT_BEHIND()


def _keep_files() -> None:
    """Have new files in the backup as soon as the database's changes are."""
    for folder in backing_up.kept_in(settings.PLACES.var / "postgres" / "data"):
        files.mirror(folder / "files")


def _look_after_orders() -> None:
    """Ask the bank after orders it has not ended, unless the seed lives its own days."""
    if not is_seeding():
        CHASE_ORDERS()


def _compare_with_bank() -> None:
    """Fetch the statements of days that are over and compare them with ours."""
    if not is_seeding():
        FETCH_STATEMENTS(clock.calendar_date() - timedelta(days=1))


def _print_papers() -> None:
    """Have a few agreements printed that nobody has opened yet, once the seed has lived."""
    if not is_seeding():
        jobs.enqueue(PRINT_PAPERS)


def _look_after_cases() -> None:
    """Bring the collection cases to the open business date, once the seed has lived."""
    if not is_seeding():
        LOOK_AFTER_CASES(clock.business_date())


def _look_after_laundering() -> None:
    """Hold customers and movements against lists and patterns, once the seed has lived."""
    if not is_seeding():
        LOOK_AFTER_LAUNDERING(clock.business_date())


def _remind() -> None:
    """Remind borrowers of what falls due, once the seed has lived."""
    if not is_seeding():
        REMIND(clock.business_date())


def _watch_firms() -> None:
    """Look at firms that owe, once in the month that is open, once the seed has lived."""
    if not is_seeding():
        WATCH_FIRMS(clock.business_date())


def _forget_sightings() -> None:
    """Delete sightings past their term, once a business date, once the seed has lived."""
    if not is_seeding():
        FORGET_SIGHTINGS(clock.business_date())


def _deliver() -> None:
    """Deliver events, unless the seed delivers its own on the days it is living through."""
    if not is_seeding():
        relay.drain(SUBSCRIBERS)


def _close_days() -> None:
    """Close business days up to today's date in China, unless the seed is living through them."""
    if settings.AUTOMATIC_END_OF_DAY and not is_seeding():
        catch_up(clock.calendar_date(), heads=settings.PLACES.heads)
