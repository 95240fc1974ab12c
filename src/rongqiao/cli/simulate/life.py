"""Live a town day by day: people act, events are delivered, the day is closed and sealed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from rongqiao.cli.eod import catch_up
from rongqiao.cli.simulate.applying import arrive
from rongqiao.cli.simulate.desk import Desk
from rongqiao.cli.simulate.people.profiles import Profile
from rongqiao.cli.simulate.staff import found
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.servicing.queries.daily import open_business_date
from rongqiao.platform import audit, relay
from rongqiao.platform.models import OutboxEvent

# How long another process's relay may hold an event before its lease ends.
PATIENCE_SECONDS = 60


def live(
    desk: Desk,
    profiles: Sequence[Profile],
    *,
    seed: int,
    days: int,
    tell: Callable[[date, int], None],
) -> Town:
    """Live `days` days from the desk's first one; `tell` hears the date and days done.

    Where an earlier run left off, the days before are remembered and the rest is lived.
    """
    last = desk.first + timedelta(days=days)
    resumed_on = _resume(desk)
    town = Town(desk=desk, staff=found(desk, seed), last=last, resumed_on=resumed_on)
    deliver()
    for profile in sorted(profiles, key=lambda one: (one.arrives, one.number)):
        town.on(desk.first + timedelta(days=profile.arrives), _arrival(town, profile))
    for number in range(days):
        desk.open_day(desk.first + timedelta(days=number))
        _live_one(town)
        tell(desk.on, number + 1)
    desk.open_day(last)
    return town


def _arrival(town: Town, profile: Profile) -> Action:
    resident = Resident(profile)
    town.residents.append(resident)
    return lambda: arrive(town, resident)


def _live_one(town: Town) -> None:
    town.live_today()
    if town.is_remembering:
        return
    deliver()
    town.desk.end_day()
    catch_up(town.desk.on + timedelta(days=1))
    deliver()
    audit.seal()


def _resume(desk: Desk) -> date:
    """Return the business date to go on from; a day whose closing was begun is closed first."""
    standing = open_business_date()
    if standing is None:
        catch_up(desk.first)
        return desk.first
    return standing


def deliver() -> None:
    """Deliver every event; one that another process has in hand is waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting = OutboxEvent.objects.filter(delivered_at=None, parked_at=None)
    while True:
        relay.drain(SUBSCRIBERS)
        if not waiting.exists() or time.monotonic() > deadline:
            break
        time.sleep(0.01)
    assert not OutboxEvent.objects.exclude(parked_at=None).exists(), "an event was parked"
