"""Clock-driven work: customers held against lists, a day's movements watched.

The worker does both by itself; nothing of it goes through the queue of jobs or the outbox, which
others than compliance see.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.risk.models.laundering import WatchedDay
from rongqiao.risk.operations.laundering.note_rescreened import NoteRescreened, note_rescreened
from rongqiao.risk.operations.laundering.screen_party import (
    LIST_CHANGED,
    ScreenParty,
    digest_of_key,
    screen_party,
)
from rongqiao.risk.operations.laundering.watch_day import WatchDay, watch_day
from rongqiao.risk.queries.laundering.candidates import (
    keys_brought_by,
    parties_under,
    versions_to_rescreen,
)

# After a standstill at most so many days are made up for in one round.
MOST_DAYS = 31


def look_after_laundering(on: date) -> None:
    """Screen customers against new versions of lists, and watch the days before `on`."""
    rescreen_customers()
    watch_days(on)


def rescreen_customers() -> int:
    """Screen those customers who share a key with what a version brought; return how many.

    Names of customers are not opened to find them: keyed digests are compared.
    """
    count = 0
    for version in versions_to_rescreen():
        digests = [digest_of_key(key) for key in keys_brought_by(version)]
        for party_id in parties_under(digests):
            command = ScreenParty(party_id=UUID(party_id), cause=LIST_CHANGED)
            screen_party(command, _call(f"rescreen:{version.pk}:{party_id}"))
            count += 1
        call = _call(f"rescreened:{version.pk}")
        note_rescreened(NoteRescreened(version_id=version.pk), call)
    return count


def watch_days(on: date) -> None:
    """Watch every day before the business date `on` that was not watched yet."""
    last = WatchedDay.objects.order_by("-on").values_list("on", flat=True).first()
    eve = on - timedelta(days=1)
    first = eve if last is None else max(last + timedelta(days=1), on - timedelta(days=MOST_DAYS))
    while first <= eve:
        watch_day(WatchDay(on=first), _call(f"watch:{first}"))
        first += timedelta(days=1)


def _call(key: str) -> Call:
    return Call(actor="system:risk.jobs", key=key, at=clock.now(), on=clock.business_date())
