"""Live a town day by day: people act, events are delivered, the day is closed and sealed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rongqiao.cli.eod import catch_up
from rongqiao.cli.simulate.acting.applying import arrive
from rongqiao.cli.simulate.acting.giving_up import ROUND_DAYS, review_losses
from rongqiao.cli.simulate.acting.stirring import stir
from rongqiao.cli.simulate.custodian import Custodian
from rongqiao.cli.simulate.desk import Desk
from rongqiao.cli.simulate.people.profiles import Profile
from rongqiao.cli.simulate.shortest import DayFailed
from rongqiao.cli.simulate.staff import found
from rongqiao.cli.simulate.town import Action, Resident, Town
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.servicing.queries.daily import open_business_date
from rongqiao.money.ledger.operations.closing.seal_books import seal_what_stands
from rongqiao.platform import audit, relay
from rongqiao.platform.models import OutboxEvent

# How long another process's relay may hold an event before its lease ends.
PATIENCE_SECONDS = 60
# Cards the queue did not bind are bound a quarter of an hour after they were named.
EVENING_SECONDS = 20 * 60


@dataclass(frozen=True, kw_only=True)
class Span:
    """How many days are lived, and the seed of what is drawn meanwhile.

    Where `is_restless`, residents move money to and fro, apart from their loans. Where `has_fates`,
    loans meet with more than their instalments: paid early in part, corrected, waived, written off.
    Each of `chapters` puts more down in the town's calendar, before the first day.
    """

    seed: int
    days: int
    is_restless: bool = False
    has_fates: bool = False
    chapters: tuple[Callable[[Town], None], ...] = ()


def live(
    desk: Desk,
    custodian: Custodian,
    profiles: Sequence[Profile],
    span: Span,
    tell: Callable[[date, int], None],
) -> Town:
    """Live the days from the desk's first one; `tell` hears the date and days done.

    Where an earlier run left off, the days before are remembered and the rest is lived. Raises
    DayFailed on the first day that cannot be lived to its end.
    """
    last = desk.first + timedelta(days=span.days)
    resumed_on = _resume(desk)
    staff = found(desk, custodian, span.seed)
    town = Town(desk=desk, staff=staff, custodian=custodian, last=last, resumed_on=resumed_on)
    deliver()
    for chapter in span.chapters:
        chapter(town)
    if span.has_fates:
        town.fates = span.seed
        town.on(desk.first + timedelta(days=ROUND_DAYS), review_losses(town))
    for profile in sorted(profiles, key=lambda one: (one.arrives, one.number)):
        resident, arrives_on = Resident(profile), desk.first + timedelta(days=profile.arrives)
        town.on(arrives_on, _arrival(town, resident))
        if span.is_restless:
            town.on(arrives_on + timedelta(days=1), stir(town, resident, span.seed))
    for number in range(span.days):
        desk.open_day(desk.first + timedelta(days=number))
        try:
            _live_one(town)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise DayFailed(number + 1, desk.on, why) from error
        tell(desk.on, number + 1)
    desk.open_day(last)
    return town


def _arrival(town: Town, resident: Resident) -> Action:
    def act() -> None:
        town.residents.append(resident)
        arrive(town, resident)

    return act


def _live_one(town: Town) -> None:
    town.live_today()
    if town.is_remembering:
        return
    deliver()
    town.desk.wait(EVENING_SECONDS)
    town.custodian.work(town.desk)
    town.desk.end_day()
    catch_up(town.desk.on + timedelta(days=1))
    town.custodian.close_day(town.desk.on, town.desk)
    deliver()
    audit.seal()
    seal_what_stands()


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
