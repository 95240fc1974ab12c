"""Clock-driven work: customers held against lists, a day's movements watched.

The worker does both by itself; nothing of it goes through the queue of jobs or the outbox, which
others than compliance see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from rongqiao.money.payments.queries.movements import parties_moving_on
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.risk.laundering.retention import kept_from
from rongqiao.risk.models.laundering.casework import WatchedDay
from rongqiao.risk.operations.laundering.freezing.keep_frozen import KeepFrozen, keep_frozen
from rongqiao.risk.operations.laundering.keeping.erase_records import EraseRecords, erase_records
from rongqiao.risk.operations.laundering.ratings.heed_owners import HeedOwners, heed_owners
from rongqiao.risk.operations.laundering.ratings.review_rating import ReviewRating, review_rating
from rongqiao.risk.operations.laundering.screening.note_rescreened import (
    NoteRescreened,
    note_rescreened,
)
from rongqiao.risk.operations.laundering.screening.screen_party import (
    LIST_CHANGED,
    NOT_YET,
    ScreenParty,
    digest_of_key,
    screen_party,
)
from rongqiao.risk.operations.laundering.watch_day import WatchDay, watch_day
from rongqiao.risk.queries.laundering.candidates import (
    keys_brought_by,
    not_yet_screened,
    parties_under,
    versions_to_rescreen,
)
from rongqiao.risk.queries.laundering.freezes import frozen_with_money
from rongqiao.risk.queries.laundering.links import Told
from rongqiao.risk.queries.laundering.ratings import due_for_review
from rongqiao.risk.queries.laundering.terms.erasing import erased_parties, known_by
from rongqiao.risk.queries.laundering.terms.owners import firms_to_heed

# After a standstill at most so many days are made up for in one round.
MOST_DAYS = 31


# Within which somebody who came without registering is found by the next round; later by the day's.
LATELY = timedelta(days=2)


# What lending tells of the customers who moved money.
Tell = Callable[[Sequence[UUID]], Told]


# Which of these customers' business had ended by a day: lending, money and parties know.
Ended = Callable[[Sequence[UUID], date], frozenset[UUID]]


def look_after_laundering(on: date, tell: Tell, ended: Ended) -> None:
    """Screen who never was, and customers against new versions; watch the days before `on`.

    First of all what came into frozen wallets is set aside. Once a day, what is past its term goes.
    """
    keep_all_frozen()
    screen_the_rest(clock.now() - LATELY)
    rescreen_customers()
    review_ratings(on)
    if watch_days(on, tell):
        screen_the_rest(None)
        heed_all_owners(on)
        erase_old_records(on, ended)


def keep_all_frozen() -> int:
    """Set aside what came into frozen wallets; return of how many. Two queries where none did."""
    waiting = frozen_with_money()
    # A round that came too late for the money must not stand for the next: the instant tells them.
    at = clock.now().isoformat()
    for freeze_id in waiting:
        keep_frozen(KeepFrozen(freeze_id=freeze_id), _call(f"keep-frozen:{freeze_id}:{at}"))
    return len(waiting)


def screen_the_rest(since: datetime | None) -> int:
    """Screen who never was, such as who came with a portfolio; return how many.

    Of those who came from `since` on, or of all customers.
    """
    # The first id of the instant (UUIDv7: 48 bits of milliseconds come first).
    first = UUID(int=int(since.timestamp() * 1000) << 80) if since else UUID(int=0)
    count = 0
    for party_id in not_yet_screened(first):
        command = ScreenParty(party_id=party_id, cause=NOT_YET)
        screen_party(command, _call(f"not-yet:{party_id}"))
        count += 1
    return count


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


def review_ratings(on: date) -> int:
    """Rate anew whose day of review has come; return how many."""
    due = due_for_review(on)
    for party_id, number in due:
        review_rating(ReviewRating(party_id=party_id), _call(f"review:{party_id}:{number}:{on}"))
    return len(due)


def heed_all_owners(on: date) -> int:
    """Rate firms anew whose declaration of owners grew old, or is missing; return how many."""
    waiting = firms_to_heed(on)
    for party_id in waiting:
        heed_owners(HeedOwners(party_id=party_id), _call(f"heed-owners:{party_id}:{on}"))
    return len(waiting)


def erase_old_records(on: date, ended: Ended) -> int:
    """Erase what is known of those whose business ended ten years before `on`; return of how many.

    Who came back to business after that is screened anew.
    """
    before, count = kept_from(on), 0
    back = erased_parties()
    for party_id in sorted(set(back) - ended(back, before)):
        command = ScreenParty(party_id=party_id, cause=NOT_YET)
        screen_party(command, _call(f"back:{party_id}:{on}"))
    for chunk in known_by(before):
        for party_id in sorted(ended(chunk, before)):
            call = _call(f"erase:{party_id}:{on}")
            done = erase_records(EraseRecords(party_id=party_id, ended_by=before), call)
            count += done.was_erased
    return count


def watch_days(on: date, tell: Tell) -> int:
    """Watch every day before the business date `on` that was not watched yet; return how many."""
    last = WatchedDay.objects.order_by("-on").values_list("on", flat=True).first()
    eve = on - timedelta(days=1)
    first = eve if last is None else max(last + timedelta(days=1), on - timedelta(days=MOST_DAYS))
    count = 0
    while first <= eve:
        told = tell(parties_moving_on(first))
        command = WatchDay(on=first, guarantees=told.guarantees, incomes=told.incomes)
        watch_day(command, _call(f"watch:{first}"))
        first += timedelta(days=1)
        count += 1
    return count


def _call(key: str) -> Call:
    return Call(actor="system:risk.jobs", key=key, at=clock.now(), on=clock.business_date())
