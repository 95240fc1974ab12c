"""Offers whose last day is over expire: set-based, for end of day, in chunks."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.lending.origination.conduct.concentration import give_up
from rongqiao.lending.origination.models import Agreement, Application, Milestone
from rongqiao.lending.origination.states import State
from rongqiao.platform.operations import Call, operation

CHUNK = 5000
_OPEN = (State.APPROVED, State.ACCEPTED, State.SIGNED)


@dataclass(frozen=True, kw_only=True)
class ExpireOffers:
    """Every offer that ended before the call's business date, at most `CHUNK` at a time."""


@dataclass(frozen=True, kw_only=True)
class Expired:
    """How many expired; as many as `CHUNK` means: ask again under another key."""

    count: int


@operation("origination.expire_offers", restore=Expired)
def expire_offers(command: ExpireOffers, call: Call) -> Expired:  # noqa: ARG001 - nothing to say
    """Bring approved, accepted and signed applications to expired; cancel what was signed.

    An agreement that servicing has taken up keeps its application.
    """
    ended = (
        Application.objects.select_for_update(of=("self",))
        .filter(state__in=_OPEN, offer_ends_on__lt=call.on)
        .exclude(agreement__taken_up_at__isnull=False)
        .order_by("id")
        .values_list("pk", flat=True)
    )
    ids = list(ended[:CHUNK])
    # Under the lock of its application nobody else cancels; servicing locks the agreement itself.
    locked = Agreement.objects.select_for_update().filter(application_id__in=ids).order_by("id")
    agreements = {row.application_id: row for row in locked}
    ids = [one for one in ids if one not in agreements or not agreements[one].taken_up_at]
    Agreement.objects.filter(application_id__in=ids).update(cancelled_at=call.at)
    give_up(agreements[one] for one in ids if one in agreements)
    Application.objects.filter(pk__in=ids).update(state=State.EXPIRED, changed_at=call.at)
    Milestone.objects.bulk_create(
        Milestone(application_id=one, state=State.EXPIRED, at=call.at, on=call.on, actor=call.actor)
        for one in ids
    )
    return Expired(count=len(ids))
